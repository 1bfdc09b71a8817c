"""FIGURES: which picture of a film, at which moment, for a file. Writing it is the exporters'.

The same scene as in the window, on no device: no window, no timer, no Qt.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from visualizer.document.snapshot import Snapshot
from visualizer.paint.svg import to_svg
from visualizer.plots.table import PLOTS, Plot
from visualizer.scene.compose import compose, fit, level_of_view, sight_of
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import legend
from visualizer.scene.picture import Picture
from visualizer.scene.view import View
from visualizer.theme import theme_named

Size = tuple[float, float]
THUMBNAIL: Size = (640, 400)
PLOT_SIZE: Size = (1600, 420)
MARGIN = 24.0


@dataclass(frozen=True, slots=True)
class Figure:
    """`draw(film, frame, view, width, height)`; `size` in pixels where none is asked for."""

    id: str
    title: str
    size: Size
    draw: Callable[[Film, Frame, View, float, float], Picture]


def _plot(row: Plot) -> Figure:
    def draw(film: Film, frame: Frame, view: View, width: float, height: float) -> Picture:
        return row.draw(film, frame, view, width, height, row.scales[0])

    return Figure(row.id, row.title, PLOT_SIZE, draw)


FIGURES: dict[str, Figure] = {
    "graph": Figure("graph", "The unrolled graph", (1600, 900), compose),
    **{row.id: _plot(row) for row in PLOTS.values()},
}


def figure(
    film: Film,
    kind: str = "graph",
    *,
    moment: float = 1.0,
    view: View | None = None,
    level: str | None = None,
    size: Size | None = None,
    like: View | None = None,
) -> Picture:
    """One figure at a moment (0 … 1), fitted to its size unless a view says where one looks.

    `like`: a view that says which sequence and which symbols are shown, wherever one looks.
    """
    row = FIGURES[kind]
    width, height = size or row.size
    frame = film.frame_at(moment)
    seen = view or fit(film, width, height, level or "auto", step=frame.step)
    if level is not None:
        seen = replace(seen, level=level)
    if like is not None:
        seen = replace(seen, sequence=like.sequence, symbols=like.symbols)
    if size is None and view is None:
        width, height = _trimmed(film, row, seen)
    return row.draw(film, frame, seen, width, height)


def _trimmed(film: Film, row: Figure, view: View) -> Size:
    """The size of the row without empty paper to the right of the graph, above and below it; taller
    where a graph of the level that was asked for is."""
    width, height = row.size
    if level_of_view(film, view) == "bands":
        return width, height
    here = sight_of(film, view, width, height)
    width = min(
        width, math.ceil(float(here.edge(film.steps)) + here.layout.tail * here.scale + MARGIN)
    )
    if row.id == "graph":
        graph = here.layout.height * here.scale
        tall = math.ceil(graph + legend.HEIGHT + 2 * MARGIN)
        height = tall if graph > here.height + 1.0 else min(height, tall)
    return width, height


def thumbnail(snapshot: Snapshot, film: Film) -> str:
    """The small picture that goes into a session: the whole graph at the playhead, as svg."""
    picture = figure(film, moment=snapshot.playhead, size=THUMBNAIL)
    return to_svg(picture, theme_named("light"))
