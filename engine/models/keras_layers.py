"""Which layers a Keras file describes: SimpleRNN, LSTM, GRU, Bidirectional of them, and the others.

A stack of like layers, one above the other, is one stack here. Where the weights of a layer stand
differs from version to version; they are found by the name of the layer, or by the order of layers
of one class.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import Unusable
from engine.models.layers import Around, Recurrent
from engine.models.weights import Array, Weights
from engine.models.wired import ACTIVATIONS
from engine.models.wiring import Piece, Wiring, check

KINDS = {"SimpleRNN": "RNN", "LSTM": "LSTM", "GRU": "GRU"}
BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}
PARTS = ("kernel", "recurrent_kernel", "bias")
NONLINEARITIES = {"tanh": "tanh", "relu": "relu", "linear": "identity", "sigmoid": "sigmoid"}
OTHERS = {"Dense": "linear", "Embedding": "embedding", "Conv1D": "convolution"}


def recurrents(weights: Weights) -> tuple[Recurrent, ...]:
    """Every recurrent stack, from the input on."""
    found: list[Recurrent] = []
    places = _places(weights)
    before: _Layer | None = None
    for layer in weights.layers:
        given = _recurrent(layer)
        if given is None:
            if layer["class"] not in ("InputLayer", "Dropout", "Masking"):
                before = None
            continue
        stack = _stack(given, places, weights)
        if before is not None and _continues(found[-1], before, stack, given):
            found[-1] = _stacked(found[-1], stack)
        else:
            found.append(stack)
        before = given
    if not found:
        names = ", ".join(dict.fromkeys(str(each["class"])[:40] for each in weights.layers[:8]))
        raise Unusable(
            f"{weights.name} holds no recurrent layer ({names}); SimpleRNN, LSTM and GRU are read:"
            " save a model that has one"
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Layer:
    """A recurrent layer as described: its settings, and those of the wrapper if it has one."""

    kind: str
    name: str
    settings: dict[str, Any]
    both: bool


def _recurrent(layer: dict[str, Any]) -> _Layer | None:
    """What a description says, if it is a recurrent layer that this program has."""
    inner = layer.get("layer")
    both = layer["class"] == "Bidirectional" and isinstance(inner, dict)
    own = inner if both and isinstance(inner, dict) else layer
    if own["class"] not in KINDS:
        return None
    name = str(layer.get("name", own["class"]))
    if both and layer.get("merge_mode", "concat") != "concat":
        raise Unusable(f"{name} merges its directions by {layer.get('merge_mode')}; concat is read")
    if own.get("go_backwards"):
        raise Unusable(f"{name} goes backwards, which is read only inside Bidirectional")
    kind = KINDS[own["class"]]
    wanted: dict[str, tuple[str, ...]] = {
        "activation": ("tanh",),
        "recurrent_activation": ("sigmoid",),
    }
    if kind == "RNN":
        wanted = {"activation": tuple(NONLINEARITIES)}
    for setting, allowed in wanted.items():
        if own.get(setting, allowed[0]) not in allowed:
            raise Unusable(f"{name} has the {setting} {own[setting]}; {', '.join(allowed)} is read")
    return _Layer(kind, name, own, both)


def _stack(layer: _Layer, places: dict[str, list[str]], weights: Weights) -> Recurrent:
    """One layer as a stack of its own, its shapes checked."""
    names: dict[tuple[int, int, str], str] = {}
    ways = ("forward", "backward") if layer.both else ("",)
    groups = places.get(layer.name, [])
    for direction, way in enumerate(ways):
        own = [path for path in groups if _is_way(path, layer.name, way)]
        for part in PARTS:
            path = next((p for p in own if _part(p) == part), None)
            if path is not None:
                names[0, direction, part] = path
    kernel = _array(weights, names.get((0, 0, "kernel")), layer)
    inner = _array(weights, names.get((0, 0, "recurrent_kernel")), layer)
    hidden, inputs = inner.shape[0], kernel.shape[0]
    biases = weights.arrays.get(names.get((0, 0, "bias"), ""))
    found = Recurrent(
        layer.name,
        layer.kind,
        1,
        len(ways),
        inputs,
        hidden,
        0,
        biases is not None,
        names,
        "Keras",
        NONLINEARITIES[layer.settings.get("activation", "tanh")] if layer.kind == "RNN" else "",
        bool(layer.settings.get("reset_after", True)) or layer.kind != "GRU",
    )
    _check(found, weights)
    return found


def _array(weights: Weights, name: str | None, layer: _Layer) -> Array:
    array = weights.arrays.get(name or "")
    if array is None or array.ndim != 2 or 0 in array.shape:
        raise Unusable(
            f"{weights.name} has no weights for {layer.name}; save the whole model with"
            " model.save('model.keras')"
        )
    return array


def _check(stack: Recurrent, weights: Weights) -> None:
    wide = BLOCKS[stack.kind] * stack.hidden
    two = stack.kind == "GRU" and stack.reset_after
    shapes: dict[str, tuple[int, ...]] = {
        "kernel": (stack.inputs, wide),
        "recurrent_kernel": (stack.hidden, wide),
    }
    if stack.bias:
        shapes["bias"] = (2, wide) if two else (wide,)
    for direction in range(stack.directions):
        for part, shape in shapes.items():
            name = stack.names.get((0, direction, part))
            if name is None:
                raise Unusable(f"{weights.name} lacks {stack.prefix}/{part}; save it anew")
            had = weights.arrays[name].shape
            if had != shape:
                raise Unusable(
                    f"{weights.name}: {name} is {had}; {stack.kind} with {stack.hidden} units needs"
                    f" {shape}: save the model anew"
                )


# ---- stacks


def _continues(stack: Recurrent, before: _Layer, upper: Recurrent, layer: _Layer) -> bool:
    """Whether a layer continues the stack below: it reads all its steps and is made like it."""
    alike = (stack.kind, stack.hidden, stack.directions, stack.bias, stack.nonlinearity) == (
        upper.kind, upper.hidden, upper.directions, upper.bias, upper.nonlinearity,
    )  # fmt: skip
    reads = bool(before.settings.get("return_sequences")) and upper.inputs == stack.outputs
    return alike and reads and stack.reset_after == upper.reset_after


def _stacked(stack: Recurrent, upper: Recurrent) -> Recurrent:
    more = {(stack.layers, way, part): name for (_, way, part), name in upper.names.items()}
    prefix = f"{stack.prefix}+{upper.prefix}"
    return replace(stack, prefix=prefix, layers=stack.layers + 1, names=stack.names | more)


# ---- where the weights of a layer stand


def _places(weights: Weights) -> dict[str, list[str]]:
    """The paths of arrays by the name of the layer that they belong to."""
    found: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for layer in weights.layers:
        name, stem = str(layer.get("name", "")), _snake(layer["class"])
        count = counts[stem] = counts.get(stem, -1) + 1
        numbered = f"{stem}_{count}" if count else stem
        for start in (f"model_weights/{name}/", f"layers/{numbered}/", f"layers/{name}/"):
            own = [path for path in weights.arrays if path.startswith(start)]
            if own:
                found[name] = own
                break
    return found


def _snake(word: str) -> str:
    """LSTM → lstm, SimpleRNN → simple_rnn, as Keras names what it saves."""
    word = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", word)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", word).lower()


def _is_way(path: str, name: str, way: str) -> bool:
    """Whether a path belongs to a direction; without directions every path does."""
    if not way:
        return True
    return any(part.startswith(f"{way}_") for part in path.split("/") if part != name)


def _part(path: str) -> str:
    """kernel, recurrent_kernel or bias; newer files number them in this order."""
    last = path.rpartition("/")[2].partition(":")[0]
    return PARTS[int(last)] if last in ("0", "1", "2") else last


def around(weights: Weights) -> tuple[Around, ...]:
    """The layers beside the recurrent ones, in order."""
    places, found = _places(weights), []
    for layer in weights.layers:
        inner = layer.get("layer", {}).get("class", "")
        if layer["class"] in KINDS or inner in KINDS or layer["class"] == "InputLayer":
            continue
        name = str(layer.get("name", layer["class"]))
        own = [p for p in places.get(name, []) if weights.arrays[p].size]
        if own:
            kind = OTHERS.get(layer["class"], "other")
            bias = next((p for p in own if weights.arrays[p].ndim == 1), "")
            weight = next((p for p in own if p != bias), own[0])
            shape = weights.arrays[weight].shape
            found.append(Around(kind, name, shape, weight, bias, "Keras"))
    return tuple(found)


# ---- in which order they are run

IDLE = ("InputLayer", "Dropout", "SpatialDropout1D", "Masking")  # nothing is computed by them here
EDGES = ("same", "valid", "causal")


def wiring(weights: Weights, stacks: tuple[Recurrent, ...]) -> tuple[Wiring, str]:
    """All layers in the order of the description, and why that is not certain, "" if it is."""
    first = Wiring(stacks[:1])
    layers = {a.name: a for a in around(weights)}
    before: list[Piece] = []
    behind: list[Piece] = []
    last: _Layer | None = None
    mask: float | None = None
    inputs = 0
    for layer in weights.layers:
        given = _recurrent(layer)
        inputs += layer["class"] == "InputLayer"
        if given is not None and (behind or inputs > 1):
            return first, f"{given.name} stands behind another layer; --prefix chooses one of them"
        if given is not None:
            last = given
        elif layer["class"] == "Masking" and not before and last is None:
            mask = float(layer.get("mask_value") or 0.0)
        elif layer["class"] not in IDLE:
            piece = _piece(layer, layers)
            if piece is None:
                name = layer.get("name", "")
                return first, f"{name} is {layer['class']}, which is not wired here"
            (behind if last is not None else before).append(piece)
            mask = 0.0 if layer.get("mask_zero") else mask
            if piece.layer.kind == "convolution":
                mask = None  # which reads padding too, and hands no mask on
    found = Wiring(stacks, tuple(before), tuple(behind))
    try:
        check(found)
    except Unusable as error:  # branches, whose order is not that of the description
        return first, error.message
    whole = last is not None and bool(last.settings.get("return_sequences"))
    return replace(found, last=not whole, mask=mask), ""


def _piece(layer: dict[str, Any], layers: dict[str, Around]) -> Piece | None:
    """A layer beside the recurrence as it is described; None if it is of another kind."""
    own = layers.get(str(layer.get("name", "")))
    inner = layer.get("layer") if layer["class"] == "TimeDistributed" else layer
    if own is None or not isinstance(inner, dict) or inner["class"] not in OTHERS:
        return None
    bent = str(inner.get("activation") or "linear")
    edges = str(inner.get("padding", "valid"))
    if bent not in (*ACTIVATIONS, "linear") or edges not in EDGES:
        return None
    if inner["class"] == "TimeDistributed" or own.kind == "other":
        own = replace(own, kind=OTHERS[inner["class"]])
    return Piece(
        own,
        "identity" if bent == "linear" else bent,
        int(inner.get("strides") or 1),
        0,
        int(inner.get("dilation_rate") or 1),
        "" if edges == "valid" else edges,
    )
