"""The one door: an experiment and a sequence in, a run out. `engine.run` is this `run`."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from engine.batching import What, batch_of, network_of
from engine.chains import chains_of, joined
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.expression.feeding import refuse_what_is_not_finite
from engine.feeding import feed, late, stored_arrays
from engine.models.cotangents import Cotangents, weighed
from engine.models.cotangents import stored as weights_of_outputs
from engine.norms import step_norms
from engine.parameters import initialise
from engine.plan import Plan
from engine.recording import Recording, seed
from engine.sequences import Batch
from engine.template import Network
from engine.watching import Watch, unwatched, within

Array = np.ndarray[Any, np.dtype[Any]]
STATES = ("h", "c")
STARTING = 0.2  # of the time of a run: making parameters


class Run:
    """A recording with what it was made from."""

    def __init__(self, experiment: Experiment, batch: Batch, recording: Recording) -> None:
        self.experiment = experiment
        self.batch = batch
        self.recording = recording

    def __repr__(self) -> str:
        rec = self.recording
        numbers = sum(int(p.size) for p in rec.parameters.values())
        loss = f"loss {rec.loss:.6g}" if rec.has_gradients else "no loss"
        return f"Run({rec.steps} steps, batch {rec.batch}, {numbers:,} parameters, {loss})"

    @property
    def network(self) -> Network:
        return self.recording.network

    def chains(self, name: str) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Where the hidden state "h" or the memory "c" of each chain stands: see `chains_of`."""
        return chains_of(self.network, name)

    def norms(self, name: str = "h") -> list[Any]:
        """‖δ‖ per step of the state, over units and sequences: a list, or one list a chain."""
        found = [
            step_norms(joined(self.recording, chain, "delta")).tolist()
            for chain in self.chains(name)
        ]
        return found[0] if len(found) == 1 else found

    @cached_property
    def clip_factor(self) -> float:
        """What clipping by norm multiplies the gradient with; 1 where nothing is clipped."""
        return clip_factor(self.experiment, self.gradient_norm)

    @property
    def gradient_norm(self) -> float:
        """‖g‖ over all parameters, after the parameter rule and before clipping."""
        squares = sum(float(np.square(g).sum()) for g in self.recording.gradients.values())
        return float(np.sqrt(squares))

    @cached_property
    def clipped(self) -> dict[str, Array]:
        """The gradients as the update takes them."""
        gradients = self.recording.gradients
        if self.experiment.clip == "value":
            at = self.experiment.clip_at
            return {n: np.clip(g, -at, at) for n, g in gradients.items()}
        return {n: g * g.dtype.type(self.clip_factor) for n, g in gradients.items()}

    def summary(self) -> dict[str, Any]:
        """The object that `run --json` prints."""
        rec = self.recording
        norms = {n: self.norms(n) for n in STATES if self.chains(n)}
        found: dict[str, Any] = {
            "steps": rec.steps,
            "batch": rec.batch,
            "nodes": rec.nodes,
            "edges": rec.edges,
            "parameters": sum(int(p.size) for p in rec.parameters.values()),
            "loss": rec.loss if rec.has_gradients else None,
            "norms": norms if rec.has_gradients else None,
            "gradients": (
                {n: float(np.linalg.norm(g)) for n, g in rec.gradients.items()}
                if rec.has_gradients
                else None
            ),
            "source": self.batch.source,
        }
        if self.batch.window is not None:
            found["window"] = self.batch.window.facts()
        if self.network.timeless:
            from engine import paths

            found |= paths.summary(rec)
        return found


def clip_factor(experiment: Experiment, norm: float) -> float:
    """What clipping by norm multiplies a gradient of this norm with; 1 where nothing is clipped."""
    if experiment.clip != "norm" or not norm:
        return 1.0
    return min(1.0, experiment.clip_at / (norm + 1e-6))


def loss_weights_of(experiment: Experiment, batch: Batch, extra: Array | None) -> Array:
    """δ(L), (T, B): 1, 1/B or 1 over all that is compared inside, 0 outside and where a loss is
    off."""
    weights = np.array(batch.weights, float)
    if experiment.reduction == "mean":
        weights /= max(weights.shape[1], 1)
    if experiment.meant().readout == "last" and batch.kind != "none":
        last = np.zeros_like(weights)
        columns = np.arange(len(batch.stop))
        last[-1] = weights[batch.stop - 1, columns]
        weights = last
    if experiment.reduction == "elements":
        each = batch.outputs if batch.kind == "regression" else 1
        weights /= max(weights.sum() * each, 1.0)
    return weights if extra is None else weights * np.asarray(extra, float)


