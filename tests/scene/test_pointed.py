"""What a pixel of the bands tells is the number that gives it its colour."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.scene.films import film
from visualizer.scene import wrapping
from visualizer.scene.compose import fit
from visualizer.scene.layers import bands, legend
from visualizer.scene.pointed import Cell, cell_at, told, words
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View

WIDTH, HEIGHT = 1000.0, 700.0
LONG = " ".join(f"w{n % 7}" for n in range(4000))
SHORT = " ".join(f"w{n % 7}" for n in range(100))


def test_every_unit_of_a_step_has_its_pixel() -> None:
    here = film("lstm", SHORT)
    view = fit(here, WIDTH, HEIGHT, "bands")
    rows = bands.heights(here, HEIGHT - legend.HEIGHT + 6.0)
    x = float(bands.axis(here, view)[42])
    for band, top, bottom in zip(rows.slots, rows.edges, rows.edges[1:]):
        units = here.network.slot(*band[0]).width
        for kind, (at, tall) in zip(("value", "delta"), bands.halves(float(top), bottom - top)):
            for unit in range(units):
                y = at + (unit + 0.5) * tall / units
                found = cell_at(here, view, WIDTH, HEIGHT, x, y)
                assert found == Cell(*band[0], kind, 42, 43, unit, unit + 1)  # type: ignore[arg-type]


def test_the_number_is_that_of_the_recording() -> None:
    here = film("lstm", SHORT)
    g, k = next((g, k) for g, k in here.uses if here.network.slot(g, k).name == "h")
    value = float(here.recording.value(g, k)[42, 0, 3])
    cell = Cell(g, k, "value", 42, 43, 3, 4)
    said = words(here, here.frame_at(1.0), cell, 0, "lecture")
    found = re.fullmatch(r"h43, unit 4: ([+−].*)", said)
    assert found and float(found[1].replace("−", "-")) == pytest.approx(value, abs=6e-3)


def test_of_a_long_film_the_strongest_step_of_the_pixel_is_told() -> None:
    here = film("elman", LONG, hidden=40)
    view = fit(here, WIDTH, HEIGHT, "bands")
    rows = bands.heights(here, HEIGHT - legend.HEIGHT + 6.0)
    band = next(n for n, b in enumerate(rows.slots) if here.network.slot(*b[0]).name == "h")
    found = cell_at(here, view, WIDTH, HEIGHT, 500.0, float(rows.edges[band]) + 2.0)
    assert found is not None and found.last - found.first in (4, 5)
    assert (found.low, found.high) == (0, 2)  # forty units in sixteen rows
    block = here.recording.value(found.segment, found.slot)[found.first : found.last, 0, 0:2]
    said = words(here, here.frame_at(1.0), found, 0, "lecture")
    assert f"the strongest of {block.size}" in said
    t, unit = np.unravel_index(np.argmax(np.abs(block)), block.shape)
    assert said.startswith(f"h{found.first + int(t) + 1}, unit {int(unit) + 1}: ")


def test_what_has_not_happened_is_not_told() -> None:
    here = film("lstm", SHORT)
    g, k = next((g, k) for g, k in here.uses if here.network.slot(g, k).name == "h")
    start = here.frame_at(0.0)
    assert words(here, start, Cell(g, k, "value", 5, 6, 0, 1), 0, "lecture") == "h6: not yet"
    assert words(here, start, Cell(g, k, "delta", 5, 6, 0, 1), 0, "lecture") == "δ(h6): not yet"


def test_lines_and_two_graphs_have_their_cells_too() -> None:
    here = film("elman", SHORT)
    view = wrapping.fitted(here, WIDTH, HEIGHT, "bands", 0, 3)
    line = wrapping.lines_of(here, view, WIDTH, HEIGHT).line(2)
    found = {
        cell_at(here, view, WIDTH, HEIGHT, bands.RAIL + 3.0, line.top + y)
        for y in np.linspace(0.0, 150.0, 40).tolist()
    }
    assert {cell.first for cell in found if cell} == {line.first}
    both = Sheet((here, film("lstm", SHORT)), ("a", "b"))
    pair = both.fitted(WIDTH, HEIGHT, "bands", 0, None)
    said = {
        told(both, both.frames_at(1.0), pair, WIDTH, HEIGHT, 500.0, y)
        for y in np.linspace(0.0, HEIGHT, 200).tolist()
    }
    assert len(said) > 20 and "" in said
    assert told(both, both.frames_at(1.0), View(level="ops"), WIDTH, HEIGHT, 500.0, 300.0) == ""
