"""Lines come out the same wherever they stand, however they are cut, and whatever was drawn before:
on that stands that a graph may be painted in parts."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from visualizer.paint import qt, stamps
from visualizer.scene.difference import within
from visualizer.scene.picture import Curves, Dots, Item, Picture, Polylines
from visualizer.theme import theme_named

WIDE, TALL = 640, 360
PART = (150, 80, 260, 170)  # x, y, width, height of the part that is compared

Numbers = NDArray[np.floating[Any]]


def some(random: np.random.Generator, count: int, points: int) -> Numbers:
    """Places on quarters and on no round numbers, some of them level or upright."""
    found = np.round(random.uniform(0, [WIDE, TALL], (count, points, 2)) * 4) / 4
    found[: count // 2] += random.uniform(0, 1, (count // 2, 1, 2))
    found[::3, :, 1] = found[::3, :1, 1]
    found[1::5, :, 0] = found[1::5, :1, 0]
    return found


def items(kind: str) -> list[Item]:
    random = np.random.default_rng(5)
    widths = random.uniform(0.6, 3.5, 60)
    straight = tuple(some(random, 60, 2))
    if kind == "straight":
        return [Polylines("edge-backward", straight, widths, arrows="end")]
    if kind == "bent":
        return [Polylines("bus", tuple(some(random, 60, 4)), radius=6.0)]
    if kind == "arcs":
        arcs = some(random, 60, 4).reshape(60, 8)
        return [Curves("arc", arcs, widths), Curves("arc-backward", arcs[:9], widths[:9], "end")]
    return [Dots("bus-dot", some(random, 60, 1)[:, 0], np.full(60, 2.7 * 0.7))]


def drawn(some: list[Item], shift: int, clip: bool, ratio: int) -> Numbers:
    """The pixels of the part, of a picture that begins `shift` px further right."""
    image = QImage(WIDE * ratio, TALL * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    x, y, wide, tall = PART
    around = (x - shift - 15.0, y - 15.0, wide + 30.0, tall + 30.0)
    picture = Picture(WIDE, TALL, tuple(some), background="canvas")
    if clip:
        box = (around[0], around[1], around[0] + around[2], around[1] + around[3])
        picture = within(picture, box)
    with QPainter(image) as painter:
        qt.draw(painter, picture, theme_named("light"), around if clip else None)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(TALL * ratio, -1)
    left, top = (x - shift) * ratio, y * ratio
    return pixels[top : top + tall * ratio, left : left + wide * ratio].copy()


def moved(item: Any, by: float) -> Item:
    """The same marks further left."""
    off = np.array([by, 0.0])
    if isinstance(item, Polylines):
        points = tuple(each - off for each in item.points)
        return Polylines(item.style, points, item.widths, item.arrows, item.radius)
    if isinstance(item, Curves):
        return Curves(item.style, item.points - np.tile(off, 4), item.widths, item.arrows)
    assert isinstance(item, Dots)
    return Dots(item.style, item.centres - off, item.radii)


@pytest.mark.parametrize("kind, ratio", list(product(("straight", "bent", "arcs", "dots"), (1, 2))))
def test_marks_look_the_same_wherever_they_stand(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, kind: str, ratio: int
) -> None:
    whole = drawn(items(kind), 0, False, ratio)
    assert len(np.unique(whole)) > 20
    for shift, clip, fresh in product((0, 7, 120), (False, True), (False, True)):
        if fresh:  # what is kept is drawn again, first by marks that stand here
            monkeypatch.setattr(stamps, "_kept", type(stamps._kept)())
        part = drawn([moved(item, shift) for item in items(kind)], shift, clip, ratio)
        assert np.array_equal(part, whole), (shift, clip, fresh)
