"""What is said of a node: every contribution, their sum, and whose loss it comes from; in chains of
both directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.template import Node
from tests.scene.films import ARRANGED, film
from visualizer.scene.film import Film
from visualizer.scene.gathered import parameter_facts
from visualizer.scene.inspection import delta_scale, node_facts, node_shares

SHAPES: tuple[dict[str, Any], ...] = (
    {},
    {"layers": 2},
    {"direction": "both"},
    {"direction": "both", "layers": 2, "readout": "last"},
    {"direction": "both", "cell": "lstm"},
    *ARRANGED,
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
        first = -1 if movie.network.slot(g, k).initial else 0
        for t in range(first, movie.network.segments[g].steps):
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
            if not any(movie.exists(use, t) for use in movie.uses[g, k]):
                continue
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


def expressions(movie: Film, name: str, t: int) -> list[str]:
    places = [(g, k) for g, s in enumerate(movie.network.segments) for k in range(len(s.slots))]
    place = next(p for p in places if movie.network.slot(*p).name == name)
    facts = node_facts(movie.recording, movie.frame_at(1.0), Node(place[0], t, place[1]), 0)
    return [arrival.expression for arrival in facts.arrivals]


def test_every_reader_of_all_steps_has_its_own_words() -> None:
    movie = film(arrangement="attention")
    assert expressions(movie, "v", 2) == [
        "α_{3,3} δ(o_{3})",
        "α_{4,3} δ(o_{4})",
        "α_{5,3} δ(o_{5})",
    ]
    assert expressions(movie, "k", 3) == ["δ(e_{4,4}) q_{4}", "δ(e_{5,4}) q_{5}"]
    assert expressions(movie, "q", 2) == ["Σ_{s≤3} δ(e_{3,s}) k_{s}"]
    assert expressions(film(arrangement="padded"), "x", 1) == ["δ(f_{5})_{[2]}"]


def test_deltas_that_are_all_but_dead_have_their_own_scale_of_colours() -> None:
    movie = film("lstm")
    facts = node_facts(movie.run.recording, movie.frame_at(1.0), Node(0, 1, states(movie)[0][1]), 0)
    top = max(float(np.abs(a.vector).max()) for a in facts.arrivals if a.vector is not None)
    assert delta_scale(facts, 2.0 * top) == 2.0 * top
    assert top <= delta_scale(facts, 1e4 * top) < 2.0 * top
