"""Lines and curves with a QPainter: straight ones in batches, bends as stamps, long ones in
stretches. Their geometry is in `shapes`."""

from __future__ import annotations

from functools import lru_cache, partial

import numpy as np
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF

from visualizer.paint import shapes
from visualizer.paint.ink import brush_of, colour_of, pen_of
from visualizer.paint.stamps import SHADES, Press
from visualizer.scene.picture import Curves, Polylines
from visualizer.styles import Style
from visualizer.theme import Theme

LONG_PATH = 24
STRETCH = 32


def draw_lines(
    painter: QPainter, press: Press | None, theme: Theme, item: Polylines | Curves
) -> None:
    """Draws the lines of an item; without a press nothing is kept or moved to whole pixels."""
    style = theme.style(item.style)
    straight: list[QPolygonF] = []
    bent: list[tuple[float, shapes.Path]] = []
    heads = _no_heads()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for _, path, tip, width in shapes.arrows_of(item, style.width):
        if len(path) == 2 and path[1][0] == "L" and not style.dash:
            line = _line(path, width, press)
            if not _filled(painter, press, theme, style, line, width):
                straight.append(_outline(line, width))
            add_head(heads, _placed(tip, press))
        elif len(path) > LONG_PATH:
            _stretches(painter, press, theme, style, path, width)
            add_head(heads, _placed(tip, press))
        elif not _stamped(press, theme, style, path, tip, width):
            bent.append((width, _grained(path, press)))
            add_head(heads, _placed(tip, press))
    _fill_all(painter, theme, style, straight)
    for width, path in bent:  # in their order, whichever there are: some shine through
        _bent(painter, theme, style, path_of(path), width)
    if not heads.isEmpty():
        painter.fillPath(heads, brush_of(theme, style.stroke))


def _bent(painter: QPainter, theme: Theme, style: Style, path: QPainterPath, width: float) -> None:
    """One bend. Where a painter begins with dashes depends on what it can show: a stroker does
    not know."""
    pen = pen_of(theme, style, width)
    if style.dash and style.stroke:
        painter.fillPath(QPainterPathStroker(pen).createStroke(path), pen.brush())
    else:
        painter.strokePath(path, pen)


def _line(path: shapes.Path, width: float, press: Press | None) -> QLineF:
    """A straight line; an upright or level one with its sides on whole pixels."""
    (_, x1, y1), (_, x2, y2) = path
    if press is not None:
        half, scale = width / 2, press.scale
        if x1 == x2:
            x1 = x2 = shapes.pixel((x1 - half) * scale) / scale + half
        elif y1 == y2:
            y1 = y2 = shapes.pixel((y1 - half) * scale) / scale + half
        x1, y1, x2, y2 = (shapes.grained(each, scale) for each in (x1, y1, x2, y2))
    return QLineF(x1, y1, x2, y2)


def _outline(line: QLineF, width: float) -> QPolygonF:
    """The four corners of a straight line. One that Qt strokes comes out otherwise by a shade where
    it stands elsewhere, or is cut by a clip; a shape that it fills does not."""
    x1, y1, x2, y2 = line.x1(), line.y1(), line.x2(), line.y2()
    half = width / 2 / (line.length() or 1.0)
    dx, dy = (y1 - y2) * half, (x2 - x1) * half
    corners = (x1 + dx, y1 + dy), (x2 + dx, y2 + dy), (x2 - dx, y2 - dy), (x1 - dx, y1 - dy)
    return QPolygonF([QPointF(x, y) for x, y in corners])


def _fill_all(painter: QPainter, theme: Theme, style: Style, shapes: list[QPolygonF]) -> None:
    """Fills convex shapes one by one: as one path they would take ten times as long."""
    if shapes:
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush_of(theme, style.stroke))
        for shape in shapes:
            painter.drawConvexPolygon(shape)
        painter.restore()


def _grained(path: shapes.Path, press: Press | None) -> shapes.Path:
    """A line on places that devices tell apart."""
    if press is None:
        return path
    return [(kind, *(shapes.grained(each, press.scale) for each in rest)) for kind, *rest in path]


def _placed(tip: shapes.Triangle | None, press: Press | None) -> shapes.Triangle | None:
    """An arrowhead where its line ends."""
    if tip is None or press is None:
        return tip
    scale = press.scale
    a, b, c = ((shapes.grained(x, scale), shapes.grained(y, scale)) for x, y in tip)
    return a, b, c


def _filled(
    painter: QPainter, press: Press | None, theme: Theme, style: Style, line: QLineF, width: float
) -> bool:
    """Fills an upright or level line that is so many whole pixels wide, ten times quicker than
    stroking it; False if it is another one."""
    if press is None or not press.whole or style.stroke is None or width != int(width):
        return False
    x, y, wide = line.x1(), line.y1(), int(width)
    if x == line.x2():
        ends = sorted((shapes.pixel(y), shapes.pixel(line.y2())))
        box = (shapes.pixel(x - width / 2), ends[0], wide, ends[1] - ends[0])
    elif y == line.y2():
        ends = sorted((shapes.pixel(x), shapes.pixel(line.x2())))
        box = (ends[0], shapes.pixel(y - width / 2), ends[1] - ends[0], wide)
    else:
        return False
    painter.fillRect(*box, colour_of(theme, style.stroke))
    return True


