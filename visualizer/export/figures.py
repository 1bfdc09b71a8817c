"""FIGURES: which picture of a film, or of two, at which moment, for a file. Writing it is the
exporters'.

The same scene as in the window, on no device: no window, no timer, no Qt.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.errors import BAD_SETTINGS, Unusable
from visualizer.document.snapshot import Snapshot
from visualizer.paint.svg import to_svg
from visualizer.plots.table import PLOTS, Plot, complete, plot_picture
from visualizer.scene import wrapped, wrapping
from visualizer.scene.compose import level_of_view
from visualizer.scene.film import Film
from visualizer.scene.fold import obstacle
from visualizer.scene.frame import Frame
from visualizer.scene.layers import legend
from visualizer.scene.panes import TITLE
from visualizer.scene.picture import Picture
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View
from visualizer.scene.whereabouts import obstacle as obstacle_to_lines
from visualizer.scene.whereabouts import wraps
from visualizer.scene.wrapping import ONE
from visualizer.theme import theme_named

Size = tuple[float, float]
THUMBNAIL: Size = (640, 400)
PLOT_SIZE: Size = (1600, 420)
PLOT_LEAST = 680.0  # px that title and legend of a plot need side by side
LEAST_WIDE, MOST_WIDE = 700.0, 3600.0  # of a formula
MARGIN = 24.0
BESIDE = 110.0  # a folded step, for the state before the first one
MOST_NODES = 200_000  # drawn ones; browsers and editors open a file of as many, if slowly
ABOVE_EACH_OTHER = 1.6  # times the height for two graphs


@dataclass(frozen=True, slots=True)
class Figure:
    """`draw(sheet, frames, view, width, height)`; `size` in pixels where none is asked for.
    `timed`: it has the time axis, and ends where that ends."""

    id: str
    title: str
    size: Size
    draw: Callable[[Sheet, tuple[Frame, ...], View, float, float], Picture]
    timed: bool = True


def _plot(row: Plot) -> Figure:
    def draw(
        sheet: Sheet, frames: tuple[Frame, ...], view: View, width: float, height: float
    ) -> Picture:
        log = sheet.several and "log" in row.scales  # two are compared on one log axis
        scale = "log" if log else row.scales[0]
        complete(row, sheet.film, view)
        return plot_picture(row, sheet, frames, view, width, height, scale)

    return Figure(row.id, row.title, row.size or PLOT_SIZE, draw, row.size is None)


def _graph(
    sheet: Sheet, frames: tuple[Frame, ...], view: View, width: float, height: float
) -> Picture:
    return sheet.compose(frames, view, width, height, marked=False)


FIGURES: dict[str, Figure] = {
    "graph": Figure("graph", "The unrolled graph", (1600, 900), _graph),
    **{row.id: _plot(row) for row in PLOTS.values()},
}


def figure(
    shown: Film | Sheet,
    kind: str = "graph",
    *,
    moment: float = 1.0,
    view: View | None = None,
    level: str | None = None,
    size: Size | None = None,
    like: View | None = None,
    fold: float | None = None,
    wrap: int | None = None,
    whole: bool = False,
) -> Picture:
    """One figure at a moment (0 … 1), fitted to its size unless a view says where one looks, or
    as wide as all steps are if the `whole` is wanted.

    `like`: a view that says which sequence and which symbols are shown, and how far folded,
    wherever one looks, and in how many lines. `fold` (0 … 1) and `wrap` (0: as many as it takes)
    say that as well. Unusable where nothing can be folded, or wrapped.
    """
    row = FIGURES[kind]
    sheet = shown if isinstance(shown, Sheet) else Sheet((shown,))
    width, height = size or _size(sheet, row)
    frames = sheet.frames_at(moment)
    step = frames[sheet.hand].step
    seen = view or sheet.fitted(width, height, level or "auto", 0, step)
    seen = seen if level is None else replace(seen, level=level)
    seen = seen if like is None else _alike(sheet, seen, like)
    seen = seen if fold is None else replace(seen, fold=fold)
    seen = seen if wrap is None else replace(seen, wrap=wrap)
    if seen.wrap != ONE and row.id == "graph":
        return row.draw(sheet, frames, *_wrapped(sheet, seen, size, view is None))
    if seen.fold and row.id == "graph":
        return row.draw(sheet, frames, *_folded(sheet, seen, size, view is None, step))
    if size is None and view is None and row.timed:
        if whole and row.id == "graph" and not sheet.timeless:
            return row.draw(sheet, frames, *_whole(sheet, row, seen))
        width, height = _trimmed(sheet, row, seen)
    return row.draw(sheet, frames, seen, width, height)


def _whole(sheet: Sheet, row: Figure, view: View) -> tuple[View, float, float]:
    """View and size of a graph from its first step to its last; Unusable if that is too much for
    what opens such files."""
    _check_nodes(sheet, level_of_view(sheet, view))
    seen = replace(view, origin=(0.0, view.origin[1]))
    return seen, *_trimmed(sheet, row, seen, whole=True)


def _check_nodes(sheet: Sheet, level: str) -> None:
    """Unusable where a graph of all steps has more nodes than can be looked at."""
    if level == "bands":
        return
    nodes = sum(
        film.network.segments[mark.segment].steps
        for film in sheet.films
        for mark in film.layout(level).marks
    )
    if nodes > MOST_NODES:
        raise Unusable(
            f"a figure of every step would draw {nodes:,} nodes; programs open at most "
            f"{MOST_NODES:,}: give a --size, fewer --steps or --level bands",
            exit=BAD_SETTINGS,
        )


def _alike(sheet: Sheet, view: View, like: View) -> View:
    """The view with what another one says that is no matter of where one looks."""
    found = replace(view, sequence=like.sequence, symbols=like.symbols, fold=like.fold)
    lines = replace(found, wrap=like.wrap)
    return lines if wraps(sheet, lines) else found


def _size(sheet: Sheet, row: Figure) -> Size:
    width, height = row.size
    if sheet.timeless and row.id == "graph":  # as large as its numbers want it, within reason
        layout = sheet.layout(sheet.levels[0])
        return min(max(layout.pitch + 2 * MARGIN, LEAST_WIDE), MOST_WIDE), height
    tall = sheet.several and row.id == "graph"
    return width, height * ABOVE_EACH_OTHER if tall else height


def _folded(
    sheet: Sheet, view: View, size: Size | None, fits: bool, step: int | None
) -> tuple[View, float, float]:
    """View and size of a folded graph; the further it is folded the narrower, if no size is
    given. It is fitted if it may be."""
    if view.level == "bands":
        raise Unusable(
            "bands cannot be folded; choose the level numbers, ops, tensors or steps",
            exit=BAD_SETTINGS,
        )
    said = [obstacle(film) for film in sheet.films]
    if all(said):
        raise Unusable(said[0], exit=BAD_SETTINGS)
    row = FIGURES["graph"]
    width, height = size or _size(sheet, row)
    if not fits:
        return view, width, height

    def fitted(across: float) -> View:
        level = level_of_view(sheet, view)
        found = sheet.fitted(across, height, level, view.sequence, step)
        return replace(found, level=level, symbols=view.symbols, fold=view.fold)

    seen = fitted(width)
    if size is None:
        whole, _ = _trimmed(sheet, row, replace(seen, fold=0.0))
        loop = max(
            here.left + here.step + 2 * (here.margin + BESIDE * here.scale)
            for here in sheet.sights(replace(seen, fold=1.0), width, height)
        )
        width = math.ceil(whole + (min(loop, whole) - whole) * view.fold**2)
        seen = fitted(width)
    return seen, width, height


def _wrapped(
    sheet: Sheet, view: View, size: Size | None, fits: bool
) -> tuple[View, float, float]:  # fmt: skip
    """View and size of a graph in several lines; as high as they want to be, and no wider, if no
    size is given. It is fitted if it may be."""
    if said := obstacle_to_lines(sheet, view):
        raise Unusable(said, exit=BAD_SETTINGS)
    if size is None:
        _check_nodes(sheet, level_of_view(sheet, view))
    film, width, height = sheet.film, *(size or (_size(sheet, FIGURES["graph"])[0], math.inf))
    if fits:
        found = sheet.fitted(width, height, view.level, view.sequence, None, view.wrap)
        view = replace(found, level=view.level, symbols=view.symbols)
    lines = wrapping.lines_of(film, view, width, height)
    if size is None:
        height = math.ceil(lines.count * lines.tall + wrapping.STRIP + 2 * wrapping.AROUND)
        width = min(width, math.ceil(wrapped.right_end(film, view, width, height) + MARGIN))
    elif fits and (over := lines.count * lines.tall + wrapping.STRIP) > height + 1.0:
        raise Unusable(
            f"{lines.count} lines need {math.ceil(over):,} px and the size has {height:g}; "
            "give fewer lines, a higher --size or none",
            exit=BAD_SETTINGS,
        )
    return view, width, height


def _trimmed(sheet: Sheet, row: Figure, view: View, whole: bool = False) -> Size:
    """The size of the row without empty paper to the right of the graph, above and below it; taller
    where a graph of the level that was asked for is, and wider if the whole of it is wanted."""
    width, height = _size(sheet, row)
    level = level_of_view(sheet, view)
    if level == "bands":
        return width, height
    sights = sheet.sights(view, width, height)
    tail = max(here.layout.tail * here.scale for here in sights)
    end = math.ceil(float(sheet.edges(view, width)[-1]) + tail + MARGIN)
    width = end if whole else min(width, end)
    if row.id != "graph":
        width = max(width, PLOT_LEAST)
    else:
        graph = sheet.layout(level).height * sights[0].scale
        titles = TITLE * len(sights) if sheet.several else 0.0
        tall = math.ceil(graph + legend.HEIGHT + 2 * MARGIN * len(sights) + titles)
        room = sum(here.height for here in sights)
        height = tall if graph > room + 1.0 else min(height, tall)
    return width, height


def thumbnail(snapshot: Snapshot, film: Film) -> str:
    """The small picture that goes into a session: the whole graph at the playhead, as svg."""
    picture = figure(film, moment=snapshot.playhead, size=THUMBNAIL)
    return to_svg(picture, theme_named("light"))
