"""Reading a picture back: its marks by kind and style, its words."""

from __future__ import annotations

from typing import TypeVar

from visualizer.scene.picture import Item, Picture, Texts

Kind = TypeVar("Kind", bound=Item)


def of(here: Picture, kind: type[Kind], style: str = "") -> list[Kind]:
    found = [i for i in here.items if isinstance(i, kind)]
    return [i for i in found if not style or getattr(i, "style", getattr(i, "map", "")) == style]


def words(here: Picture) -> list[str]:
    return [s for i in of(here, Texts) for s in i.strings]