def _bend(
    painter: QPainter,
    theme: Theme,
    style: Style,
    path: shapes.Path,
    tip: shapes.Triangle | None,
    width: float,
) -> None:
    """One bent line with its arrowhead."""
    painter.strokePath(path_of(path), pen_of(theme, style, width))
    heads = _no_heads()
    add_head(heads, tip)
    painter.fillPath(heads, brush_of(theme, style.stroke))


def _stamped(
    press: Press | None,
    theme: Theme,
    style: Style,
    path: shapes.Path,
    tip: shapes.Triangle | None,
    width: float,
) -> bool:
    """Lays a bend as a stamp; False if it is too large, or on paper."""
    if press is None:
        return False
    fine, width = press.scale * SHADES, round(width, 2)
    bounds, kinds, form = _form(tuple(path), tip, width, fine)
    key = (theme.name, style.stroke, style.dash, width, kinds, form)

    def paint(painter: QPainter, left: float, top: float) -> None:
        xs = [left + each / fine for each in form[: len(form) // 2]]
        ys = [top + each / fine for each in form[len(form) // 2 :]]
        _bend(painter, theme, style, *_rebuilt(path, tip, list(zip(xs, ys))), width)

    return press.place(key, bounds, paint)


def _rebuilt(
    path: shapes.Path, tip: shapes.Triangle | None, points: list[shapes.Point]
) -> tuple[shapes.Path, shapes.Triangle | None]:
    """A path and its arrowhead with other points."""
    rest = iter(points)
    steps: shapes.Path = []
    for kind, *numbers in path:
        some = [next(rest) for _ in range(len(numbers) // 2)]
        steps.append((kind, *(each for point in some for each in point)))
    return steps, None if tip is None else (next(rest), next(rest), next(rest))


@lru_cache(maxsize=8_000)
def _form(
    path: tuple[shapes.Step, ...], tip: shapes.Triangle | None, width: float, fine: float
) -> tuple[tuple[float, float, float, float], str, tuple[int, ...]]:
    """Bounds of a bend, the kinds of its steps, and where it goes, in fractions of a pixel."""
    numbers = [each for step in path for each in step[1:]]
    numbers += [each for point in tip or () for each in point]
    xs, ys = numbers[::2], numbers[1::2]
    left, top = min(xs) - width, min(ys) - width
    form = tuple(
        shapes.pixel((each - low) * fine)
        for low, places in ((left, xs), (top, ys))
        for each in places
    )
    kinds = "".join(step[0] for step in path)
    return (left, top, max(xs) + width, max(ys) + width), kinds, form


def _stretches(
    painter: QPainter,
    press: Press | None,
    theme: Theme,
    style: Style,
    path: shapes.Path,
    width: float,
) -> None:
    """A long line in stretches of a few pieces: the time to stroke a path grows faster than its
    length, and of a line that grows, most stretches stay. Dashes go on from stretch to stretch."""
    pen = pen_of(theme, style, width)
    if not style.dash:
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    points = np.array([step[-2:] for step in path], dtype=np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    for first in range(0, len(points) - 1, STRETCH):
        some = points[first : first + STRETCH + 1]
        offset = round(float(along[first]) % sum(style.dash), 1) if style.dash else 0.0
        pen.setDashOffset(offset / width)
        low, high = some.min(axis=0) - width, some.max(axis=0) + width
        if press is not None:
            fine = press.scale * SHADES
            form = shapes.whole((some - low) * fine)
            key = (theme.name, style.stroke, style.dash, width, offset, form.tobytes())
            paint = partial(_stroke, QPen(pen), form / fine)
            if press.place(key, (*low.tolist(), *high.tolist()), paint):
                continue
        _stroke(QPen(pen), some - low, painter, *low.tolist())


def _stroke(pen: QPen, points: shapes.Numbers, painter: QPainter, left: float, top: float) -> None:
    """A line from point to point, seen from the corner."""
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF([QPointF(left + x, top + y) for x, y in points.tolist()]))


def path_of(path: shapes.Path) -> QPainterPath:
    """A path of `shapes` as Qt has it."""
    way = QPainterPath()
    for step in path:
        match step:
            case ("M", x, y):
                way.moveTo(x, y)
            case ("L", x, y):
                way.lineTo(x, y)
            case ("Q", cx, cy, x, y):
                way.quadTo(cx, cy, x, y)
            case ("C", ax, ay, bx, by, x, y):
                way.cubicTo(ax, ay, bx, by, x, y)
    return way


def _no_heads() -> QPainterPath:
    heads = QPainterPath()
    heads.setFillRule(Qt.FillRule.WindingFill)
    return heads


def add_head(heads: QPainterPath, tip: shapes.Triangle | None) -> None:
    """Adds an arrowhead to a path of them."""
    if tip is not None:
        heads.addPolygon(_triangle(tip))


@lru_cache(maxsize=8_000)
def _triangle(tip: shapes.Triangle) -> QPolygonF:
    """Closed: its first point is its last one as well."""
    return QPolygonF([QPointF(x, y) for x, y in (*tip, tip[0])])
