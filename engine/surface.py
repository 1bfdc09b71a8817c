"""The loss as a surface over two numbers: recurrent weight w and bias b of a chain of one unit,
everything else as it was recorded. The slots are run with the forward sources of OPS, all pairs
(w, b) side by side; there is no backward here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluate import forward
from engine.jacobians import SLOPES, carried
from engine.ops import OPS
from engine.recording import Recording
from engine.replay import boundary, given_of
from engine.template import LAST, Network, Slot

Array = NDArray[np.float64]
NEEDS = (
    "the cliff is drawn for one unit: arrangement recurrent, cell elman, 1 hidden unit, 1 layer, "
    "forward"
)


@dataclass(frozen=True, slots=True)
class Plane:
    """The two numbers that move: entry [0, 0] of a matrix and entry [0] of a bias, by name."""

    weight: str
    bias: str


def plane_of(network: Network) -> Plane | None:
    """Where w and b stand in a chain h = σ(w h' + … + b) of one unit with a loss behind it; None
    for any other network."""
    if [s.kind for s in network.segments] != ["layer", "readout"]:
        return None
    segment = network.segments[0]
    states = carried(segment, 0)
    if len(states) != 1 or segment.direction < 0 or segment.slots[states[0]].width != 1:
        return None
    h = segment.slots[states[0]]
    z = segment.slots[h.inputs[0].slot] if h.op in SLOPES else h
    if z.op != "linear" or not z.bias:
        return None
    for i, weight in zip(z.inputs, z.weights, strict=True):
        if i.reach == 1 and i.slot == states[0] and network.parameters[weight.parameter] == (1, 1):
            return Plane(weight.parameter, z.bias)
    return None


def losses(recording: Recording, plane: Plane, w: Array, b: Array) -> Array:
    """ℒ at every pair (w_n, b_n): (n,), as `recording` weighs its losses."""
    return _Walk(recording, plane, np.asarray(w, float), np.asarray(b, float)).total()


@dataclass
class _Walk:
    """Rows are pairs times sequences: row n·B + b is pair n, sequence b."""

    recording: Recording
    plane: Plane
    w: Array
    b: Array
    values: dict[tuple[int, int], list[Array]] = field(default_factory=dict)

    def total(self) -> Array:
        recording, count = self.recording, len(self.w)
        self.given = given_of(recording)
        total = np.zeros(count)
        for g, segment in enumerate(recording.network.segments):
            for k in range(len(segment.slots)):
                self.values[g, k] = []
            for t in range(segment.steps):
                for k, slot in enumerate(segment.slots):
                    value = self._value(g, t, k, slot)
                    self.values[g, k].append(value)
                    if slot.role == "loss":
                        by_sequence = value.reshape(count, recording.batch)
                        total += by_sequence @ recording.loss_weights[t + segment.offset]
        return total

    def _tiled(self, rows: Any) -> Array:
        return np.tile(np.asarray(rows), (len(self.w), *[1] * (np.ndim(rows) - 1)))

    def _value(self, g: int, t: int, k: int, slot: Slot) -> Array:
        if slot.op == "input":
            return self._tiled(self.recording.value(g, k)[t]).astype(float)
        inputs = [self._read(g, t, n, slot) for n in range(len(slot.inputs))]
        if slot.op == "linear":
            return self._linear(slot, inputs)
        data: Any = None
        if slot.data:
            data = self._tiled(self.recording.plan.workspace.stored[slot.data[0]][t])
            data = (np.arange(len(data)), data) if "class" in OPS[slot.op].data else data
        return np.asarray(forward(slot.op, inputs, constants=dict(slot.constants), data=data))

    def _read(self, g: int, t: int, n: int, slot: Slot) -> Array:
        i = slot.inputs[n]
        rows = self.values[i.segment, i.slot]
        if i.reach == LAST:
            last = np.tile(self.recording.stop - 1, len(self.w))
            return np.asarray(np.stack(rows)[last, np.arange(len(last))])
        assert isinstance(i.reach, int)
        source = self.recording.slot(i.segment, i.slot)
        first = self._tiled(boundary(self.given, i.segment, source)).astype(float)
        if t < i.reach:
            return first
        if not i.reach:
            return rows[t]
        begun = self._tiled((self.recording.start <= t - i.reach)[:, None])
        return np.asarray(np.where(begun, rows[t - i.reach], first))

    def _linear(self, slot: Slot, inputs: list[Array]) -> Array:
        batch = self.recording.batch
        total = np.zeros((len(self.w) * batch, slot.width))
        for value, weight in zip(inputs, slot.weights, strict=True):
            if weight.parameter == self.plane.weight:
                total += np.repeat(self.w, batch)[:, None] * value
            else:
                rows, columns = weight.rows or (0, None), weight.columns or (0, None)
                matrix = np.asarray(self.recording.parameters[weight.parameter], float)
                total += value @ matrix[slice(*rows), slice(*columns)].T
        if slot.bias == self.plane.bias:
            return total + np.repeat(self.b, batch)[:, None]
        return total + (self.recording.parameters[slot.bias] if slot.bias else 0.0)
