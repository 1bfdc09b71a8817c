"""Pictures: every colour and number comes from an array, nothing is shown before it happened, and
what is out of sight costs nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import engine
from engine.template import Node
from tests.scene.films import CELLS, film
from tests.scene.marks import of, words
from visualizer.scene.axis import step_axis
from visualizer.scene.compose import compose, fit, level_of_view, sight_of
from visualizer.scene.film import Film
from visualizer.scene.levels import LEVELS
from visualizer.scene.pick import pick
from visualizer.scene.picture import (
    Curves,
    Dots,
    Heat,
    Item,
    Picture,
    Polylines,
    Rects,
    Rings,
    Strips,
    Texts,
)
from visualizer.scene.view import View, moved, zoomed
from visualizer.styles import STYLES

SIZE = (914.0, 590.0)


def picture(movie: Film, s: float, view: View | None = None, **changes: Any) -> Picture:
    view = replace(view or fit(movie, *SIZE), **changes)
    return compose(movie, movie.frame_at(s), view, *SIZE)


def strips(here: Picture, name: str) -> np.ndarray:
    """Levels of a map, the legend's bar apart."""
    found = [i.levels for i in here.items if isinstance(i, Strips) and i.map == name]
    return np.concatenate(found[:-1]) if len(found) > 1 else np.zeros(0, np.uint8)


def same(a: Picture, b: Picture) -> bool:
    def plain(item: Item) -> list[object]:
        values = [getattr(item, name) for name in item.__slots__]
        return [v.tolist() if isinstance(v, np.ndarray) else v for v in values]

    if len(a.items) != len(b.items):
        return False
    return all(
        type(x) is type(y) and repr(plain(x)) == repr(plain(y)) for x, y in zip(a.items, b.items)
    )


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("s", [0.0, 0.2, 0.55, 0.7, 1.0])
def test_every_level_at_every_time(cell: str, level: str, s: float) -> None:
    here = picture(film(cell, layers=2), s, fit(film(cell, layers=2), *SIZE, level))
    for item in here.items:
        style = getattr(item, "style", None)
        assert style is None or style in STYLES or f"{style}-lit" in STYLES
        for name in item.__slots__:
            value = getattr(item, name)
            if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                assert np.isfinite(value).all()
        if isinstance(item, Strips):
            assert item.counts.sum() == len(item.levels) and len(item.boxes) == len(item.counts)
        if isinstance(item, Texts):
            assert len(item.strings) == len(item.positions)


def test_nothing_is_shown_before_it_happened() -> None:
    movie = film("elman")
    start = picture(movie, 0.0)
    assert not len(strips(start, "value")) and not len(strips(start, "delta"))
    assert not of(start, Curves, "edge-backward") and not of(start, Polylines, "edge-backward")
    assert not any("=" in w and "ℒ" in w and "." in w for w in words(start))
    forward = compose(movie, movie.frame_of_event(movie.phases[0][1] - 1), fit(movie, *SIZE), *SIZE)
    assert len(strips(forward, "value")) == 5 * (5 + 8 + 8 + 5)
    assert not len(strips(forward, "delta"))
    end = picture(movie, 1.0)
    assert len(strips(end, "delta")) == 5 * (5 + 8 + 8 + 5)
    assert not of(end, Rects, "strip-pending")
    assert f"ℒ = Σ L_{{t}} = {movie.recording.loss:.3f}" in words(end)


@pytest.mark.parametrize("slot", ["h", "s", "x"])
def test_a_number_changes_its_colour(slot: str) -> None:
    """Every colour is read from the recording: change one entry, and one cell changes."""
    movie = Film(engine.run("I think therefore I am"))
    g = 0 if slot != "s" else 1
    k = movie.network.segments[g].index(slot)
    for read in (movie.recording.value, movie.recording.delta):
        name = "value" if read == movie.recording.value else "delta"
        before = strips(picture(movie, 1.0), name)
        array = np.array(read(g, k))
        array[2, 0, 1] = 0.77 * (movie.value_scale if name == "value" else movie.delta_scale)

        def changed(a: int, b: int, *, array: Any = array, read: Any = read) -> Any:
            return array if (a, b) == (g, k) else read(a, b)

        setattr(movie.recording, name, changed)
        after = strips(picture(movie, 1.0), name)
        delattr(movie.recording, name)
        assert (before != after).sum() == 1


