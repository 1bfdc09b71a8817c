"""What the cells of a band show: the ranks of a slot's values or deltas over a whole sequence, kept
with the film, and how much of them exists at a moment. Where a band stands: `bands`.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.extremes import Extremes, ranks_of
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers.cells import map_of
from visualizer.scene.picture import Bytes, Map, level_of

Array = NDArray[np.floating[Any]]
Key = tuple[int, int]
Kind = Literal["value", "delta", "loss"]
KINDS: tuple[Kind, ...] = ("value", "delta")
LOG_DECADES = 6.0


def colours(film: Film, key: Key, kind: Kind) -> Map:
    """The colour map of a band; losses have the scale of one, and stand as bars."""
    if kind == "value":
        return map_of(film.network.slot(*key))
    return "delta" if kind == "delta" else "gate"


def extremes(film: Film, key: Key, kind: Kind, b: int, scale: float | None = None) -> Extremes:
    """The ranks of a slot at the steps that a sequence owns, made when they are first looked at; on
    the scale of the film, unless one is given."""
    top = _scale(film, key, kind, b) if scale is None else scale

    def made() -> Extremes:
        low, high = film.owned(key[0], b)
        read = film.recording.delta if kind == "delta" else film.recording.value
        rows = read(*key)[low:high, b]
        signed = colours(film, key, kind) != "gate"

        def ranks(first: int, last: int) -> Bytes:
            numbers = rows[first:last]
            if kind == "delta":
                return ranks_of(level_of(log_place(numbers, top), 1.0))
            return ranks_of(level_of(numbers, top, signed=signed), signed)

        return Extremes(len(rows), rows.shape[1], ranks)

    found: Extremes = film.kept(("extremes", key, kind, b, top), made)
    return found


def _scale(film: Film, key: Key, kind: Kind, b: int) -> float:
    if kind == "delta":
        return film.delta_scale
    if kind == "loss":
        return largest_loss(film, b)
    return 1.0 if colours(film, key, kind) == "gate" else film.value_scale


def losses(film: Film) -> list[Key]:
    """The slots that are losses."""
    return [
        (g, k)
        for g, segment in enumerate(film.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.role == "loss"
    ]


def largest_loss(film: Film, b: int) -> float:
    """The largest loss of a sequence that is finite; 1 where all are 0."""

    def found() -> float:
        tops = [film.recording.value(*key)[:, b, 0] for key in losses(film)]
        finite = np.concatenate([*tops, np.zeros(1)])
        return float(np.max(finite[np.isfinite(finite)])) or 1.0

    return float(film.kept(("largest loss", b), found))


def steps(film: Film, key: Key, b: int) -> int:
    """How many steps of a slot a sequence owns."""
    low, high = film.owned(key[0], b)
    return high - low


def begin(film: Film, key: Key, b: int) -> int:
    """The step of the picture at which the sequence's first step of a slot stands."""
    return film.tile(key[0], b) + film.owned(key[0], b)[0]


def there(film: Film, frame: Frame, key: Key, kind: Kind, b: int) -> tuple[int, int]:
    """The steps [low, high) that exist, counted from the first that the sequence owns."""
    low, high = film.owned(key[0], b)
    if kind == "delta" and not film.recording.has_gradients:
        return 0, 0
    a, z = frame.complete(*key) if kind == "delta" else frame.valued(*key)
    a, z = (min(max(t, low), high) - low for t in (a, z))
    return a, max(a, z)


def wanted(film: Film, keys: list[tuple[Key, Kind]], b: int) -> list[Extremes]:
    """The ranks of all these that there are."""
    there = [(key, kind) for key, kind in keys if kind != "delta" or film.recording.has_gradients]
    return [extremes(film, key, kind, b) for key, kind in there]


def log_place(values: Array, scale: float) -> Array:
    """Sign and logarithm of the magnitude: 1 at `scale`, 0 six decades below."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.abs(values)
        size /= scale
        np.log10(size, out=size)
        size /= LOG_DECADES
        size += 1.0
        np.clip(size, 0.0, 1.0, out=size)
    place = np.copysign(size, values)
    finite = np.isfinite(values)
    return place if finite.all() else np.where(finite, place, np.nan)
