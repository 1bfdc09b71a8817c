"""Where one is in a graph, and the views that bring one elsewhere: what hand, keys, minimap and
playhead ask for, of one film or two, in one line or in several.

Steps count with fractions. In several lines, which scroll up and down, a step that is a part into
its line is that part down its height.
"""

from __future__ import annotations

import math
from dataclasses import replace

from visualizer.scene import wrapping
from visualizer.scene.compose import level_of_view
from visualizer.scene.crossing import crossed
from visualizer.scene.layers import bands
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View, moved, step_width, zoomed
from visualizer.scene.wrapping import STRIP, Lines

NEAR = 0.02  # steps that do not count
TOLD = 0.25  # of a line, from which on it is said to be in sight
ENTERS = 0.06  # of a page, from its edge to where a playhead stands that came there


def wraps(sheet: Sheet, view: View) -> bool:
    """Whether there are several lines; two graphs have one each."""
    return not sheet.several and wrapping.wraps(sheet.film, view)


def obstacle(sheet: Sheet, view: View) -> str:
    """Why there cannot be several lines, and what to do; nothing where there can."""
    if sheet.several:
        return "two graphs are compared in one line each; end the comparison to wrap one of them"
    return wrapping.obstacle(sheet.film, view)


def in_sight(sheet: Sheet, view: View, width: float, height: float) -> tuple[float, float]:
    """The steps [low, high) in the window; some may lie before the first or behind the last."""
    if view.fold > 0.0 or sheet.timeless:
        return 0.0, float(sheet.steps)
    if wraps(sheet, view):
        lines = wrapping.lines_of(sheet.film, view, width, height)
        low, high = -lines.top, height - STRIP - lines.top
        return low / lines.tall * lines.per, high / lines.tall * lines.per
    tail = bands.TAIL if level_of_view(sheet, view) == "bands" else 0.0
    room = width - tail - sheet.rail(view, width)
    return view.origin[0], view.origin[0] + max(room, 1.0) / step_width(view, sheet.base)


def steps_seen(sheet: Sheet, view: View, width: float, height: float) -> tuple[float, float]:
    """The same to be told in words: of several lines, all steps of those that are really there,
    since a line is in sight with all that stands in it."""
    if view.fold > 0.0 or not wraps(sheet, view):
        return in_sight(sheet, view, width, height)
    lines, room = wrapping.lines_of(sheet.film, view, width, height), height - STRIP
    seen = lines.seen(height)
    there = [
        line
        for line in seen
        if min(line.top + lines.tall, room) - max(line.top, 0.0) >= TOLD * lines.tall
    ]
    there = there or seen
    return float(there[0].first), float(there[-1].last)


def brought(sheet: Sheet, view: View, width: float, height: float, step: float) -> View:
    """The view with a step at its beginning, if enough of them are behind it."""
    low, high = in_sight(sheet, view, width, height)
    first = min(max(step, 0.0), max(sheet.steps - (high - low), 0.0))
    if not wraps(sheet, view):
        return replace(view, origin=(first, view.origin[1]))
    lines = wrapping.lines_of(sheet.film, view, width, height)
    return _scrolled(view, -first / lines.per * lines.tall, lines, height)


def together(sheet: Sheet, view: View, width: float) -> int:
    """How many steps come into sight at once: all of a line where there are several."""
    return wrapping.lines_of(sheet.film, view, width, math.inf).per if wraps(sheet, view) else 1


def holds(low: float, high: float, step: int, unit: int) -> bool:
    """Whether a step is in sight, with all that comes with it if there is room for that."""
    first = step // unit * unit
    if high - low < 1.5 * unit:
        return first < high and first + unit > low
    return low - NEAR <= first and first + unit <= high + NEAR


def next_page(
    low: float, high: float, step: int, unit: int, enters: float = ENTERS
) -> float:  # fmt: skip
    """Where a new page begins that a playhead turns to: whence it comes, it stands near the edge
    (at this share of the page), and most of the page is before it."""
    first, page = step // unit * unit, high - low
    aside = enters * page if unit == 1 else 0.0
    return first - aside if first > low else first + unit + aside - page


def revealed(sheet: Sheet, view: View, width: float, height: float, t: int) -> View:
    """The view moved as little as it takes to have all of step t in sight."""
    if not wraps(sheet, view):
        low, high = in_sight(sheet, view, width, height)
        if t < low:
            return brought(sheet, view, width, height, t)
        return brought(sheet, view, width, height, t + 1 - (high - low)) if t + 1 > high else view
    lines = wrapping.lines_of(sheet.film, view, width, height)
    at = lines.top + t // lines.per * lines.tall
    below = at + lines.tall - (height - STRIP)
    by = -at if at < 0 else -max(below, 0.0)
    return _scrolled(view, lines.top + by, lines, height)


