"""What the pictures of the arrangements show at one look: states handed over, cut edges, weights of
one step, arcs, one wide input, the shortest path, padding."""

from __future__ import annotations

import numpy as np
import pytest

from engine.template import Node
from tests.scene.films import PAIR, PAIRS, RAGGED, film
from tests.scene.marks import of, words
from visualizer.scene.compose import compose, fit, stage_of
from visualizer.scene.film import Film
from visualizer.scene.inspection import node_facts, node_shares
from visualizer.scene.layers import bands, tags
from visualizer.scene.pick import pick
from visualizer.scene.picture import Curves, Heat, Picture, Polylines, Rects, Texts
from visualizer.scene.view import View

SIZE = (1600.0, 900.0)
LONG = " ".join(["the quick brown fox jumps over a lazy dog and then"] * 7)


def drawn(movie: Film, at: float | str = 1.0, level: str = "ops", sequence: int = 0) -> Picture:
    view = fit(movie, *SIZE, level, sequence)
    if isinstance(at, str):
        return compose(movie, movie.frame_of_event(movie.find(at)), view, *SIZE)
    return compose(movie, movie.frame_at(at), view, *SIZE)


def count(here: Picture, style: str) -> int:
    return sum(len(item.points) for kind in (Curves, Polylines) for item in of(here, kind, style))


@pytest.mark.parametrize("level", ["ops", "tensors", "steps"])
@pytest.mark.parametrize(
    "shape",
    [
        {"arrangement": "encoder-decoder", "text": PAIR},
        {"arrangement": "encoder-decoder", "text": PAIRS},
        {"readout": "after", "text": PAIR},
    ],
    ids=str,
)
def test_a_state_is_handed_over_by_one_edge_that_lights_up(
    shape: dict[str, object], level: str
) -> None:
    movie = film(**shape)
    last = movie.end(0, 0) + 1
    assert count(drawn(movie, 0.4, level), "edge-handed") == 1
    event = f"δ(h{last})<-z{movie.run.batch.turn + 1}"
    before = movie.find(event) - 1
    view = fit(movie, *SIZE, level)
    late = compose(movie, movie.frame_of_event(before), view, *SIZE)
    assert count(late, "edge-handed") == 1
    assert count(drawn(movie, event, level), "edge-handed") == 0


def test_sections_share_a_row_and_stand_one_after_the_other() -> None:
    movie = film(arrangement="encoder-decoder", text=PAIR)
    here = movie.layout("ops")
    by_name: dict[str, set[tuple[float, float]]] = {}
    for mark in here.marks:
        by_name.setdefault(movie.network.slot(mark.segment, mark.slot).name, set()).add(
            (mark.x, mark.y)
        )
    assert all(len(places) == 1 for places in by_name.values())
    stage = stage_of(movie, movie.frame_at(1.0), fit(movie, *SIZE, "ops"), *SIZE)
    assert [stage.tile(g) for g in range(3)] == [0, movie.run.batch.turn, movie.run.batch.turn]
    assert {"encoder", "decoder"} <= set(words(drawn(movie)))


def test_steps_between_a_short_source_and_the_turn_are_hatched_and_empty() -> None:
    movie = film(arrangement="encoder-decoder", text=PAIRS)
    assert movie.run.batch.turn == 4
    assert movie.padding(1)[0] == (1, 4)
    shown = words(drawn(movie, sequence=1))
    assert "h_{1}" in shown and "h_{2}" not in shown and "h_{5}" in shown


def test_cut_edges_have_two_strokes() -> None:
    """The state carried into steps 3 and 5 passes no gradient."""
    assert count(drawn(film(truncation=2)), "cut") == 4
    assert count(drawn(film(truncation=2)), "edge-cut") == 2
    assert count(drawn(film(truncation=2, cell="lstm", layers=2)), "edge-cut") == 8
    assert count(drawn(film()), "edge-cut") == 0


def test_every_step_has_its_own_weights_beside_its_edge() -> None:
    movie = film(arrangement="per-layer")
    assert [card.parameters for card in movie.layout("ops").cards] == [("V", "c")]
    shown = words(drawn(movie))
    assert [f"W^{{{t}}}" in shown for t in range(1, 7)] == [True] * 5 + [False]
    view = fit(movie, *SIZE, "ops")
    stage = stage_of(movie, movie.frame_at(1.0), view, *SIZE)
    card = stage.layout.tags[0]
    x = stage.sight.x(2, card.dots[0].x, card.dots[0].d) - tags.ASIDE * stage.scale
    assert pick(movie, view, *SIZE, float(x), float(stage.sight.y(card.bus_y))) == (
        "parameter",
        "W",
    )
    bars = [
        sum(len(r.boxes) for r in of(drawn(movie, at), Rects, "parameter-bar"))
        for at in ("δ(h5)", "∂W@5", "∂W@3", 1.0)
    ]
    assert bars == [1, 2, 6, 10]  # those of V among them


