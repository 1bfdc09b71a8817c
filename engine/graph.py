"""A recording as a networkx graph: one node for each slot and step, one edge for each use.

Edges run input → consumer; parameters, first states and the total loss are nodes too. Imports
networkx, which takes its time: import this module where a graph leaves the program.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import networkx
import numpy as np

from engine.errors import Unusable
from engine.measures import step_norms
from engine.recording import Recording
from engine.structure import lag_of
from engine.template import ALL, LAST, Use

MOST, MOST_EDGES = 200_000, 1_000_000  # of a graph that other programs can still open
TOTAL = "total loss"
Graph: TypeAlias = Any  # networkx.MultiDiGraph, which has no types


def graph_of(recording: Recording) -> Graph:
    """All nodes and uses of a recording.

    Nodes carry slot, op, role, layer, step (from 1) and the norms of value and delta over all
    sequences; edges carry the position among the consumer's inputs, the lag, and the norm of what
    they send back. Unusable beyond 200,000 nodes or 1,000,000 edges.
    """
    for count, most, what in (
        (recording.nodes, MOST, "nodes"),
        (recording.edges, MOST_EDGES, "edges"),
    ):
        if count > most:
            raise Unusable(
                f"the graph has {count:,} {what}; at most {most:,} are written: take fewer steps"
            )
    graph = networkx.MultiDiGraph(
        steps=recording.steps, sequences=recording.batch, loss=recording.loss
    )
    _add_nodes(graph, recording)
    for use in recording.network.all_uses():
        _add_use(graph, recording, use)
    _add_parameters(graph, recording)
    return graph


def name_of(recording: Recording, segment: int, t: int, slot: int) -> str:
    """h3 for the third step; h3^2 in the second of several layers, h3^b running backwards."""
    here = recording.network.segments[segment]
    several = len({s.layer for s in recording.network.segments}) > 1 and here.kind == "layer"
    mark = (str(here.layer + 1) if several else "") + ("b" if here.direction < 0 else "")
    return f"{here.slots[slot].name}{t + here.offset + 1}" + (f"^{mark}" if mark else "")


def _add_nodes(graph: Graph, recording: Recording) -> None:
    for g, segment in enumerate(recording.network.segments):
        for k, slot in enumerate(segment.slots):
            values = step_norms(recording.value(g, k))
            deltas = step_norms(recording.delta(g, k))
            for t in range(segment.steps):
                graph.add_node(
                    name_of(recording, g, t, k),
                    slot=slot.name,
                    op=slot.op,
                    role=slot.role,
                    layer=segment.layer + 1,
                    step=t + segment.offset + 1,
                    width=slot.width,
                    value_norm=float(values[t]),
                    delta_norm=float(deltas[t]),
                )
                if slot.role == "loss":
                    graph.add_edge(name_of(recording, g, t, k), TOTAL, position=t, lag=0)
    if TOTAL in graph:
        graph.nodes[TOTAL].update(role="total", op="sum", value_norm=abs(recording.loss))


def _add_use(graph: Graph, recording: Recording, use: Use) -> None:
    source, consumer = (recording.network.segments[g] for g in (use.segment, use.consumer.segment))
    if use.reach == ALL:
        _add_pairs(graph, recording, use)
        return
    norms = step_norms(recording.contribution(use))
    if use.reach == LAST:
        ends = recording.stop - 1 if source.direction > 0 else recording.start
        steps = [(int(t), 0) for t in np.unique(ends)]
    else:
        back = lag_of(use) * source.direction
        steps = [(t - back, t) for t in range(consumer.steps)]
    for t, at in steps:
        target = name_of(recording, use.consumer.segment, at, use.consumer.slot)
        sent: dict[str, Any] = {"position": use.position, "lag": lag_of(use)}
        if 0 <= t < source.steps:
            origin = name_of(recording, use.segment, t, use.slot)
            sent["contribution_norm"] = float(norms[t])
        else:
            origin = f"start of {name_of(recording, use.segment, at, use.slot)}"
            graph.add_node(origin, role="first state", slot=source.slots[use.slot].name)
        graph.add_edge(origin, target, **sent)


def _add_pairs(graph: Graph, recording: Recording, use: Use) -> None:
    """An edge for each pair of steps of a use of all steps."""
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
                position=use.position,
                lag=at + ahead - int(t),
                contribution_norm=float(norms[t]),
            )


def _add_parameters(graph: Graph, recording: Recording) -> None:
    for name, array in recording.parameters.items():
        gradient = float(np.linalg.norm(recording.gradients[name]))
        shape = "x".join(str(n) for n in array.shape)
        graph.add_node(name, role="parameter", shape=shape, gradient_norm=gradient)
        norms = recording.parameter_term_norms(name)
        for g, k in recording.parameter_slots(name):
            slot = recording.network.slot(g, k)
            uses = [w.parameter for w in slot.weights].count(name) + (slot.bias == name)
            for t in range(recording.network.segments[g].steps):
                for _ in range(uses):
                    target = name_of(recording, g, t, k)
                    graph.add_edge(name, target, contribution_norm=float(norms[t]))
