"""The picture: a display list of few kinds, as arrays with style names. Numbers only: no colour,
no font and no Qt lives here (colours and sizes: `visualizer.theme`, devices: `visualizer.paint`).

Coordinates are pixels, x to the right, y down. Items are painted in order, the later above the
earlier. `style` names a row of `visualizer.styles.STYLES`; `ids` and `titles` (as many as there
are shapes, or none) become ids and tooltips where the device has them. Items hold arrays, so they
compare by identity.

Levels (`Strips`, `Heat`) are places in a colour map of 256: 0 means "not a finite number", 1..255
run over the scale, and 128 is exactly zero on the signed maps. `level_of` does that sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]
Bytes: TypeAlias = NDArray[np.uint8]
Map: TypeAlias = Literal["value", "gate", "delta"]
Anchor: TypeAlias = Literal["start", "middle", "end"]
Arrows: TypeAlias = Literal["none", "end"]


@dataclass(frozen=True, slots=True, eq=False)
class Rects:
    """Rectangles (N, 4) as x y width height; `radius` overrides the corner radius of the style."""

    style: str
    boxes: Floats
    radius: float | None = None
    ids: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Dots:
    """Discs: centres (N, 2), radii (N,)."""

    style: str
    centres: Floats
    radii: Floats
    ids: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Strips:
    """Rows of cells, left to right in each box: boxes (N, 4), counts (N,) cells in each box,
    levels (sum of counts,). `gap` is the space between two cells, dropped where cells get thin.

    On the signed maps a positive cell leaves a sliver free below and a negative one above
    (as bars on an axis do), so that the sign is not told by colour alone.
    """

    map: Map
    boxes: Floats
    counts: NDArray[np.integer[Any]]
    levels: Bytes
    gap: float = 1.0
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """One heat map: levels (rows, columns) fill `box` (x, y, width, height) without gaps."""

    map: Map
    box: tuple[float, float, float, float]
    levels: Bytes
    title: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Polylines:
    """Open lines, each (K, 2), K >= 2. `widths` (N,) overrides the style's; corners are rounded
    by `radius`; arrowheads stand with their tip at the last point."""

    style: str
    points: tuple[Floats, ...]
    widths: Floats | None = None
    arrows: Arrows = "none"
    radius: float = 0.0
    ids: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Cubic curves: points (N, 8) = start, control, control, end. Otherwise as `Polylines`."""

    style: str
    points: Floats
    widths: Floats | None = None
    arrows: Arrows = "none"
    ids: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Rings:
    """Sum rings: a disc with a Σ, round it `segments` (N,) arcs of which `filled` (N,) are lit,
    clockwise from the top. Above eight segments the arcs run together into one.

    The rows of STYLES are `style` (the disc) and `style` + "-track", "-lit", "-text", "-text-lit".
    """

    style: str
    centres: Floats
    radius: float
    segments: NDArray[np.integer[Any]]
    filled: NDArray[np.integer[Any]]
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Strings at positions (N, 2). `anchor` says which end of the string x is; y is the middle of
    the capital letters, or the baseline if `baseline` is set. Markup: ``h_{3}`` and ``W^{⊤}``
    lower and raise what stands in the braces; every other character is itself ("W_hh").
    `scale` multiplies the size of the style, as the picture zooms.
    """

    style: str
    positions: Floats
    strings: tuple[str, ...]
    anchor: Anchor = "start"
    baseline: bool = False
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Clip:
    """What follows shows only inside the box (x, y, width, height), until `Unclip`. No nesting."""

    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Unclip:
    """Ends the last `Clip`."""


Item: TypeAlias = Rects | Dots | Strips | Heat | Polylines | Curves | Rings | Texts | Clip | Unclip


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A width by height drawing on `background` (a token of the theme, "" for none)."""

    width: float
    height: float
    items: tuple[Item, ...]
    background: str = "canvas"
    title: str = ""


def level_of(values: ArrayLike, scale: float, *, signed: bool = True) -> Bytes:
    """Levels of values on -scale … scale (signed) or 0 … scale; beyond the ends they saturate."""
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.floating):
        array = array.astype(np.float64)
    finite = np.isfinite(array)
    # in the type of the values, in place: millions of them become levels when a film is long
    unit = np.where(finite, array, 0.0) if not finite.all() else array.copy()
    unit /= scale if scale > 0 else 1.0
    np.clip(unit, -1.0 if signed else 0.0, 1.0, out=unit)
    unit *= 127 if signed else 254
    unit += 128 if signed else 1
    levels = np.rint(unit, out=unit).astype(np.uint8)
    levels[~finite] = 0
    return levels