def test_delta_so_far_is_the_sum_of_what_arrived() -> None:
    movie = film("elman")
    n = movie.find("δ(h3)<-s3")
    here = compose(movie, movie.frame_of_event(n), fit(movie, *SIZE), *SIZE)
    assert len(strips(here, "delta")) == 2 * 26 + 5 + 8  # steps 4, 5 whole; s_3, and h_3 so far
    assert "1 of 2 descendants has arrived" in words(here)
    assert "δ(h_{3}) = V^{⊤}δ(s_{3}) + W_{hh}^{⊤}δ(z_{4})" in words(here)
    rings = of(here, Rings)[0]
    assert rings.segments.tolist() == [2] * 4 and rings.filled.tolist() == [0, 0, 1, 2]


def test_packets_move_smoothly_and_end_where_the_node_is() -> None:
    movie = film("lstm", text="I think therefore")
    view = fit(movie, 1500, 900)
    n = movie.find("δ(a2)<-p3")
    xs = [
        of(compose(movie, movie.frame_at((n + u) / movie.events), view, 1500, 900), Dots, "packet")[
            0
        ].centres[0]
        for u in np.linspace(0.01, 0.99, 25)
    ]
    steps = np.diff(np.array(xs), axis=0)
    assert (steps[:, 0] <= 0).all() and np.abs(steps).max() < 20
    between = movie.frame_at(n / movie.events)
    assert not of(compose(movie, between, view, 1500, 900), Dots, "packet")


def test_layout_never_moves_while_playing() -> None:
    movie = film("lstm")
    boxes = []
    for s in np.linspace(0, 1, 9):
        here = picture(movie, float(s))
        nodes = [i.boxes for i in of(here, Rects) if i.style.startswith(("node", "pill"))]
        flat = np.concatenate(nodes)
        boxes.append(flat[np.lexsort(flat.T)])
    assert all(np.array_equal(boxes[0], b) for b in boxes)


def test_a_picture_is_a_function_of_its_arguments() -> None:
    movie, other = film("gru"), Film(engine.run("I think therefore I am", cell="gru"))
    assert same(picture(movie, 0.61), picture(other, 0.61))


def test_overwritten_bars_drop_out() -> None:
    movie = film("elman", rule="overwrite")
    here = picture(movie, 1.0)
    lit = np.concatenate([i.boxes for i in of(here, Rects, "parameter-bar")])
    out = np.concatenate([i.boxes for i in of(here, Rects, "parameter-bar-out")])
    assert len(lit) == 3 and len(out) == 12
    assert words(here).count("✓") == 3 and "=" in words(picture(movie, 0.5))


def test_a_loss_that_is_off_is_dashed() -> None:
    weights = np.ones((5, 1))
    weights[2] = 0
    movie = Film(engine.run("I think therefore I am", loss_weights=weights))
    here = picture(movie, 1.0)
    assert len(of(here, Rects, "pill-off")[0].boxes) == 1
    assert len(of(here, Curves, "edge-backward-soft")[0].points) == 4


def test_the_selected_node_is_outlined() -> None:
    movie = film("elman")
    here = picture(movie, 1.0, selected=Node(0, 2, 2))
    assert len(of(here, Rects, "node-selected")[0].boxes) == 1


def test_many_units_are_reduced_to_pixels() -> None:
    movie = film("elman", hidden=300)
    here = picture(movie, 1.0)
    assert max(int(i.counts.max()) for i in of(here, Strips)) <= 64


def test_bands_hide_what_has_not_happened() -> None:
    movie = film("lstm", text="word " * 400)
    view = fit(movie, *SIZE)
    assert level_of_view(movie, view) == "bands"
    assert not of(compose(movie, movie.frame_at(0.0), view, *SIZE), Heat)
    middle = of(compose(movie, movie.frame_at(0.7), view, *SIZE), Heat, "delta")
    assert middle and all(h.levels.shape[1] < 400 for h in middle)


def test_only_what_is_visible_is_drawn() -> None:
    movie = film("elman", text="word " * 3000)
    view = View(level="ops", zoom=0.8, origin=(1500.0, 0.0))
    here = picture(movie, 1.0, view)
    assert sum(len(i.boxes) for i in of(here, Rects)) < 200
    assert "h_{1503}" in words(here) and "h_{100}" not in words(here)


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_under_the_pointer(level: str) -> None:
    movie = film("lstm")
    view = fit(movie, *SIZE, level)
    centre = step_axis(movie, view, SIZE[0])
    found: dict[Node, int] = {}
    for x in np.arange(0.0, SIZE[0], 9.0):
        for y in np.arange(0.0, SIZE[1], 9.0):
            node = pick(movie, view, *SIZE, x, y)
            if isinstance(node, Node):
                found[node] = found.get(node, 0) + 1
                if node.t >= 0 and level not in ("numbers", "ops"):
                    step = centre[1] - centre[0]
                    assert abs(x - centre[node.t]) <= step / 2 + 1
    names = {movie.network.slot(n.segment, n.slot).name for n in found}
    assert {"h"} <= names and (level == "numbers" or "x" in names)
    if level != "bands":
        kinds = {
            (pick(movie, view, *SIZE, x, y) or ("",))[0]
            for x in range(0, 200, 6)
            for y in range(0, 590, 6)
        }
        assert "parameter" in kinds


