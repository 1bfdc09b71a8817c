"""A recording: every value, delta and contribution of one forward and backward run.

A node is (segment, t, slot) and costs nothing; its numbers are one index into an array. The
parameter rule (accumulate | overwrite) is applied here, to the gradients only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import pairwise, terms
from engine.plan import Plan
from engine.structure import is_lagged, lag_of
from engine.template import ALL, LAST, Network, Slot, Use

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
        self._own: Plan | None = None
        self._terms: dict[str, Array] = {}
        loss = self._loss_slot()
        self.has_gradients = loss is not None
        self.losses = np.zeros((self.steps, self.batch), self.dtype)
        if loss is not None:
            segment = self.network.segments[loss[0]]
            self.losses[segment.offset :] = self.value(*loss)[..., 0]
        self.loss = float((self.losses * loss_weights).sum())
        self.gradients = self._ruled()
        for array in (self.losses, *self.gradients.values()):
            array.flags.writeable = False

    @property
    def source(self) -> str:
        """The straight-line numpy that was run."""
        return self.plan.source

    def _loss_slot(self) -> tuple[int, int] | None:
        for g, segment in enumerate(self.network.segments):
            for k, slot in enumerate(segment.slots):
                if slot.role == "loss":
                    return g, k
        return None

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
        if (self.plan.structure.late or use.reach == ALL) and len(rows) == self.steps:
            # what goes to the state before a late start (behind an early end, where the chain
            # runs backwards) belongs to no node, and so does what goes to padding
            rows = np.where(self.inside[..., None], rows, 0)
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
        )
        seed(plan, weights)
        run_quietly(plan.backward)
        return Recording(plan, self.start, self.stop, weights, self.rule, self.previous or None)

    def _seen(self, kind: str, segment: int, slot: int) -> Array:
        rows = self.plan.workspace.rows((kind, segment, slot))
        if not self.ragged or self.network.segments[segment].steps != self.steps:
            return _read_only(rows)
        key = (kind, segment, slot)
        if key not in self._masked:
            self._masked[key] = np.where(self.inside[..., None], rows, 0)
        return _read_only(self._masked[key])

    @property
    def inside(self) -> Array:
        """(T, B) bool: the steps that each sequence owns."""
        t = np.arange(self.steps)[:, None]
        return np.asarray((t >= self.start) & (t < self.stop))

    def inside_of(self, segment: int) -> Array:
        """(T_segment, B) bool: the steps of a segment that each sequence owns."""
        return np.asarray(~self.plan.workspace.stored[f"outside_{segment}"][..., 0])

    @property
    def ragged(self) -> bool:
        return bool(self.start.any() or (self.stop < self.steps).any())

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
            found.setdefault(self.slot(g, k).initial, []).append(of((g, k)))
        return {name: _read_only(np.array(arrays)) for name, arrays in found.items()}

    def boundary_contribution(self, use: Use) -> Array:
        """What a lagged use sends to the state before the first step, (B, width)."""
        backwards = self.network.segments[use.segment].direction < 0
        rows = self.plan.workspace.rows(("c", use), lag_of(use))
        first = self.stop - 1 if backwards else self.start
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
        """The segment whose steps use the parameter."""
        return self.parameter_slots(name)[0][0]

    def parameter_term(self, name: str, t: int) -> Array:
        """What step t of its segment adds to ∂ℒ/∂parameter; the terms sum to the gradient."""
        term = np.zeros_like(self.parameters[name])
        for place in self.parameter_slots(name):
            for block, d, x in self._outer(name, place, t):
                term[block] += terms.term(self.slot(*place), d, x)
        return term

    def parameter_term_norms(self, name: str) -> Array:
        """‖term of step t‖ for all steps, (T,)."""
        if name not in self._terms:
            steps = self.network.segments[self.parameter_segment(name)].steps
            squares = np.zeros(steps)
            pieces: dict[str, list[tuple[Slot, Array, Array | None]]] = {}
            for place in self.parameter_slots(name):
                for block, d, x in self._outer(name, place, slice(None)):
                    pieces.setdefault(repr(block), []).append((self.slot(*place), d, x))
            for same in pieces.values():
                d = np.concatenate([p[1] for p in same], 1)
                x = None if same[0][2] is None else np.concatenate([p[2] for p in same], 1)
                squares += terms.squares(same[0][0], d, x)
            self._terms[name] = np.sqrt(np.maximum(squares, 0))
        return self._terms[name]

    def _outer(self, name: str, place: tuple[int, int], t: Any) -> Any:
        """(block of the parameter, δ, input) whose outer products are the terms at t."""
        slot = self.slot(*place)
        d = self.plan.workspace.rows(("d", *place))[t]
        for i, weight in zip(slot.inputs, slot.weights, strict=True):
            if weight.parameter != name:
                continue
            rows, columns = weight.rows or (0, None), weight.columns or (0, None)
            yield (slice(*rows), slice(*columns)), d, self.read(i)[t]
        if slot.bias == name:
            yield (slice(*(slot.bias_rows or (0, None))),), d, None

    def read(self, i: Any) -> Array:
        """What an input reads, by the steps of its consumer: (T, B, width); all at once of ALL."""
        work = self.plan.workspace
        if i.reach == LAST:
            found = work.rows(("v", i.segment, i.slot))[work.stored[f"last_{i.segment}"]][None]
        else:
            lag = 0 if i.reach == ALL else i.reach
            found = work.rows(("v", i.segment, i.slot), lag)
        return np.asarray(found[..., i.part[0] : i.part[1]] if i.part else found)

    def _ruled(self) -> dict[str, Array]:
        """The gradients as the rule leaves them: steps are visited T … 1."""
        if self.rule == "accumulate":
            return {
                name: g + self.previous[name] if name in self.previous else g.copy()
                for name, g in self.true_gradients.items()
            }
        return {name: self.parameter_term(name, self._last(name)) for name in self.true_gradients}

    def _last(self, name: str) -> int:
        """The step that backward visits last: of a chain that runs backwards its right end."""
        segment = self.network.segments[self.parameter_segment(name)]
        return 0 if segment.direction > 0 else segment.steps - 1

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
                plan.workspace.rows(("d", g, k))[..., 0] = weights[segment.offset :]


def run_quietly(call: Any) -> None:
    """Overflow of exp to infinity is how a saturated gate computes its 0; it is no news."""
    with np.errstate(over="ignore", under="ignore"):
        call()


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view
