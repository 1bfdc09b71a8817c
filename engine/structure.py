"""What the plan must know of a network before it writes code: loops, joints, paths.

Slots whose inputs with a lag close a cycle must run step by step (a `Group` with `loop`); all
others run once for all steps. Backward through a loop, only the deltas where several contributions
join, or where a matrix stands, are computed at every step; elementwise chains between them are one
product with a factor that is prepared for all steps at once. No recursion anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.ops import OPS, PASS, Factor, Rule, Vjp
from engine.template import ALL, HANDED, LAST, Input, Network, Node, Slot, Use

Place = tuple[int, int]  # (segment, slot)


@dataclass(frozen=True, slots=True)
class Group:
    """Slots of one segment that run together: one slot for all steps, or a loop of several."""

    segment: int
    slots: tuple[int, ...]
    loop: bool


@dataclass(frozen=True, slots=True)
class Path:
    """A way from a joint back to another: the uses on it, from the joint's own inputs on.

    The last use is where the contribution arrives.
    """

    root: Place
    uses: tuple[Use, ...]


class Structure:
    """Analysis of a network. With `cut`, no gradient goes from one step to another."""

    def __init__(self, network: Network, *, cut: bool = False, late: bool = False) -> None:
        self.network = network
        self.late = late
        self.cut = cut
        self.uses: dict[Place, tuple[Use, ...]] = {}
        all_uses = network.all_uses()
        for g, segment in enumerate(network.segments):
            for k in range(len(segment.slots)):
                own = [u for u in all_uses if (u.segment, u.slot) == (g, k)]
                if cut:
                    own = [u for u in own if not (is_lagged(u) or u.position == HANDED)]
                self.uses[g, k] = tuple(sorted(own, key=lambda u: (lag_of(u), -u.position)))
        self.by_input = {
            (u.consumer.segment, u.consumer.slot, u.position): u
            for own in self.uses.values()
            for u in own
        }
        self.groups = tuple(
            group
            for g in range(len(network.segments))
            for group in (_single_groups(network, g) if cut else _groups(network, g))
        )
        self.group_of = {(x.segment, k): x for x in self.groups for k in x.slots}

    def slot(self, place: Place) -> Slot:
        return self.network.segments[place[0]].slots[place[1]]

    def handed(self, place: Place) -> Use | None:
        """The use by which the state before the first step comes out of another segment."""
        return self.by_input.get((*place, HANDED))

    def is_state(self, place: Place) -> bool:
        """Whether a later step reads the slot, so that it has a value before the first step."""
        return any(is_lagged(u) for u in self.uses[place])

    def vjp(self, use: Use) -> Vjp:
        slot = self.network.segments[use.consumer.segment].slots[use.consumer.slot]
        op = OPS[slot.op]
        if use.position == HANDED:
            return PASS
        vjp = op.vjps[0] if op.linear else op.vjps[use.position]
        if self.cut and use.reach == ALL and isinstance(vjp, Rule):
            return Rule(vjp.own)
        return vjp

    def inputs(self, place: Place) -> list[Use]:
        """The uses that this slot makes of others, where a gradient passes, in order."""
        count = len(self.slot(place).inputs)
        found = (self.by_input.get((*place, position)) for position in range(count))
        return [u for u in found if u is not None]

    def inside(self, group: Group, use: Use) -> bool:
        """Whether source and consumer of a use are both in `group`."""
        source, consumer = (use.segment, use.slot), use.consumer
        return (
            self.group_of[source] is group
            and self.group_of[consumer.segment, consumer.slot] is group
        )

    def disjoint(self, place: Place) -> bool:
        """All uses take parts, none twice, of this step: contributions are blocks of the delta."""
        uses = self.uses[place]
        if not uses or any(u.part is None or lag_of(u) or u.reach == LAST for u in uses):
            return False
        parts = sorted(u.part for u in uses if u.part)
        return all(a[1] <= b[0] for a, b in pairwise(parts))

    def collapsed(self, group: Group, place: Place) -> bool:
        """Whether the delta is off the loop: one elementwise contribution in, only such out."""
        uses = self.uses[place]
        if len(uses) != 1 or uses[0].part or lag_of(uses[0]) or not self.inside(group, uses[0]):
            return False
        if isinstance(self.vjp(uses[0]), Rule) or (self.late and self.is_state(place)):
            return False
        inward = [u for u in self.inputs(place) if self.inside(group, u)]
        return not any(isinstance(self.vjp(u), Rule) for u in inward)

    def paths(self, group: Group, root: Place) -> list[Path]:
        """All ways from a joint of a loop to the joints (or the matrix) before it."""
        done: list[Path] = []
        stack: list[tuple[Place, tuple[Use, ...]]] = [(root, ())]
        while stack:
            place, so_far = stack.pop()
            for use in self.inputs(place):
                if not self.inside(group, use):
                    continue
                target = (use.segment, use.slot)
                if self.collapsed(group, target):
                    stack.append((target, (*so_far, use)))
                else:
                    done.append(Path(root, (*so_far, use)))
        return done


def lag_of(use: Use) -> int:
    """The lag of a use; 0 for LAST and ALL."""
    return use.reach if isinstance(use.reach, int) else 0


def is_lagged(use: Use) -> bool:
    return isinstance(use.reach, int) and use.reach > 0


def steps_read(network: Network, node: Node, i: Input) -> NDArray[np.int64]:
    """The steps of the source that a node reads; none where that is a state before the first."""
    source = network.segments[i.segment]
    if i.reach == ALL:
        causal = "pairs" in OPS[network.slot(node.segment, node.slot).op].data
        return np.arange(node.t + 1 if causal else source.steps)
    if i.reach == LAST:
        return np.array([source.steps - 1 if source.direction > 0 else 0])
    assert isinstance(i.reach, int)
    t = node.t - i.reach * source.direction
    return np.array([t] if 0 <= t < source.steps else [], np.int64)


def is_pass(vjp: Vjp) -> bool:
    return vjp == PASS


def existing(vjp: Vjp) -> str:
    """The name of the array that is the factor, or ""."""
    return vjp.existing if isinstance(vjp, Factor) else ""


def _single_groups(network: Network, g: int) -> list[Group]:
    return [Group(g, (k,), False) for k in range(len(network.segments[g].slots))]


def _groups(network: Network, g: int) -> list[Group]:
    slots = network.segments[g].slots
    reads = [{i.slot for i in s.inputs if i.segment == g} for s in slots]
    reach = [set(r) for r in reads]
    changed = True
    while changed:
        changed = False
        for own in reach:
            more = set().union(*(reach[j] for j in own)) - own if own else set()
            if more:
                own |= more
                changed = True
    left = set(range(len(slots)))
    groups: list[Group] = []
    done: set[int] = set()
    while left:
        # the first slot, in order of tracing, whose cycle reads nothing that is still to come
        for k in sorted(left):
            members = {k} | {j for j in reach[k] if k in reach[j]}
            if set().union(*(reads[j] for j in members)) - members <= done:
                break
        loop = k in reach[k]
        if loop and any(i.reach == ALL for j in members for i in slots[j].inputs):
            raise ValueError(f"{slots[k].name} reads all steps of what it has a part in itself")
        groups.append(Group(g, tuple(sorted(members)), loop))
        done |= members
        left -= members
    return groups
