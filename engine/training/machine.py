"""A plan that is bound once and run for every update: only numbers change, no array is new.

What it is fed comes from `batches`; what is done with the gradients is in `trainer`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.batching import network_of
from engine.chains import chains_of
from engine.door import Array, boundary, fill_in, loss_weights_of
from engine.experiment import Experiment
from engine.feeding import feed, late, stored_arrays
from engine.measures import CLOSED, OPEN
from engine.norms import step_norms
from engine.plan import Plan
from engine.recording import Recording, seed
from engine.sequences import Batch
from engine.sequences.sequence import Integers
from engine.template import Network, Segment
from engine.training.drawn import Drawn

Place = tuple[int, int]
LOOKED_AT = 20_000  # numbers of a gate that tell whether it is saturated


class Machine:
    """Forward and backward of one network on batches of one shape."""

    def __init__(
        self,
        experiment: Experiment,
        first: Batch,
        parameters: dict[str, Array],
        whole: Batch | None = None,
        tokens: bool = False,
    ) -> None:
        """`whole`: what all batches are picked from. `tokens`: every batch comes as tokens."""
        self.experiment = experiment
        self.first = first
        self.network = network_of(experiment, first)
        stored = stored_arrays(self.network, first, experiment.dtype, experiment.truncation)
        self.looks_up = tokens and can_look_up(experiment, self.network)
        for g, segment in enumerate(self.network.segments if self.looks_up else ()):
            stored[f"tokens_{g}"] = np.zeros((segment.steps, first.size), np.int64)
        self.plan = Plan(
            self.network,
            first.size,
            experiment.dtype,
            {name: _own(array) for name, array in stored.items()},
            late=late(self.network, whole or first),
            deltas="joints",
        )
        self.work = self.plan.workspace
        fill_in(self.plan, parameters, {})
        self.losses = self._with_role("loss")
        self.logits = self._with_role("logit")
        self._gates = [p for p in self._with_role("gate") if self.network.slot(*p).op == "sigmoid"]
        self.inputs = [
            (g, k)
            for g, segment in enumerate(self.network.segments)
            for k, slot in enumerate(segment.slots)
            if slot.op == "input"
        ]
        # a state that another segment hands over does not come from the update before
        self.states = [p for p in self.work.initial if self.network.slot(*p).initial]
        self.loaded = first
        self.partly = False  # whether some losses of what is loaded do not count
        self._weigh(first)

    def _with_role(self, role: str) -> list[Place]:
        return [
            (g, k)
            for g, segment in enumerate(self.network.segments)
            for k, slot in enumerate(segment.slots)
            if slot.role == role
        ]

    @property
    def parameters(self) -> dict[str, Array]:
        """The parameters themselves: what is written into them is what runs next."""
        return self.work.parameters

    @property
    def gradients(self) -> dict[str, Array]:
        """∂ℒ/∂parameter of the last backward run."""
        return self.work.gradients

    # -------------------------------------------------------------- what it is fed

    def load(self, drawn: Drawn) -> None:
        """Put a batch into the plan's arrays; states begin at 0 if it says so."""
        if drawn.batch is not None:
            self._refresh(drawn.batch, drawn.factors)
        else:
            self._tell(drawn.targets)
            if drawn.tokens is not None:
                self.read_tokens(drawn.tokens)
            elif drawn.x is not None:
                feed(self.plan, drawn.x)
            if drawn.factors is not None or self.partly:
                self._weigh(self.first, drawn.factors)
        self.partly = drawn.factors is not None
        if drawn.begins:
            self.begin()

    def _refresh(self, batch: Batch, factors: Array | None) -> None:
        """All of a batch, whose series may have other lengths than those before."""
        if batch is not self.loaded:
            cut = self.experiment.truncation
            new = stored_arrays(self.network, batch, self.experiment.dtype, cut)
            for name, array in self.work.stored.items():
                _copy(array, new[name])
        feed(self.plan, batch.x)
        if batch is not self.loaded or factors is not None or self.partly:
            self._weigh(batch, factors)
        self.loaded = batch

    def _tell(self, targets: Array) -> None:
        for g, _ in self.losses:
            segment = self.network.segments[g]
            end = segment.offset + segment.steps
            told = targets[-1:] if segment.part == "end" else targets[segment.offset : end]
            self.work.stored[f"y_{g}"][...] = told

    def read_tokens(self, tokens: Integers) -> None:
        """x one-hot of tokens (T, B)."""
        for g, k in self.inputs:
            segment = self.network.segments[g]
            own = tokens[segment.offset : segment.offset + segment.steps]
            if self.looks_up:
                self.work.stored[f"tokens_{g}"][...] = own
                continue
            rows = self.work.rows(("v", g, k))
            rows[...] = 0
            np.put_along_axis(rows, own[..., None], 1, -1)

    def _weigh(self, batch: Batch, factors: Array | None = None) -> None:
        self.weights = loss_weights_of(self.experiment, batch, factors)
        self.counted = (self.weights > 0).astype(float)
        seed(self.plan, self.weights)

    # -------------------------------------------------------------- states between updates

    def begin(self) -> None:
        """States before the first step are 0."""
        for place in self.states:
            self.work.initial[place][...] = 0
            boundary(self.plan, place)

    def carry(self) -> None:
        """The states after the last step are those before the first one of the next run."""
        for place in self.states:
            self.work.initial[place][...] = self.work.rows(("v", *place))[-1]
            boundary(self.plan, place)

    def carried(self) -> dict[str, Array]:
        """The states before the first step by name, (L, B, H): a copy."""
        found: dict[str, list[Array]] = {}
        for place in sorted(self.states):
            found.setdefault(self.network.slot(*place).initial, []).append(self.work.initial[place])
        return {name: np.array(arrays) for name, arrays in found.items()}

    def restore(self, states: dict[str, Array]) -> None:
        """The states before the first step as `carried` gave them."""
        counts = dict.fromkeys(states, 0)
        for place in sorted(self.states):
            name = self.network.slot(*place).initial
            self.work.initial[place][...] = states[name][counts[name]]
            counts[name] += 1
            boundary(self.plan, place)

    # -------------------------------------------------------------- what came out

    def run(self, backward: bool = True) -> None:
        with np.errstate(all="ignore"):  # what is not finite is found and said
            self.plan.forward()
            if backward:
                self.plan.backward()

    def loss(self) -> tuple[float, float]:
        """ℒ as the experiment has it, and the sum of the losses that count."""
        total = bare = 0.0
        for g, k in self.losses:
            segment = self.network.segments[g]
            part = slice(segment.offset, segment.offset + segment.steps)
            rows = self.work.rows(("v", g, k))[..., 0]
            total += float(np.einsum("tb,tb->", rows, self.weights[part], dtype=np.float64))
            bare += float(np.einsum("tb,tb->", rows, self.counted[part], dtype=np.float64))
        return total, bare

    def norms(self) -> Array:
        """‖δ(h_t)‖ of the lowest chain over units and sequences, by the steps of the whole axis."""
        steps = max(s.offset + s.steps for s in self.network.segments)
        found = np.zeros(steps)
        for g, k in next(iter(chains_of(self.network, "h")), ()):
            segment = self.network.segments[g]
            part = slice(segment.offset, segment.offset + segment.steps)
            found[part] = step_norms(self.work.rows(("d", g, k)))
        return found

    def saturation(self) -> dict[str, float]:
        """Share of the values of each gate below 0.05 or above 0.95, over steps and sequences.

        Of a long or wide recording every so many steps are looked at.
        """
        shares: dict[str, list[float]] = {}
        for g, k in self._gates:
            gate = self.work.rows(("v", g, k))
            gate = gate[:: max(1, gate.size // LOOKED_AT)]
            segment = self.network.segments[g]
            name = segment.slots[k].name + self._layer(segment)
            share = np.count_nonzero((gate < CLOSED) | (gate > OPEN)) / gate.size
            shares.setdefault(name, []).append(share)
        return {name: float(np.mean(found)) for name, found in shares.items()}

    def recording(self, rule: str) -> Recording:
        """What was just run, as a recording, for what needs more than the gradients."""
        batch = self.loaded
        return Recording(self.plan, batch.start, batch.stop, self.weights, rule)

    def _layer(self, segment: Segment) -> str:
        """What tells the layers of a stack apart: h^2."""
        several = any(s.layer for s in self.network.segments)
        return f"^{segment.layer + 1}" if several and segment.kind == "layer" else ""

    def first_not_finite(self) -> str:
        """The first value, or else the first delta, in the order of the film that is not finite;
        "" if all are."""
        found: list[tuple[int, int, int, str]] = []
        for kind, sign in (("v", 1), ("d", -1)):
            for g, segment in enumerate(self.network.segments):
                for k, slot in enumerate(segment.slots):
                    rows = self.work.rows((kind, g, k))
                    bad = np.flatnonzero(~np.isfinite(rows).all((1, 2)))
                    if bad.size:
                        t = int(bad[0] if sign > 0 else bad[-1]) + segment.offset
                        name = f"{slot.name}{self._layer(segment)}_{t + 1}"
                        words = name if sign > 0 else f"δ({name})"
                        found.append((sign * t, sign * g, sign * k, words))
            if found:
                return min(found)[3]
        return ""


def can_look_up(experiment: Experiment, network: Network) -> bool:
    """Whether inputs are read by matrices alone, and nobody needs them as numbers."""
    readers = [
        (use, network.slot(use.consumer.segment, use.consumer.slot))
        for use in network.all_uses()
        if network.slot(use.segment, use.slot).op == "input"
    ]
    return experiment.rule == "accumulate" and all(
        slot.op == "linear" and use.reach == 0 and use.part is None and not slot.per_step
        for use, slot in readers
    )


def _own(array: Any) -> Any:
    """A copy that can be written into; indices come as a tuple."""
    return tuple(map(np.array, array)) if isinstance(array, tuple) else np.array(array)


def _copy(array: Any, new: Any) -> None:
    if isinstance(array, tuple):
        for own, other in zip(array, new, strict=True):
            own[...] = other
    else:
        array[...] = new
