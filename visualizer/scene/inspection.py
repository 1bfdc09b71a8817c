"""What there is to say of a node or a parameter at a moment: numbers and words, no picture, no Qt.

Every number is read from an array of the recording or measured on it; nothing that has not
happened at the frame is handed out. The small pictures of these numbers are made by `cells`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.measures import delta_ledger, loss_vectors
from engine.parameter_terms import replaces
from engine.recording import Recording
from engine.structure import is_lagged
from engine.template import LAST, Network, Node, Picture, Slot, Use
from visualizer.scene import formula_words
from visualizer.scene.film import largest, rounded_up
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Map
from visualizer.scene.pictured import part_of
from visualizer.scene.symbols import MAPS, symbol_of, term_of

Vector = NDArray[np.float64]

ROLES = {
    "input": "input",
    "preactivation": "pre-activation",
    "gate": "gate",
    "product": "product",
    "tensor": "intermediate",
    "state": "hidden state",
    "memory": "memory",
    "carry": "state before",
    "held": "state, held in padding",
    "logit": "output",
    "loss": "loss",
}
_SYMBOL = re.compile(r"(?<![A-Za-z\\\\])[a-z](?=_)")  # a letter with an index in LaTeX
FAINT = 0.1  # of a scale of colours: numbers below it are all but the colour of 0
MOST_SHARES = 10  # losses that get a bar of their own; the rest is one


@dataclass(frozen=True, slots=True)
class Arrival:
    """One contribution to δ: who sends it, as what, and whether it is there."""

    consumer: Node
    sender: str  # "s_{3}"
    expression: str  # "V^{⊤}δ(s_{3})"
    vector: Vector | None  # None: not arrived
    norm: float | None
    state: str  # arrived, on its way, not yet, replaced
    width: int  # of what is read: all of the node or a part of it
    part: tuple[int, int] | None
    picture: Picture | None = None  # what the vector is, if it is one


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """A node at a moment. `value` and `delta` are None until they exist; `delta` is what has
    arrived so far, and `complete` says that it is all. Where contributions replace each other it is
    the last of them, and `true` what they add up to once all are there."""

    node: Node
    slot: Slot
    symbol: str
    words: str
    map: Map  # of the value: "value" or "gate"
    value: Vector | None
    delta: Vector | None
    complete: bool
    arrivals: tuple[Arrival, ...]
    without: str = ""  # what is said where nothing arrives
    true: Vector | None = None


def delta_scale(facts: NodeFacts, scale: float) -> float:
    """The end of the scale of colours for δ and its contributions: that of the graph, but their own
    where all of them would be pale on it."""
    there = [facts.delta, *(arrival.vector for arrival in facts.arrivals)]
    top = max((largest(vector) for vector in there if vector is not None), default=0.0)
    return rounded_up(top) if 0.0 < top < FAINT * scale else scale


def node_facts(
    recording: Recording, frame: Frame, node: Node, sequence: int, symbols: str = "lecture"
) -> NodeFacts:
    """What there is to say of a node, in a map of symbols."""
    network = recording.network
    slot = network.slot(node.segment, node.slot)
    given = node.t < 0 or slot.role == "input"  # there before anything has happened
    there = given or frame.has_value(node)
    value = _values(recording, node)[sequence] if there else None
    arrivals = _arrivals(recording, frame, node, sequence, symbols)
    complete = recording.has_gradients and _complete(frame, node, arrivals)
    replaced = any(a.state == "replaced" for a in arrivals)
    return NodeFacts(
        node,
        slot,
        symbol_of(network, node, symbols),
        _words(network, node, slot),
        "gate" if slot.role == "gate" else "value",
        value,
        _delta_so_far(recording, node, sequence, arrivals, complete),
        complete,
        arrivals,
        _without(recording, slot),
        np.asarray(_deltas(recording, node)[sequence]) if complete and replaced else None,
    )


def _values(recording: Recording, node: Node) -> Vector:
    """(B, width) of a node; of the state before the first step where t is −1."""
    if node.t >= 0:
        return np.asarray(recording.value(node.segment, node.slot)[node.t], np.float64)
    name, row = _first_state(recording, node)
    return np.asarray(recording.initial[name][row], np.float64)


def _deltas(recording: Recording, node: Node) -> Vector:
    if node.t >= 0:
        return np.asarray(recording.delta(node.segment, node.slot)[node.t], np.float64)
    name, row = _first_state(recording, node)
    return np.asarray(recording.initial_deltas[name][row], np.float64)


def _first_state(recording: Recording, node: Node) -> tuple[str, int]:
    name = recording.network.slot(node.segment, node.slot).initial
    return name, recording.network.row(node.segment, name)


def _complete(frame: Frame, node: Node, arrivals: tuple[Arrival, ...]) -> bool:
    if node.t < 0:
        return all(a.state == "arrived" for a in arrivals)
    return frame.has_delta(node)


def _words(network: Network, node: Node, slot: Slot) -> str:
    if network.timeless:
        return formula_words.words_of(slot)
    segment = network.segments[node.segment]
    parts = [ROLES.get(slot.role, slot.role), f"step {node.t + segment.offset + 1}"]
    if sum(s.kind == "layer" for s in network.segments) > 1 and segment.kind == "layer":
        parts.append(segment.name)
    if slot.op not in ("input", "identity", ""):
        parts.append(slot.op)
    return " · ".join(parts)


def _arrivals(
    recording: Recording, frame: Frame, node: Node, b: int, symbols: str
) -> tuple[Arrival, ...]:
    if not recording.has_gradients:
        return ()
    network, found = recording.network, []
    for use, consumer, vector in _terms(recording, node, b):
        state = _state(frame, node, use)
        there = state == "arrived"
        found.append(
            Arrival(
                consumer,
                symbol_of(network, consumer, symbols),
                term_of(network, use, node.t, symbols, consumer),
                vector if there else None,
                float(np.linalg.norm(vector)) if there else None,
                state,
                len(vector),
                use.part,
                part_of(network.slot(use.segment, use.slot), len(vector)),
            )
        )
    if replaces(recording, node.slot):
        here = [n for n, arrival in enumerate(found) if arrival.vector is not None]
        for n in here[:-1]:
            found[n] = replace(found[n], state="replaced")
    return tuple(found)


def _state(frame: Frame, node: Node, use: Use) -> str:
    there = use in frame.initial_arrived() if node.t < 0 else frame.has_contribution(use, node.t)
    event = frame.event
    if not there and event is not None and (event.node, event.use) == (node, use):
        return "on its way"
    return "arrived" if there else "not yet"


def _terms(recording: Recording, node: Node, b: int) -> list[tuple[Use, Node, Vector]]:
    """(use, consumer, vector) of everything that will ever arrive at the node."""
    if node.t >= 0:
        terms = delta_ledger(recording, node, b).terms
        return [(t.use, t.consumer, np.asarray(t.vector, np.float64)) for t in terms]
    found = []
    for use in recording.network.uses(node.segment, node.slot):
        if isinstance(use.reach, int) and use.reach > 0:
            vector = np.asarray(recording.boundary_contribution(use)[b], np.float64)
            back = recording.network.segments[node.segment].direction < 0
            t = int(recording.stop[b]) - use.reach if back else node.t + use.reach
            found.append((use, use.consumer._replace(t=t), vector))
    return found


def _without(recording: Recording, slot: Slot) -> str:
    if not recording.has_gradients:
        return "there is no loss, so there are no deltas"
    if slot.role == "loss" and recording.network.timeless:
        return "this is the output, so its δ is 1"
    if slot.role == "loss":
        return "ℒ is the sum of the losses: δ is its weight"
    return "nothing reads this node, so its δ is 0"


def has_jacobian(recording: Recording, node: Node) -> bool:
    """Whether the node is a state that answers to itself one step before."""
    uses = recording.network.uses(node.segment, node.slot)
    if not any(is_lagged(use) and use.consumer.segment == node.segment for use in uses):
        return False
    slot = recording.network.slot(node.segment, node.slot)
    segment = recording.network.segments[node.segment]
    before = node.t > 0 if segment.direction > 0 else 0 <= node.t < segment.steps - 1
    return slot.role in ("state", "memory") and before


def _delta_so_far(
    recording: Recording, node: Node, b: int, arrivals: tuple[Arrival, ...], complete: bool
) -> Vector | None:
    """δ of the recording once it is complete, before that the sum of what has arrived."""
    if not recording.has_gradients:
        return None
    if replaces(recording, node.slot):
        return next((a.vector for a in reversed(arrivals) if a.vector is not None), None)
    if complete:
        return np.asarray(_deltas(recording, node)[b])
    total: Vector | None = None
    for arrival in arrivals:
        if arrival.vector is not None:
            if total is None:
                total = np.zeros(recording.network.slot(node.segment, node.slot).width)
            total[slice(*arrival.part) if arrival.part else slice(None)] += arrival.vector
    return total


def node_shares(
    recording: Recording, facts: NodeFacts, sequence: int
) -> tuple[tuple[str, ...], tuple[float | None, ...]]:
    """Where δ of the node comes from: labels of losses and their signed shares ⟨c_k, δ⟩/‖δ‖.

    None: not arrived yet. Many losses: those of the next steps one by one, then the rest as one.
    """
    node = facts.node
    here = node.t + recording.network.segments[node.segment].offset
    losses = losses_of(recording, sequence)
    first = 0
    if len(losses) > MOST_SHARES:
        first = min(int(np.searchsorted(losses[:, 1], here)), len(losses) - 1)
    shown = losses[first : first + MOST_SHARES].tolist()
    labels = [f"L_{{{step + 1}}}" for _, step in shown]
    both_ways = any(s.direction < 0 for s in recording.network.segments)
    rest = first + len(shown) < len(losses) or (both_ways and first > 0)
    if rest:
        labels.append("others" if both_ways else "later")
    so_far = facts.delta
    length = float(np.linalg.norm(so_far)) if so_far is not None else 0.0
    own_only = _only_own(facts, node) and not both_ways
    shares: list[float | None] = []
    for k, step in shown:
        if step < here and not both_ways:
            shares.append(0.0)
        elif so_far is None or not (facts.complete or (own_only and step == here)):
            shares.append(None)
        else:
            part = loss_vectors(recording, k, node.segment, node.slot)[node.t, sequence]
            shares.append(float(part @ so_far) / length if length else 0.0)
    if rest:
        known = [s for s in shares if s is not None]
        shares.append(length - sum(known) if facts.complete else None)
    return tuple(labels), tuple(shares)


def losses_of(recording: Recording, sequence: int) -> NDArray[np.int64]:
    """All losses of a sequence in their order: the row of the losses that each is in, and the
    global step at which it stands (a readout of the last step where the sequence ends)."""
    found = [np.empty((0, 2), np.int64)]
    for g, _ in recording.loss_slots:
        segment = recording.network.segments[g]
        rows = np.arange(*recording.span(g, sequence)) + segment.offset
        reads = [i for slot in segment.slots for i in slot.inputs if i.reach == LAST]
        steps = rows
        if reads and segment.steps == 1:
            source = reads[0].segment
            end = recording.span(source, sequence)[1] - 1
            steps = rows * 0 + end + recording.network.segments[source].offset
        found.append(np.column_stack([rows, steps]))
    return np.concatenate(found)


def _only_own(facts: NodeFacts, node: Node) -> bool:
    """Whether exactly what comes from this step has arrived, and nothing from a later one."""
    own = [a for a in facts.arrivals if a.consumer.t == node.t]
    later = [a for a in facts.arrivals if a.consumer.t != node.t]
    return (
        bool(own)
        and all(a.vector is not None for a in own)
        and not any(a.vector is not None for a in later)
    )


def formula_of(slot: Slot, symbols: str = "lecture", direction: int = 1) -> str:
    """The LaTeX of a slot in a map of symbols; a chain that runs backwards reads the step after."""
    names = MAPS.get(symbols, {})
    if direction < 0:
        slot = replace(slot, formula=slot.formula.replace("t-1", "t+1"))
    return _SYMBOL.sub(lambda match: names.get(match[0], match[0]), slot.formula)
