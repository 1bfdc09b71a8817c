"""Two films one above the other: the same step at the same pixel, the same moment in both, and one
film alone as if there were no sheet at all."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from engine.template import Node
from tests.scene.films import SENTENCE, film
from tests.scene.marks import of
from tests.scene.test_compose import same
from visualizer.scene.clock import Clock
from visualizer.scene.compose import compose, fit, level_of_view
from visualizer.scene.layers import band_ends
from visualizer.scene.panes import TITLE
from visualizer.scene.picture import Heat, Rects, Texts
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View, moved, zoomed

SIZE = (1042.0, 800.0)
LONG = " ".join(["I think therefore I am and"] * 5)
PAIRS = [
    ("lstm", "elman", SENTENCE, SENTENCE),
    ("elman", "gru", SENTENCE, LONG),
    ("gated", "lstm", LONG, LONG),
]


@cache
def sheet(first: str = "lstm", second: str = "elman", text: str = SENTENCE, other: str = SENTENCE):
    return Sheet((film(first, text), film(second, other)), (first, second))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: f"{p[0]}-{p[1]}")
@pytest.mark.parametrize("level", ["auto", "numbers", "ops", "tensors", "steps", "bands"])
def test_the_same_step_stands_at_the_same_pixel(pair: tuple[str, ...], level: str) -> None:
    both = sheet(*pair)
    view = both.fitted(*SIZE, level, 0, 1)
    for seen in (
        view,
        zoomed(view, both.base, both.steps, 300.0, 1.7),
        zoomed(view, both.base, both.steps, 300.0, 0.4, time=True),
        moved(view, both.base, both.steps, -120.0, 30.0, SIZE[1]),
    ):
        axis = both.edges(seen, SIZE[0])
        if level_of_view(both, seen) == "bands":
            continue  # the bands of both begin at the same edge: see the axis below
        here, there = both.sights(seen, *SIZE)
        t = np.arange(both.steps + 1)
        assert here.edge(t) == pytest.approx(there.edge(t), abs=1e-6)
        assert axis == pytest.approx(here.edge(t), abs=1e-6)
        assert [here.left, there.left] == pytest.approx([both.rail(seen, SIZE[0])] * 2)
        assert here.scale == pytest.approx(there.scale), "nodes are as large in both"
        assert here.layout.level == there.layout.level


def test_bands_of_both_stand_under_each_other() -> None:
    both = sheet("gated", "lstm", LONG, LONG)
    view = both.fitted(*SIZE, "bands", 0, None)
    axis = both.edges(view, SIZE[0])
    drawn = both.compose(both.frames_at(1.0), view, *SIZE)
    heats = [item.box for item in of(drawn, Heat) if item.box[2] > band_ends.WIDE]
    assert len(heats) > 8
    assert [box[0] for box in heats] == pytest.approx([axis[0]] * len(heats))
    assert [box[0] + box[2] for box in heats] == pytest.approx([axis[-1]] * len(heats))
    middle = both.panes(view, *SIZE)[1].top
    assert any(box[1] < middle for box in heats) and any(box[1] > middle for box in heats)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: f"{p[0]}-{p[1]}")
@pytest.mark.parametrize("level", ["ops", "tensors", "steps"])
def test_every_graph_keeps_to_its_own_pane(pair: tuple[str, ...], level: str) -> None:
    both = sheet(*pair)
    view = both.fitted(*SIZE, level, 0, 1)
    upper, lower = both.panes(view, *SIZE)
    assert upper.top == 0.0 and upper.y == TITLE and lower.y == lower.top + TITLE
    drawn = both.compose(both.frames_at(0.6), view, *SIZE)
    boxes = np.concatenate([item.boxes for item in of(drawn, Rects, "node")])
    middle = boxes[:, 1] + boxes[:, 3] / 2
    assert (middle < lower.top).any() and (middle > lower.y).any()
    if level_of_view(both, view) == "steps":  # low enough to show all of it
        inside = (boxes[:, 1] > TITLE) & (boxes[:, 1] + boxes[:, 3] < lower.top)
        assert (inside | (boxes[:, 1] > lower.y)).all()


def test_one_film_alone_is_drawn_as_ever() -> None:
    movie = film("lstm")
    alone = Sheet((movie,))
    assert alone.film is movie and not alone.several and alone.events == movie.events
    assert alone.fitted(*SIZE, "auto", 0, None) == fit(movie, *SIZE)
    view = fit(movie, *SIZE)
    drawn = alone.compose(alone.frames_at(0.6), view, *SIZE)
    assert same(drawn, compose(movie, movie.frame_at(0.6), view, *SIZE))


def test_colours_mean_the_same_in_both() -> None:
    both = sheet("lstm", "elman", LONG, LONG)
    scales = {(each.value_scale, each.delta_scale) for each in both.films}
    assert scales == {
        (
            max(film(cell, LONG).value_scale for cell in ("lstm", "elman")),
            max(film(cell, LONG).delta_scale for cell in ("lstm", "elman")),
        )
    }


def test_titles_say_which_is_which_and_which_is_in_hand() -> None:
    both = Sheet((film("lstm"), film("elman")), ("LSTM", "RNN"), hand=1)
    drawn = both.compose(both.frames_at(0.0), both.fitted(*SIZE, "auto", 0, None), *SIZE)
    said = {style: of(drawn, Texts, style) for style in ("pane-title", "pane-title-quiet")}
    assert said["pane-title"][0].strings == ("RNN",)
    assert said["pane-title-quiet"][0].strings == ("LSTM",)
    assert [item.strings for item in of(drawn, Texts, "pair-letter")] == [("A",), ("B",)]
    assert both.film is both.films[1]


def test_picking_says_in_which_graph() -> None:
    both = sheet()
    view = both.fitted(*SIZE, "tensors", 0, None)
    for place, (pane, sight) in enumerate(zip(both.panes(view, *SIZE), both.sights(view, *SIZE))):
        mark = next(m for m in sight.layout.marks if m.kind == "box")
        x, y = sight.x(2, mark.x), pane.y + sight.y(mark.y)
        assert both.pick(view, *SIZE, x, y) == (place, Node(mark.segment, 2, mark.slot))
        assert both.pick(view, *SIZE, x, pane.top + 4.0) == (place, None), "a title is no node"


# ---- the clock


@pytest.mark.parametrize(
    "pair",
    [
        (("elman", {}), ("lstm", {})),
        (("gru", {"layers": 2}), ("gated", {})),
        (("elman", {}), ("elman", {"text": LONG})),
        (("elman", {"direction": "both"}), ("lstm", {})),
        (("elman", {"direction": "both"}), ("gru", {"direction": "both", "layers": 2})),
        (("elman", {"readout": "last"}), ("lstm", {"zeroing": False})),
    ],
)
def test_both_films_are_in_the_same_phase_at_the_same_step(pair) -> None:
    one, two = (film(cell, **settings) for cell, settings in pair)
    clock = Clock(one.timeline, two.timeline)
    ticks = np.linspace(0, clock.events, 777)
    at = np.array([clock.positions(float(tick)) for tick in ticks])
    assert (np.diff(at, axis=0) >= 0).all(), "time never runs back"
    assert at[0].tolist() == [0, 0] and at[-1].tolist() == [one.events, two.events]
    for tick, (a, b) in zip(ticks[:-1], at[:-1]):
        here, there = one.frame_after(a), two.frame_after(b)
        phase = next(k for k, (_, stop) in enumerate(clock.phases) if tick < stop)
        for movie, frame in ((one, here), (two, there)):
            start, stop = movie.phases[phase]
            assert start <= frame.done + frame.fraction <= stop + 1e-6
    together = 0
    for (a, b), (c, d) in pairwise(at):
        here, there = one.frame_after(a), two.frame_after(b)
        nodes = [frame.event and frame.event.node for frame in (here, there)]
        if c > a and d > b and a % 1 and b % 1 and all(nodes):
            assert here.step == there.step
            together += 1
    assert together > 20


def test_two_of_a_kind_tick_with_their_events() -> None:
    one, two = film("lstm", seed=3), film("lstm", seed=4)
    clock = Clock(one.timeline, two.timeline)
    assert clock.events == one.events and clock.phases == one.phases
    assert all(clock.positions(n) == (n, n) for n in range(clock.events + 1))


def test_a_shorter_film_waits_until_the_other_comes_to_its_steps() -> None:
    short, long = film("elman"), film("elman", LONG)
    clock = Clock(short.timeline, long.timeline)
    forward = clock.phases[0]
    a, b = clock.positions(forward[1] - 1.0)
    assert a == short.phases[0][1] and long.frame_after(b).step == long.steps - 1
    tick = clock.ticks_at(1, long.event_of(Node(0, 12, 1), "delta"))
    a, b = clock.positions(tick)
    assert long.frame_after(b).step == 12
    assert short.frame_after(a).complete(0, 1) == (short.steps, short.steps), "not begun"


def test_a_moment_of_one_film_is_found_on_the_clock() -> None:
    both = sheet("lstm", "elman")
    assert both.clock is not None
    for place, movie in enumerate(both.films):
        for n in range(movie.events + 1):
            moment = both.moment_of(place, n / movie.events)
            assert both.frames_at(moment)[place].done == n
            assert both.moment_within(place, moment) == pytest.approx(n / movie.events)


def test_steps_of_the_clock_are_steps_of_the_sequence() -> None:
    both = sheet("lstm", "elman")
    assert both.clock is not None
    seen, at = [], 0
    while at < both.clock.phases[0][1]:
        seen.append([frame.step for frame in both.frames_at(at / both.events)])
        after = both.clock.next_step(at, 1)
        assert both.clock.next_step(after, -1) == at
        at = after
    assert seen == [[t, t] for t in range(5)]
    assert both.clock.next_step(both.events, 1) == both.events
    assert both.clock.next_step(0, -1) == 0


def test_a_view_of_the_hand_selects_in_its_graph_only() -> None:
    both = sheet()
    view = replace(both.fitted(*SIZE, "tensors", 0, None), selected=Node(0, 2, 1))
    hand, other = both.panes(view, *SIZE)
    assert hand.view.selected == Node(0, 2, 1) and other.view.selected is None
    assert isinstance(view, View)
    drawn = both.compose(both.frames_at(0.5), view, *SIZE)
    assert len(of(drawn, Texts, "pane-title")) == 1


@pytest.mark.parametrize("level", ["tensors", "steps"])
@pytest.mark.parametrize("height", [560.0, 800.0])
def test_rows_that_are_close_touch_nothing_and_their_lines_run_between(
    level: str, height: float
) -> None:
    """Of two graphs rows are nearer each other: no node on another, no bus behind a node; folded,
    loops run below ℒ."""
    both = sheet("gru", "lstm")
    for place, here in enumerate(both.sights(both.fitted(SIZE[0], height, level, 0, 1), *SIZE)):
        boxes = [here.layout.frames[0]] if here.layout.frames else []
        boxes += [m for m in here.layout.marks if m.kind != "row"]
        spans = sorted((b.y - b.h / 2, b.y + b.h / 2) for b in boxes)
        assert all(below[0] - above[1] >= 10.0 for above, below in pairwise(spans))
        buses = [c.bus_y for c in here.layout.cards if c.bus_y is not None]
        assert len(buses) >= 2, place
        assert all(not (top - 2 < y < bottom + 2) for y in buses for top, bottom in spans)
    view = replace(both.fitted(SIZE[0], height, level, 0, 1), fold=1.0)
    for here in both.sights(view, SIZE[0], height):
        pill = next(m for m in here.layout.marks if m.kind == "pill")
        assert here.folds is not None and here.folds.highest > pill.y + pill.h / 2
        assert here.y(here.layout.total_y) > 10.0
        assert here.y(here.layout.bottom) < here.height + 1.0


def test_the_callout_stands_once_and_only_where_it_hides_little() -> None:
    both = sheet("gru", "lstm")
    seen = 0
    for s in np.linspace(0.4, 0.95, 23).tolist():
        frames = both.frames_at(s)
        for size in (SIZE, (1000.0, 560.0)):
            view = both.fitted(*size, "auto", 0, 1)
            drawn = both.compose(frames, view, *size)
            assert len(of(drawn, Rects, "callout")) <= 1
            for box in of(drawn, Rects, "callout"):
                assert box.boxes[0, 1] + box.boxes[0, 3] < both.boxes(view, *size)[1][0]
                seen += 1
    assert seen
