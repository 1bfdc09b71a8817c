"""Parts of a sheet with two graphs: the place of one of them, and the line with its title.

Where they are is decided by `sheet`; what is in them is drawn by `compose`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visualizer.scene.film import Film
from visualizer.scene.layers import legend
from visualizer.scene.picture import Clip, Dots, Item, Polylines, Rects, Texts, Unclip
from visualizer.scene.view import View

TITLE = 30.0  # height of the line of a title
LETTERS = ("A", "B")


@dataclass(frozen=True, slots=True)
class Pane:
    """The place of one graph: `top` is where its title begins, `y` where the graph does; `height`
    is the one that `compose` asks for, which has the strip of a legend at its bottom."""

    film: Film
    view: View
    top: float
    y: float
    height: float


def heading(
    titles: tuple[str, ...], place: int, width: float, *, marked: bool, mine: bool
) -> list[Item]:
    """The letter, in the colour that it has in the plots, and what this one is. Where it matters
    (`marked`) the one in hand stands out."""
    y = TITLE / 2
    items: list[Item] = []
    if place:
        items.append(Polylines("pane-line", (np.array([[0.0, 0.5], [width, 0.5]]),)))
    if marked and mine:
        items.append(Rects("pane-hand", np.array([[0.0, 5.0, 3.0, TITLE - 10.0]])))
    items.append(Dots(f"pair-{place + 1}-dot", np.array([[25.0, y]]), np.array([9.0])))
    items.append(Texts("pair-letter", np.array([[25.0, y]]), (LETTERS[place],), "middle"))
    style = "pane-title" if mine or not marked else "pane-title-quiet"
    items.append(Texts(style, np.array([[43.0, y]]), (titles[place],)))
    return items


def without_callout(items: list[Item]) -> list[Item]:
    """Of two graphs only the one in hand says in words what is being added up."""
    return [i for i in items if not getattr(i, "style", "").startswith("callout")]


def kept_inside(items: list[Item], pane: Pane, width: float) -> list[Item]:
    """Marks reach into no other pane."""
    return held(items, (0.0, TITLE, width, pane.height - legend.HEIGHT + 6.0))


def held(items: list[Item], box: tuple[float, float, float, float]) -> list[Item]:
    """Marks that show only in a box, and where they are clipped already only in both."""
    x, y, wide, tall = box
    whole = Clip(box)
    found: list[Item] = [whole]
    for item in items:
        if isinstance(item, Clip):
            left, top = max(item.box[0], x), max(item.box[1], y)
            right = min(item.box[0] + item.box[2], x + wide)
            bottom = min(item.box[1] + item.box[3], y + tall)
            found += [Unclip(), Clip((left, top, max(right - left, 0.0), max(bottom - top, 0.0)))]
        elif isinstance(item, Unclip):
            found += [item, whole]
        else:
            found.append(item)
    return [*found, Unclip()]
