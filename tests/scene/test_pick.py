"""What lies under a pixel: the middle of every mark finds its node, at every level and far out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from engine.template import Node
from tests.scene.films import film
from visualizer.scene.compose import fit, sight_of
from visualizer.scene.layers import bands, legend
from visualizer.scene.pick import pick
from visualizer.scene.targets import last_told, word_of
from visualizer.scene.view import View

WIDTH, HEIGHT = 1000.0, 700.0
LONG = " ".join(f"w{n % 7}" for n in range(400))


@pytest.mark.parametrize("level", ["ops", "tensors", "steps"])
def test_the_middle_of_every_mark_finds_its_node(level: str) -> None:
    long = film("lstm", LONG)
    view = replace(fit(long, WIDTH, HEIGHT, level), origin=(200.0, 0.0))
    here = sight_of(long, view, WIDTH, HEIGHT)
    t = (here.first + here.last) // 2
    for mark in here.layout.marks:
        found = pick(long, view, WIDTH, HEIGHT, float(here.x(t, mark.x)), float(here.y(mark.y)))
        wanted = ("loss", t) if mark.kind == "pill" else Node(mark.segment, t, mark.slot)
        assert found == wanted


def test_between_the_rows_there_is_nothing() -> None:
    long = film("lstm", LONG)
    view = replace(fit(long, WIDTH, HEIGHT, "steps"), origin=(200.0, 0.0))
    here = sight_of(long, view, WIDTH, HEIGHT)
    rows = sorted({mark.y for mark in here.layout.marks})
    middle = float(here.x(here.first + 2, here.layout.pitch / 2))
    for above, below in pairwise(rows):
        assert pick(long, view, WIDTH, HEIGHT, middle, float(here.y((above + below) / 2))) is None


def test_a_band_tells_slot_and_step() -> None:
    long = film("lstm", LONG)
    view = fit(long, WIDTH, HEIGHT, "bands")
    rows = bands.heights(long, HEIGHT - legend.HEIGHT + 6.0)
    x = float(bands.axis(long, view)[321])
    for band, top, bottom in zip(rows.slots, rows.edges, rows.edges[1:]):
        found = pick(long, view, WIDTH, HEIGHT, x, float(top + bottom) / 2)
        assert found == Node(band[0][0], 321, band[0][1])
    assert pick(long, View(level="bands", zoom=view.zoom), WIDTH, HEIGHT, 3.0, 300.0) is None


def test_the_last_word_is_found_from_the_end() -> None:
    assert last_told(("a", "", "b", "", "")) == 2
    assert last_told(("", "")) == -1 == last_told(())
    assert word_of("-3.5") == "→ −3.5" and word_of("-") == "→ -" and word_of("am") == "→ am"
