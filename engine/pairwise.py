"""What stands behind one use of all steps: which pairs of steps see each other, and what each of
the many consumers sent.

Nothing of that is stored: the weights α and the delta of the scores are, and from them the rule of
the op makes one vector when it is asked for.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from engine.evaluate import execute
from engine.op import Rule
from engine.ops import OPS
from engine.plan import Plan
from engine.template import ALL, LAST, Input, Network, Node, Slot, Use

Array = np.ndarray[Any, np.dtype[Any]]


class Recorded(Protocol):
    """What is read of a recording."""

    plan: Plan
    network: Network

    def slot(self, segment: int, slot: int) -> Slot: ...
    def read(self, i: Input) -> Array: ...
    def inside_of(self, segment: int) -> Array: ...
    def span(self, segment: int, sequence: int) -> tuple[int, int]: ...


def weights(recording: Recorded, segment: int, slot: int) -> Array:
    """α of an attention, (T, B, T'): a row for each step that looks; 0 in steps nobody owns."""
    kept = recording.plan.workspace.rows(("a", segment, slot))
    return np.asarray(np.where(recording.inside_of(segment)[..., None], kept, 0))


def pairs(recording: Recorded, use: Use, sequence: int | None = None) -> Array:
    """(T', T) bool: whether a step of the consumer sees a step of the source, in any sequence or
    in one."""
    g, _, k = use.consumer
    slot = recording.slot(g, k)
    stored = recording.plan.workspace.stored
    if not slot.data:
        return np.ones((len(recording.inside_of(g)), len(recording.inside_of(use.segment))), bool)
    seen = ~stored[slot.data[0]] & recording.inside_of(g)[..., None]
    return np.asarray(seen.any(1) if sequence is None else seen[:, sequence])


def sent(recording: Recorded, use: Use, t: int) -> Array:
    """What step t of the consumer sent to every step of the source, (T, B, width)."""
    slot, rule = _rule(recording, use)
    own = slice(t, t + 1)
    inputs = [recording.read(i) for i in slot.inputs]
    read = [x if i.reach == ALL else x[own] for i, x in zip(slot.inputs, inputs, strict=True)]
    names = {name: array[own] for name, array in _kept(recording, use).items()}
    c = np.zeros_like(inputs[use.position])
    execute(rule.source, read, dict(slot.constants), names | {"c": c})
    return np.asarray(np.where(recording.inside_of(use.segment)[..., None], c, 0))


def received(recording: Recorded, use: Use, s: int, sequence: int) -> Array:
    """What every step of the consumer sent to step s of the source in one sequence, (T', width).

    The rule runs once, on the consumer's steps as if they were the sequences of a batch.
    """
    slot, rule = _rule(recording, use)
    if OPS[slot.op].single:
        return np.asarray(sent(recording, use, 0)[s, sequence][None])
    read = []
    for i in slot.inputs:
        x = recording.read(i)
        read.append(x[s : s + 1, [sequence]] if i.reach == ALL else x[None, :, sequence])
    kept = _kept(recording, use)
    names = {name: np.asarray(array[None, :, sequence]) for name, array in kept.items()}
    for name in ("aux", "d_aux"):
        names[name] = names[name][..., s : s + 1]
    c = np.zeros((1, names["dy"].shape[1], read[use.position].shape[-1]), names["dy"].dtype)
    execute(rule.source, read, dict(slot.constants), names | {"c": c})
    return np.asarray(c[0] if recording.inside_of(use.segment)[s, sequence] else 0 * c[0])


def _rule(recording: Recorded, use: Use) -> tuple[Slot, Rule]:
    slot = recording.slot(use.consumer.segment, use.consumer.slot)
    rule = OPS[slot.op].vjps[use.position]
    assert isinstance(rule, Rule)
    return slot, rule


def _kept(recording: Recorded, use: Use) -> dict[str, Array]:
    """The consumer's arrays that its rules read, by their names in the sources."""
    place = (use.consumer.segment, use.consumer.slot)
    rows, op = recording.plan.workspace.rows, OPS[recording.slot(*place).op]
    found = {"y": rows(("v", *place)), "dy": rows(("d", *place))}
    if op.aux:
        found |= {"aux": rows(("a", *place)), "d_aux": rows(("e", *place))}
    return found


def consumer_of(recording: Recorded, use: Use, t: int, sequence: int) -> Node | None:
    """The node that reads step `t` of the source of `use` (the first of those that read all steps,
    the first step of a segment to which a state is handed); None where no such step is owned."""
    segments = recording.network.segments
    source, target = segments[use.segment], segments[use.consumer.segment]
    low, high = recording.span(use.segment, sequence)
    if not low <= t < high:
        return None
    if use.reach == LAST:
        own = t == (high - 1 if source.direction > 0 else low)
        return Node(use.consumer.segment, 0, use.consumer.slot) if own else None
    if use.reach == ALL:
        seen = np.flatnonzero(pairs(recording, use, sequence)[:, t])
        return use.consumer._replace(t=int(seen[0])) if seen.size else None
    assert isinstance(use.reach, int)
    later = t + use.reach * source.direction + source.offset - target.offset
    low, high = recording.span(use.consumer.segment, sequence)
    inside = low <= later < high
    return Node(use.consumer.segment, later, use.consumer.slot) if inside else None
