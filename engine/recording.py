"""A recording: every value, delta and contribution of one forward and backward run.

A node is (segment, t, slot) and costs nothing; its numbers are one index into an array. The
parameter rule (accumulate | overwrite) is applied here, to the gradients only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import pairwise, parameter_terms
from engine.plan import Plan
from engine.structure import is_lagged, lag_of
from engine.template import ALL, LAST, Input, Network, Slot, Use

Array = np.ndarray[Any, np.dtype[Any]]


class Recording:
    """What a plan left behind. All arrays are read-only; steps outside [start, stop) are 0."""

    def __init__(
        self,
        plan: Plan,
        start: Array,
        stop: Array,
        loss_weights: Array,
        rule: str = "accumulate",
        previous: dict[str, Array] | None = None,
    ) -> None:
        self.plan = plan
        self.network: Network = plan.network
        self.dtype = plan.dtype
        self.start, self.stop = start, stop
        self.steps = max(s.offset + s.steps for s in self.network.segments)
        self.batch = len(start)
        self.rule = rule
        self.loss_weights = loss_weights
        self.previous = previous or {}
        self.zeroing = previous is None
        self.parameters = plan.workspace.parameters
        self.true_gradients = plan.workspace.gradients
        self._masked: dict[tuple[str, int, int], Array] = {}
        self._inside: dict[int, Array] = {}
        self._whole: dict[int, bool] = {}
        self._own: Plan | None = None
        self._terms: dict[str, Array] = {}
        self.has_gradients = bool(self.loss_slots)
        self.losses = np.zeros((self.steps, self.batch), self.dtype)
        for g, k in self.loss_slots:
            self.losses[self.global_steps(g)] += self.value(g, k)[..., 0]
        self.loss = float((self.losses * loss_weights).sum())
        self.gradients = self._ruled()
        for array in (self.losses, *self.gradients.values()):
            array.flags.writeable = False

    def __getstate__(self) -> dict[str, Any]:
        """What another process is given: not what is found again from the rest."""
        return self.__dict__ | {"_own": None, "_masked": {}}

    @property
    def source(self) -> str:
        """The straight-line numpy that was run."""
        return self.plan.source

    @property
    def loss_slots(self) -> list[tuple[int, int]]:
        """Places of the losses: one for each part of the sequence that has a readout."""
        return [
            (g, k)
            for g, segment in enumerate(self.network.segments)
            for k, slot in enumerate(segment.slots)
            if slot.role == "loss"
        ]

    def global_steps(self, segment: int) -> slice:
        """Where the steps of a segment stand on the global time axis."""
        here = self.network.segments[segment]
        return slice(here.offset, here.offset + here.steps)

    # -------------------------------------------------------------- numbers of nodes

    def slot(self, segment: int, slot: int) -> Slot:
        return self.network.segments[segment].slots[slot]

    def value(self, segment: int, slot: int) -> Array:
        """Values of a slot, (T, B, width)."""
        return self._seen("v", segment, slot)

    def delta(self, segment: int, slot: int) -> Array:
        """∂ℒ/∂value of a slot, (T, B, width)."""
        return self._seen("d", segment, slot)

    def contribution(self, use: Use) -> Array:
        """What one consumer sends to the nodes of a slot, by the steps of those nodes.

        (T, B, width), or the part's width where the use takes a part; 0 where no use exists.
        """
        rows = self.plan.workspace.rows(("c", use))
        if self.plan.structure.late or use.reach == ALL:
            # what goes to the state before a late start (behind an early end, where the chain
            # runs backwards) belongs to no node, and so does what goes to padding
            rows = np.where(self.inside_of(use.segment)[..., None], rows, 0)
        return _read_only(rows)

    def attention(self, segment: int, slot: int) -> Array:
        """The weights α of an attention, (T, B, T): a row for each step that looks."""
        return _read_only(pairwise.weights(self, segment, slot))

    def pairs(self, use: Use) -> Array:
        """(T', T) bool: which steps of the consumer of an ALL use see which steps of its source."""
        return _read_only(pairwise.pairs(self, use))

    def attention_contribution(self, use: Use, t: int) -> Array:
        """What step t of the consumer of an ALL use sent to every step of the source, (T, B, w)."""
        return _read_only(pairwise.sent(self, use, t))

    def own_deltas(self, segment: int, slot: int) -> Array:
        """∂ℒ_t/∂value_t through step t alone: one backward with the carry edges cut. (T, B, w)."""
        own = self._cut_plan()
        return _read_only(own.workspace.rows(("d", segment, slot)))

    def _cut_plan(self) -> Plan:
        if self._own is None:
            work = self.plan.workspace
            own = Plan(
                self.network,
                self.batch,
                self.dtype,
                work.stored,
                late=self.plan.structure.late,
                cut=True,
                values_of=self.plan,
                deltas="joints",
            )
            seed(own, self.loss_weights)
            run_quietly(own.backward)
            self._own = own
        return self._own

    def with_loss_weights(self, weights: Array) -> Recording:
        """The same values, backward again from other losses: weights (T, B) are δ(L)."""
        work = self.plan.workspace
        plan = Plan(
            self.network,
            self.batch,
            self.dtype,
            work.stored,
            late=self.plan.structure.late,
            values_of=self.plan,
            deltas=self.plan.deltas,
        )
        seed(plan, weights)
        run_quietly(plan.backward)
        return Recording(plan, self.start, self.stop, weights, self.rule, self.previous or None)

    def _seen(self, kind: str, segment: int, slot: int) -> Array:
        rows = self.plan.workspace.rows((kind, segment, slot))
        if segment not in self._whole:
            self._whole[segment] = bool(self.inside_of(segment).all())
        if self._whole[segment]:
            return _read_only(rows)
        key = (kind, segment, slot)
        if key not in self._masked:
            inside = self.inside_of(segment)[..., None]
            self._masked[key] = np.where(inside, rows, 0)
        return _read_only(self._masked[key])

    @property
    def inside(self) -> Array:
        """(T, B) bool: the steps that each sequence owns."""
        owned = np.zeros((self.steps, self.batch), bool)
        for g in range(len(self.network.segments)):
            owned[self.global_steps(g)] |= self.inside_of(g)
        return owned

    def inside_of(self, segment: int) -> Array:
        """(T_segment, B) bool: the steps of a segment that each sequence owns."""
        if segment not in self._inside:
            stored = self.plan.workspace.stored
            here = self.network.segments[segment]
            whole = np.zeros((here.steps, self.batch, 1), bool)
            self._inside[segment] = ~stored.get(f"outside_{segment}", whole)[..., 0]
        return self._inside[segment]

    def span(self, segment: int, sequence: int) -> tuple[int, int]:
        """[start, stop) of the segment's own steps that a sequence owns."""
        owned = np.flatnonzero(self.inside_of(segment)[:, sequence])
        return (int(owned[0]), int(owned[-1]) + 1) if owned.size else (0, 0)

    @property
    def ragged(self) -> bool:
        return not self.inside.all()

    # -------------------------------------------------------------- states before the first step

    @property
    def initial(self) -> dict[str, Array]:
        """The states before the first step by name ("h0", "c0"), (L, B, H)."""
        return self._by_initial_name(lambda place: self.plan.workspace.initial[place])

    @property
    def initial_deltas(self) -> dict[str, Array]:
        """Their deltas, (L, B, H)."""
        return self._by_initial_name(self._boundary_delta)

    def _by_initial_name(self, of: Any) -> dict[str, Array]:
        found: dict[str, list[Array]] = {}
        for g, k in self.plan.workspace.initial:
            if self.slot(g, k).handed:
                continue
            found.setdefault(self.slot(g, k).initial, []).append(of((g, k)))
        return {name: _read_only(np.array(arrays)) for name, arrays in found.items()}

    def boundary_contribution(self, use: Use) -> Array:
        """What a lagged use sends to the state before the first step, (B, width)."""
        backwards = self.network.segments[use.segment].direction < 0
        rows = self.plan.workspace.rows(("c", use), lag_of(use))
        spans = [self.span(use.segment, b) for b in range(self.batch)]
        first = [stop - 1 if backwards else start for start, stop in spans]
        return np.asarray(rows[first, np.arange(self.batch)])

    def _boundary_delta(self, place: tuple[int, int]) -> Array:
        slot = self.slot(*place)
        total = np.zeros((self.batch, slot.width), self.dtype)
        for use in self.network.uses(*place):
            if is_lagged(use):
                low, high = use.part or (0, slot.width)
                total[:, low:high] += self.boundary_contribution(use)
        return total

    # -------------------------------------------------------------- parameters

    def parameter_slots(self, name: str) -> list[tuple[int, int]]:
        """Places whose op uses the parameter."""
        return [
            (g, k)
            for g, segment in enumerate(self.network.segments)
            for k, slot in enumerate(segment.slots)
            if name in slot.parameters
        ]

    def parameter_segment(self, name: str) -> int:
        """The first segment whose steps use the parameter."""
        return self.parameter_slots(name)[0][0]

    def parameter_steps(self, name: str) -> range:
        """The global steps at which the parameter is used, in the order of the sequence."""
        used = [self.global_steps(g) for g, _ in self.parameter_slots(name)]
        return range(min(s.start for s in used), max(s.stop for s in used))

    def parameter_term(self, name: str, t: int) -> Array:
        """What the global step t adds to ∂ℒ/∂parameter; the terms sum to the gradient."""
        return parameter_terms.term(self, name, t)

    def parameter_term_norms(self, name: str) -> Array:
        """‖term of step t‖ for all global steps, (T,), without forming the terms."""
        if name not in self._terms:
            self._terms[name] = parameter_terms.term_norms(self, name)
        return self._terms[name]

    def raw_delta(self, place: tuple[int, int]) -> Array:
        """δ of a slot as backward left it, steps that no sequence owns included."""
        return self.plan.workspace.rows(("d", *place))

    def read(self, i: Input) -> Array:
        """What an input reads, by the steps of its consumer: (T, B, width); all at once of ALL."""
        work = self.plan.workspace
        if i.reach == LAST:
            found = work.rows(("v", i.segment, i.slot))[work.stored[f"last_{i.segment}"]][None]
        else:
            lag = i.reach if isinstance(i.reach, int) else 0
            found = work.rows(("v", i.segment, i.slot), lag)
        return np.asarray(found[..., i.part[0] : i.part[1]] if i.part else found)

    def _ruled(self) -> dict[str, Array]:
        """The gradients as the rule leaves them: steps are visited T … 1, every one of which
        writes its own weights where they are not shared."""
        if self.rule == "accumulate":
            return {
                name: g + self.previous[name] if name in self.previous else g.copy()
                for name, g in self.true_gradients.items()
            }
        return {
            name: g.copy() if self._owned(name) else self.parameter_term(name, self._last(name))
            for name, g in self.true_gradients.items()
        }

    def _owned(self, name: str) -> bool:
        """Whether every step has weights of its own, so that nothing is overwritten."""
        return any(self.slot(*place).per_step for place in self.parameter_slots(name))

    def _last(self, name: str) -> int:
        """The step that backward visits last: of a chain that runs backwards its right end."""
        steps = self.parameter_steps(name)
        forwards = self.network.segments[self.parameter_segment(name)].direction > 0
        return steps[0] if forwards else steps[-1]

    # -------------------------------------------------------------- counts

    @property
    def nodes(self) -> int:
        """Slots × steps that the sequences own (a step counts once for all sequences)."""
        return sum(len(s.slots) * s.steps for s in self.network.segments)

    @property
    def edges(self) -> int:
        """Uses of nodes by nodes, one per use and step, or pair of steps where all are read."""
        total = 0
        for use in self.network.all_uses():
            if use.reach == ALL:
                total += int(pairwise.pairs(self, use).sum())
                continue
            low, high = self.network.steps_of_use(use)
            total += max(high - low, 0)
        return total


def seed(plan: Plan, weights: Array) -> None:
    """Put δ(L_t) = weights (T, B) where backward starts."""
    for g, segment in enumerate(plan.network.segments):
        for k, slot in enumerate(segment.slots):
            if slot.role == "loss":
                end = segment.offset + segment.steps
                plan.workspace.rows(("d", g, k))[..., 0] = weights[segment.offset : end]


def run_quietly(call: Any) -> None:
    """Overflow of exp to infinity is how a saturated gate computes its 0; it is no news."""
    with np.errstate(over="ignore", under="ignore"):
        call()


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view
