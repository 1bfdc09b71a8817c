"""Zooming through the levels moves nothing but what grows: states stay where they are."""

from __future__ import annotations

import pytest

from tests.scene.films import film
from visualizer.scene.compose import fit, level_of_view, sight_of
from visualizer.scene.film import Film
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View
from visualizer.scene.whereabouts import nearer

SIZE = (900.0, 620.0)
TEXT = "I think therefore I am and what I am is a thing that doubts and affirms"


def state(movie: Film, view: View) -> tuple[float, float]:
    """Where the state stands that belongs to the step in the middle."""
    here = sight_of(movie, view, *SIZE)
    segment = movie.network.segments[0]
    mark = here.layout.at[0, segment.index("h" if movie.run.experiment.cell == "lstm" else "a")]
    return float(here.x(4, mark.x)), float(here.y(mark.y))


@pytest.mark.parametrize("cell", ["lstm", "gated"])
def test_states_stay_when_the_level_changes(cell: str) -> None:
    movie = film(cell, TEXT)
    sheet = Sheet((movie,))
    view = fit(movie, *SIZE, "steps")
    view = View(zoom=view.zoom, origin=(2.0, 0.0))
    seen = set()
    for _ in range(26):
        before, level = state(movie, view), level_of_view(movie, view)
        view = nearer(sheet, view, *SIZE, before[0], 1.06, time=False)
        after = state(movie, view)
        if level_of_view(movie, view) != level:
            seen.add(level_of_view(movie, view))
            assert abs(after[0] - before[0]) < 12.0 and abs(after[1] - before[1]) < 12.0
    assert len(seen) > 1
