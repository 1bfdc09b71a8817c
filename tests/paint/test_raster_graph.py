"""A pinned level from afar: the same pixels however they are asked for, and every node's cells."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engine.template import Node
from tests.paint.test_raster import HEIGHT, WIDTH, columns, long
from tests.scene.films import ARRANGED, CELLS, SENTENCE, film
from visualizer.paint import raster
from visualizer.paint.inks import inks_of
from visualizer.scene.compose import fit, level_of_view, sight_of
from visualizer.scene.extremes import ranks_of
from visualizer.scene.far import FAR, GAPS, around, far_sight, is_far, parted
from visualizer.scene.film import Film
from visualizer.scene.layers.band_cells import log_place
from visualizer.scene.layers.bands import rows_in
from visualizer.scene.layers.cells import map_of
from visualizer.scene.pick import pick
from visualizer.scene.picture import Polylines, Rects, Texts, level_of
from visualizer.scene.view import View, node_width

LEVELS = ["steps", "tensors", "ops"]
SCALES = [0.29, 0.11, 0.031, 0.012, 0.004]


def pinned(movie: Film, level: str, scale: float, at: float = 0.0) -> View:
    zoom = scale * movie.layout(level).pitch / movie.base
    return View(level=level, zoom=zoom, origin=(at, 0.0))


@pytest.mark.parametrize("ratio", [1.0, 1.5])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("level", LEVELS)
def test_any_split_has_the_same_bytes(level: str, scale: float, ratio: float) -> None:
    movie, inks = long(), inks_of("light", ratio)
    view, frame = pinned(movie, level, scale, 700.0), movie.frame_at(0.7)
    middle = round(frame.lately * movie.base * view.zoom * ratio)
    first, last = middle - 200, middle + 250
    whole = columns(movie, frame, view, first, last, inks)
    assert len(np.unique(whole)) > 20
    cuts = [first, *sorted(np.random.default_rng(3).integers(first, last, 6).tolist()), last]
    parts = [columns(movie, frame, view, a, z, inks) for a, z in pairwise(cuts)]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("level", LEVELS)
def test_only_the_changed_columns_are_others(level: str, scale: float) -> None:
    movie, inks = long(), inks_of("dark")
    view, frame = pinned(movie, level, scale), movie.frame_at(0.61)
    middle = round(frame.lately * movie.base * view.zoom)
    first, last = middle - 400, middle + 400
    words = columns(movie, frame, view, first, last, inks)
    for event in (1, 2, 3, 5, 8, 30, 200, 1_000, -500, 9_000):
        after = movie.frame_after(frame.done + event)
        for low, high in raster.changed(movie, frame, after, view):
            low, high = max(low, first), min(high, last)
            if high > low:
                words[:, low - first : high - first] = columns(movie, after, view, low, high, inks)
        frame = after
        assert np.array_equal(words, columns(movie, frame, view, first, last, inks)), event


def test_every_node_shows_its_cells() -> None:
    """Where there are as many pixels as units, each unit's own colour, value above and δ below."""
    movie, inks = long(), inks_of("light", 2.0)
    view, frame = pinned(movie, "tensors", 0.29, 500.0), movie.frame_at(1.0)
    sight, t = far_sight(movie, view, WIDTH, HEIGHT), 503
    for mark in sight.layout.marks:
        slot = movie.network.slot(mark.segment, mark.slot)
        if mark.kind != "box" or slot.width > 24:
            continue
        left = 2.0 * (sight.x(t, mark.x) - sight.x0 - mark.w / 2 * sight.scale)
        right = left + 2.0 * mark.w * sight.scale
        words = columns(movie, frame, view, int(left) - 2, int(right) + 2, inks)
        for kind, dy in (("value", -8.0), ("delta", 8.0)):
            row = words[round(2.0 * (float(sight.y(mark.y)) + dy * sight.tall))]
            read = movie.recording.value if kind == "value" else movie.recording.delta
            numbers = read(mark.segment, mark.slot)[t, 0]
            name = map_of(slot) if kind == "value" else "delta"
            if kind == "delta":
                levels = level_of(log_place(numbers, movie.delta_scale), 1.0)
            else:
                levels = level_of(numbers, movie.value_scale, signed=name != "gate")
            wanted = inks.maps[name][ranks_of(levels, name != "gate")]
            seen = [w for w, before in zip(row[1:], row) if w != before]
            found = [w for w in seen if w in wanted]
            runs = [w for w, before in zip(wanted, [0, *wanted]) if w != before]
            assert found == runs, (slot.name, kind)


