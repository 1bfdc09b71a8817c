"""The colours of a theme as numpy arrays of 0xffRRGGBB words, for what is painted pixel by pixel:
the maps by rank (`scene.extremes`), the ground, and the hatch. No Qt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from visualizer.paint.shapes import HATCH_PITCH, HATCH_WIDTH
from visualizer.palette import SIGNED, rgb, table
from visualizer.scene.extremes import levels_of
from visualizer.theme import Theme, theme_named

Words = NDArray[np.uint32]
MAPS = ("value", "gate", "delta")
TOKENS = ("canvas", "surface", "border", "edge", "backward")
EVERY_RANK = np.arange(256, dtype=np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Inks:
    """A theme at so many device pixels a unit. `hatch`: the colours along a row of pixels, over
    and over again; each row below is one pixel further on. `pending`: the same inside nodes."""

    ratio: float
    maps: Mapping[str, Words]  # by rank
    ground: int
    loss: int
    hatch: Words
    pending: Words
    tokens: Mapping[str, NDArray[np.float64]]  # (3,), for what is mixed on the way


@lru_cache(maxsize=8)
def inks_of(theme: str, ratio: float = 1.0) -> Inks:
    """The inks of a theme."""
    look = theme_named(theme)
    return Inks(
        ratio,
        {name: _map(theme, name) for name in MAPS},
        int(_over(look, "canvas", 1.0)),
        int(_over(look, look.style("band-loss").fill or "", 1.0)),
        _hatch(look, "band-pending", "canvas", ratio),
        _hatch(look, "strip-pending", look.style("strip-pending").fill or "", ratio),
        {name: np.array(rgb(look.colour(name).hex), dtype=np.float64) for name in TOKENS},
    )


def _map(theme: str, name: str) -> Words:
    return words_of(table(theme, name)[levels_of(EVERY_RANK, name in SIGNED)].astype(np.float64))


def _over(look: Theme, named: str, share: float | NDArray[np.float64], on: str = "canvas") -> Words:
    """A token laid over another, as much of it as `share` says."""
    colour = look.colour(named)
    ground = np.array(rgb(look.colour(on).hex), dtype=np.float64)
    part = np.asarray(share)[..., None] * colour.opacity
    return words_of(ground + part * (np.array(rgb(colour.hex)) - ground))


def words_of(colours: NDArray[np.float64]) -> Words:
    """Colours (…, 3), 0 … 255, as words."""
    red, green, blue = np.moveaxis(np.rint(colours).astype(np.uint32), -1, 0)
    words: Words = np.uint32(0xFF000000) | (red << 16) | (green << 8) | blue
    return words


def _hatch(look: Theme, style: str, on: str, ratio: float) -> Words:
    """Lines that rise to the right, at the pitch and width of `shapes`, over whole pixels."""
    pitch = Fraction(HATCH_PITCH * ratio).limit_denominator(64)
    away = np.arange(pitch.numerator) + 1.0  # x + y in the middle of a pixel
    away = np.abs((away + float(pitch) / 2) % float(pitch) - float(pitch) / 2) / np.sqrt(2.0)
    half = HATCH_WIDTH * ratio / 2
    share = _reach(away + half) - _reach(away - half)
    return _over(look, look.style(style).hatch or "", share, on)


def _reach(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """The part of a pixel on one side of a diagonal line that passes its middle at a distance."""
    share: NDArray[np.float64] = np.clip(u * np.sqrt(2.0), -1.0, 1.0)
    return 0.5 + share - 0.5 * share * np.abs(share)
