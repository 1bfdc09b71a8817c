"""The cliff: the surface under the parameters, the gradient on it, the step three ways."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.test_surface import cliff
from tests.scene.films import film
from tests.scene.marks import of, words
from visualizer.plots.cliff import Cliff, cliff_of, cliff_picture, plane_of
from visualizer.scene.compose import fit
from visualizer.scene.film import Film
from visualizer.scene.picture import Heat, Picture, Polylines

SIZE = (914.0, 196.0)


def measured(movie: Film) -> Cliff:
    plane = plane_of(movie.network)
    assert plane is not None
    return cliff_of(movie, plane)


def draw(movie: Film, s: float, size: tuple[float, float] = SIZE) -> Picture:
    return cliff_picture(movie, movie.frame_at(s), fit(movie, 914, 590), *size)


def test_where_a_step_ends_is_the_loss_of_a_run_from_there() -> None:
    movie = Film(cliff(learning_rate=0.2, clip="norm"))
    here = measured(movie)
    w, b = here.here
    for step in here.steps:
        there = cliff(w + step.w, b + step.b).recording.loss
        assert step.loss == pytest.approx(there, rel=1e-9)
    assert [step.chosen for step in here.steps] == [False, True, False]
    free, norm, value = here.steps
    assert free.b == pytest.approx(0.2 * 661.68, rel=1e-4)
    assert norm.b / norm.w == pytest.approx(free.b / free.w)  # the direction stays
    assert value.b == pytest.approx(0.2) == value.w  # it does not


def test_the_surface_is_the_loss_in_the_middle_of_its_cells() -> None:
    here = measured(Film(cliff()))
    rows, columns = here.surface.shape
    w0, w1, b0, b1 = here.box
    for row, column in ((0, 0), (rows // 2, columns // 3), (rows - 1, columns - 1)):
        w = w0 + (column + 0.5) / columns * (w1 - w0)
        b = b1 - (row + 0.5) / rows * (b1 - b0)
        expected = cliff(w, b).recording.loss
        assert here.surface[row, column] == pytest.approx(expected, rel=1e-8)


def test_numbers_of_the_wall_are_told_when_backward_is_through() -> None:
    movie = Film(cliff())
    told = "ℒ 0.0060126   ∂ℒ/∂W_{hh} −411.87   ∂ℒ/∂b −661.68"
    assert told in words(draw(movie, 1.0)) and "+6.62" in words(draw(movie, 1.0))
    before = draw(movie, 0.6)
    assert told not in words(before) and "+6.62" not in words(before) and "…" in words(before)
    assert len(of(before, Heat)) == 2  # the surface and its scale


@pytest.mark.parametrize("size", [(400.0, 120.0), (722.0, 120.0), (1600.0, 420.0)])
def test_nothing_leaves_the_picture(size: tuple[float, float]) -> None:
    here = draw(Film(cliff(learning_rate=1.0)), 1.0, size)
    for item in of(here, Polylines):
        for line in item.points:
            assert (line >= 0).all() and (line <= np.array(size)).all()
    assert ("ℒ there" in words(here)) == (size[0] >= 700)


def test_a_loss_that_explodes_leaves_the_rest_to_be_seen() -> None:
    movie = film("elman", "a b c d e f g h " * 5, hidden=1, nonlinearity="identity", gain=3.0)
    here = draw(movie, 1.0)
    assert any(w.startswith("≥ ") for w in words(here))
    levels = of(here, Heat)[0].levels
    assert (levels == 255).mean() < 0.5 < (levels > 40).mean()


def test_another_network_is_told_what_the_cliff_needs() -> None:
    assert any("1 hidden unit" in w for w in words(draw(film("lstm"), 1.0)))