@pytest.mark.parametrize("level", LEVELS)
def test_below_a_pixel_the_strongest_shows(level: str) -> None:
    movie, inks = long(), inks_of("light")
    wide = 0.19
    view = pinned(movie, level, wide / movie.layout(level).pitch)
    words = columns(movie, movie.frame_at(1.0), view, 0, 280, inks)
    sight = far_sight(movie, view, WIDTH, HEIGHT)
    (mark,) = [m for m in sight.layout.marks if movie.network.slot(m.segment, m.slot).name == "h"]
    levels = level_of(movie.recording.value(mark.segment, mark.slot)[:, 0], movie.value_scale)
    top, bottom = (round(float(sight.y(mark.y + dy))) for dy in (1 - mark.h / 2, -1))
    rows = rows_in(bottom - top)  # of 20 units, as in bands
    ends = np.append(np.arange(1, rows) * 20 // rows, 20)
    for p in range(280):  # edges at whole pairs of steps
        first, last = (2 * math.ceil(x / wide / 2) for x in (p, p + 1))
        units = ranks_of(levels[first:last]).max(axis=0)
        ranks = [units[a:z].max() for a, z in pairwise([0, *ends])]
        at = (np.arange(bottom - top) * 2 + 1) * rows // (2 * (bottom - top))
        assert np.array_equal(words[top:bottom, p], inks.maps["value"][np.array(ranks)[at]])


def test_a_far_view_begins_where_the_near_one_ends() -> None:
    """No jump: at the border both have the same sight."""
    movie = long()
    for level in LEVELS:
        view = pinned(movie, level, FAR * 0.9999999)
        near, far = sight_of(movie, view, WIDTH, HEIGHT), far_sight(movie, view, WIDTH, HEIGHT)
        assert is_far(movie, view) and not is_far(movie, pinned(movie, level, FAR * 1.01))
        assert far.tall == pytest.approx(near.scale, rel=1e-5) and far.x0 == near.x0
        assert abs(far.y(0.0) - near.y(0.0)) <= 1.0
        tall = [far_sight(movie, pinned(movie, level, s), WIDTH, HEIGHT).tall for s in SCALES]
        assert all(a <= b for a, b in pairwise(tall)) and tall[-1] > 1.4 * FAR


def test_what_is_near_or_folded_or_no_level_of_the_user_is_not_far() -> None:
    movie = film()
    view = pinned(movie, "ops", 0.1)
    assert is_far(movie, view) and not is_far(movie, replace(view, fold=0.5))
    assert is_far(movie, replace(view, level="bands"))
    auto = fit(movie, WIDTH, HEIGHT)
    assert level_of_view(movie, auto) != "bands" and not is_far(movie, auto)


@pytest.mark.parametrize("scale", [0.29, 0.08, 0.02, 0.004])
@pytest.mark.parametrize("level", LEVELS)
def test_what_is_seen_is_picked(level: str, scale: float) -> None:
    movie = long()
    view = pinned(movie, level, scale, 300.0)
    sight = far_sight(movie, view, WIDTH, HEIGHT)
    for mark in parted(sight):
        if mark.kind in ("box", "row"):
            x = sight.x(305, mark.x if sight.step >= GAPS else 0.5 * sight.layout.pitch)
            y = sight.y(mark.y + 0.4 * mark.h)
            found = pick(movie, view, WIDTH, HEIGHT, float(x), float(y))
            assert found == Node(mark.segment, 305, mark.slot)
    assert pick(movie, view, WIDTH, HEIGHT, 20.0, float(sight.y(0.0))) is None
    assert pick(movie, view, WIDTH, HEIGHT, 500.0, 4.0) is None


SETTINGS = [{"cell": cell} for cell in CELLS] + [dict(each) for each in ARRANGED]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_every_network_can_be_far_away(settings: dict[str, object]) -> None:
    movie = film(**{"text": SENTENCE, **settings})  # type: ignore[arg-type]
    inks = inks_of("light")
    for level in ("bands", *LEVELS):
        for scale in (0.25, 0.05, 0.01):
            view = pinned(movie, level.replace("bands", "ops"), scale)
            view = replace(view, level=level)
            wide = int(movie.base * view.zoom * movie.steps) + 20
            seen = [
                columns(movie, movie.frame_at(at), view, -10, wide, inks) for at in (0.0, 0.5, 1.0)
            ]
            assert (seen[2] != inks.ground).any() and not np.array_equal(seen[0], seen[2])
            assert (seen[2][:, :8] == inks.ground).all()
            for at in (0.0, 0.5, 1.0):
                around(movie, movie.frame_at(at), view, WIDTH, HEIGHT)


def test_round_it_stand_names_axis_and_playhead() -> None:
    movie = long()
    view, frame = pinned(movie, "tensors", 0.004), movie.frame_at(0.7)
    items = around(movie, frame, view, WIDTH, HEIGHT)
    words = [s for item in items if isinstance(item, Texts) for s in item.strings]
    assert {"h", "state", "a", "memory", "x", "L", "loss"} <= set(words)
    assert any(word.startswith("ℒ") for word in words) and f"t = {frame.step + 1}" in words
    assert any(isinstance(item, Polylines) and item.style == "playhead" for item in items)
    assert node_width(view, movie.base) < 1.0


@pytest.mark.parametrize("settings", [{"cell": "lstm"}, {"arrangement": "attention"}], ids=str)
def test_time_begins_where_the_sight_says(settings: dict[str, object]) -> None:
    movie = film(**{"text": SENTENCE, **settings})  # type: ignore[arg-type]
    for level in LEVELS:
        for scale in SCALES:
            view = pinned(movie, level, scale)
            assert raster.left(movie, view) == far_sight(movie, view, WIDTH, HEIGHT).left


@pytest.mark.parametrize("level", ["bands", *LEVELS])
@pytest.mark.parametrize("wide", [0.2, 2.0, 20.0])
def test_what_is_selected_has_a_box_where_it_is_picked(level: str, wide: float) -> None:
    movie = long()
    view = View(level=level, zoom=wide / movie.base, origin=(400.0, 0.0))
    slot = next(k for k, s in enumerate(movie.network.segments[0].slots) if s.name == "h")
    node = Node(0, 420, slot)
    items = around(movie, movie.frame_at(1.0), replace(view, selected=node), WIDTH, HEIGHT)
    (box,) = [i.boxes[0] for i in items if isinstance(i, Rects) and i.style == "band-selected"]
    x, y = box[0] + box[2] / 2, box[1] + 0.4 * box[3]
    found = pick(movie, view, WIDTH, HEIGHT, float(x), float(y))
    assert isinstance(found, Node) and (found.segment, found.slot) == (0, slot)
    assert abs(found.t - 420) <= 1 and box[2] >= 5.0
    away = replace(view, origin=(900.0, 0.0), selected=node)
    items = around(movie, movie.frame_at(1.0), away, WIDTH, HEIGHT)
    assert not [i for i in items if isinstance(i, Rects) and i.style == "band-selected"]
