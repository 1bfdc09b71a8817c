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
    spans: list[tuple[Array, Array]] | None = None,
) -> Reference:
    """Forward and backward. `inputs` by slot name (T,B,w), `data` by name of the stored array.

    `spans`: [start, stop) (B,) of every segment in its own steps; without them all segments have
    those of the sequences, and one of a single step stands for the last step of each.
    """
    steps, batch = weights.shape
    result = Reference(losses=np.zeros((steps, batch)))
    result.initial_deltas = {k: np.zeros_like(v) for k, v in initial.items()}
    for b in range(batch):
        tape = Tape()
        owned = [(first[b], end[b]) for first, end in spans] if spans else None
        walker = _Walker(
            tape, network, parameters, inputs, data, initial, b, (start[b], stop[b]), owned
        )
        losses = walker.go()
        for t, index in losses.items():
            result.losses[t, b] = tape.records[index].value[0]
        tape.backward({index: weights[t, b] for t, index in losses.items()})
        offsets = {s.name: s.offset for s in network.segments} if spans else None
        collect(tape, result, b, batch, {s.name: s.steps for s in network.segments}, offsets)
    result.loss = float((weights * result.losses).sum())
    return result


class _Walker:
    def __init__(self, tape, network, parameters, inputs, data, initial, b, span, owned) -> None:
        self.tape, self.network, self.data, self.b, self.span = tape, network, data, b, span
        self.inputs = inputs
        self.placed = owned is not None
        self.owned = owned or [span if s.steps > 1 else (0, 1) for s in network.segments]
        self.parameters = {n: tape.leaf(v, ("parameter", n)) for n, v in parameters.items()}
        self.of_step = {
            (name, t): tape.leaf(row, ("parameter", name, t))
            for segment in network.segments
            for slot in segment.slots
            if slot.per_step
            for name in slot.parameters
            for t, row in enumerate(parameters[name])
        }
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
            self.hand_over(g, segment)
            for t in range(*self.owned[g])[:: segment.direction]:
                at = segment.offset + t
                if not self.placed:
                    at = t if segment.steps > 1 else self.span[1] - 1
                for k, slot in enumerate(segment.slots):
                    self.done[g, t, k] = self.slot(g, t, at, slot)
                    if slot.role == "loss":
                        losses[at] = self.done[g, t, k]
        return losses

    def hand_over(self, g: int, segment) -> None:
        """States that are the last ones of another segment, by an identity of their own."""
        for k, slot in enumerate(segment.slots):
            if slot.handed:
                source, part = self.read(slot.handed, 0)
                name = ("handed", segment.name, slot.name)
                self.initial[g, k] = self.tape.do("identity", (source, part), name=name)

    def slot(self, g: int, t: int, at: int, slot) -> int:
        name = (self.network.segments[g].name, slot.name, t)
        if slot.op == "input":
            return self.tape.leaf(self.inputs[slot.name][at, self.b], name)
        if any(i.reach == "all" for i in slot.inputs):
            return self.whole(slot, t, name)
        reads = [self.read(i, t) for i in slot.inputs]
        if slot.op in ("linear", "conv"):
            return self.linear(slot, reads, name, t)
        if slot.op == "max-pool":
            return self.tape.do("max_pool", *reads, name=name, size=_size(slot))
        constants = dict(slot.constants)
        if slot.op == "scale":
            constants = {"factor": constants["alpha"], "shift": constants["beta"]}
        if slot.data:
            stored = self.data[slot.data[0]]
            row = stored[t if len(stored) == self.network.segments[g].steps else at, self.b]
            key = "mask" if slot.op in ("dropout", "hold", "carry") else "target"
            constants = {key: int(row) if slot.op == "cross-entropy" else row}
        return self.tape.do(SPELLED.get(slot.op, slot.op), *reads, name=name, **constants)

    def read(self, i, t: int) -> tuple[int, tuple[int, int] | None]:
        if i.reach == "last":
            forwards = self.network.segments[i.segment].direction > 0
            start, stop = self.owned[i.segment]
            end = stop - 1 if forwards else start
            return self.done[i.segment, end, i.slot], i.part
        earlier = t - i.reach * self.network.segments[i.segment].direction
        start, stop = self.owned[i.segment]
        if i.reach and not start <= earlier < stop:
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

    def linear(self, slot, reads, name, t: int) -> int:
        matrices = list(dict.fromkeys(w.parameter for w in slot.weights))
        columns = []
        for w in slot.weights:
            shape = self.tape.records[self.parameters[w.parameter]].value.shape
            wide = shape[2 if slot.per_step else 1]
            columns.append((matrices.index(w.parameter), *(w.columns or (0, wide))))
        used = [*matrices, slot.bias] if slot.bias else matrices
        leaves = [self.of_step.get((m, t), self.parameters[m]) for m in used]
        more = {"columns": columns, "bias": bool(slot.bias)}
        if slot.op == "conv":
            more["size"] = _size(slot)
        else:
            more["rows"] = slot.weights[0].rows if slot.weights else None
        return self.tape.do(slot.op, *reads, *leaves, name=name, **more)


def _size(slot) -> tuple[int, int]:
    return dict(slot.constants)["rows"], dict(slot.constants)["columns"]
