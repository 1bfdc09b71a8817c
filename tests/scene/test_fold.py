"""Folding: at 0 the unrolled graph itself, at 1 one step with its loops, and no jump between."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.template import Node
from tests.scene.films import CELLS, PAIRS, RAGGED, film
from tests.scene.marks import of, words
from visualizer.scene import bent, fold
from visualizer.scene.axis import step_axis
from visualizer.scene.compose import compose, fit, level_of_view, sight_of, stage_of
from visualizer.scene.film import Film
from visualizer.scene.layers import loops
from visualizer.scene.pick import pick
from visualizer.scene.picture import Dots, Picture, Polylines, Rects, Strips, Texts
from visualizer.scene.stage import Stage
from visualizer.scene.view import View

SIZE = (1200.0, 800.0)
LEVELS = ("ops", "tensors", "steps")
KINDS = [
    *({"cell": cell} for cell in CELLS),
    {"cell": "lstm", "layers": 2},
    {"cell": "elman", "direction": "both"},
    {"cell": "gru", "layers": 2, "direction": "both"},
    {"cell": "elman", "readout": "last"},
]


def view_of(movie: Film, at: float, level: str = "ops") -> View:
    return replace(fit(movie, *SIZE, level, step=2), fold=at)


def picture(movie: Film, at: float, level: str = "ops", s: float = 0.6) -> Picture:
    return compose(movie, movie.frame_at(s), view_of(movie, at, level), *SIZE)


def named(movie: Film) -> frozenset[str]:
    """Symbols with a step that the unrolled graph shows."""
    return frozenset(w for w in words(picture(movie, 0.0)) if "_{" in w and "=" not in w)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("level", LEVELS)
def test_nothing_jumps(kind: dict[str, object], level: str) -> None:
    """Nodes, lanes and rails move less than some pixels for a hundredth of the way."""
    movie = film(**kind)
    frame = movie.frame_at(0.6)
    before: np.ndarray | None = None
    for at in np.linspace(0.0, 1.0, 101):
        stage = stage_of(movie, frame, view_of(movie, float(at), level), *SIZE)
        sight, steps = stage.sight, np.arange(movie.steps)
        places = [np.asarray(sight.x(steps, mark.x)) for mark in stage.layout.marks]
        places += [np.full(1, sight.y(mark.y)) for mark in stage.layout.marks]
        places += [np.array([sight.left, sight.y(stage.layout.total_y)])]
        places += [np.array([stage.initial_x(i), sight.y(i.y)]) for i in stage.layout.initials]
        for link in stage.layout.links:
            if bent.bends(link) and at > 0.0:
                places.append(stage.points(link, np.array([2])).ravel())
        now = np.concatenate(places)
        if before is not None and len(before) == len(now):
            assert np.abs(now - before).max() < 24.0, at
        before = now


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("level", LEVELS)
def test_links_end_at_their_nodes(kind: dict[str, object], level: str) -> None:
    """At every fold a bent way begins and ends where the unrolled one does, seen from its nodes."""
    movie = film(**kind)
    frame = movie.frame_at(0.6)
    flat = stage_of(movie, frame, view_of(movie, 0.0, level), *SIZE)
    for at in (0.001, 0.3, 0.7, 1.0):
        stage = stage_of(movie, frame, view_of(movie, at, level), *SIZE)
        for link, there in zip(flat.layout.links, stage.layout.links):
            if not bent.bends(link) or link.initial:
                continue
            lag = -bent.lag_of(link) if stage.backwards(link.source[0]) else bent.lag_of(link)
            for end, key, step in ((0, link.source, 2 - lag), (-1, link.target, 2)):
                sight, mark = stage.sight, stage.layout.at[key]
                old, was = flat.sight, flat.layout.at[key]
                x, y = stage.points(there, np.array([2]))[0][end]
                ox, oy = flat.points(link, np.array([2]))[0][end]
                share = old.scale / sight.scale
                assert (x - sight.x(step, mark.x)) * share == pytest.approx(
                    ox - old.x(step, was.x), abs=0.5
                )
                assert (y - sight.y(mark.y)) * share == pytest.approx(oy - old.y(was.y), abs=16.0)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_folded_there_is_one_step(kind: dict[str, object]) -> None:
    movie = film(**kind)
    flat, whole = movie.frame_at(0.6), view_of(movie, 1.0)
    top = stage_of(movie, flat, whole, *SIZE).top
    shown = words(picture(movie, 1.0))
    own = {w for w in named(movie) if f"_{{{top + 1}}}" in w}
    last = {w for w in named(movie) if f"_{{{movie.steps}}}" in w} if "readout" in kind else set()
    there = {w for w in shown if "_{" in w and "=" not in w and "δ" not in w and "L_{t}" not in w}
    initials = {w for w in there if "_{0}" in w}
    rail = {w for w in there if "^{" in w and "_{" not in w}
    assert {w.split(" ")[0] for w in own} <= {w.split(" ")[0] for w in there}
    assert {w.split(" ")[0] for w in there - initials - rail} <= {
        w.split(" ")[0] for w in own | last
    }


def test_the_loop_of_the_textbooks() -> None:
    """Out at the right, through a delay, in at the left; backwards it goes the other way."""
    movie = film()
    stage = stage_of(movie, movie.frame_at(0.6), view_of(movie, 1.0), *SIZE)
    link = next(n for n in stage.layout.links if bent.bends(n) and not n.initial)
    points = stage.points(link, np.array([stage.top]))[0]
    left, right = stage.sight.edge(stage.top), stage.sight.edge(stage.top) + stage.sight.step
    assert points[:, 0].max() > right and points[:, 0].min() < left
    assert points[:, 0].argmax() < points[:, 0].argmin()
    assert words(picture(movie, 1.0)).count("t−1") == 1
    back = film(direction="both")
    assert {"t−1", "t+1"} <= set(words(picture(back, 1.0)))


def folded_stage(level: str, **kind: object) -> Stage:
    movie = film(**kind)
    return stage_of(movie, movie.frame_at(0.6), view_of(movie, 1.0, level), *SIZE)


@pytest.mark.parametrize("level", LEVELS)
def test_a_longer_lag_says_so(level: str) -> None:
    """A convolution in time has a loop for every lag, out at the side of its node and in at it."""
    kind = {"arrangement": "temporal-convolution", "taps": 3}
    stage = folded_stage(level, **kind)
    assert {"t−1", "t−2"} <= set(words(picture(film(**kind), 1.0, level)))
    for link in (n for n in stage.layout.links if bent.bends(n)):
        points = stage.points(link, np.array([stage.top]))[0]
        for end, key, side in ((0, link.source, 1.0), (-1, link.target, -1.0)):
            mark = stage.layout.at[key]
            edge = stage.sight.x(stage.top, mark.x, side * mark.w / 2)
            assert points[end, 0] == pytest.approx(edge, abs=0.5)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_no_loop_runs_along_another(kind: dict[str, object], level: str) -> None:
    """Upright lanes of different sources never share a line."""
    stage = folded_stage(level, **kind)
    lanes: dict[float, list[tuple[float, float, object]]] = {}
    for link in (n for n in stage.layout.links if bent.bends(n) and not n.initial):
        way = stage.folds.ways[bent.link_id(link)]
        points = way.at(1.0)
        pieces = np.diff(points, axis=0)
        for (x, d, y), (dx, dd, dy) in zip(points, pieces):
            if abs(dx) + abs(dd) < 1e-6 and abs(dy) > 8.0:
                lanes.setdefault(round(x * 2 + d, 1), []).append((y, y + dy, link.source))
    for pieces_there in lanes.values():
        for low, high, source in pieces_there:
            for other_low, other_high, other in pieces_there:
                if other != source:
                    apart = max(low, high) <= min(other_low, other_high) + 1.0
                    assert apart or max(other_low, other_high) <= min(low, high) + 1.0


def test_a_state_that_is_handed_over_is_carried_too() -> None:
    """From the last step that reads to the first that writes, through a delay."""
    movie = film("elman", "I sleep well -> ich schlafe gut", arrangement="encoder-decoder")
    turn = movie.network.segments[1].offset
    stage = stage_of(movie, movie.frame_at(0.0), view_of(movie, 0.5), *SIZE)
    there = loops.halves(stage, {turn - 1: (-np.inf, np.inf), turn: (-np.inf, np.inf)})
    for t in (turn - 1, turn):
        assert {style for style, _ in there[t].found} == {"edge"}, "no half leads to nothing"
    assert there[turn].delays and there[turn].delays[0][2] == "t−1"


@pytest.mark.parametrize("at", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("kind", [{"cell": "elman"}, {"direction": "both"}], ids=str)
def test_a_bus_meets_the_loop_that_it_belongs_to(kind: dict[str, object], at: float) -> None:
    movie = film(**kind)
    stage = stage_of(movie, movie.frame_at(0.6), view_of(movie, at), *SIZE)
    shown = compose(movie, movie.frame_at(0.6), view_of(movie, at), *SIZE)
    dots = np.concatenate([i.centres for i in of(shown, Dots, "bus-dot")])
    for link in (n for n in stage.layout.links if bent.bends(n) and not n.initial):
        card = next(c for c in stage.layout.cards if c.parameters[0].startswith("W_hh"))
        if link.target not in card.slots or card.bus_y is None:
            continue
        points = stage.points(link, np.array([stage.top]))[0]
        on = np.abs(dots[:, 1] - stage.sight.y(card.bus_y)) < 0.5
        assert on.any()
        nearest = [np.hypot(*(points - dot).T).min() for dot in dots[on]]
        assert min(nearest) < 30.0 * stage.sight.scale


def test_the_first_and_the_last_step_have_whole_loops_too() -> None:
    """The halves that lead to no step are dashed."""
    movie = film()
    for s in (0.02, 0.32):
        shown = picture(movie, 1.0, s=s)
        assert of(shown, Polylines, "edge-dashed"), s
    assert not of(picture(movie, 1.0, s=0.6), Polylines, "edge-dashed")


def test_half_way_the_current_step_is_whole_and_the_others_fade() -> None:
    movie = film()
    shown = picture(movie, 0.5)
    cards = of(shown, Rects, "fold-card")
    assert len(cards) == movie.steps
    veils = [i.style for i in of(shown, Rects) if i.style.startswith("fold-veil-")]
    assert len(veils) == movie.steps - 1  # all but the one on top
    assert len(of(picture(movie, 1.0), Rects, "fold-card")) == 1


def test_what_is_folded_plays_on() -> None:
    """Nothing is shown before it has happened, folded or not."""
    movie = film()
    early, late = picture(movie, 1.0, s=0.01), picture(movie, 1.0, s=0.7)
    assert len(of(early, Strips, "delta")) < len(of(late, Strips, "delta"))
    tops = [
        stage_of(movie, movie.frame_at(s), view_of(movie, 1.0), *SIZE).top
        for s in np.linspace(0, 1, 200)
    ]
    assert set(tops) == set(range(movie.steps))
    assert tops[0] == 0 and max(tops) == movie.steps - 1


def test_at_the_end_the_selected_step_is_on_top() -> None:
    movie = film()
    chosen = replace(view_of(movie, 1.0), selected=Node(0, 3, 1))
    assert stage_of(movie, movie.frame_at(1.0), chosen, *SIZE).top == 3
    assert stage_of(movie, movie.frame_at(0.01), chosen, *SIZE).top == 0


@pytest.mark.parametrize("kind", [{"arrangement": "encoder-decoder"}, {"readout": "after"}, {}])
@pytest.mark.parametrize("b", [0, 1, 2])
def test_the_step_on_top_belongs_to_the_shown_sequence(kind: dict[str, object], b: int) -> None:
    movie = film(text=PAIRS if kind else RAGGED, **kind)
    inside = movie.recording.inside[:, b]
    view = replace(view_of(movie, 1.0), sequence=b)
    tops = [stage_of(movie, movie.frame_at(n / 40), view, *SIZE).top for n in range(41)]
    assert inside[tops].all() and set(tops) >= {0, int(np.flatnonzero(inside)[-1])}
    absent = replace(view, selected=Node(0, movie.network.segments[0].steps - 1, 1))
    assert inside[stage_of(movie, movie.frame_at(1.0), absent, *SIZE).top]


def test_plots_keep_their_axis() -> None:
    movie = film()
    flat = step_axis(movie, view_of(movie, 0.0), SIZE[0])
    assert np.array_equal(flat, step_axis(movie, view_of(movie, 0.7), SIZE[0]))


@pytest.mark.parametrize("at", [0.2, 0.5, 1.0])
def test_the_card_on_top_is_hit(at: float) -> None:
    movie, frame = film(), film().frame_at(0.6)
    view = view_of(movie, at)
    stage = stage_of(movie, frame, view, *SIZE)
    for mark in stage.layout.marks:
        x, y = stage.sight.x(stage.top, mark.x), stage.sight.y(mark.y)
        hit = pick(movie, view, *SIZE, x, y, frame)
        wanted = (
            ("loss", stage.top) if mark.kind == "pill" else Node(mark.segment, stage.top, mark.slot)
        )
        assert hit == wanted
    initial = stage.layout.initials[0]
    place = (stage.initial_x(initial), float(stage.sight.y(initial.y)))
    assert pick(movie, view, *SIZE, *place, frame) == Node(initial.key[0], -1, initial.key[1])


def test_a_card_below_is_hit_where_it_shows() -> None:
    movie, frame = film(), film().frame_at(0.6)
    view = view_of(movie, 0.3)
    stage = stage_of(movie, frame, view, *SIZE)
    mark, beside = stage.layout.marks[0], stage.top - 1
    x = stage.sight.x(beside, mark.x, -mark.w / 2 + 4)
    assert pick(movie, view, *SIZE, x, stage.sight.y(mark.y), frame) == Node(
        mark.segment, beside, mark.slot
    )


def test_many_steps_cost_no_more_than_what_shows() -> None:
    movie = film("elman", " ".join(f"w{k % 9}" for k in range(400)))
    for at in (0.2, 0.6, 0.95, 1.0):
        shown = compose(movie, movie.frame_at(0.3), view_of(movie, at), *SIZE)
        assert len(of(shown, Rects, "fold-card")) < 40
        assert all(np.isfinite(i.positions).all() for i in of(shown, Texts))


def test_bands_give_way() -> None:
    """What would be bands is drawn as steps; who asks for bands gets bands."""
    movie = film("elman", " ".join(f"w{k % 9}" for k in range(400)))
    far = fit(movie, *SIZE)
    assert level_of_view(movie, far) == "bands"
    assert level_of_view(movie, replace(far, fold=0.5)) == "steps"
    assert level_of_view(movie, replace(far, fold=0.5, level="bands")) == "bands"


def test_a_folded_step_grows_into_the_room_of_all() -> None:
    movie = film("lstm", " ".join(f"w{k % 9}" for k in range(30)))
    flat, loop = (sight_of(movie, view_of(movie, at, "steps"), *SIZE) for at in (0.0, 1.0))
    assert loop.scale > 1.2 * flat.scale
    low, high = (loop.y(m.y) for m in (loop.layout.marks[0], loop.layout.marks[-1]))
    assert min(low, high) > 0 and max(low, high) < SIZE[1]
    folded = view_of(movie, 1.0, "steps")
    closer = replace(folded, zoom=2 * folded.zoom)
    assert sight_of(movie, closer, *SIZE).scale == pytest.approx(2 * loop.scale)


def test_the_deck_is_ordered_from_below() -> None:
    movie = film()
    here = sight_of(movie, view_of(movie, 0.5), *SIZE)
    deck = fold.deck_of(here, 0.5, 2)
    assert list(deck)[-1] == 2 and deck[2] == 0.0
    assert [abs(t - 2) for t in deck] == sorted((abs(t - 2) for t in deck), reverse=True)
    assert all(0 < share < 1 for t, share in deck.items() if t != 2)


@pytest.mark.parametrize("cell", ["elman", "lstm"])
@pytest.mark.parametrize("direction", ["forward", "both"])
@pytest.mark.parametrize("at", [0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0])
def test_no_delay_lies_on_the_edges_of_the_top_card(cell: str, direction: str, at: float) -> None:
    """While cards slide, too: the edges of its steps rise through the middle of its nodes."""
    movie = film(cell, direction=direction)
    view = view_of(movie, at, "tensors")
    frame = movie.frame_at(0.6)
    sight, top = sight_of(movie, view, *SIZE), fold.top_of(frame, view, movie, 0)
    chips = [
        box for item in of(picture(movie, at, "tensors"), Rects, "delay") for box in item.boxes
    ]
    assert chips
    for mark in sight.layout.marks:
        x = float(sight.x(top, mark.x))
        assert all(not box[0] < x < box[0] + box[2] for box in chips)
