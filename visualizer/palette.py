"""The colour maps of the cells: control points per theme, spread to tables of 256 colours.
Tokens and styles are in `visualizer.theme`; the meaning of a level is in `scene.picture`.

value  signed, blue to red         gate  one-sided, light to teal       delta  signed, purple to
orange. The centre of a map lies near the surface of its theme, so that zero keeps quiet, and both
ends are about equally dark, so that size reads in grey. Level 0, "not finite", is the one yellow.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Stops = tuple[str, ...]

# Control points evenly spaced over levels 1 … 255, interpolated in sRGB like the target pictures.
MAPS: dict[str, dict[str, Stops]] = {
    "light": {
        "value": ("#2166ac", "#f4f4f2", "#c0392b"),
        "gate": ("#f4f4f2", "#1f5f73"),
        "delta": ("#5e3c99", "#f4f2f0", "#e8590c"),
    },
    "dark": {
        "value": ("#3583cb", "#264d74", "#2d333a", "#763230", "#d2463a"),
        "gate": ("#2c333a", "#45a0b2"),
        "delta": ("#8f6bd8", "#483a72", "#2e323a", "#7a4424", "#f5701c"),
    },
    "print": {
        "value": ("#1b5a9e", "#f7f7f7", "#b4301f"),
        "gate": ("#f7f7f7", "#1b5566"),
        "delta": ("#54348f", "#f7f7f7", "#d94f04"),
    },
}
SIGNED = frozenset({"value", "delta"})
NOT_FINITE = "#f2c500"


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green, blue of "#rrggbb"."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@cache
def table(theme: str, name: str) -> NDArray[np.uint8]:
    """The colours (256, 3) of a map in a theme; row 0 is the colour of what is not finite."""
    stops = np.array([rgb(stop) for stop in MAPS[theme][name]], dtype=np.float64)
    places = np.linspace(0.0, 1.0, len(stops))
    wanted = np.linspace(0.0, 1.0, 255)
    colours = np.empty((256, 3), np.uint8)
    colours[0] = rgb(NOT_FINITE)
    for channel in range(3):
        colours[1:, channel] = np.rint(np.interp(wanted, places, stops[:, channel]))
    colours.flags.writeable = False
    return colours


@cache
def hexes(theme: str, name: str) -> tuple[str, ...]:
    """The same table as 256 "#rrggbb" strings."""
    rows: list[Any] = table(theme, name).tolist()
    return tuple(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in rows)
