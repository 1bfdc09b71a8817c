"""The picture of a graph in several lines (`wrapping`). A line is drawn as a graph of its steps
alone, whose edges run off at its end and come back, with the name of what sends them, at the
beginning of the next.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from visualizer.scene.compose import (
    GROUND,
    LAYERS,
    OVER,
    Layer,
    clipped,
    level_of_view,
    stage_of,
    tables_of,
)
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import bands, callout, legend, losses, packets, returns
from visualizer.scene.panes import held
from visualizer.scene.picture import Item, Picture
from visualizer.scene.shifting import lowered
from visualizer.scene.stage import Stage
from visualizer.scene.view import View, step_width
from visualizer.scene.wrapping import STRIP, Line, lines_of

SPACE = 14.0  # px of a line, at its end, that are free of everything
RUN_OFF = 16.0  # units that edges go on beyond the last step of a line
PACKETS: tuple[tuple[str, Layer], ...] = (("packets", packets.draw),)
AGAIN: tuple[tuple[str, Layer], ...] = (
    ("callout", callout.draw),
    ("what comes back", returns.draw),
)


def wrapped(film: Film, frame: Frame, view: View, width: float, height: float) -> Picture:
    """The picture of all lines in sight, with one legend below them."""
    items: list[Item] = []
    for line in lines_of(film, view, width, height).seen(height):
        drawn = lowered(_line(film, frame, view, width, height, line), line.top)
        items += held(drawn, box_of(film, view, width, height, line))
    far = level_of_view(film, view) == "bands"
    items += legend.draw(film, width, height, logarithmic=far)
    return Picture(width, height, tuple(items), title=film.run.batch.title)


def moving(film: Film, frame: Frame, view: View, width: float, height: float) -> list[Item]:
    """What moves between two events."""
    items: list[Item] = []
    if level_of_view(film, view) == "bands":
        return items
    for line in lines_of(film, view, width, height).seen(height):
        stage = stage_of_line(film, frame, view, width, height, line)
        at = stage.sight.left if line.first else 0.0
        drawn = lowered(clipped(stage, at, packets.draw(stage)), line.top)
        items += held(drawn, box_of(film, view, width, height, line))
    return items


def box_of(
    film: Film, view: View, width: float, height: float, line: Line
) -> tuple[float, float, float, float]:
    """What a line has of the window, without the space below it."""
    lines = lines_of(film, view, width, height)
    tall = lines.tall - (SPACE if lines.level != "bands" else 0.0)
    top, bottom = max(line.top, 0.0), min(line.top + tall, height - STRIP)
    return 0.0, top, width, max(bottom - top, 0.0)


def right_end(film: Film, view: View, width: float, height: float) -> float:
    """How far the longest line reaches, with what stands at the right of the last step."""
    lines = lines_of(film, view, width, height)
    if lines.level == "bands":
        return bands.RAIL + lines.per * step_width(view, film.base)
    ends = []
    for line in (lines.line(0), lines.line(lines.count - 1)):
        sight = stage_of_line(film, film.frame_at(1.0), view, width, height, line).sight
        tail = sight.layout.tail if line.last == film.steps else RUN_OFF
        ends.append(float(sight.edge(line.last)) + tail * sight.scale)
    return max(ends)


def stage_of_line(
    film: Film, frame: Frame, view: View, width: float, height: float, line: Line
) -> Stage:
    """The stage of one line: no step of another one is in sight."""
    lines = lines_of(film, view, width, height)
    stage = stage_of(film, frame, lines.view(view, line), width, lines.window)
    sight = stage.sight
    goes_on = line.last < film.steps
    beyond = RUN_OFF * sight.scale if goes_on else width
    end = min(float(sight.edge(line.last)) + beyond, width)
    first = max(sight.first, line.first)
    here = replace(sight, width=end, first=first, last=max(min(sight.last, line.last), first))
    return replace(stage, sight=here)


def _line(
    film: Film, frame: Frame, view: View, width: float, height: float, line: Line
) -> list[Item]:
    """One line, as if it stood at the top of the window."""
    lines = lines_of(film, view, width, height)
    if lines.level == "bands":
        own = lines.view(view, line)
        per = (line.last - own.origin[0]) * step_width(own, film.base)
        across = min(width, bands.RAIL + per + bands.TAIL - 1e-3)
        found = bands.draw(film, frame, own, across, lines.tall)
        return [i for i in found if not line.first or getattr(i, "style", "") != "pill-total-text"]
    stage = stage_of_line(film, frame, view, width, height, line)
    items: list[Item] = []
    for at, layers in _later(stage, line) if line.first else tables_of(stage):
        items += clipped(stage, at, [item for _, layer in layers for item in layer(stage)])
    return items


def _later(stage: Stage, line: Line) -> tuple[tuple[float, tuple[tuple[str, Layer], ...]], ...]:
    """The layers of a line that is not the first, which has cards, first states and the sum."""
    left = stage.sight.left
    part = partial(losses.part_of_total, first=line.first, last=line.last)
    again: tuple[tuple[str, Layer], ...] = (("part of the sum", part), *AGAIN)
    return (left, GROUND), (left, LAYERS), (left, OVER), (left, PACKETS), (0.0, again)
