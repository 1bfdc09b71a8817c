"""What is read off a recording: norms, ledgers, shares, the T×T table, saturation, Jacobians.

Norms of a step are joint over sequences and units. Norms never add; what adds are vectors and the
signed shares ⟨part, δ⟩/‖δ‖. Nothing here records or changes anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import pairwise
from engine.norms import step_norms
from engine.recording import Recording, run_quietly, seed
from engine.replay import given_of, step_jacobian
from engine.template import ALL, Node, Use

Array = NDArray[np.floating]

MOST_READERS = 64  # steps that read all steps, up to which a ledger has a term for each
WHOLE_TABLE = 200  # steps up to which the T×T table is computed whole
CLOSED, OPEN = 0.05, 0.95  # a gate below or above is called saturated


def value_norms(recording: Recording, segment: int, slot: int) -> Array:
    """‖value‖ of a slot at every step, (T,)."""
    return step_norms(recording.value(segment, slot))


def delta_norms(recording: Recording, segment: int, slot: int) -> Array:
    """‖δ‖ of a slot at every step, (T,)."""
    return step_norms(recording.delta(segment, slot))


def relative_change(recording: Recording, segment: int, slot: int, sequence: int) -> Array:
    """‖v_t − v_{t−1}‖/‖v_t‖ of one sequence, (T,): how much of a state is new at every step.

    NaN at its first step and outside it. Absolute change would compare nothing: h is squashed.
    """
    values = np.asarray(recording.value(segment, slot)[:, sequence], np.float64)
    here = recording.network.segments[segment]
    t = np.arange(here.steps) + here.offset
    inside = (t >= recording.start[sequence]) & (t < recording.stop[sequence])
    before = np.roll(inside, here.direction)
    before[0 if here.direction > 0 else -1] = False
    change = np.linalg.norm(values - np.roll(values, here.direction, 0), axis=-1)
    size = np.linalg.norm(values, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(inside & before & (size > 0), change / size, np.nan))


@dataclass(frozen=True, slots=True)
class Term:
    """One contribution to a δ. `consumer` is the node that sent it.

    `vector` is as wide as the part that is read; `share` is ⟨vector, δ⟩/‖δ‖, and shares add to ‖δ‖.
    """

    use: Use
    consumer: Node
    vector: Array
    norm: float
    share: float


@dataclass(frozen=True, slots=True)
class DeltaLedger:
    """All contributions that arrive at a node in one sequence, this step's first, and their sum."""

    node: Node
    terms: tuple[Term, ...]
    total: Array
    delta: Array

    @property
    def norm(self) -> float:
        return float(np.linalg.norm(self.delta))


def delta_ledger(recording: Recording, node: Node, sequence: int) -> DeltaLedger:
    """The contributions to δ of `node`; they add to `total`, which is δ up to rounding."""
    delta = recording.delta(node.segment, node.slot)[node.t, sequence]
    length = float(np.linalg.norm(delta))
    total = np.zeros_like(delta)
    terms = []
    for use in recording.network.uses(node.segment, node.slot):
        part = slice(*use.part) if use.part else slice(None)
        for consumer, vector in _sent(recording, use, node.t, sequence):
            total[part] += vector
            share = float(vector @ delta[part]) / length if length else 0.0
            terms.append(Term(use, consumer, vector, float(np.linalg.norm(vector)), share))
    return DeltaLedger(node, tuple(terms), total, delta)


def _sent(recording: Recording, use: Use, t: int, sequence: int) -> list[tuple[Node, Array]]:
    """Who reads step `t` of the source, and what it sends. Of a use of all steps these are many;
    beyond MOST_READERS they are one, the first, with the sum."""
    consumer = pairwise.consumer_of(recording, use, t, sequence)
    if consumer is None:
        return []
    if use.reach == ALL:
        steps = np.flatnonzero(pairwise.pairs(recording, use, sequence)[:, t])
        if len(steps) <= MOST_READERS:
            vectors = pairwise.received(recording, use, t, sequence)
            return [(consumer._replace(t=int(at)), vectors[at]) for at in steps]
    return [(consumer, recording.contribution(use)[t, sequence])]


@dataclass(frozen=True, slots=True)
class Shares:
    """‖δ‖ of every step split into two signed shares that add to it; each (T,)."""

    own: Array
    later: Array
    norm: Array


