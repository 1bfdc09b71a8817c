"""A recording as a networkx graph: one node for each slot and step, one edge for each use.

Edges run input → consumer; parameters, first states and the total loss are nodes too. What has a
name alone, or one node for each step, is made of it in `engine.graph_levels`. Imports networkx,
which takes its time: import this module where a graph leaves the program.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import networkx
import numpy as np

from engine.errors import BAD_SETTINGS, Unusable
from engine.expression import plain
from engine.graph_levels import NAMED, by_step, of_named
from engine.norms import step_norms
from engine.recording import Recording
from engine.structure import lag_of
from engine.template import ALL, LAST, Network, Use

MOST, MOST_EDGES = 200_000, 1_000_000  # of a graph that other programs can still open
LEVELS = ("ops", "tensors", "steps")
TOTAL = "total loss"
Graph: TypeAlias = Any  # networkx.MultiDiGraph, which has no types


def graph_of(recording: Recording, level: str = "ops") -> Graph:
    """All nodes and uses of a recording; of level "tensors" what has a name, joined through the
    rest; of level "steps" one node for each layer and step.

    Nodes carry kind (slot, parameter, first state, total), slot, op, role, layer, step (from 1) and
    the norms of value and delta over all sequences (single numbers as they are, too); edges carry
    kind (use, parameter, first state, total), the position among the consumer's inputs, the lag,
    the norm of what they send back, the weight of an attention, and `cut` where truncation lets
    nothing through. Unusable beyond 200,000 nodes or 1,000,000 edges.
    """
    _check(recording, level)
    graph = networkx.MultiDiGraph(
        steps=recording.steps, sequences=recording.batch, loss=recording.loss
    )
    _add_nodes(graph, recording)
    for use in recording.network.all_uses():
        _add_use(graph, recording, use)
    _add_parameters(graph, recording)
    return {"ops": lambda g: g, "tensors": of_named, "steps": by_step}[level](graph)


def _check(recording: Recording, level: str) -> None:
    if level not in LEVELS:
        raise Unusable(
            f"a graph is written at the level {', '.join(LEVELS)}; got {level}", exit=BAD_SETTINGS
        )
    if level == "steps" and recording.network.timeless:
        raise Unusable("a formula has no steps; write it at the level ops or tensors", exit=2)
    for count, most, what in (
        (recording.nodes, MOST, "nodes"),
        (recording.edges, MOST_EDGES, "edges"),
    ):
        if count > most:
            raise Unusable(
                f"the graph has {count:,} {what}; at most {most:,} are written: take fewer steps"
            )


def name_of(recording: Recording, segment: int, t: int, slot: int) -> str:
    """h3 for the third step; h3^2 in the second of several layers, h3^b running backwards."""
    here = recording.network.segments[segment]
    if recording.network.timeless:
        return plain(here.slots[slot].name)
    several = len({s.layer for s in recording.network.segments}) > 1 and here.kind == "layer"
    several = several and here.slots[slot].role != "input"
    mark = (str(here.layer + 1) if several else "") + ("b" if here.direction < 0 else "")
    return f"{here.slots[slot].name}{t + here.offset + 1}" + (f"^{mark}" if mark else "")


def _add_nodes(graph: Graph, recording: Recording) -> None:
    for g, segment in enumerate(recording.network.segments):
        for k, slot in enumerate(segment.slots):
            values = step_norms(recording.value(g, k))
            deltas = step_norms(recording.delta(g, k))
            where: dict[str, Any] = {"named": is_named(recording.network, g, k)}
            for t in range(segment.steps):
                if not recording.network.timeless:
                    step = t + segment.offset + 1
                    where |= {"layer": segment.layer + 1, "step": step, "block": segment.name}
                graph.add_node(
                    name_of(recording, g, t, k),
                    kind="slot",
                    slot=plain(slot.name),
                    op=slot.op,
                    role=slot.role,
                    width=slot.width,
                    value_norm=float(values[t]),
                    delta_norm=float(deltas[t]),
                    **where,
                    **_number(recording, g, t, k),
                )
                if slot.role == "loss" and not recording.network.timeless:
                    name = name_of(recording, g, t, k)
                    graph.add_edge(name, TOTAL, kind="total", position=t, lag=0)
    if TOTAL in graph:
        facts = {"op": "sum", "value_norm": abs(recording.loss), "named": True}
        graph.nodes[TOTAL].update(kind="total", role="total", **facts)


def is_named(network: Network, g: int, k: int) -> bool:
    """Whether a slot is a tensor with a name of its own, and no op on the way to one: states, gates
    and candidates, logits, what is given; of a formula what was named."""
    slot = network.slot(g, k)
    if network.timeless:
        return slot.role != "product"
    reads = [network.slot(g, i.slot) for i in slot.inputs if i.reach == 0 and i.segment == g]
    made = slot.role == "tensor" and any(r.role == "preactivation" for r in reads)
    return slot.role in NAMED or made


def _number(recording: Recording, g: int, t: int, k: int) -> dict[str, float]:
    """Value and δ of a node that is a single number."""
    if recording.batch > 1 or recording.slot(g, k).width > 1:
        return {}
    value, delta = recording.value(g, k)[t, 0, 0], recording.delta(g, k)[t, 0, 0]
    return {"value": float(value), "delta": float(delta)}


def _add_use(graph: Graph, recording: Recording, use: Use) -> None:
    source, consumer = (recording.network.segments[g] for g in (use.segment, use.consumer.segment))
    if use.reach == ALL:
        _add_pairs(graph, recording, use)
        return
    norms = step_norms(recording.contribution(use))
    if use.reach == LAST:
        spans = [recording.span(use.segment, b) for b in range(recording.batch)]
        ends = {high - 1 if source.direction > 0 else low for low, high in spans if high > low}
        first = consumer.steps - 1 if consumer.direction < 0 else 0
        steps = [(t, first) for t in sorted(ends)]
    else:
        back = lag_of(use) * source.direction
        steps = [(t - back, t) for t in range(consumer.steps)]
    for t, at in steps:
        target = name_of(recording, use.consumer.segment, at, use.consumer.slot)
        sent: dict[str, Any] = {"kind": "use", "position": use.position, "lag": lag_of(use)}
        handed = recording.slot(use.segment, use.slot).handed is not None
        if not 0 <= t < source.steps and handed:
            continue  # what is handed over has an edge of its own
        if 0 <= t < source.steps:
            origin = name_of(recording, use.segment, t, use.slot)
            sent["contribution_norm"] = float(norms[t])
        else:
            origin = f"start of {name_of(recording, use.segment, at, use.slot)}"
            sent["kind"] = "first state"
            slot = source.slots[use.slot].name
            graph.add_node(origin, kind="first state", role="first state", slot=slot, named=True)
        if _cut(recording, use, at):
            sent["cut"] = True
        graph.add_edge(origin, target, **sent)


def _cut(recording: Recording, use: Use, t: int) -> bool:
    """Whether truncation lets no gradient pass at this step of the consumer."""
    slot = recording.slot(use.consumer.segment, use.consumer.slot)
    if slot.op != "carry":
        return False
    return not recording.plan.workspace.stored[slot.data[0]][t].any()


def _add_pairs(graph: Graph, recording: Recording, use: Use) -> None:
    """An edge for each pair of steps of a use of all steps, with the weight of an attention: its
    mean over the sequences that have the pair."""
    g, _, k = use.consumer
    weighted = bool(recording.slot(g, k).data)
    weights = recording.attention(g, k) if weighted else np.zeros((1, 1, recording.steps))
    alphas = weights.sum(1) / np.maximum((weights > 0).sum(1), 1)
    segments = recording.network.segments
    ahead = segments[use.consumer.segment].offset - segments[use.segment].offset
    for at, seen in enumerate(recording.pairs(use)):
        norms = step_norms(recording.attention_contribution(use, at))
        target = name_of(recording, use.consumer.segment, at, use.consumer.slot)
        for t in np.flatnonzero(seen):
            origin = name_of(recording, use.segment, int(t), use.slot)
            graph.add_edge(
                origin,
                target,
                kind="use",
                position=use.position,
                lag=at + ahead - int(t),
                contribution_norm=float(norms[t]),
                **({"attention": float(alphas[at, t])} if weighted else {}),
            )


def _add_parameters(graph: Graph, recording: Recording) -> None:
    for name, array in recording.parameters.items():
        gradient = float(np.linalg.norm(recording.gradients[name]))
        shape = "x".join(str(n) for n in array.shape)
        facts: dict[str, Any] = {"shape": shape, "gradient_norm": gradient, "named": True}
        graph.add_node(name, kind="parameter", role="parameter", **facts)
        norms = recording.parameter_term_norms(name)
        for g, k in recording.parameter_slots(name):
            slot = recording.network.slot(g, k)
            uses = [w.parameter for w in slot.weights].count(name) + (slot.bias == name)
            here = recording.network.segments[g]
            for t in range(here.steps):
                # norms are those of all steps, or of the steps of a segment that has few
                norm = norms[t + here.offset if len(norms) == recording.steps else t]
                for _ in range(uses):
                    target = name_of(recording, g, t, k)
                    graph.add_edge(name, target, kind="parameter", contribution_norm=float(norm))