def pushed(
    sheet: Sheet, view: View, width: float, height: float, dx: float, dy: float
) -> View:  # fmt: skip
    """The view after a drag by (dx, dy) pixels; two graphs have the height between them. Time is
    not drawn further than its ends, unless it was already."""
    if not wraps(sheet, view):
        new = moved(view, sheet.base, sheet.steps, dx, dy, height / len(sheet.films))
        if view.fold > 0.0 or sheet.timeless:
            return new
        low, high = in_sight(sheet, new, width, height)
        spare = sheet.steps - (high - low)  # steps out of sight, or less than none
        least, most = min(0.0, spare, view.origin[0]), max(0.0, spare, view.origin[0])
        return replace(new, origin=(min(max(new.origin[0], least), most), new.origin[1]))
    lines = wrapping.lines_of(sheet.film, view, width, height)
    step = step_width(view, sheet.base)
    missing = lines.per - (width - bands.TAIL - sheet.rail(view, width)) / step
    aside = min(max(view.origin[0] - dx / step, 0.0), max(missing, 0.0))
    return _scrolled(replace(view, origin=(aside, 0.0)), lines.top + dy, lines, height)


def nearer(
    sheet: Sheet, view: View, width: float, height: float, x: float, factor: float, *, time: bool
) -> View:
    """The view zoomed about the pixel x; in several lines the steps in the middle stay there, and
    where the level changes the states do."""
    right = max(x - sheet.rail(view, width), 0.0)
    new = zoomed(view, sheet.base, sheet.steps, right, factor, time=time)
    if not (wraps(sheet, view) and wraps(sheet, new)):
        return new if sheet.several else crossed(sheet.film, view, new, width, height)
    new = replace(new, origin=(max(new.origin[0], 0.0) if view.wrap else 0.0, view.origin[1]))
    middle = sum(in_sight(sheet, view, width, height)) / 2
    low, high = in_sight(sheet, new, width, height)
    return brought(sheet, new, width, height, middle - (high - low) / 2)


def about(
    sheet: Sheet, view: View, width: float, height: float,
    steps: tuple[int | None, ...], factor: float, *, time: bool,
) -> View:  # fmt: skip
    """The view zoomed about the first of these steps that is in sight, which stays there, or else
    about the middle of those that are."""
    rail = sheet.rail(view, width)
    if view.fold > 0.0 or sheet.timeless:
        return nearer(sheet, view, width, height, (rail + width) / 2, factor, time=time)
    low, high = in_sight(sheet, view, width, height)
    step = next((t for t in steps if t is not None and low <= t + 0.5 < high), None)
    at = (low + high) / 2 if step is None else step + 0.5
    x = rail + (at - low) * step_width(view, sheet.base)
    new = nearer(sheet, view, width, height, x, factor, time=time)
    if step is None or (not wraps(sheet, new) and _holds_middle(sheet, new, width, height, step)):
        return new
    return revealed(sheet, new, width, height, step)


def _holds_middle(sheet: Sheet, view: View, width: float, height: float, step: int) -> bool:
    low, high = in_sight(sheet, view, width, height)
    return low <= step + 0.5 < high


def _scrolled(view: View, top: float, lines: Lines, height: float) -> View:
    """The view with the first line at this height, as far as there is something to scroll."""
    over = max(lines.count * lines.tall - (height - STRIP), 0.0)
    down = min(max(top, -over), 0.0) / max(height, 1.0)
    return replace(view, origin=(view.origin[0], float(down)))


def far_lines(sheet: Sheet, view: View, width: float, height: float) -> View | None:
    """The bands of one line in as many as it takes: at the same scale, or as far as it takes to
    read them; nothing for what is no band, or has room in one line then."""
    if level_of_view(sheet, view) != "bands" or sheet.several:
        return None
    fitted = sheet.fitted(width, height, "bands", view.sequence, None, wrapping.AUTO)
    wide = step_width(view, sheet.base)
    nearest = view if wide >= step_width(fitted, sheet.base) else fitted
    new = replace(view, wrap=wrapping.AUTO, zoom=nearest.zoom, stretch=nearest.stretch,
                  origin=(0.0, 0.0))  # fmt: skip
    lines = wrapping.lines_of(sheet.film, new, width, height)
    return new if lines.count > 1 and lines.level == "bands" else None


def in_one_line(sheet: Sheet, view: View, width: float) -> View:
    """The same steps in one line, all of them in sight: what plots have, whose time is straight."""
    if not wraps(sheet, view):
        return view
    lines = wrapping.lines_of(sheet.film, view, width, math.inf)
    if lines.count == 1:  # it is the axis of the graph itself
        return lines.view(view, lines.line(0))
    flat = sheet.fitted(width, 400.0, "bands", view.sequence, None)
    return replace(view, wrap=wrapping.ONE, level="bands", zoom=flat.zoom, stretch=flat.stretch,
                   origin=(0.0, 0.0))  # fmt: skip
