"""Figures of the gradient doctor: every chart of a report fits its picture and draws its data."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.reporting.finding import Bar, Chart, Finding, Line
from visualizer.paint.svg import to_svg
from visualizer.plots.chart import chart_picture
from visualizer.scene.picture import Picture, Polylines, Rects, Texts
from visualizer.styles import STYLES
from visualizer.theme import theme_named
from visualizer.typeset import width_of

REPORT = engine.report(["a b c d e", "a c e"], cell="lstm", hidden=4, overfit=False)


def inside(picture: Picture) -> None:
    """No word and no mark leaves the picture."""
    for item in picture.items:
        if isinstance(item, Texts):
            for (x, y), word in zip(item.positions, item.strings):
                wide = width_of(word, STYLES[item.style])
                left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[item.anchor]
                assert left >= -0.5 and left + wide <= picture.width + 0.5, word
                assert 5.0 <= y <= picture.height - 5.0, word
        elif isinstance(item, Rects):
            assert (item.boxes[:, 2:] >= 0).all()
            assert (item.boxes[:, 0] + item.boxes[:, 2] <= picture.width).all()


@pytest.mark.parametrize("finding", REPORT.findings, ids=lambda f: f.id)
def test_every_chart_fits(finding: Finding) -> None:
    if finding.chart is not None:
        picture = chart_picture(finding.chart)
        inside(picture)
        text = to_svg(picture, theme_named("light"))
        assert "nan" not in text and "inf" not in text.replace("info", "")


def test_a_line_is_broken_where_it_is_not_finite() -> None:
    line = Line("a", (1.0, 2.0, 3.0, 4.0, 5.0), (1.0, 2.0, math.nan, 4.0, 5.0))
    picture = chart_picture(Chart("t", "x", "y", (line,)))
    drawn = [i for i in picture.items if isinstance(i, Polylines) and i.style == "line-1"]
    assert [len(points) for points in drawn[0].points] == [2, 2]


def test_nothing_finite_is_said() -> None:
    line = Line("a", (1.0,), (math.nan,))
    words = [w for i in chart_picture(Chart("t", "x", "y", (line,))).items
             if isinstance(i, Texts) for w in i.strings]  # fmt: skip
    assert "no finite number to draw" in words


def test_bars_are_as_long_as_their_numbers() -> None:
    bars = (Bar("one", 1.0, 2.0), Bar("four", 4.0), Bar("none", math.nan))
    picture = chart_picture(Chart("t", "", "y", bars=bars))
    inside(picture)
    wide = [i.boxes[0, 2] for i in picture.items if isinstance(i, Rects) and i.style == "bar-own"
            and i.boxes[0, 3] < 10.0]  # fmt: skip
    assert np.isclose(wide[-1], 4 * wide[-2]) if len(wide) > 2 else wide[1] == 4 * wide[0]


def test_no_line_runs_through_a_number_of_a_bar() -> None:
    bars = tuple(Bar(f"x{n}", value) for n, value in enumerate((0.96, 0.4, 0.92, 1.29, 0.97)))
    picture = chart_picture(Chart("t", "", "y", bars=bars, level=1.0, level_words="standardised"))
    (line,) = [i for i in picture.items if isinstance(i, Polylines) and i.style == "threshold"]
    x = float(line.points[0][0, 0])
    crossed = 0
    for item in picture.items:
        if isinstance(item, Texts) and item.style == "bar-label":
            left, y = item.positions[0]
            inside_it = left <= x <= left + width_of(item.strings[0], STYLES["bar-label"])
            crossed += inside_it
            for piece in line.points:
                assert not (inside_it and piece[0, 1] < y < piece[1, 1])
    assert crossed >= 2 and len(line.points) >= 2
