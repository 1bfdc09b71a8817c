"""Fitting a view to a window: free height is used, the moment, ℒ and h_0 are in sight, and nothing
reaches into the legend."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import engine
from engine.sequences import Sequence, sample
from engine.template import Node
from tests.scene.films import CELLS, film
from tests.scene.marks import of, words
from visualizer.scene.axis import step_axis
from visualizer.scene.compose import (
    LARGEST_FIT,
    MOST_RISE,
    compose,
    fit,
    level_of_view,
    sight_of,
    stage_of,
)
from visualizer.scene.film import Film
from visualizer.scene.layers import bands, edges, legend
from visualizer.scene.levels import LEGIBLE, LEVELS
from visualizer.scene.pick import pick
from visualizer.scene.picture import Clip, Curves, Picture, Polylines, Rects, Texts
from visualizer.scene.stage import Stage
from visualizer.styles import STYLES
from visualizer.typeset import width_of

SIZE = (914.0, 590.0)
SMALL = (800.0, 480.0)


def place_of(here: Picture, start: str) -> np.ndarray:
    """Where the first text that starts so stands."""
    return next(
        p for i in of(here, Texts) for p, s in zip(i.positions, i.strings) if s.startswith(start)
    )


def test_free_height_goes_between_the_rows() -> None:
    """A wide, flat graph spreads its rows; one that is as tall as the window does not."""
    wide = Film(engine.run(sample("japanese-vowels"), cell="lstm"))
    here = sight_of(wide, fit(wide, 1600, 900), 1600, 900)
    assert here.layout.rise == MOST_RISE
    assert here.layout.height * here.scale <= here.height
    tall = film("lstm", layers=2)
    assert sight_of(tall, fit(tall, *SIZE), *SIZE).layout.rise == 1.0


@pytest.mark.parametrize("height", [260.0, 300.0, 450.0, 600.0, 750.0, 1200.0])
def test_what_is_free_is_shared_above_and_below(height: float) -> None:
    movie = film()
    here = sight_of(movie, fit(movie, 900.0, height), 900.0, height)
    top, bottom = here.y(here.layout.top), here.height - here.y(here.layout.bottom)
    assert top == pytest.approx(bottom, abs=1.0) and top >= -1.0  # it begins on a whole pixel
    if here.layout.rise < MOST_RISE and here.scale < LARGEST_FIT:
        assert top < 50.0


def test_a_window_too_low_for_any_graph_shows_bands() -> None:
    """All steps of them, across the whole width."""
    movie = film()
    view = fit(movie, 900.0, 200.0)
    assert level_of_view(movie, view) == "bands"
    axis = step_axis(movie, view, 900.0)
    assert axis[-1] < 900.0 < axis[-1] + 100.0


def test_rows_do_not_move_while_playing_or_scrolling() -> None:
    movie = film("gru")
    view = fit(movie, 1200.0, 900.0)
    rise = sight_of(movie, view, 1200.0, 900.0).layout.rise
    assert rise > 1.0
    for origin in ((0.7, 0.0), (2.0, 0.3)):
        assert sight_of(movie, replace(view, origin=origin), 1200.0, 900.0).layout.rise == rise


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("level", LEVELS[:4])
@pytest.mark.parametrize("step", range(5))
def test_a_level_that_is_asked_for_shows_the_moment(cell: str, level: str, step: int) -> None:
    movie = film(cell, hidden=4)
    view = fit(movie, *SIZE, level, step=step)
    here = sight_of(movie, view, *SIZE)
    assert here.first <= step < here.last
    if here.step <= SIZE[0] - here.left:
        assert here.edge(step) >= here.left - 0.5 and here.edge(step + 1) <= SIZE[0] + 0.5
    frame = movie.frame_of_event(movie.event_of(Node(0, step, 1), "delta"))
    drawn = compose(movie, frame, view, *SIZE)
    x, y = place_of(drawn, "ℒ")
    assert here.left < x < SIZE[0] and 0.0 < y < here.height
    assert (here.first == 0) == any("_{0}" in w for w in words(drawn))


@pytest.mark.parametrize("size", [SMALL, SIZE, (560.0, 420.0)])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2, 4])
def test_the_legend_has_its_own_strip(cell: str, layers: int, size: tuple[float, float]) -> None:
    """All marks of the graph are clipped above it, and the tokens stand above it when fitted."""
    movie = film(cell, layers=layers)
    view = fit(movie, *size)
    drawn = compose(movie, movie.frame_at(0.6), view, *size)
    for clip in of(drawn, Clip):
        assert clip.box[1] + clip.box[3] <= size[1] - legend.HEIGHT + 6.0
    tokens = [
        p for i in of(drawn, Texts) if i.style.startswith(("token", "axis")) for p in i.positions
    ]
    assert tokens and max(p[1] for p in tokens) + 7.0 < size[1] - legend.HEIGHT + 6.0


def test_bands_grow_with_the_window() -> None:
    """Slots of many units get more; all of it is under the pointer."""
    movie = Film(engine.run(sample("nile")))
    low, high = bands.heights(movie, 300.0), bands.heights(movie, 860.0)
    assert high.slots == low.slots
    assert high.edges[-1] - high.edges[0] > 1.8 * (low.edges[-1] - low.edges[0])
    heights = dict(zip(high.slots, np.diff(high.edges)))
    state = next(k for k in high.slots if movie.network.slot(*k[0]).role == "state")
    assert heights[state] == max(heights.values())
    above, below = high.edges[0] - high.losses - bands.HEAD, 860.0 - bands.FOOT - high.edges[-1]
    assert above == pytest.approx(below)
    view = fit(movie, 1600.0, 894.0)
    for key, y in zip(high.slots, high.edges):
        found = pick(movie, view, 1600.0, 894.0, 900.0, float(y) + 1.0)
        assert isinstance(found, Node) and (found.segment, found.slot) in key


def test_bands_without_room_leave_gates_out() -> None:
    movie = Film(engine.run(sample("nile"), cell="lstm"))
    few = bands.heights(movie, 200.0)
    assert not any(movie.network.slot(*k[0]).role == "gate" for k in few.slots)
    assert few.edges[-1] <= 200.0 - bands.FOOT + 0.5
    assert not of(
        compose(movie, movie.frame_at(0.5), fit(movie, 800, 234), 800, 234), Rects, "node"
    )


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 3])
def test_words_have_room_in_a_wider_face(cell: str, layers: int) -> None:
    """A figure opened without the bundled fonts: 12 % wider, and still inside its frame."""
    movie = film(cell, layers=layers)
    view = fit(movie, *SIZE, "ops")
    for s in np.linspace(0.3, 1.0, 15):
        here = compose(movie, movie.frame_at(float(s)), view, *SIZE)
        for style, frame, room in (
            ("pill-text", "pill", 4.0),
            ("pill-total-text", "pill-total", 8.0),
            ("pill-total-text", "pill-total-current", 8.0),
            ("callout-title", "callout", 8.0),
            ("callout-text", "callout", 8.0),
            ("symbol-initial", "node-absent", 4.0),
        ):
            for box in (b for r in of(here, Rects, frame) for b in r.boxes):
                for text in of(here, Texts, style):
                    wide = max(width_of(w, STYLES[style]) for w in text.strings) * text.scale
                    assert wide * 1.12 + room <= box[2] + 0.01, (style, text.strings)


def test_where_not_all_steps_have_room_those_in_sight_are_large() -> None:
    """A level that is asked for uses the height; a little too tall, it shows all rows smaller."""
    movie = Film(engine.run(sample("nile")))
    here = sight_of(movie, fit(movie, *SMALL, "steps", step=60), *SMALL)
    assert here.scale > 1.3 * LEGIBLE["steps"] and here.first <= 60 < here.last
    movie = film("lstm")
    here = sight_of(movie, fit(movie, *SMALL, "ops"), *SMALL)
    assert here.y(here.layout.bottom) <= here.height + 0.5


@pytest.mark.parametrize(
    "settings",
    [{"readout": "last"}, {"arrangement": "padded"}, {"padding": "mask", "readout": "last"}, {}],
)
@pytest.mark.parametrize("size", [SIZE, (1600.0, 900.0), (700.0, 700.0)])
def test_the_last_target_is_in_sight(settings: dict[str, Any], size: tuple[float, float]) -> None:
    """Its words end within the window, and are not cut: of every sequence, however short."""
    lines = ("I think therefore I am extraordinary", "I am extraordinary")
    movie = Film(engine.run(Sequence("text", lines), **settings))
    assert movie.recording.batch == 2
    for b in range(movie.recording.batch):
        view = replace(fit(movie, *size), sequence=b)
        here = compose(movie, movie.frame_at(1.0), view, *size)
        found = of(here, Texts, "target")
        assert found and found[0].strings[-1] == "→ ■"
        for item in found:
            for place, word in zip(item.positions, item.strings):
                assert place[0] + width_of(word, STYLES["target"]) * item.scale < size[0] - 4.0


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("width", [700.0, 914.0, 1600.0])
def test_one_loss_has_its_sum_straight_above_it(cell: str, width: float) -> None:
    movie = film(cell, readout="last")
    view = fit(movie, width, 590.0)
    here = compose(movie, movie.frame_at(1.0), view, width, 590.0)
    [curve] = of(here, Curves, "edge-backward-soft")
    assert np.ptp(curve.points[0, 0::2]) < 1e-9
    box = (of(here, Rects, "pill-total") or of(here, Rects, "pill-total-current"))[0].boxes[0]
    end = float(sight_of(movie, view, width, 590.0).edge(movie.steps))
    assert box[0] < curve.points[0, 0] < box[0] + box[2] <= end


def test_where_nothing_was_sent_edges_stay_grey() -> None:
    """Of a stack of convolutions that is read at the end, most nodes have nothing to answer for."""
    movie = film(arrangement="temporal-convolution", readout="last", layers=3, cell="elman")
    stage = stage_of(movie, movie.frame_at(1.0), fit(movie, *SIZE), *SIZE)
    dead = 0
    for link in stage.layout.links:
        if link.initial:
            continue
        low, high, _ = stage.link_steps(link)
        steps = np.arange(low, high)
        sent = sum(movie.norms(use)[steps, 0] for use in link.uses) != 0
        np.testing.assert_array_equal(edges.unsent(stage, link, steps), ~sent)
        dead += int((~sent).sum())
    lit = [*of(_picture(stage), Curves, "edge-backward")]
    lines = [*of(_picture(stage), Polylines, "edge-backward")]
    count = sum(len(i.points) for i in lit) + sum(len(i.points) for i in lines)
    every = sum(stage.link_steps(n)[1] - stage.link_steps(n)[0] for n in stage.layout.links)
    assert dead > 5 and count == every - dead


def _picture(stage: Stage) -> Picture:
    items = edges.drawn(stage, list(stage.layout.links), False)
    return Picture(*SIZE, tuple(items))


def test_a_first_state_of_one_unit_is_a_number() -> None:
    movie = Film(engine.run("a b a b", hidden=1, states={"h0": np.full((1, 1, 1), 1.5)}))
    here = compose(movie, movie.frame_at(0.5), fit(movie, *SIZE), *SIZE)
    assert "h_{0} = +1.50" in words(here)
