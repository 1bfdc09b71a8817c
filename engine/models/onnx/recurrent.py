"""RNN, LSTM and GRU nodes of an ONNX graph as networks of this program, and their runs.

What one step does is in `cells`; the ops around such a node are in `ops`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrangements.building import Made
from engine.door import Run
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.models.cotangents import Cotangents
from engine.models.onnx.cells import CELLS, DEFAULTS, GATES, SHAPES, Manner
from engine.models.onnx.graph import Node
from engine.models.running import batch_of_arrays, record
from engine.models.weights import Array
from engine.template import Network
from engine.trace import Trace

RECURRENT = tuple(CELLS)
WAYS = {"forward": (1,), "reverse": (-1,), "bidirectional": (1, -1)}
BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}
OURS = {"RNN": "elman", "GRU": "gru", "LSTM": "lstm"}
PEEPHOLES = ("i", "o", "f")


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A node with its weights, brought into time-first order. `tensors`: by the names of the
    standard, X W R B sequence_lens initial_h initial_c P."""

    node: Node
    manner: Manner
    ways: tuple[int, ...]
    batch_first: bool
    tensors: dict[str, Array]


_NAMES = {
    "RNN": ("X", "W", "R", "B", "sequence_lens", "initial_h"),
    "GRU": ("X", "W", "R", "B", "sequence_lens", "initial_h"),
    "LSTM": ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"),
}


# attributes of the three nodes by the standard, and what they are when they were read
ATTRIBUTES: dict[str, type | tuple[type, ...]] = {
    "direction": str,
    "hidden_size": int,
    "clip": (int, float),
    "activations": tuple,
    "activation_alpha": tuple,
    "activation_beta": tuple,
    "input_forget": int,
    "linear_before_reset": int,
    "layout": int,
}


def _check_attributes(node: Node) -> None:
    for name, kind in ATTRIBUTES.items():
        value = node.attributes.get(name)
        words = name == "activations"
        sound = isinstance(value, kind) and (
            not isinstance(value, tuple) or all(isinstance(each, str) == words for each in value)
        )
        if name in node.attributes and not sound:
            raise Unusable(
                f"{node.place} has the {name} {value!r:.40}, which is of another type than in the"
                " standard; export the model anew"
            )


def layer_of(node: Node, given: list[Array | None]) -> Layer:
    """The node with what flows into it; Unusable, one line, if shapes or attributes do not fit."""
    _check_attributes(node)
    tensors = {n: t for n, t in zip(_NAMES[node.op], given) if t is not None}
    ways = WAYS.get(node.attributes.get("direction", "forward"))
    if ways is None:
        raise Unusable(
            f"{node.place} has the direction {node.attributes['direction']}; {', '.join(WAYS)} are"
            " allowed"
        )
    found = Layer(
        node,
        _manner(node, tensors, len(ways)),
        ways,
        bool(node.attributes.get("layout", 0)),
        tensors,
    )
    return _in_time(found)


def _manner(node: Node, tensors: dict[str, Array], ways: int) -> Manner:
    for name in ("X", "W", "R"):
        if name not in tensors or tensors[name].ndim != 3:
            raise Unusable(f"{node.place} has no {name} of three dimensions; export the model anew")
    hidden = tensors["R"].shape[2]
    said = node.attributes.get("hidden_size", hidden)
    if said != hidden or not 1 <= hidden <= 65_536:
        raise Unusable(
            f"{node.place} says hidden_size {said}, but R is {tensors['R'].shape}; export it anew"
        )
    clip = float(node.attributes.get("clip", 0.0))
    if not math.isfinite(clip) or clip < 0:
        raise Unusable(f"{node.place} has the clip {clip}; a finite number from 0 on is allowed")
    each = _activations(node, ways)
    return Manner(
        hidden,
        each[0],
        clip,
        "P" in tensors,
        bool(node.attributes.get("input_forget", 0)),
        bool(node.attributes.get("linear_before_reset", 0)),
        each[-1] if each[-1] != each[0] else (),
    )