def test_fit_shows_every_step() -> None:
    for cell in CELLS:
        for steps in (2, 5, 40, 3000):
            movie = film(cell, text="word " * steps)
            centre = step_axis(movie, fit(movie, *SIZE), SIZE[0])
            assert 0 < centre[0] < centre[-1] < SIZE[0]


def test_zoom_keeps_the_step_under_the_pointer() -> None:
    movie = film("lstm")
    view = fit(movie, *SIZE)
    for time in (False, True):
        before = step_axis(movie, view, SIZE[0])
        new = zoomed(view, movie.base, movie.steps, before[2] - 132.0, 1.02, time=time)
        assert abs(step_axis(movie, new, SIZE[0])[2] - before[2]) < 6.0
    drawn = moved(view, movie.base, movie.steps, -50.0, 0.0, SIZE[1])
    assert np.allclose(step_axis(movie, drawn, SIZE[0]) - step_axis(movie, view, SIZE[0]), -50.0)


def test_not_finite_is_drawn_as_such() -> None:
    movie = Film(engine.run("a b " * 200, nonlinearity="relu", sigma=9.0, hidden=3))
    here = picture(movie, 1.0)
    assert len(here.items) > 5


BOTH = ({"readout": "every"}, {"readout": "last", "layers": 2})


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("settings", BOTH, ids=str)
def test_both_directions_at_every_time(cell: str, level: str, settings: dict[str, Any]) -> None:
    """Every level draws, and nothing of a chain is shown before it happened."""
    movie = film(cell, direction="both", hidden=4, **settings)
    view = fit(movie, *SIZE, level)
    for s in np.linspace(0.0, 1.0, 9):
        here = compose(movie, movie.frame_at(float(s)), view, *SIZE)
        for item in here.items:
            for name in item.__slots__:
                value = getattr(item, name)
                if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                    assert np.isfinite(value).all()
    start = compose(movie, movie.frame_at(0.0), view, *SIZE)
    assert not len(strips(start, "value")) and not len(strips(start, "delta"))


def test_a_backward_chain_fills_from_the_right() -> None:
    movie = film("elman", direction="both")
    network = movie.network
    h = network.segments[1].index("h")
    frame = movie.frame_of_event(movie.event_of(Node(1, 2, h)))
    assert frame.valued(1, h) == (2, 5) and frame.valued(0, network.segments[0].index("h")) == (
        0,
        5,
    )
    frame = movie.frame_of_event(movie.event_of(Node(1, 2, h), "delta"))
    assert frame.complete(1, h) == (0, 3) and frame.left_behind() == (0, 2)


@pytest.mark.parametrize("level", ["ops", "tensors", "steps"])
def test_both_chains_are_under_the_pointer(level: str) -> None:
    movie = film("lstm", direction="both")
    view = fit(movie, 1600.0, 900.0, level)
    here = sight_of(movie, view, 1600.0, 900.0)
    for mark in here.layout.marks:
        for t in (0, 4):
            x, y = float(here.x(t, mark.x)), float(here.y(mark.y))
            if not (here.left < x < 1600.0 and 0.0 < y < here.height) or mark.kind == "pill":
                continue
            assert pick(movie, view, 1600.0, 900.0, x, y) == Node(mark.segment, t, mark.slot)
    for initial in here.layout.initials:
        x = float(here.x(5 if initial.back else 0, 0.0, initial.x))
        found = pick(movie, view, 1600.0, 900.0, x, float(here.y(initial.y)))
        if 0.0 < x < 1600.0:
            assert found == Node(initial.key[0], -1, initial.key[1])


def test_states_at_both_ends_are_in_sight() -> None:
    movie = film("elman", direction="both")
    here = picture(movie, 0.7)
    (ends,) = [
        i for i in of(here, Texts) if i.style == "symbol-initial" and "h_{0}^{←} = 0" in i.strings
    ]
    assert ends.positions[0, 0] < SIZE[0] - 20.0
    states = {"h0": np.arange(16.0).reshape(2, 1, 8)}
    assert movie.recording.initial["h0"].shape == states["h0"].shape
