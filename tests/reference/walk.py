"""Any traced network on the tape: the template is read as data, every op is the tape's own.

For cells that nobody wrote down by hand. Imports nothing of `engine/`; what it gets only has to
look like the slots of a template.
"""

from __future__ import annotations

import numpy as np

from tests.reference.cells import Array, Reference
from tests.reference.collect import collect
from tests.reference.tape import Tape

SPELLED = {
    "log-softmax": "log_softmax",
    "cross-entropy": "cross_entropy",
    "squared-error": "squared_error",
}


def walk(
    network,
    parameters: dict[str, Array],
    inputs: dict[str, Array],
    data: dict[str, Array],
    *,
    start: Array,
    stop: Array,
    initial: dict[str, Array],
    weights: Array,
) -> Reference:
    """Forward and backward. `inputs` by slot name (T,B,w), `data` by name of the stored array."""
    steps, batch = weights.shape
    result = Reference(losses=np.zeros((steps, batch)))
    result.initial_deltas = {k: np.zeros_like(v) for k, v in initial.items()}
    for b in range(batch):
        tape = Tape()
        walker = _Walker(tape, network, parameters, inputs, data, initial, b, (start[b], stop[b]))
        losses = walker.go()
        for t, index in losses.items():
            result.losses[t, b] = tape.records[index].value[0]
        tape.backward({index: weights[t, b] for t, index in losses.items()})
        collect(tape, result, b, batch, {s.name: s.steps for s in network.segments})
    result.loss = float((weights * result.losses).sum())
    return result


class _Walker:
    def __init__(self, tape, network, parameters, inputs, data, initial, b, span) -> None:
        self.tape, self.network, self.data, self.b, self.span = tape, network, data, b, span
        self.inputs = inputs
        self.parameters = {n: tape.leaf(v, ("parameter", n)) for n, v in parameters.items()}
        self.initial = {}
        for g, segment in enumerate(network.segments):
            for k, slot in enumerate(segment.slots):
                value, name = np.zeros(slot.width), ("zero",)
                if slot.initial:
                    before = [s.initial for x in network.segments[:g] for s in x.slots]
                    row = before.count(slot.initial)
                    value = initial[slot.initial][row, b]
                    name = ("initial", slot.initial, row)
                self.initial[g, k] = tape.leaf(value, name)
        self.done: dict[tuple[int, int, int], int] = {}

    def go(self) -> dict[int, int]:
        """Do every op in order; the records of the losses by global step."""
        losses = {}
        for g, segment in enumerate(self.network.segments):
            steps = (
                range(*self.span)[:: segment.direction]
                if segment.steps > 1
                else range(self.span[1] - 1, self.span[1])
            )
            for t in steps:
                own = t if segment.steps > 1 else 0
                for k, slot in enumerate(segment.slots):
                    self.done[g, own, k] = self.slot(g, own, t, slot)
                    if slot.role == "loss":
                        losses[t] = self.done[g, own, k]
        return losses

    def slot(self, g: int, t: int, at: int, slot) -> int:
        name = (self.network.segments[g].name, slot.name, t)
        if slot.op == "input":
            return self.tape.leaf(self.inputs[slot.name][t, self.b], name)
        if any(i.reach == "all" for i in slot.inputs):
            return self.whole(slot, t, name)
        reads = [self.read(i, t) for i in slot.inputs]
        if slot.op in ("linear", "conv"):
            return self.linear(slot, reads, name)
        if slot.op == "max-pool":
            return self.tape.do("max_pool", *reads, name=name, size=_size(slot))
        constants = dict(slot.constants)
        if slot.op == "scale":
            constants = {"factor": constants["alpha"], "shift": constants["beta"]}
        if slot.data:
            stored = self.data[slot.data[0]]
            row = stored[t if len(stored) == self.network.segments[g].steps else at, self.b]
            key = "mask" if slot.op == "dropout" else "target"
            constants = {key: int(row) if slot.op == "cross-entropy" else row}
        return self.tape.do(SPELLED.get(slot.op, slot.op), *reads, name=name, **constants)

    def read(self, i, t: int) -> tuple[int, tuple[int, int] | None]:
        if i.reach == "last":
            forwards = self.network.segments[i.segment].direction > 0
            end = self.span[1] - 1 if forwards else self.span[0]
            return self.done[i.segment, end, i.slot], i.part
        earlier = t - i.reach * self.network.segments[i.segment].direction
        if i.reach and not self.span[0] <= earlier < self.span[1]:
            return self.initial[i.segment, i.slot], i.part
        return self.done[i.segment, earlier, i.slot], i.part

    def whole(self, slot, t: int, name) -> int:
        """An op that reads many steps: flatten all of them, attention those up to its own.

        Steps that the sequence does not own are zeros for flatten, and not there for attention.
        """
        reads, positions = [], []
        for position, i in enumerate(slot.inputs):
            if i.reach != "all":
                steps = (t,)
            elif slot.op == "attention":
                steps = range(self.span[0], t + 1)
            else:
                steps = range(self.network.segments[i.segment].steps)
            for s in steps:
                zero = self.initial[i.segment, i.slot]
                reads.append((self.done.get((i.segment, s, i.slot), zero), i.part))
                positions.append(position)
        constants = dict(slot.constants)
        constants.pop("steps", None)
        index = self.tape.do(slot.op, *reads, name=name, **constants)
        self.tape.records[index].positions = tuple(positions)
        return index

    def linear(self, slot, reads, name) -> int:
        matrices = list(dict.fromkeys(w.parameter for w in slot.weights))
        columns = []
        for w in slot.weights:
            height_width = self.tape.records[self.parameters[w.parameter]].value.shape
            columns.append((matrices.index(w.parameter), *(w.columns or (0, height_width[1]))))
        leaves = [self.parameters[m] for m in matrices]
        leaves += [self.parameters[slot.bias]] if slot.bias else []
        more = {"columns": columns, "bias": bool(slot.bias)}
        if slot.op == "conv":
            more["size"] = _size(slot)
        else:
            more["rows"] = slot.weights[0].rows if slot.weights else None
        return self.tape.do(slot.op, *reads, *leaves, name=name, **more)


def _size(slot) -> tuple[int, int]:
    return dict(slot.constants)["rows"], dict(slot.constants)["columns"]