def run(
    what: What,
    experiment: Experiment | None = None,
    *,
    parameters: dict[str, Array] | None = None,
    states: dict[str, Array] | None = None,
    loss_weights: Array | None = None,
    inputs: Array | None = None,
    previous: dict[str, Array] | None = None,
    cotangents: Cotangents | None = None,
    deltas: str = "joints",
    watch: Watch = unwatched,
    **changes: object,
) -> Run:
    """Record one forward and backward run.

    `what`: a text, a list of texts, a `Path`, `Sequence` or `Batch`. `changes` are settings.
    `parameters` by name (shapes of the network), `states` {"h0", "c0"} (L, B, H), `inputs` in
    place of x (T, B, I), `loss_weights` (T, B) or (T, 1) factors on the losses (0 is off),
    `previous` gradients that were not zeroed (left out: those of the same backward run before).
    `cotangents` are the loss of a network without targets. `deltas`: all, or joints and the others
    when read. `watch` is told the share done, and may raise `Stopped`.
    """
    experiment = (experiment or Experiment()).changed(**changes).meant()
    network = network_of(experiment, batch := batch_of(what, experiment))
    given = parameters or initialise(experiment, network, within(watch, 0.0, STARTING))
    batch, x = _as_read(batch, inputs, experiment, given, states or {})
    network, stored = _compared(network, batch, experiment, cotangents)
    own, later = within(watch, 0.0 if parameters else STARTING, 1.0), late(network, batch)
    plan = Plan(network, batch.size, experiment.dtype, stored, watch=own, late=later, deltas=deltas)
    fill_in(plan, given, states or {})
    feed(plan, x)
    seed(plan, weights := loss_weights_of(experiment, batch, loss_weights))
    with np.errstate(all="ignore"):  # what is not finite is shown as such
        plan.forward()
        plan.backward()
    before = None if experiment.zeroing else previous or plan.workspace.gradients
    record = Recording(plan, batch.start, batch.stop, weights, experiment.rule, before)
    refuse_what_is_not_finite(record, batch.formula)
    return Run(experiment, batch, record)


def _as_read(
    batch: Batch,
    inputs: Array | None,
    experiment: Experiment,
    parameters: dict[str, Array],
    states: dict[str, Array],
) -> tuple[Batch, Array]:
    """The batch with what the network says itself where it reads that, and x: `inputs` in place of
    the truth, if they are given."""
    if experiment.feeding == "teacher":
        return batch, batch.x if inputs is None else inputs
    from engine.training.feedback import fed_back

    batch = fed_back(batch, experiment, parameters, states)
    return batch, batch.x


def _compared(
    network: Network, batch: Batch, experiment: Experiment, cotangents: Cotangents | None
) -> tuple[Network, dict[str, Array]]:
    """What ops read and no gradient enters; where there are no targets, with the weights of the
    outputs that are the loss then, and its slot."""
    if batch.kind != "none" or not cotangents:
        return network, stored_arrays(network, batch, experiment.dtype, experiment.truncation)
    more = weights_of_outputs(network, batch, cotangents, experiment.dtype)
    network = weighed(network, cotangents)
    stored = stored_arrays(network, batch, experiment.dtype, experiment.truncation)
    return network, stored | more


def fill_in(plan: Plan, parameters: dict[str, Array], states: dict[str, Array]) -> None:
    """Copy parameters and first states into a plan; shapes are judged here."""
    work = plan.workspace
    for name, own in work.parameters.items():
        if name not in parameters:
            raise Unusable(f"parameter {name} is missing; it needs shape {own.shape}", exit=2)
        given = np.asarray(parameters[name])
        if given.shape != own.shape:
            raise Unusable(f"{name} is {given.shape}; this network needs {own.shape}", exit=2)
        own[...] = given
    counts: dict[str, int] = {}
    for place, array in sorted(work.initial.items()):
        name = plan.structure.slot(place).initial
        if not name:  # handed over
            continue
        layer = counts[name] = counts.get(name, -1) + 1
        if name in states:
            _fill_state(name, np.asarray(states[name]), layer, array)
        boundary(plan, place)


def _fill_state(name: str, given: Array, layer: int, array: Array) -> None:
    if given.ndim != 3 or layer >= len(given) or given[layer].shape != array.shape:
        raise Unusable(f"{name} is {given.shape}; it needs (layers, {array.shape})", exit=2)
    array[...] = given[layer]


def boundary(plan: Plan, place: tuple[int, int]) -> None:
    """Write a first state into the rows before the first step."""
    plan.workspace.boundary(place)[...] = plan.workspace.initial[place]
