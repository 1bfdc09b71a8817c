"""Relative change: the two lines of every cell, only what has happened, and their medians."""

from __future__ import annotations

import numpy as np
import pytest

from engine.measures import relative_change
from tests.scene.films import film
from tests.scene.marks import of, words
from visualizer.plots.axes import figure
from visualizer.plots.change import change_picture
from visualizer.scene.compose import fit
from visualizer.scene.film import Film
from visualizer.scene.picture import Picture, Polylines

SIZE = (914.0, 196.0)


def draw(movie: Film, s: float) -> Picture:
    return change_picture(movie, movie.frame_at(s), fit(movie, 914, 590), *SIZE)


@pytest.mark.parametrize(
    ("cell", "entries"),
    [
        ("elman", ["h, state"]),
        ("gated", ["a, memory", "g, candidate"]),
        ("lstm", ["a, memory", "h, state"]),
        ("lecture-gru", ["a, memory", "h, state"]),
        ("gru", ["h, state", "n, candidate"]),
    ],
)
def test_which_lines_a_cell_has(cell: str, entries: list[str]) -> None:
    here = draw(film(cell), 1.0)
    assert [w for w in words(here) if ", " in w and "how much" not in w] == entries[::-1]


def test_lines_are_as_far_as_forward_has_come() -> None:
    movie = film("lstm")
    n = movie.find("a4")
    (line,) = [p for i in of(draw(movie, (n + 1) / movie.events), Polylines, "line-2")
               for p in i.points if p[0, 1] > 30]  # fmt: skip
    assert len(line) == 3  # steps 2 to 4: the first has none before it
    assert not any("median" in w for w in words(draw(movie, 0.0)))


def test_medians_are_those_of_the_measure() -> None:
    movie = film("lstm", forget_bias=3.0)
    segment = movie.network.segments[0]
    changes = [relative_change(movie.recording, 0, segment.index(name), 0) for name in "ah"]
    a, h = (figure(float(np.nanmedian(change))) for change in changes)
    assert f"median  a {a}   h {h}" in words(draw(movie, 1.0))
