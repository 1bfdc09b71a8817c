"""Small pictures in the nodes: room for them at every level, the right pixels, the right words."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.sequences import sample
from tests.scene import test_layout as layouts
from tests.scene.films import film
from tests.scene.marks import of, words
from visualizer.plots.table import PLOTS
from visualizer.scene.compose import compose, fit
from visualizer.scene.copying import as_csv
from visualizer.scene.film import Film
from visualizer.scene.gathered import parameter_facts
from visualizer.scene.picture import Heat, Picture, Strips, level_of
from visualizer.scene.pictured import is_pictured, reduced, size_of, smalls
from visualizer.scene.tiles import tiles_of, tiles_picture

CASES = [
    ("conv-rnn", 1, 1.0),
    ("conv-lstm", 1, 1.0),
    ("conv-lstm", 2, 1.35),
    ("conv-rnn←", 2, 1.0),
    ("encoder elman", 1, 1.0),
    ("encoder lstm", 2, 1.0),
    ("encoder← gru", 1, 1.0),
]
LEVELS = ("ops", "tensors", "steps")
WIDE, HIGH = 1500, 900


def dot(cell: str = "conv-rnn", **settings: object) -> Film:
    return film(cell, sample("moving-dot"), standardise=False, **settings)


def shown(movie: Film, level: str, s: float = 1.0, sequence: int = 0) -> Picture:
    view = replace(fit(movie, WIDE, HIGH, level), sequence=sequence)
    return compose(movie, movie.frame_at(s), view, WIDE, HIGH)


@pytest.mark.parametrize(("cell", "layers", "rise"), CASES)
@pytest.mark.parametrize("level", LEVELS)
def test_what_holds_of_every_layout(cell: str, layers: int, rise: float, level: str) -> None:
    layouts.test_nodes_do_not_overlap(cell, layers, rise, level)
    layouts.test_edges_run_in_the_gutters(cell, layers, rise, level)
    layouts.test_cards_keep_clear(cell, layers, rise, level)


@pytest.mark.parametrize("level", LEVELS)
def test_pictures_stand_inside_their_nodes(level: str) -> None:
    movie = dot("conv-lstm", hidden=4)
    for mark in movie.layout(level).marks:
        slot = movie.network.slot(mark.segment, mark.slot)
        if not is_pictured(slot) or mark.kind == "circle":
            continue
        look = "block" if level == "steps" else mark.kind
        assert (mark.w, mark.h) == size_of(slot, look)
        found = [small for row in (0, 1) for small in smalls(slot, look, row)]
        for small in found:
            assert -mark.w / 2 < small.x and small.x + small.w < mark.w / 2
            assert -mark.h / 2 < small.y and small.y + small.h < mark.h / 2
        for a, b in pairwise(found):
            beside = a.x + a.w <= b.x or b.x + b.w <= a.x
            assert beside or a.y + a.h <= b.y


@pytest.mark.parametrize("level", LEVELS)
def test_the_dot_is_where_it_is(level: str) -> None:
    movie = dot(hidden=2)
    heats = of(shown(movie, level, sequence=3), Heat, "value")
    recorded = movie.recording.value(0, 0)[:, 3].reshape(-1, 8, 8)
    wanted = [level_of(picture, movie.value_scale) for picture in recorded]
    for step in wanted:
        assert any(np.array_equal(heat.levels, step) for heat in heats)


def test_deltas_come_when_they_are_complete() -> None:
    movie = dot(hidden=2)
    assert not of(shown(movie, "ops", 0.0), Heat)
    forward = movie.phases[0][1] / movie.events
    assert len(of(shown(movie, "ops", forward), Heat, "value")) == 11 * (1 + 2 + 2 + 1)
    assert not of(shown(movie, "ops", forward), Heat, "delta")
    assert len(of(shown(movie, "ops", 1.0), Heat, "delta")) == 11 * (1 + 2 + 2 + 1)


def test_what_is_left_out_is_said() -> None:
    movie = dot("conv-lstm", hidden=4)
    assert "channels 1–3 of 4" in words(shown(movie, "tensors"))
    assert "f i g o, channel 1 of 4" in words(shown(movie, "ops"))
    assert "channel 1 of 4" in words(shown(movie, "steps"))
    assert not any("channel" in word for word in words(shown(dot(hidden=2), "ops")))


def test_a_film_is_not_read_as_figures_but_a_patch_is() -> None:
    assert dot(hidden=2).levels == LEVELS
    whole = sample("moving-dot")
    patch = replace(whole, series=tuple(s[:, :4] for s in whole.series), columns=whole.columns[:4],
                    roles=whole.roles[:4])  # fmt: skip
    assert film("conv-rnn", patch, hidden=2, kernel=1).levels == ("numbers", *LEVELS)


def test_a_picture_with_little_room_keeps_what_stands_out() -> None:
    picture = np.full((1, 16, 16), 128, np.uint8)
    picture[0, 5, 9], picture[0, 12, 2] = 255, 3
    small = reduced(picture, 12.0, 12.0)
    assert small.shape == (1, 6, 6)
    assert (small.max(), small.min()) == (255, 3)
    assert np.array_equal(reduced(picture, 40.0, 40.0), picture)


# ------------------------------------------------------------------ beside the graph


@pytest.mark.parametrize(
    "shape", [(2, 8, 8), (3, 2, 3, 3), (5, 4, 6), (1, 2, 1, 1), (16, 8, 5, 5), (4, 90, 90)]
)
def test_a_cell_of_the_tiles_is_found_where_it_is_drawn(shape: tuple[int, ...]) -> None:
    tiles = tiles_of(shape, 260.0, 200.0)
    assert tiles.count == np.prod(shape)
    seen = set()
    for cell in range(tiles.count):
        x, y, w, h = tiles.box(cell)
        assert tiles.at(x + w / 2, y + h / 2) == cell
        seen.add((round(x, 6), round(y, 6)))
        assert x > 0 and y > 0 and y + h <= tiles.total
        assert x + w < 260.0
    assert len(seen) == tiles.count
    assert tiles.at(-1.0, 5.0) is None and tiles.at(5.0, tiles.total + 9) is None


def test_tiles_are_drawn_in_their_boxes() -> None:
    values = np.arange(2 * 9.0).reshape(2, 3, 3) - 8
    tiles = tiles_of(values.shape, 200.0, 100.0)
    here = tiles_picture(values, tiles, "value", 9.0)
    (strips,) = of(here, Strips)
    assert np.array_equal(strips.levels, level_of(values.reshape(-1), 9.0))
    assert strips.boxes[4].tolist()[:2] == list(tiles.box(4 * 3)[:2])
    assert not of(tiles_picture(None, tiles, "value", 9.0), Strips)
    tiny = tiles_picture(np.eye(300)[None] * 9, tiles_of((1, 300, 300), 200.0, 100.0), "value", 9.0)
    (heat,) = of(tiny, Heat)
    assert max(heat.levels.shape) <= 100 and (heat.levels.diagonal() == 255).all()


def test_kernels_are_copied_row_by_row() -> None:
    kernel = np.arange(8.0).reshape(1, 2, 2, 2)
    assert as_csv({"W": kernel}) == "W 1,0.0,1.0\nW 2,2.0,3.0\nW 3,4.0,5.0\nW 4,6.0,7.0"
    facts = parameter_facts(dot(hidden=2).recording, dot(hidden=2).frame_at(1.0), "W_hh")
    assert facts.shape == "2 × 2 × 3 × 3"
    assert facts.gradient is not None and facts.gradient.shape == (2, 2, 3, 3)


def test_an_encoder_is_no_layer() -> None:
    """Its slots carry no number of a layer, and from far only pictures in and out are shown."""
    movie = film("elman", sample("digit-numbers"), encoder="convolution", layers=2)
    assert "e_{1}" in words(shown(movie, "tensors"))
    assert "h_{1}^{2}" in words(shown(movie, "tensors"))
    names = {movie.network.slot(m.segment, m.slot).name for m in movie.layout("tensors").marks}
    assert names == {"x", "e", "h", "s", "L"}


def test_of_pictures_no_words_are_told() -> None:
    assert not any(word.startswith("→") for word in words(shown(dot(hidden=2), "ops")))
    digits = film("elman", sample("digit-numbers"), encoder="convolution")
    assert "→ nine" in words(shown(digits, "ops"))


@pytest.mark.parametrize("plot", PLOTS.values(), ids=lambda p: p.id)
def test_every_plot_of_a_convolutional_network(plot: Any) -> None:
    for movie in (dot("conv-lstm", hidden=2), dot("conv-rnn", hidden=2)):
        for s in (0.0, 0.5, 1.0):
            here = plot.draw(movie, movie.frame_at(s), fit(movie, 914, 590), 914.0, 160.0)
            assert plot.title in words(here)


@pytest.mark.parametrize("fold", [0.3, 1.0])
def test_folded_steps_keep_their_pictures(fold: float) -> None:
    movie = dot("conv-lstm", hidden=2)
    view = replace(fit(movie, WIDE, HIGH, "ops"), fold=fold)
    here = compose(movie, movie.frame_at(1.0), view, WIDE, HIGH)
    dots = [level_of(p, movie.value_scale) for p in movie.recording.value(0, 0)[:, 0]]
    seen = {heat.levels.tobytes() for heat in of(here, Heat, "value")}
    assert any(dot.tobytes() in seen for dot in dots)
