"""What is said of a node: every contribution, their sum, and whose loss it comes from; in chains of
both directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.template import Node
from tests.scene.films import film
from visualizer.scene.film import Film
from visualizer.scene.inspection import node_facts, node_shares, parameter_facts

SHAPES: tuple[dict[str, Any], ...] = (
    {},
    {"layers": 2},
    {"direction": "both"},
    {"direction": "both", "layers": 2, "readout": "last"},
    {"direction": "both", "cell": "lstm"},
)
shapes = pytest.mark.parametrize("shape", SHAPES, ids=str)


def states(movie: Film) -> list[tuple[int, int]]:
    return [
        (g, k)
        for g, segment in enumerate(movie.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.role in ("state", "memory")
    ]


@shapes
def test_contributions_and_shares_add_to_delta(shape: dict[str, Any]) -> None:
    movie = film(**shape)
    frame = movie.frame_at(1.0)
    for g, k in states(movie):
        for t in range(-1, movie.network.segments[g].steps):
            facts = node_facts(movie.recording, frame, Node(g, t, k), 0)
            assert facts.complete and facts.delta is not None
            assert all(a.state == "arrived" for a in facts.arrivals)
            total = np.zeros(len(facts.delta))
            for arrival in facts.arrivals:
                assert arrival.vector is not None
                total += arrival.vector
            np.testing.assert_allclose(total, facts.delta, atol=1e-14)
            if t >= 0:
                shares = [s for s in node_shares(movie.recording, facts, 0)[1] if s is not None]
                assert sum(shares) == pytest.approx(np.linalg.norm(facts.delta), abs=1e-12)


@shapes
def test_nothing_is_told_before_it_happened(shape: dict[str, Any]) -> None:
    movie = film(**shape)
    for g, k in states(movie):
        for t in range(movie.network.segments[g].steps):
            node = Node(g, t, k)
            before = movie.frame_of_event(movie.event_of(node) - 1)
            assert node_facts(movie.recording, before, node, 0).value is None
            nearly = movie.frame_of_event(movie.event_of(node, "delta") - 1)
            assert not node_facts(movie.recording, nearly, node, 0).complete


@shapes
def test_a_gradient_so_far_is_the_sum_of_the_terms_that_are_in(shape: dict[str, Any]) -> None:
    movie = film(**shape)
    rec = movie.recording
    for s in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        for name in rec.parameters:
            facts = parameter_facts(rec, movie.frame_at(s), name)
            low, high = facts.there
            assert facts.gathered == len(facts.norms) - (high - low)
            assert (facts.gradient is None) == (high == low)
            if facts.gradient is not None:
                total = np.sum([rec.parameter_term(name, t) for t in range(low, high)], axis=0)
                np.testing.assert_allclose(facts.gradient, np.atleast_2d(total), atol=1e-14)
