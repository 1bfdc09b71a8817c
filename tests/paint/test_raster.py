"""Columns of pixels: the same bytes however they are asked for, and those of the painted bands."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

import engine
from engine.sequences import Sequence
from tests.scene.films import RAGGED, film
from visualizer.paint import raster
from visualizer.paint.inks import Inks, inks_of
from visualizer.paint.qt import draw
from visualizer.scene.compose import fit
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import bands, legend
from visualizer.scene.picture import Item, Picture, Texts, Unclip
from visualizer.scene.view import View
from visualizer.theme import THEMES
from visualizer.widgets.application import make_application

WIDTH, HEIGHT = 900.0, 620.0
ZOOMS = [1.0, 0.37, 2.3, 9.0, 70.0]
MOMENTS = [0.0, 0.2, 0.45, 0.6, 0.8, 1.0]
Words = np.ndarray


@cache
def long(cell: str = "lstm", steps: int = 1_500) -> Film:
    """Two inputs and a target, of so many steps."""
    rng, t = np.random.default_rng(3), np.arange(steps)
    series = np.stack([np.sin(t / 9), rng.standard_normal(steps), np.cos(t / 40)], axis=1)
    roles = ("input", "input", "target")
    sequence = Sequence("numbers", series=(series,), columns=("a", "b", "c"), roles=roles)
    return Film(engine.run(sequence, cell=cell, hidden=20))


def seen(movie: Film, zoom: float, at: float = 0.0, sequence: int = 0) -> View:
    view = fit(movie, WIDTH, HEIGHT, "bands", sequence)
    return replace(view, stretch=view.stretch * zoom, origin=(at, 0.0))


def columns(movie: Film, frame: Frame, view: View, first: int, last: int, inks: Inks) -> Words:
    return raster.columns(movie, frame, view, HEIGHT, first, last, inks)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("zoom", ZOOMS)
def test_any_split_has_the_same_bytes(zoom: float, ratio: float) -> None:
    movie, inks = long(), inks_of("light", ratio)
    view, frame = seen(movie, zoom), movie.frame_at(0.62)
    middle = int(raster.origin(movie, replace(view, origin=(600.0, 0.0)), ratio))
    first, last = middle - 300, middle + 400
    whole = columns(movie, frame, view, first, last, inks)
    assert whole.shape == (round(HEIGHT * ratio), 700) and len(np.unique(whole)) > 20
    rng = np.random.default_rng(round(10 * zoom * ratio))
    cuts = [first, *sorted(rng.integers(first, last, 7).tolist()), last]
    parts = [columns(movie, frame, view, a, z, inks) for a, z in pairwise(cuts)]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))


@pytest.mark.parametrize("zoom", ZOOMS)
def test_only_the_changed_columns_are_others(zoom: float) -> None:
    """Writing them into the picture of a moment makes the picture of another one."""
    movie, inks = long(), inks_of("dark")
    view = seen(movie, zoom)
    first, last = -3, int(1_500 * view.stretch * view.zoom * movie.base) + 5
    first, last = max(first, last // 2 - 700), min(last, last // 2 + 700)
    frame = movie.frame_at(MOMENTS[0])
    words = columns(movie, frame, view, first, last, inks)
    for at in (*MOMENTS[1:], 0.50, 0.5001, 0.5002, 0.81, 0.81005, 0.2, 0.0):
        after = movie.frame_at(at)
        for low, high in raster.changed(movie, frame, after, view):
            low, high = max(low, first), min(high, last)
            if high > low:
                words[:, low - first : high - first] = columns(movie, after, view, low, high, inks)
        frame = after
        assert np.array_equal(words, columns(movie, frame, view, first, last, inks)), at


def test_an_event_changes_few_columns() -> None:
    movie = long()
    view = seen(movie, 1.0)
    for event in (5_000, 25_000, 40_000):
        spans = raster.changed(movie, movie.frame_after(event), movie.frame_after(event + 40), view)
        assert sum(high - low for low, high in spans) <= 12


def painted(items: list[Item], ratio: float, theme: str) -> Words:
    make_application()
    image = QImage(round(WIDTH * ratio), round(HEIGHT * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    with QPainter(image) as painter:
        draw(painter, Picture(WIDTH, HEIGHT, tuple(items)), THEMES[theme])
    return np.array(image.constBits()).view(np.uint32).reshape(image.height(), image.width())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("zoom", [1.0, 0.37, 9.0, 70.0])
def test_it_is_the_picture_that_is_painted(zoom: float, theme: str) -> None:
    """Of bands with their cells as heat maps, up to a pixel at the edges of rows."""
    movie, inks = long(), inks_of(theme)
    view, frame = seen(movie, zoom, 500.0 if zoom > 1 else 0.0), movie.frame_at(1.0)
    items = bands.draw(movie, frame, view, WIDTH, HEIGHT - legend.HEIGHT + 6.0)
    end = next(n for n, item in enumerate(items) if isinstance(item, Unclip))
    there = painted(items[:end], 1.0, theme)[:, round(bands.RAIL) : round(WIDTH - bands.TAIL)]
    first = raster.origin(movie, view)
    here = columns(movie, frame, view, first, first + there.shape[1], inks)
    assert here.shape == there.shape
    beside = (here == there) | (here == np.roll(there, 1, 1)) | (here == np.roll(there, -1, 1))
    beside |= (here == np.roll(there, 1, 0)) | (here == np.roll(there, -1, 0))
    assert beside.mean() > 0.995
    assert (here == there).mean() > (0.93 if zoom <= 1.0 else 0.87)


def test_without_cells_only_words_are_left() -> None:
    movie = long()
    view, frame = seen(movie, 1.0), movie.frame_at(0.6)
    with_cells = bands.draw(movie, frame, view, WIDTH, HEIGHT)
    without = bands.names(movie, frame, view, HEIGHT)
    without += bands.over(movie, frame, view, WIDTH, HEIGHT)
    texts = [
        tuple(i.strings for i in items if isinstance(i, Texts)) for items in (with_cells, without)
    ]
    assert texts[0] == texts[1] and len(without) < len(with_cells)


@pytest.mark.parametrize("sequence", [0, 1, 2])
def test_ragged_sequences_have_nothing_outside_their_steps(sequence: int) -> None:
    movie, inks = film("lstm", text=RAGGED, padding="pack"), inks_of("light")
    view = seen(movie, 1.0, sequence=sequence)
    start, stop = movie.span(sequence)
    wide = view.zoom * view.stretch * movie.base
    words = columns(movie, movie.frame_at(1.0), view, -10, int(movie.steps * wide) + 10, inks)
    inked = np.flatnonzero((words != inks.ground).any(axis=0)) - 10
    assert abs(inked[0] - start * wide) <= 1 and abs(inked[-1] + 1 - stop * wide) <= 1


def test_nothing_that_is_to_come_is_shown() -> None:
    """At the start all is hatched: the ground, and shades towards one colour."""
    movie, inks = long(), inks_of("light")
    view = seen(movie, 1.0)
    words = columns(movie, movie.frame_at(0.0), view, 0, 700, inks)
    assert set(np.unique(words)) <= {*inks.hatch.tolist(), inks.ground}
    for strip in raster.strips(movie, HEIGHT, 1.0):  # the losses too
        assert (words[strip.top : strip.bottom] != inks.ground).any()


def test_losses_stand_on_their_line_and_the_largest_is_full() -> None:
    movie, inks = long(), inks_of("light")
    view = seen(movie, 1.0)
    words = columns(movie, movie.frame_at(1.0), view, 0, 700, inks)
    (strip,) = [s for s in raster.strips(movie, HEIGHT, 1.0) if s.kind == "loss"]
    tall = (words[strip.top : strip.bottom] == inks.loss).sum(axis=0)
    assert tall.max() == strip.bottom - strip.top
    bars = words[strip.top : strip.bottom] == inks.loss
    assert np.all(np.diff(bars.astype(int), axis=0) >= 0)  # no gap below a bar


def test_ranks_can_be_made_ahead() -> None:
    movie = Film(long().run)
    view = seen(movie, 1.0)
    assert not raster.ready(movie, view)
    slices = len(list(raster.made(movie, view)))
    assert raster.ready(movie, view)
    assert slices >= len(bands.shown(movie)) * 2
    assert not list(raster.made(movie, view))