def _activations(node: Node, ways: int) -> list[tuple[tuple[str, float, float], ...]]:
    """Name, alpha and beta of the activations of each direction."""
    usual = DEFAULTS[node.op]
    names = tuple(node.attributes.get("activations", usual * ways))
    alphas = list(node.attributes.get("activation_alpha", ()))
    betas = list(node.attributes.get("activation_beta", ()))
    found = []
    for name in names:
        known = next((each for each in SHAPES if each.lower() == name.lower()), None)
        if known is None:
            raise Unusable(
                f"{node.place} has the activation {name[:40]}; {', '.join(SHAPES)} are known"
            )
        alpha, beta = SHAPES[known]
        if known in ("Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu"):
            alpha = float(alphas.pop(0)) if alphas else alpha
        if known in ("Affine", "ScaledTanh", "HardSigmoid"):
            beta = float(betas.pop(0)) if betas else beta
        if not (math.isfinite(alpha) and math.isfinite(beta)):
            raise Unusable(f"{node.place}: alpha and beta of {known} must be finite numbers")
        found.append((known, alpha, beta))
    count = len(usual)
    if len(found) != count * ways:
        raise Unusable(
            f"{node.place} has the activations {', '.join(names)}; {count} are needed for each of"
            f" its {ways} directions"
        )
    return [tuple(found[k : k + count]) for k in range(0, len(found), count)]


def _in_time(layer: Layer) -> Layer:
    """The layer with X (T, B, I) and states (D, B, H), and every shape judged."""
    tensors = dict(layer.tensors)
    if layer.batch_first:
        for name in ("X", "initial_h", "initial_c"):
            if name in tensors:
                tensors[name] = tensors[name].swapaxes(0, 1)
    steps, size, inputs = tensors["X"].shape
    hidden, ways = layer.manner.hidden, len(layer.ways)
    rows = BLOCKS[layer.node.op] * hidden
    wanted = {
        "W": (ways, rows, inputs),
        "R": (ways, rows, hidden),
        "B": (ways, 2 * rows),
        "sequence_lens": (size,),
        "initial_h": (ways, size, hidden),
        "initial_c": (ways, size, hidden),
        "P": (ways, 3 * hidden),
    }
    for name, shape in wanted.items():
        if name in tensors and tensors[name].shape != shape:
            raise Unusable(
                f"{layer.node.place}: {name} is {layer.tensors[name].shape}; {layer.node.op} with"
                f" hidden_size {hidden} on {size} sequences of {inputs} inputs needs {shape}"
            )
    if not steps or not size or not inputs:
        raise Unusable(f"{layer.node.place}: X is {layer.tensors['X'].shape}, without one number")
    return Layer(layer.node, layer.manner, layer.ways, layer.batch_first, tensors)


def network_of_layer(layer: Layer) -> Network:
    """One segment for each direction."""
    made = Made()
    steps, _, inputs = layer.tensors["X"].shape
    x = None
    for way in layer.ways:
        trace = Trace(len(made.segments), _mark(layer, way))
        x = x or trace.input("x", inputs, "x_t")
        CELLS[layer.node.op](trace, (x,), layer.manner.of(way))
        name = "layer 1" + (" backward" if way < 0 else "")
        made.add(trace, name, steps, direction=way)
    return made.network()


def _mark(layer: Layer, way: int) -> str:
    return "^b" if way < 0 and len(layer.ways) > 1 else ""


def parameters_of(layer: Layer) -> dict[str, Array]:
    """This program's parameters by name."""
    found: dict[str, Array] = {}
    given = layer.tensors
    rows = BLOCKS[layer.node.op] * layer.manner.hidden
    for k, way in enumerate(layer.ways):
        mark = _mark(layer, way)
        bias = given["B"][k] if "B" in given else np.zeros(2 * rows)
        own = {"W": given["W"][k], "R": given["R"][k]}
        if layer.node.op == "GRU":
            own |= {"b_x": bias[:rows], "b_h": bias[rows:]}
        else:
            own["b"] = bias[:rows] + bias[rows:]
        if layer.manner.peepholes:
            parts = zip(PEEPHOLES, np.split(given["P"][k], 3))
            seen = PEEPHOLES if not layer.manner.coupled else ("i", "o")
            own |= {f"P_{name}": np.diag(part) for name, part in parts if name in seen}
        found |= {name + mark: array for name, array in own.items()}
    return found


