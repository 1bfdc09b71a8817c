"""Walking the graph: every edge leads there and back, in chains of both directions."""

from __future__ import annotations

from typing import Any

import pytest

import engine
from engine.template import Node
from tests.scene.films import film
from visualizer.widgets.parts.selection import neighbours, owned_neighbours


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"cell": "lstm", "readout": "last"},
        {"direction": "both"},
        {"direction": "both", "layers": 2, "readout": "last"},
        {"arrangement": "attention", "layers": 2},
        {"arrangement": "padded"},
        {"arrangement": "temporal-convolution", "taps": 3, "layers": 2, "dilation": 2},
    ],
    ids=str,
)
def test_edges_lead_there_and_back(settings: dict[str, Any]) -> None:
    network = film(**settings).network
    for g, segment in enumerate(network.segments):
        for k, slot in enumerate(segment.slots):
            for t in range(-1 if slot.initial else 0, segment.steps):
                node = Node(g, t, k)
                inputs, consumers = neighbours(network, node)
                assert all(node in neighbours(network, other)[0] for other in consumers)
                assert all(node in neighbours(network, other)[1] for other in inputs)


def test_no_neighbour_is_behind_the_end_of_the_sequence() -> None:
    run = engine.run(["a b c d", "b a"], readout="last")
    h = run.network.segments[0].index("h")
    inputs, readers = owned_neighbours(run.recording, Node(0, 1, h), 1)
    assert readers == [Node(1, 0, 0)], "the readout reads the last step of the short sequence"
    assert inputs == [Node(0, 1, run.network.segments[0].index("z"))]
    _, readers = owned_neighbours(run.recording, Node(0, 1, h), 0)
    assert readers == [Node(0, 2, run.network.segments[0].index("z"))]