def test_a_sequence_that_enters_late_starts_from_zero() -> None:
    movie = film(arrangement="per-layer", text=RAGGED, readout="last")
    shown = words(drawn(movie, sequence=1))
    assert "h_{3} = 0" in shown and "W^{4}" in shown and "W^{3}" not in shown
    assert movie.padding(1) == ((0, 3),)


@pytest.mark.parametrize("level", ["ops", "tensors", "steps"])
def test_attention_is_an_arc_for_every_pair(level: str) -> None:
    movie = film(arrangement="attention")
    for at in (0.0, 0.2, 0.5, 1.0):
        here = drawn(movie, at, level)
        arcs = {s: count(here, s) for s in ("arc-faint", "arc", "arc-lit", "arc-backward")}
        assert sum(arcs.values()) == 15
        if at == 0.0:
            assert arcs["arc-faint"] == 15
        if at == 1.0:
            assert arcs["arc-backward"] == 15


def test_of_many_arcs_those_of_one_step_are_drawn() -> None:
    movie = film(text=LONG, arrangement="attention")
    view = fit(movie, *SIZE, "steps", step=70)
    here = compose(movie, movie.frame_of_event(movie.find("o70")), view, *SIZE)
    arcs = [count(here, s) for s in ("arc-faint", "arc", "arc-lit", "arc-backward")]
    assert 1 <= sum(arcs) <= 48


def test_all_inputs_stand_in_one_node() -> None:
    movie = film(arrangement="padded", text=RAGGED)
    wide = [m for m in movie.layout("ops").marks if m.kind == "wide"]
    assert len(wide) == 1
    assert any("one input: 5 × 5 = 25 numbers" in text for text in words(drawn(movie)))
    assert count(drawn(movie, 0.0, sequence=1), "edge-dashed") == 3, "padding is read too"
    node = Node(wide[0].segment, 0, wide[0].slot)
    view = fit(movie, *SIZE, "ops")
    stage = stage_of(movie, movie.frame_at(1.0), view, *SIZE)
    for step in (0, 1.5, movie.steps - 1):
        x = float(stage.sight.x(step, wide[0].x))
        assert pick(movie, view, *SIZE, x, float(stage.sight.y(wide[0].y))) == node


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ({"arrangement": "attention"}, ("shortest: x_{1} → L_{5}", "1 hop in time")),
        (
            {"arrangement": "temporal-convolution", "taps": 3, "layers": 2},
            ("shortest: x_{1} → L_{5}", "2 hops in time"),
        ),
        ({"arrangement": "temporal-convolution"}, ("shortest: x_{4} → L_{5}", "1 hop in time")),
    ],
    ids=str,
)
def test_the_shortest_path_is_marked(shape: dict[str, object], told: tuple[str, str]) -> None:
    movie = film(**shape)
    assert set(told) <= set(words(drawn(movie)))
    assert count(drawn(movie), "path") >= 3


def test_of_a_recurrent_net_the_path_is_marked_where_an_input_is_selected() -> None:
    movie = film()
    assert not of(drawn(movie), Texts, "path-text")
    view = View(level="ops", selected=Node(0, 1, movie.network.segments[0].index("x")))
    here = compose(movie, movie.frame_at(1.0), view, *SIZE)
    assert "3 hops in time" in words(here)


def test_masked_edges_are_dashed_and_their_losses_struck() -> None:
    movie = film(padding="mask", text=RAGGED)
    here = drawn(movie, sequence=1)
    assert movie.padding(1) == ((2, 5),)
    assert count(here, "edge-dashed") >= 12
    assert count(drawn(film(padding="pad", text=RAGGED), sequence=1), "edge-dashed") == 0


def test_shares_name_the_losses_that_there_are() -> None:
    movie = film(readout="last")
    place = movie.network.segments[0].index("h")
    facts = node_facts(movie.recording, movie.frame_at(1.0), Node(0, 2, place), 0)
    labels, shares = node_shares(movie.recording, facts, 0)
    assert labels == ("L_{5}",)
    assert shares[0] == pytest.approx(float(np.linalg.norm(facts.delta)))


def test_bands_show_the_total_and_the_states_before_the_first_step() -> None:
    movie = film("lstm")
    view = fit(movie, *SIZE, "bands")
    start, end = (compose(movie, movie.frame_at(at), view, *SIZE) for at in (0.0, 1.0))
    assert "ℒ = Σ L_{t}" in words(start)
    assert f"ℒ = Σ L_{{t}} = {movie.recording.loss:.3f}" in words(end)
    assert sum(len(r.boxes) for r in of(start, Rects, "node-absent")) == 2  # h_0 and a_0
    heats = [len(of(here, Heat, "delta")) for here in (start, end)]
    assert heats[1] == len(bands.shown(movie)) + 2 and heats[0] == 0
