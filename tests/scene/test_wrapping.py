"""Steps in several lines: each once, nothing of another line in it, and back from a pixel."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.sequences import Sequence
from engine.template import Node
from tests.scene.films import film
from tests.scene.marks import of, words
from visualizer.scene import whereabouts, wrapped, wrapping
from visualizer.scene.film import Film
from visualizer.scene.levels import LEGIBLE
from visualizer.scene.pick import pick_wrapped
from visualizer.scene.picture import Clip, Heat, Picture, Rects, Texts, Unclip
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View
from visualizer.scene.wrapping import AUTO, Lines

LONG = " ".join(f"w{n % 7}" for n in range(120))
SIZE = (1200.0, 900.0)
STYLE = "pill-part-text"


def shown(here: Film, view: View, at: float = 1.0, size: tuple[float, float] = SIZE) -> Picture:
    return wrapped.wrapped(here, here.frame_at(at), view, *size)


def on_paper(here: Film, wrap: int, level: str = "auto") -> tuple[View, tuple[float, float]]:
    """A view and a size in which all lines are in sight."""
    view = wrapping.fitted(here, 1200.0, math.inf, level, 0, wrap)
    lines = wrapping.lines_of(here, view, 1200.0, math.inf)
    return view, (1200.0, lines.count * lines.tall + wrapping.STRIP + 16.0)


@pytest.mark.parametrize("steps", [2, 5, 7, 120])
@pytest.mark.parametrize("per", [1, 2, 3, 50])
def test_every_step_is_in_one_line(steps: int, per: int) -> None:
    lines = Lines("steps", steps, min(per, steps), 100.0, 0.0)
    found = [t for k in range(lines.count) for t in range(lines.line(k).first, lines.line(k).last)]
    assert found == list(range(steps))
    assert [lines.at(line.top + 50.0) for line in map(lines.line, range(lines.count))] == [
        lines.line(k) for k in range(lines.count)
    ]
    assert lines.at(-1.0) is None and lines.at(lines.count * 100.0) is None


@pytest.mark.parametrize("level", ["steps", "tensors", "ops"])
@pytest.mark.parametrize("wrap", [2, 3, AUTO])
def test_every_node_is_drawn_once_in_its_line(level: str, wrap: int) -> None:
    here = film("lstm", "one two three four five six seven eight nine ten eleven")
    view, size = on_paper(here, wrap, level)
    picture = shown(here, view, size=size)
    said = words(picture)
    pills = [s for i in of(picture, Texts) if i.style == "pill-text" for s in i.strings]
    for t in range(1, here.steps + 1):
        assert sum(text.startswith(f"L_{{{t}}} ") for text in pills) == 1
        tokens = [i for i in of(picture, Texts) if i.style.startswith("token")]
        assert sum(len(i.strings) for i in tokens) == here.steps
    lines = wrapping.lines_of(here, view, *size)
    assert sum(text.startswith("ℒ = ") for text in said) == 1
    parts = [i for i in of(picture, Texts) if i.style == "pill-part-text"]
    assert len(parts) == lines.count - 1


def test_a_later_line_tells_what_it_adds_to_the_sum() -> None:
    here = film("elman", "one two three four five six seven eight nine ten eleven")
    view, size = on_paper(here, 2, "steps")
    later = wrapping.lines_of(here, view, *size).line(1)
    (g, k) = next((m.segment, m.slot) for m in here.layout("steps").marks if m.kind == "pill")
    added = float(here.recording.value(g, k)[later.first : later.last, 0, 0].sum())
    words_at = {
        at: [i.strings for i in of(shown(here, view, at, size), Texts) if i.style == STYLE]
        for at in (0.0, 1.0)
    }
    name = f"L_{{{later.first + 1}}} + … + L_{{{later.last}}}"
    assert words_at == {0.0: [(name,)], 1.0: [(f"{name} = {added:.2f}",)]}


@pytest.mark.parametrize("level", ["ops", "tensors", "steps"])
@pytest.mark.parametrize("wrap", [2, 8])
def test_a_level_that_is_given_can_be_read(level: str, wrap: int) -> None:
    """However little room so many lines have: they are scrolled, and pushed aside."""
    here = film("gru", LONG)
    view = wrapping.fitted(here, 700.0, 420.0, level, 0, wrap)
    names = [i for i in of(shown(here, view, size=(700.0, 420.0)), Texts) if "symbol" in i.style]
    assert names and min(i.scale for i in names) >= 0.99 * LEGIBLE[level]


def test_names_tell_what_comes_back() -> None:
    here = film("lstm")
    view, size = on_paper(here, 2, "ops")
    stage = wrapped.stage_of_line(
        here, here.frame_at(1.0), view, *size, wrapping.lines_of(here, view, *size).line(1)
    )
    names = [i for i in of(shown(here, view, size=size), Texts) if i.style == "symbol-small"]
    assert sorted(s for i in names for s in i.strings) == ["a_{3}", "h_{3}"]
    for item in names:
        assert np.all(item.positions[:, 0] < stage.sight.left)
        assert np.all(item.positions[:, 1] > wrapping.lines_of(here, view, *size).line(1).top)


def test_marks_keep_to_their_line() -> None:
    """Every mark is clipped, and no clip reaches into another line or the legend."""
    here = film("elman", LONG)
    view = wrapping.fitted(here, *SIZE, "steps", 0, AUTO)
    lines = wrapping.lines_of(here, view, *SIZE)
    assert lines.count * lines.tall > SIZE[1]
    inside, clips = False, []
    for item in shown(here, view, 0.7).items[:-4]:
        if isinstance(item, Clip):
            inside, clips = True, [*clips, item.box]
        elif isinstance(item, Unclip):
            inside = False
        elif not isinstance(item, Texts) or item.style != "legend-text":
            assert inside, item
    for _, y, _, tall in clips:
        line = lines.at(y + 0.5)
        assert line is not None and y + tall <= min(line.top + lines.tall, SIZE[1] - 34.0) + 0.5


def test_bands_in_four_lines() -> None:
    here = film("lstm", LONG)
    view, size = on_paper(here, 4, "bands")
    lines = wrapping.lines_of(here, view, *size)
    assert (lines.count, lines.per) == (4, 30)
    picture = shown(here, view, size=size)
    values = [heat for heat in of(picture, Heat) if heat.map == "value"]
    wide = {round(heat.box[2]) for heat in values if heat.box[2] > 20.0}
    assert len(wide) == 1  # all lines are as long
    ticks = [i for i in of(picture, Texts) if i.style == "axis-text"]
    assert len(ticks) == 4
    assert sum(i.style == "pill-total-text" for i in of(picture, Texts)) == 1


@pytest.mark.parametrize("level", ["steps", "tensors"])
@pytest.mark.parametrize("zoom", [1.0, 0.3])
def test_what_lies_under_a_pixel(level: str, zoom: float) -> None:
    """Near by or far away: lines are drawn as from near by."""
    here = film("lstm", LONG)
    view = wrapping.fitted(here, *SIZE, level, 0, AUTO)
    view = replace(view, zoom=zoom * view.zoom)
    lines = wrapping.lines_of(here, view, *SIZE)
    for line in lines.seen(SIZE[1])[:3]:
        stage = wrapped.stage_of_line(here, here.frame_at(1.0), view, *SIZE, line)
        for mark in stage.layout.marks:
            for t in (line.first, line.last - 1):
                x, y = float(stage.sight.x(t, mark.x)), float(stage.sight.y(mark.y)) + line.top
                if y > SIZE[1] - wrapping.STRIP:
                    continue
                loss = mark.kind == "pill"
                wanted = ("loss", t) if loss else Node(mark.segment, t, mark.slot)
                assert pick_wrapped(here, view, *SIZE, x, y) == wanted
    assert pick_wrapped(here, view, *SIZE, 600.0, SIZE[1] - 10.0) is None


def test_bands_under_a_pixel_belong_to_their_line() -> None:
    here = film("elman", LONG)
    view, size = on_paper(here, 3, "bands")
    line = wrapping.lines_of(here, view, *size).line(2)
    found = {
        pick_wrapped(here, view, *size, 140.0, line.top + y)
        for y in np.linspace(0.0, 200.0, 60).tolist()
    }
    steps = {node.t for node in found if isinstance(node, Node)}
    assert steps and steps <= {80, 81}


def test_scrolling_goes_from_the_first_line_to_the_last() -> None:
    here = film("elman", LONG)
    sheet = Sheet((here,))
    view = sheet.fitted(*SIZE, "steps", 0, None, AUTO)
    low, high = whereabouts.in_sight(sheet, view, *SIZE)
    assert low == 0.0 and high < here.steps
    end = whereabouts.pushed(sheet, view, *SIZE, 0.0, -1e6)
    assert whereabouts.in_sight(sheet, end, *SIZE)[1] >= here.steps
    assert whereabouts.pushed(sheet, end, *SIZE, 0.0, 1e6).origin == (0.0, 0.0)
    middle = whereabouts.brought(sheet, view, *SIZE, 60.0)
    assert whereabouts.in_sight(sheet, middle, *SIZE)[0] == pytest.approx(60.0)
    last = whereabouts.revealed(sheet, view, *SIZE, here.steps - 1)
    assert whereabouts.in_sight(sheet, last, *SIZE)[1] == pytest.approx(here.steps, abs=30.0)
    assert whereabouts.revealed(sheet, last, *SIZE, here.steps - 1) == last


def test_zooming_flows_the_lines_anew_and_keeps_the_middle() -> None:
    here = film("elman", LONG)
    sheet = Sheet((here,))
    view = whereabouts.brought(sheet, sheet.fitted(*SIZE, "steps", 0, None, AUTO), *SIZE, 60.0)
    new = whereabouts.nearer(sheet, view, *SIZE, 600.0, 1.2, time=False)
    before, after = (wrapping.lines_of(here, v, *SIZE) for v in (view, new))
    assert after.per < before.per
    old, now = (sum(whereabouts.in_sight(sheet, v, *SIZE)) / 2 for v in (view, new))
    assert now == pytest.approx(old, abs=2.0)


def test_plots_have_all_steps_in_one_line() -> None:
    sheet = Sheet((film("elman", LONG),))
    view = sheet.fitted(*SIZE, "steps", 0, None, 5)
    flat = whereabouts.in_one_line(sheet, view, SIZE[0])
    edges = sheet.edges(flat, SIZE[0])
    assert edges[0] >= 100.0 and edges[-1] <= SIZE[0]


def test_what_cannot_be_wrapped_says_so() -> None:
    one = film("elman", Sequence("numbers", series=(np.ones((2, 1)),), columns=("x",),
                                 roles=("input",)))  # fmt: skip
    assert one.steps == 1
    assert "no second line" in whereabouts.obstacle(Sheet((one,)), View(wrap=2))
    both = Sheet((film(), film("lstm")), ("a", "b"))
    assert "one line each" in whereabouts.obstacle(both, View(wrap=2))
    assert "unroll it first" in wrapping.obstacle(film(), View(fold=1.0, wrap=2))
    joined = film("elman", arrangement="attention")
    assert "choose the level bands" in wrapping.obstacle(joined, View(wrap=2, level="ops"))
    assert not wrapping.obstacle(joined, View(wrap=2, level="bands"))
    assert not wrapping.wraps(film(), View()) and wrapping.wraps(film(), View(wrap=2))


def test_the_column_under_way_is_tinted_in_its_line_alone() -> None:
    here = film("elman", LONG)
    view, size = on_paper(here, 6, "steps")
    picture = shown(here, view, 0.05, size)
    assert sum(len(i.boxes) for i in of(picture, Rects, "column-forward")) == 1


def test_a_line_that_is_wider_than_the_window_can_be_pushed_aside() -> None:
    sheet = Sheet((film("elman", LONG),))
    view = sheet.fitted(*SIZE, "steps", 0, None, 10)
    near = replace(view, zoom=view.zoom * 8)
    aside = whereabouts.pushed(sheet, near, *SIZE, -200.0, 0.0)
    assert aside.origin[0] > 0.0
    assert whereabouts.pushed(sheet, view, *SIZE, -200.0, 0.0).origin[0] == 0.0


def test_a_page_begins_with_a_whole_line() -> None:
    assert whereabouts.holds(0.0, 25.0, 19, 10) and not whereabouts.holds(0.0, 25.0, 20, 10)
    assert whereabouts.next_page(0.0, 25.0, 20, 10) == 20.0
    assert whereabouts.next_page(20.0, 45.0, 15, 10) == -5.0
    assert whereabouts.holds(3.0, 8.0, 5, 1) and not whereabouts.holds(3.0, 8.0, 8, 1)
    assert whereabouts.next_page(3.0, 8.0, 8, 1) == pytest.approx(8 - 0.3)
    assert whereabouts.next_page(3.0, 8.0, 2, 1) == pytest.approx(3 - 4.7)


def test_one_line_of_several_has_the_axis_of_the_graph() -> None:
    sheet = Sheet((film("elman"),))
    view = sheet.fitted(*SIZE, "auto", 0, None, AUTO)
    lines = wrapping.lines_of(sheet.film, view, *SIZE)
    assert lines.count == 1
    stage = wrapped.stage_of_line(sheet.film, sheet.film.frame_at(1.0), view, *SIZE, lines.line(0))
    flat = whereabouts.in_one_line(sheet, view, SIZE[0])
    assert sheet.edges(flat, SIZE[0])[:5] == pytest.approx(stage.sight.edge(np.arange(5)))
