"""From one level to another without a jump: where a zoom shows more or less of a step, the states
in the middle of the window stay where they were. Only the origin of the view changes; which level
it is, is said in `levels`, where things stand in `view`.
"""

from __future__ import annotations

from dataclasses import replace

from visualizer.scene.compose import level_of_view, sight_of
from visualizer.scene.film import Film
from visualizer.scene.fold import folded
from visualizer.scene.layout import Layout
from visualizer.scene.tile import Key, Mark
from visualizer.scene.view import Sight, View, moved

ROLES = ("state", "memory")
EASE = 10.0  # px by which every further zoom brings it back
OUTSIDE = 0.2  # of the height of a window by which a graph that would fit may leave it for that


def crossed(film: Film, before: View, after: View, width: float, height: float) -> View:
    """The view after a zoom, moved so that at another level the states in the middle of the window
    stand where they would at the old one, if it then still is in the window; bit by bit the next
    ones bring all of it back."""
    old, new = level_of_view(film, before), level_of_view(film, after)
    if "bands" in (old, new) or film.timeless or folded(film, after):
        return after
    here = sight_of(film, after, width, height)
    if old == new:
        return moved(after, film.base, film.steps, 0.0, _back(here), here.height)
    there = sight_of(film, replace(after, level=old), width, height)
    keys = _states(film, there.layout).keys() & _states(film, here.layout).keys()
    if not keys:
        return after
    key = min(
        sorted(keys), key=lambda key: abs(float(there.y(there.layout.at[key].y)) - height / 2)
    )
    (x0, y0), (x1, y1) = (_place(sight, key) for sight in (there, here))
    down = _kept(here, y0 - y1)
    return moved(after, film.base, film.steps, x0 - x1, down, here.height)


def _states(film: Film, layout: Layout) -> dict[Key, Mark]:
    found = {}
    for key, mark in layout.at.items():
        if film.network.slot(*key).role in ROLES:
            found[key] = mark
    return found


def _place(sight: Sight, key: Key) -> tuple[float, float]:
    """Pixels of a node of step 1."""
    mark = sight.layout.at[key]
    return float(sight.x(0, mark.x)), float(sight.y(mark.y))


def _back(here: Sight) -> float:
    """How far down it is brought at every further zoom, so that it comes back into the window."""
    top = here.y0 + here.layout.top * here.scale
    bottom = here.y0 + here.layout.bottom * here.scale
    if bottom - top > here.height:
        return 0.0
    out = max(bottom - here.height, 0.0) or min(top, 0.0)
    return -min(max(out, -EASE), EASE)


def _kept(here: Sight, down: float) -> float:
    """How far down it may be moved."""
    top = here.y0 + here.layout.top * here.scale
    bottom = here.y0 + here.layout.bottom * here.scale
    if bottom - top > here.height:
        return down
    spare = OUTSIDE * here.height
    return min(max(down, -max(top + spare, 0.0)), max(here.height + spare - bottom, 0.0))