def shares(recording: Recording, segment: int, slot: int) -> Shares:
    """What of δ is this step's own loss (through step t alone), and what comes from later steps."""
    delta = recording.delta(segment, slot)
    own = recording.own_deltas(segment, slot)
    norm = step_norms(delta)
    length = np.where(norm > 0, norm, 1.0)
    own_share = np.einsum("tbi,tbi->t", own, delta, dtype=np.float64) / length
    later = np.einsum("tbi,tbi->t", delta - own, delta, dtype=np.float64) / length
    return Shares(own_share, later, norm)


@dataclass(frozen=True, slots=True)
class ParameterLedger:
    """∂ℒ/∂W step by step. `norms[t]` of the term of step t; `running[t]` of what has been gathered
    once step t was visited, T … 1 (with the rule overwrite: that term alone). Both (T,).
    """

    name: str
    norms: Array
    running: Array


def parameter_ledger(recording: Recording, name: str) -> ParameterLedger:
    """Terms and running sum of one parameter."""
    norms = np.asarray(recording.parameter_term_norms(name))
    running = np.zeros_like(norms)
    for t, gathered in gather_parameter(recording, name):
        running[t] = np.linalg.norm(gathered)
    return ParameterLedger(name, norms, running)


def gather_parameter(recording: Recording, name: str) -> Iterator[tuple[int, Array]]:
    """(t, what the gradient holds after step t was visited) in order of backward, T−1 … 0.

    The array is reused: copy it to keep it.
    """
    direction = recording.network.segments[recording.parameter_segment(name)].direction
    gathered = np.zeros(recording.parameters[name].shape)
    for t in recording.parameter_steps(name)[::-direction]:
        if recording.rule == "overwrite":
            gathered[...] = 0
        gathered += recording.parameter_term(name, t)
        yield t, gathered


def loss_row(recording: Recording, k: int, segment: int, slot: int) -> Array:
    """‖∂ℒ_k/∂node_t‖ for every step t (T,): a row of the T×T table, one backward run."""
    return step_norms(loss_vectors(recording, k, segment, slot))


def loss_vectors(recording: Recording, k: int, segment: int, slot: int) -> Array:
    """∂ℒ_k/∂node_t, (T, B, width), zero for t > k; summed over k they are δ."""
    return np.asarray(recording.with_loss_weights(_only(recording, k)).delta(segment, slot))


def loss_table(recording: Recording, segment: int, slot: int) -> Array:
    """‖∂ℒ_k/∂node_t‖, (T, T): rows are losses k, columns steps t. Up to WHOLE_TABLE steps.

    These are norms: a table of norms does not add up to anything. The vectors do.
    """
    if recording.steps > WHOLE_TABLE:
        raise ValueError(
            f"the whole table has at most {WHOLE_TABLE} steps, got {recording.steps}; ask for a row"
        )
    plan = recording.with_loss_weights(_only(recording, 0)).plan
    rows = []
    for k in range(recording.steps):
        seed(plan, _only(recording, k))
        run_quietly(plan.backward)
        delta = plan.workspace.rows(("d", segment, slot))
        rows.append(step_norms(delta))
    return np.stack(rows)


def _only(recording: Recording, k: int) -> Array:
    """The loss weights with every loss but that of step k switched off."""
    weights = np.zeros_like(recording.loss_weights)
    weights[k] = recording.loss_weights[k]
    return weights


@dataclass(frozen=True, slots=True)
class Saturation:
    """Of one gate: fraction of units below CLOSED and above OPEN at every step, (T,) each."""

    segment: int
    slot: int
    closed: Array
    open: Array


def saturation(recording: Recording) -> tuple[Saturation, ...]:
    """Every gate of every layer, over the sequences that own the step."""
    found = []
    for g, segment in enumerate(recording.network.segments):
        inside = recording.inside[segment.offset : segment.offset + segment.steps]
        count = np.maximum(inside.sum(1), 1)
        for k, slot in enumerate(segment.slots):
            if slot.role == "gate":
                value = recording.value(g, k)
                closed = ((value < CLOSED).mean(-1) * inside).sum(1) / count
                opened = ((value > OPEN).mean(-1) * inside).sum(1) / count
                found.append(Saturation(g, k, closed, opened))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Jacobian:
    """∂node_t/∂node_{t−1} with all other states of the step before held fixed, (width, width)."""

    matrix: Array
    singular_values: Array
    radius: float


def jacobian(recording: Recording, node: Node, sequence: int) -> Jacobian:
    """How a state answers to itself one step before, exact (complex step of the forward source)."""
    matrix = step_jacobian(given_of(recording), recording.value, node, sequence)
    singular = np.linalg.svd(matrix, compute_uv=False)
    return Jacobian(matrix, singular, float(np.abs(np.linalg.eigvals(matrix)).max()))
