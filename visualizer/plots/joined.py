"""A slot through all parts of time that its chain goes through (an encoder's h, then that of the
decoder), on the time axis of the film. What is drawn of it is the plots' own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.template import Network
from visualizer.scene.film import Film

Array = NDArray[np.floating[Any]]
Key = tuple[int, int]
Places = tuple[Key, ...]


def sections(network: Network, g: int, k: int) -> Places:
    """A slot in all parts of time that its chain goes through, in their order."""
    here = network.segments[g]
    return tuple(
        (n, segment.index(here.slots[k].name))
        for n, segment in enumerate(network.segments)
        if (segment.kind, segment.layer, segment.direction)
        == (here.kind, here.layer, here.direction)
        if any(slot.name == here.slots[k].name for slot in segment.slots)
    )


def on_axis(film: Film, places: Iterable[Key], b: int, of: Callable[[int, int], Array]) -> Array:
    """(steps,): `of(g, k)` has a number for every step of segment g; NaN where there is none."""
    found = np.full(film.steps, np.nan)
    for g, k in places:
        rows = of(g, k)
        first = film.tile(g, b)
        found[first : first + len(rows)] = rows[: film.steps - first]
    return found


def reached(
    film: Film, places: Iterable[Key], b: int, of: Callable[[int, int], tuple[int, int]]
) -> NDArray[np.bool_]:
    """(steps,): `of(g, k)` is a range of steps of segment g."""
    found = np.zeros(film.steps, bool)
    for g, k in places:
        low, high = (film.tile(g, b) + t for t in of(g, k))
        found[low:high] = True
    return found
