"""The legend: the colour maps that occur in the picture, with their scales. Always there."""

from __future__ import annotations

import numpy as np

from visualizer.scene.film import Film
from visualizer.scene.layers.columns import SLACK
from visualizer.scene.picture import Item, Map, Polylines, Strips, Texts
from visualizer.styles import STYLES
from visualizer.typeset import width_of

HEIGHT = 40.0
BAR = (96.0, 8.0)
CELLS = 25
OWN = 44.0  # px of the way of an own output


def draw(film: Film, width: float, height: float, *, logarithmic: bool = False) -> list[Item]:
    """At the lower left, in one row, on a strip of its own."""
    entries: list[tuple[Map, str]] = [("value", span("value", film.value_scale, film.value_beyond))]
    if has_gates(film):
        entries.append(("gate", "gate 0 … 1"))
    if film.recording.has_gradients:
        words = span("δ", film.delta_scale, False)
        entries.append(("delta", words + (", log" if logarithmic else "")))
    x, y = 18.0, height - HEIGHT + 8.0
    items: list[Item] = []
    places, strings = [], []
    levels = np.rint(np.linspace(1, 255, CELLS)).astype(np.uint8)
    for name, words in entries:
        box = np.array([[x, y, *BAR]])
        items.append(Strips(name, box, np.array([CELLS]), levels, gap=0.0))
        places.append((x, y + BAR[1] + 11.0))
        strings.append(words)
        x += max(BAR[0], width_of(words, STYLES["legend-text"]) * SLACK) + 20.0
    if film.run.batch.own is not None and film.run.batch.own.any():
        middle = y + BAR[1] / 2
        items.append(Polylines("edge-fed", (np.array([[x, middle], [x + OWN, middle]]),)))
        places.append((x, y + BAR[1] + 11.0))
        strings.append("own output, no gradient")
    return [*items, Texts("legend-text", np.array(places), tuple(strings))]


def has_gates(film: Film) -> bool:
    """Whether anything here is shown on the scale 0 … 1."""
    return any(slot.role == "gate" for g in film.network.segments for slot in g.slots)


def span(name: str, scale: float, beyond: bool) -> str:
    """value −1 … 1; with "and beyond" where colours are saturated."""
    return f"{name} −{scale:g} … {scale:g}" + (" and beyond" if beyond else "")
