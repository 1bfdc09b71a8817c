"""Recurrent nodes of a graph that stand one above the other: together they are the layers of one
network. Whether they do is not guessed: between them nothing is computed, nobody else reads what
the lower one gives, and what the upper one read is what the lower one gave, number for number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.batching import network_of
from engine.door import Run
from engine.experiment import Experiment
from engine.models.cotangents import Cotangents
from engine.models.onnx.graph import Node
from engine.models.onnx.held import Held, held_by
from engine.models.onnx.recurrent import OURS, Layer, cotangents_of, run_layer
from engine.models.onnx.running import Step, Trail
from engine.models.running import batch_of_arrays, record
from engine.models.states import states_of
from engine.models.weights import Array
from engine.models.wired import Layer as WiredLayer
from engine.models.wired import Wired

BETWEEN = ("Identity", "Dropout", "Squeeze", "Unsqueeze", "Transpose", "Reshape", "Flatten")
MOST_LAYERS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Nodes bottom up, each of them a layer; most often there is one."""

    layers: tuple[Layer, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(layer.node for layer in self.layers)

    @property
    def held(self) -> Held:
        return Held(tuple(map(held_by, self.layers)))

    @property
    def inputs(self) -> Array:
        """X (T, B, I) of the lowest."""
        return self.layers[0].tensors["X"]

    @property
    def lengths(self) -> Array:
        steps, size = self.inputs.shape[:2]
        return self.layers[0].tensors.get("sequence_lens", np.full(size, steps))

    @property
    def parameters(self) -> dict[str, Array]:
        """This program's parameters by name."""
        return self.held.parameters_of([layer.tensors for layer in self.layers])

    @property
    def states(self) -> dict[str, Array]:
        """First states h0, c0 (L·D, B, H), zeros where one layer alone has some."""
        named = {"h0": "initial_h", "c0": "initial_c"}
        found = {
            own: self._together([layer.tensors.get(name) for layer in self.layers])
            for own, name in named.items()
        }
        return {own: array for own, array in found.items() if array is not None}

    @property
    def wired(self) -> Wired:
        layers = (
            WiredLayer(layer.node.op, layer.manner.hidden, layer.ways, manner=layer.manner)
            for layer in self.layers
        )
        return Wired(tuple(layers), inputs=self.inputs.shape[2])

    def experiment(self, dtype: str) -> Experiment:
        layer = self.layers[0]
        return Experiment().changed(
            cell=OURS[layer.node.op], hidden=min(layer.manner.hidden, 4096), dtype=dtype,
            layers=len(self.layers), direction="both" if len(layer.ways) > 1 else "forward",
            reduction="sum", task="none", standardise=False,
        )  # fmt: skip

    def cotangents(self, back: dict[str, Array]) -> Cotangents:
        """What comes back to the stack, of what comes back to tensors by name."""
        own = [
            cotangents_of(layer, [back.get(name) for name in layer.node.outputs])
            for layer in self.layers
        ]
        h_n, c_n = (self._together([getattr(c, key) for c in own]) for key in ("h_n", "c_n"))
        return Cotangents(own[-1].y, h_n, c_n)

    def _together(self, given: Sequence[Array | None]) -> Array | None:
        """(L·D, B, H) of what the layers have, zeros where one has nothing; None if none has."""
        some = next((each for each in given if each is not None), None)
        if some is None:
            return None
        return np.concatenate([np.zeros_like(some) if a is None else a for a in given])

    def run(self, cotangents: Cotangents, dtype: str, title: str) -> Run:
        """The layers recorded as one network."""
        if len(self.layers) == 1:
            return run_layer(self.layers[0], cotangents, dtype, title)
        experiment = self.experiment(dtype)
        batch = replace(batch_of_arrays(self.inputs, self.lengths, title), wired=self.wired)
        network = network_of(experiment, batch)
        return record(network, batch, experiment, self.parameters, self.states, cotangents)


def stacks_of(trail: Trail, outputs: Sequence[str]) -> list[Stack]:
    """The recurrent nodes of a graph that was run, in order; those that stand one above the other
    for certain are one stack."""
    steps = trail.recurrent
    above: dict[int, int] = {}
    for k, step in enumerate(steps):
        upper = _reader(step, trail, outputs)
        if upper is not None and _fits(step, upper):
            above[k] = next(n for n, each in enumerate(steps) if each is upper)
    found = []
    for k in range(len(steps)):
        if k not in above.values():
            chain = [k]
            while chain[-1] in above and len(chain) < MOST_LAYERS:
                chain.append(above[chain[-1]])
            found.append(Stack(tuple(layer for n in chain if (layer := steps[n].layer))))
    return found


def _reader(step: Step, trail: Trail, outputs: Sequence[str]) -> Step | None:
    """The recurrent node that alone reads what another gives, through nothing that computes."""
    name = step.node.outputs[0] if step.node.outputs else ""
    while name and name not in outputs:
        readers = [
            each for each in trail.steps
            if name in each.node.inputs and each.outputs[0].dtype.kind == "f"
        ]  # fmt: skip
        if len(readers) != 1 or readers[0].node.inputs.count(name) != 1:
            return None
        reader = readers[0]
        if reader.node.inputs[0] != name or not (reader.layer or reader.node.op in BETWEEN):
            return None
        if reader.layer is not None:
            return reader
        name = reader.node.outputs[0]
    return None


def _fits(lower: Step, upper: Step) -> bool:
    """Whether two nodes are layers of one network: of one kind, with weights of their own, and the
    upper one read what the lower one gave."""
    one, other = lower.layer, upper.layer
    if one is None or other is None or lower.run is None:
        return False
    alike = one.node.op == other.node.op and one.ways == other.ways
    alike &= one.manner.hidden == other.manner.hidden
    shared = set(held_by(one).names.values()) & set(held_by(other).names.values())
    if not alike or shared:
        return False
    lengths = Stack((one,)).lengths, Stack((other,)).lengths
    given, read = states_of(lower.run)["y"], other.tensors["X"]
    return np.array_equal(*lengths) and np.array_equal(given, read, equal_nan=True)
