"""Marks of a picture moved to another place: how two pictures become one. Nothing else changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from visualizer.scene.picture import (
    Clip,
    Curves,
    Dots,
    Heat,
    Item,
    Polylines,
    Rects,
    Rings,
    Strips,
    Texts,
    Unclip,
)


def lowered(items: Iterable[Item], dy: float) -> list[Item]:
    """The same marks `dy` pixels further down."""
    return [_lowered(item, dy) for item in items]


def _lowered(item: Item, dy: float) -> Item:
    if isinstance(item, Rects | Strips):
        return replace(item, boxes=item.boxes + np.array([0.0, dy, 0.0, 0.0]))
    if isinstance(item, Dots | Rings):
        return replace(item, centres=item.centres + np.array([0.0, dy]))
    if isinstance(item, Texts):
        return replace(item, positions=item.positions + np.array([0.0, dy]))
    if isinstance(item, Curves):
        return replace(item, points=item.points + np.array([0.0, dy] * 4))
    if isinstance(item, Polylines):
        return replace(item, points=tuple(p + np.array([0.0, dy]) for p in item.points))
    if isinstance(item, Heat | Clip):
        x, y, width, height = item.box
        return replace(item, box=(x, y + dy, width, height))
    assert isinstance(item, Unclip)
    return item