def gradients_of(layer: Layer, ours: dict[str, Array]) -> dict[str, Array]:
    """Gradients by the names of the standard: W, R, B, P."""
    found: dict[str, list[Array]] = {"W": [], "R": [], "B": [], "P": []}
    for way in layer.ways:
        mark = _mark(layer, way)
        found["W"].append(ours["W" + mark])
        found["R"].append(ours["R" + mark])
        gru = layer.node.op == "GRU"
        halves = ("b_x", "b_h") if gru else ("b", "b")
        found["B"].append(np.concatenate([ours[name + mark] for name in halves]))
        if layer.manner.peepholes:
            none = np.zeros(layer.manner.hidden)
            parts = [np.diag(ours[k]) if (k := f"P_{n}{mark}") in ours else none for n in PEEPHOLES]
            found["P"].append(np.concatenate(parts))
    return {name: np.stack(each) for name, each in found.items() if each and name in layer.tensors}


def run_layer(layer: Layer, cotangents: Cotangents, dtype: str, title: str = "") -> Run:
    """Record the node on its inputs; without cotangents forward only."""
    x = layer.tensors["X"]
    lengths = layer.tensors.get("sequence_lens", np.full(x.shape[1], x.shape[0]))
    if lengths.min() < 1 or lengths.max() > len(x):
        raise Unusable(
            f"{layer.node.place}: sequence_lens holds {lengths.min()} … {lengths.max()};"
            f" 1 … {len(x)} is allowed"
        )
    experiment = Experiment().changed(
        cell=OURS[layer.node.op], hidden=min(layer.manner.hidden, 4096), dtype=dtype,
        direction="both" if len(layer.ways) > 1 else "forward", reduction="sum",
    )  # fmt: skip
    named = {"h0": "initial_h", "c0": "initial_c"}
    states = {own: layer.tensors[n] for own, n in named.items() if n in layer.tensors}
    return record(
        network_of_layer(layer),
        batch_of_arrays(x, lengths, title or layer.node.place),
        experiment,
        parameters_of(layer),
        states,
        cotangents,
    )


def outputs_of(layer: Layer, found: dict[str, Array]) -> tuple[Array, ...]:
    """Y, Y_h and Y_c in the layout of the node, from the arrays of its run."""
    steps, size = layer.tensors["X"].shape[:2]
    ways, hidden = len(layer.ways), layer.manner.hidden
    y = found["y"].reshape(steps, size, ways, hidden).transpose(0, 2, 1, 3)
    last = [found["h_n"]] + ([found["c_n"]] if layer.node.op == "LSTM" else [])
    if layer.batch_first:
        y = y.transpose(2, 0, 1, 3)
        last = [state.swapaxes(0, 1) for state in last]
    return (y, *last)


def cotangents_of(layer: Layer, deltas: list[Any]) -> Cotangents:
    """What comes back to Y, Y_h and Y_c, in time-first order; None where nothing does."""
    steps, size = layer.tensors["X"].shape[:2]
    given = [None if delta is None else np.asarray(delta) for delta in deltas]
    given += [None] * (3 - len(given))
    y, *last = given
    if layer.batch_first:
        y = None if y is None else y.transpose(1, 2, 0, 3)
        last = [None if state is None else state.swapaxes(0, 1) for state in last]
    if y is not None:
        y = y.transpose(0, 2, 1, 3).reshape(steps, size, -1)
    return Cotangents(y, last[0], last[1] if layer.node.op == "LSTM" else None)


def gates_of(layer: Layer) -> tuple[str, ...]:
    """The gates in the order of the standard."""
    return GATES[layer.node.op]
