"""What is examined: a recording, what it can be asked, and what several findings read off it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.chains import chains_of, joined
from engine.door import Run
from engine.experiment import Experiment
from engine.jacobians import carried
from engine.measures import delta_norms
from engine.models.cotangents import DATA
from engine.parameters import initialise
from engine.recording import Recording
from engine.reporting.finding import Place
from engine.reporting.rerun import Array, Places, input_places, rerun
from engine.template import LAST
from engine.watching import Watch, unwatched

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Chain = tuple[tuple[int, int], ...]
FRESH = 3  # starts of the twin


@dataclass(eq=False)
class Case:
    """`noise`: no inputs were given, and seeded noise stands in for them. `kind`: in which numbers
    the parameters were kept where they come from ("" as here). `overfit`: a training may be tried.
    `summed`: nobody gave a loss, and the sum of the outputs stands in for it.
    `observed` (n,): the norms of the parameter gradient at every update of its training.
    `fresh`: the same freshly started, `watch` is told how far a long finding is."""

    run: Run
    noise: bool = False
    kind: str = ""
    overfit: bool = True
    summed: bool = False
    observed: Floats | None = None
    fresh: tuple[Case, ...] = field(default=(), repr=False)
    watch: Watch = unwatched

    @property
    def recording(self) -> Recording:
        return self.run.recording

    @cached_property
    def loss(self) -> str:
        """Where the loss comes from: "targets"; "cotangents", what came back to the outputs; "sum",
        Σ y_T in place of a loss that nobody gave; "none"."""
        if not self.recording.has_gradients:
            return "none"
        if self.run.batch.kind != "none":
            return "targets"
        if self.summed:
            return "sum"
        weights = self.recording.plan.workspace.stored[DATA]
        return "sum" if set(np.unique(weights[weights != 0])) <= {1.0} else "cotangents"

    @property
    def own_loss(self) -> bool:
        return self.loss in ("targets", "cotangents")

    @property
    def steps(self) -> int:
        return self.recording.steps

    @property
    def sequences(self) -> int:
        return self.recording.batch

    @cached_property
    def inside(self) -> Bools:
        """(T, B): the steps that each sequence owns."""
        return np.asarray(self.recording.inside)

    @cached_property
    def real(self) -> Bools:
        """(T, B): the steps that are no padding, whether a sequence owns its padding or not."""
        given = self.run.batch.real
        if given is None:
            return self.inside
        return np.asarray(self.inside & (np.arange(self.steps)[:, None] < given))

    @cached_property
    def chains(self) -> tuple[Chain, ...]:
        """Where the hidden state of every chain stands that is carried from step to step, bottom
        up."""
        segments = self.run.network.segments
        found = chains_of(self.run.network, "h")
        return tuple(c for c in found if any(carried(segments[g], g) for g, _ in c))

    def chain_name(self, chain: Chain) -> str:
        """ "h", or "h of layer 2 backward" where there are several."""
        g, k = chain[0]
        segment, name = self.run.network.segments[g], self.recording.slot(g, k).name
        return name if len(self.chains) < 2 else f"{name} of {segment.name}"

    def direction(self, chain: Chain) -> int:
        return self.run.network.segments[chain[0][0]].direction

    @cached_property
    def tokens(self) -> bool:
        """Whether inputs are one-hot."""
        x = np.asarray(self.run.batch.x)
        return x.dtype.kind == "i" or bool(
            x.shape[-1] > 1 and ((x == 0) | (x == 1)).all() and x.sum(-1).max() == 1
        )

    def label(self, g: int, k: int, step: int) -> str:
        """A node's name; `step` counts from 0 on the global axis."""
        segment = self.run.network.segments[g]
        several = len({s.name for s in self.run.network.segments if s.kind == "layer"}) > 1
        where = f" of {segment.name}" if several and segment.kind == "layer" else ""
        return f"{self.recording.slot(g, k).name}{step + 1}{where}"

    @cached_property
    def untrained(self) -> bool:
        """Whether the parameters are still those of the start."""
        now = self.recording.parameters
        begun = self._started(self.run.experiment)
        return bool(begun) and all(np.array_equal(begun[name], now[name]) for name in now)

    def _started(self, experiment: Experiment) -> dict[str, Array]:
        """Parameters as the recipe makes them; none of a graph that is none of ours."""
        try:
            return initialise(experiment, self.run.network)
        except (KeyError, ValueError, IndexError):
            return {}

    # ---------------------------------------------------------------- outputs and inputs

    @cached_property
    def outputs(self) -> tuple[tuple[int, int], ...]:
        """Places of what the network gives: its logits, or else what its loss reads, or its top
        states."""
        segments = self.run.network.segments
        found = [
            (g, k)
            for g, segment in enumerate(segments)
            for k, slot in enumerate(segment.slots)
            if slot.role == "logit"
        ]
        return tuple(found) or (self.chains[-1] if self.chains else ())

    def moves(self, other: Recording) -> Bools:
        """(T, B): where the outputs differ from those of this recording."""
        found = np.zeros((self.steps, self.sequences), bool)
        for g, k in self.outputs:
            here, there = self.recording.value(g, k), other.value(g, k)
            same = (here == there) | (np.isnan(here) & np.isnan(there))
            found[self.recording.global_steps(g)] |= ~same.all(-1)
        return found & self.inside

    def moved_inputs(self, where: Bools, seed: int = 0) -> dict[tuple[int, int], Array]:
        """The inputs with noise of their own size added at the steps `where` (T, B)."""
        chance = np.random.default_rng(seed)
        found = {}
        for g, k in input_places(self.recording):
            rows = np.array(self.recording.plan.workspace.rows(("v", g, k)))
            size = rows[self.recording.inside_of(g)].std(0)
            noise = chance.standard_normal(rows.shape) * np.where(size > 0, size, 1.0)
            here = where[self.recording.global_steps(g)][..., None]
            found[g, k] = np.where(here, rows + noise, rows).astype(rows.dtype)
        return found

    def again(self, inputs: Places) -> Recording:
        """The outputs from other inputs; no deltas."""
        return rerun(self.recording, inputs=inputs, backward=False)

    def perturbed(self, where: Bools) -> Recording:
        """The same from inputs that are moved at the steps `where` (T, B)."""
        return self.again(self.moved_inputs(where))

    def input_deltas(self, recording: Recording | None = None) -> Floats:
        """‖∂ℒ/∂x_t‖ of every step and sequence, (T, B)."""
        found = np.zeros((self.steps, self.sequences))
        for g, k in input_places(self.recording):
            delta = (recording or self.recording).plan.workspace.rows(("d", g, k))
            part = np.asarray(delta, float)
            found[self.recording.global_steps(g)] += np.square(part).sum(-1)
        return np.asarray(np.sqrt(found))

    # ---------------------------------------------------------------- losses

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """(B,): the last step at which a loss reads each sequence; −1 where none does."""
        return self._read_at()[0]

    @cached_property
    def firsts(self) -> NDArray[np.int64]:
        """(B,): the first one."""
        return self._read_at()[1]

    def _read_at(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The last and the first step with a loss that counts, (B,) each."""
        counted = self.counted
        t = np.arange(self.steps)[:, None]
        last = np.where(counted, t, -1).max(0)
        first = np.where(counted, t, self.steps).min(0)
        return last, np.where(first < self.steps, first, -1)

    @cached_property
    def counted(self) -> Bools:
        """(T, B): the steps whose outputs are read by a loss that counts."""
        recording = self.recording
        found = np.asarray(recording.loss_weights != 0) & self.inside
        if DATA in recording.plan.workspace.stored and self.loss != "targets":
            found &= (recording.plan.workspace.stored[DATA] != 0).any(-1)
        if self.once:  # the only loss of a sequence stands at its last step
            last = np.zeros_like(found)
            stop = np.asarray(recording.stop) - 1
            last[stop, np.arange(self.sequences)] = (recording.loss_weights != 0).any(0)
            found = last
        return found

    @cached_property
    def once(self) -> bool:
        """Whether each sequence has one loss alone, behind its last step."""
        segments = self.run.network.segments
        return any(
            i.reach == LAST for s in segments if s.kind == "readout"
            for slot in s.slots for i in slot.inputs
        )  # fmt: skip

    def one_loss(self, first: bool = False) -> Recording:
        """Backward again from the last loss alone (or the first) of every sequence."""
        last, begin = self._read_at()
        steps = begin if first else last
        weights = np.zeros((self.steps, self.sequences))
        t = np.full_like(steps, self.steps - 1) if self.once else steps
        weights[t, np.arange(self.sequences)] = np.where(steps >= 0, 1.0, 0.0)
        return self.recording.with_loss_weights(weights)

    @cached_property
    def from_last(self) -> Recording:
        return self.one_loss()

    @cached_property
    def from_first(self) -> Recording:
        return self.one_loss(first=True)

    def lags(self, chain: Chain) -> Floats:
        """‖∂ℒ_k/∂h‖ of every sequence by its lag from the loss, (lags, B), relative to lag 0; NaN
        beyond the sequence. k is the last loss, of a chain that runs backwards the first."""
        forwards = self.direction(chain) > 0
        recording = self.from_last if forwards else self.from_first
        delta = np.asarray(joined(recording, chain, "delta"), float)
        norms = np.sqrt(np.square(delta).sum(-1))
        found = np.full((self.steps, self.sequences), np.nan)
        last, first = self._read_at()
        for b in range(self.sequences):
            owned = np.flatnonzero(self.inside[:, b])
            if not owned.size or last[b] < 0:
                continue
            way = norms[owned[0] : last[b] + 1, b][::-1]
            way = way if forwards else norms[first[b] : owned[-1] + 1, b]
            if len(way) and way[0] > 0:
                found[: len(way), b] = way / way[0]
        return found[: int(np.flatnonzero(np.isfinite(found).any(1)).max(initial=0)) + 1]

    def delta_norms(self, chain: Chain) -> Floats:
        """‖δ(h_t)‖ over all sequences on the global axis, (T,)."""
        found = np.zeros(self.steps)
        for g, k in chain:
            found[self.recording.global_steps(g)] = delta_norms(self.recording, g, k)
        return found

    def at(self, chain: Chain, t: int) -> tuple[int, int]:
        """The place of a chain that holds the global step t."""
        for g, k in chain:
            here = self.recording.global_steps(g)
            if here.start <= t < here.stop:
                return g, k
        return chain[0]

    def place(self, chain: Chain, t: int, sequence: int = 0) -> Place:
        """The node of a chain at the global step t (from 0), as a report points to it."""
        g, k = self.at(chain, t)
        return Place(self.label(g, k, t), g, k, t + 1, sequence)

    # ---------------------------------------------------------------- beside it

    def twins(self) -> tuple[Case, ...]:
        """The same network freshly started from other seeds, on the same inputs."""
        made = []
        experiment = self.run.experiment
        for n in range(1, FRESH + 1):
            self.watch((n - 1) / FRESH)
            fresh = experiment.changed(seed=(experiment.seed + n) % 2**31)
            parameters = self._started(fresh)
            if not parameters:
                return ()
            again = Run(experiment, self.run.batch, rerun(self.recording, parameters=parameters))
            made.append(Case(again))
        return tuple(made)

    def with_twins(self) -> Case:
        return replace(self, fresh=self.twins())
