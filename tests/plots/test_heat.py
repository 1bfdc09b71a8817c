"""δ by unit and step: the colours are those of δ, as far as backward has come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.template import Node
from tests.scene.films import PAIRS, film
from tests.scene.marks import of, words
from visualizer.plots.heat import heat_picture
from visualizer.scene.compose import fit
from visualizer.scene.film import Film
from visualizer.scene.layers.band_cells import log_place
from visualizer.scene.picture import Heat, Picture, Rects, Strips, level_of

SIZE = (914.0, 196.0)
LONG = " ".join("abc"[k * k % 3] for k in range(300))


def draw(movie: Film, s: float, **look: Any) -> Picture:
    view = replace(fit(movie, 914, 590), **look)
    return heat_picture(movie, movie.frame_at(s), view, *SIZE)


def test_cells_have_the_colours_of_delta() -> None:
    movie = film("elman")
    (strips,) = of(draw(movie, 1.0), Strips)
    delta = movie.recording.delta(0, 2)[:, 0]
    top = float(next(w for w in words(draw(movie, 1.0)) if w.startswith("−"))[1:])
    assert top >= np.abs(delta).max()
    expected = level_of(log_place(delta.T, top), 1.0)
    np.testing.assert_array_equal(strips.levels, expected.ravel())
    assert strips.counts.tolist() == [5] * 8 and len(strips.boxes) == 8


def test_columns_appear_as_backward_completes_their_steps() -> None:
    movie = film("elman")
    n = movie.find("δ(h3)")
    (strips,) = of(draw(movie, (n + 1) / movie.events), Strips)
    assert strips.counts.tolist() == [3] * 8
    assert not of(draw(movie, 0.2), Strips)


def test_the_selected_state_and_its_name() -> None:
    movie = film("lstm", layers=2)
    a = movie.network.segments[0].index("a")
    here = draw(movie, 1.0, selected=Node(0, 2, a))
    assert "δ(a^{1}_{t}), sign and logarithm of the size" in words(here)


def test_many_steps_are_one_heat_map_that_ends_where_the_axis_does() -> None:
    movie = film("elman", LONG, hidden=40)
    heat = next(h for h in of(draw(movie, 1.0), Heat) if h.title)
    assert heat.box[0] + heat.box[2] <= 914 and len(heat.levels) >= 30
    assert heat.levels.max() > 200 and heat.levels.min() < 60


def test_steps_that_the_shown_sequence_has_not_are_hatched() -> None:
    movie = film(text=PAIRS, arrangement="encoder-decoder")
    for b in range(3):
        boxes = [r.boxes for r in of(draw(movie, 1.0, sequence=b), Rects, "column-padded")]
        gap = (~movie.recording.inside[:, b]).sum()
        step = 914.0 / movie.steps
        wide = sum(float(r[:, 2].sum()) for r in boxes)
        assert (wide > gap * step * 0.5) if gap else not boxes
    assert not of(draw(film("elman"), 1.0), Rects, "column-padded")
