"""The graph that leaves the program has every node and use, with the numbers of the recording."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.graph import TOTAL, graph_of

SENTENCE = "I think therefore I am"


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize(
    "settings", [{}, {"layers": 2}, {"direction": "both"}, {"readout": "last"}]
)
def test_nodes_and_uses(cell, settings):
    recording = engine.run(SENTENCE, cell=cell, **settings).recording
    graph = graph_of(recording)
    roles = [facts.get("role") for _, facts in graph.nodes(data=True)]
    own = [r for r in roles if r not in ("parameter", "first state", "total")]
    assert len(own) == recording.nodes
    assert roles.count("parameter") == len(recording.parameters)
    used = [e for e in graph.edges(data=True) if "lag" in e[2] and e[1] != TOTAL]
    inside = [e for e in used if "contribution_norm" in e[2]]
    assert len(inside) == recording.edges
    assert graph.in_degree(TOTAL) == sum(r == "loss" for r in roles)


def test_numbers_are_those_of_the_recording():
    recording = engine.run(SENTENCE, cell="lstm").recording
    graph = graph_of(recording)
    slot = recording.network.segments[0].index("h")
    assert graph.nodes["h3"]["delta_norm"] == pytest.approx(
        np.linalg.norm(recording.delta(0, slot)[2]), rel=1e-12
    )
    assert graph.number_of_edges("W", "z3") == 2  # before h and before x
    assert set(graph.successors("h3")) == {"s3", "z4"}
    assert list(graph.predecessors("k3")) == ["a3"]
