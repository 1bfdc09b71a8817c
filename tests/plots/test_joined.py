"""Plots of what is read first and written then: one chain, one axis, all of its steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.sequences import typed
from tests.scene.films import film
from tests.scene.marks import of, words
from visualizer.plots.axes import figure
from visualizer.plots.columns import COLUMNS
from visualizer.plots.joined import on_axis, reached, sections
from visualizer.plots.norms import shown_slot
from visualizer.plots.table import PLOTS
from visualizer.scene.axis import step_axis
from visualizer.scene.compose import fit
from visualizer.scene.film import Film
from visualizer.scene.picture import Picture, Polylines, Rects, Strips
from visualizer.scene.view import View

SIZE = (914.0, 196.0)
PAIRS = typed(["one two three -> un deux", "four -> quatre"])


def translated(cell: str = "lstm") -> Film:
    return film(cell, text=PAIRS, arrangement="encoder-decoder")


def draw(kind: str, movie: Film, s: float = 1.0) -> Picture:
    return PLOTS[kind].draw(movie, movie.frame_at(s), fit(movie, 914, 590), *SIZE, "linear")


@pytest.mark.parametrize("kind", PLOTS)
@pytest.mark.parametrize("settings", [{"readout": "after"}, {"reads": "first"}], ids=str)
def test_every_plot_of_parts_of_time(kind: str, settings: dict[str, Any]) -> None:
    movie = film("gru", layers=2, **settings)
    for s in (0.0, 0.4, 0.7, 1.0):
        assert PLOTS[kind].title in words(draw(kind, movie, s))


def test_sections_a_chain() -> None:
    movie = translated()
    slot = shown_slot(movie, View())
    places = sections(movie.network, *slot)
    assert [movie.network.segments[g].name for g, _ in places] == [
        "encoder layer 1", "decoder layer 1",
    ]  # fmt: skip
    assert {movie.network.slot(g, k).name for g, k in places} == {"h"}
    ones = on_axis(movie, places, 0, lambda g, k: np.ones(movie.network.segments[g].steps))
    assert ones.tolist() == [1.0] * movie.steps
    half = reached(movie, places, 0, lambda g, k: (0, 1))
    assert half.tolist() == [t in (0, movie.run.batch.turn) for t in range(movie.steps)]


def test_norms_are_those_of_encoder_and_decoder() -> None:
    movie = translated()
    told = words(draw("norms", movie))
    for g, k in sections(movie.network, *shown_slot(movie, View())):
        for norm in np.sqrt(np.square(movie.delta_norms(g, k)).sum(1)):
            assert figure(float(norm)) in told


def test_columns_of_the_heat_map_and_lines_of_gates_stand_at_their_steps() -> None:
    movie = translated()
    strips = of(draw("heat", movie), Strips)
    start, stop = movie.span(0)
    assert sum(s.counts[0] for s in strips) == stop - start
    (line,) = [p for i in of(draw("gates", movie), Polylines, "line-1")
               for p in i.points if p[0, 1] > 30]  # fmt: skip
    centres = step_axis(movie, fit(movie, 914, 590), 914)
    np.testing.assert_allclose(line[:, 0], centres[start:stop])


def test_losses_of_both_parts() -> None:
    movie = film("elman", reads="first")  # a loss at the step that is read, and at all others
    assert len(movie.recording.loss_slots) == 2
    boxes = np.concatenate([i.boxes for i in of(draw("losses", movie), Rects, "bar-loss")])
    assert len(boxes) == movie.steps
    for loss in movie.recording.losses[:, 0]:
        assert figure(float(loss)) in words(draw("losses", movie))


@pytest.mark.parametrize("kind", [kind for kind in COLUMNS if kind != "verify"])
def test_tables_have_a_row_for_every_step_of_both_parts(kind: str) -> None:
    movie = translated()
    found = COLUMNS[kind](movie)
    rows = {len(column) for column in found.values()}
    start, stop = movie.span(0)
    expected = {"cost": 1, "jacobian": stop - start}.get(kind, movie.steps)
    assert rows == {expected}
