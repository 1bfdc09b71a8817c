"""A picture with a QPainter: on the screen, on images and on paper. Shapes of one style go out in
batches; geometry comes from `shapes`, words go through `qt_text`. No layout, no state of its own
but caches. What is not finite is left out, what is far away is drawn at ±32,000.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPaintEngine, QPainter, QPen

from visualizer.paint import shapes
from visualizer.paint.ink import brush_of, cell_colours, cell_words, colour_of, pen_of
from visualizer.paint.qt_lines import draw_lines
from visualizer.paint.qt_text import draw_stamps, draw_strings
from visualizer.paint.sprites import lay_strips
from visualizer.paint.stamps import Press
from visualizer.scene.picture import (
    Clip,
    Curves,
    Dots,
    Heat,
    Item,
    Picture,
    Polylines,
    Rects,
    Rings,
    Strips,
    Texts,
    Unclip,
)
from visualizer.styles import Style
from visualizer.theme import Theme

RING_TEXT_AT = 11.0
HATCH_TILE = 40
TALLEST = 160  # px of a box that is kept as a stamp: nodes, not the cards that they stand on
PAPER = {QPaintEngine.Type.Pdf, QPaintEngine.Type.SVG, QPaintEngine.Type.Picture}
Box = tuple[float, float, float, float]


def draw(
    painter: QPainter,
    picture: Picture,
    theme: Theme,
    clip: Box | None = None,
    moving: bool = False,
) -> None:
    """Draws the picture at the painter's origin; `clip` (x, y, width, height) says what shows. Of a
    picture that is `moving`, one of many, the shapes of lines are not kept: none comes back.
    The painter keeps its transform; its pen, brush and clip come back as they were."""
    painter.save()
    try:
        brush = _Brush(painter, theme, moving)
        if clip is not None:
            painter.setClipRect(QRectF(*clip), Qt.ClipOperation.IntersectClip)
        if picture.background:
            area = QRectF(0, 0, picture.width, picture.height)
            painter.fillRect(area, colour_of(theme, picture.background))
        for item in picture.items:
            PAINTERS[type(item)](brush, item)
        brush.unclip()
    finally:
        painter.restore()


class _Brush:
    """One painter in one theme, while one picture is drawn."""

    def __init__(self, painter: QPainter, theme: Theme, moving: bool = False) -> None:
        self.painter, self.theme, self.moving = painter, theme, moving
        view = painter.deviceTransform()
        even = view.m11() > 1e-6 and abs(view.m11() - view.m22()) < 1e-9
        upright = even and abs(view.m12()) < 1e-9
        self.paper = painter.paintEngine().type() in PAPER or not upright
        if not self.paper:  # with a scale of 1.5 a widget may start between two pixels
            x, y, scale = view.dx(), view.dy(), view.m11()
            painter.translate((round(x) - x) / scale, (round(y) - y) / scale)
        self.scale = None if self.paper else view.m11()
        self.press = None if self.paper else Press(painter)
        self.inside = False

    def smooth(self, on: bool) -> None:
        """Antialiasing on, or off for what lies on whole pixels."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, on)

    def snapped(self, values: shapes.Numbers) -> shapes.Numbers:
        """Coordinates on whole device pixels; as they are on paper."""
        return values if self.scale is None else shapes.whole(values * self.scale) / self.scale

    def rects(self, item: Rects) -> None:
        """Boxes, their strokes inside."""
        style = self.theme.style(item.style)
        raw, fine = shapes.sound(item.boxes)
        edges = self.snapped(np.concatenate([raw[:, :2], raw[:, :2] + raw[:, 2:]], axis=1)[fine])
        inset = style.width / 2 if style.stroke else 0.0
        sizes = np.maximum(edges[:, 2:] - edges[:, :2] - 2 * inset, 0.0)
        rows = whole = np.concatenate([edges[:, :2] + inset, sizes], axis=1).tolist()
        radius = (style.radius if item.radius is None else item.radius) - inset
        if radius > 0 and self.press is not None:
            rows = [row for row in rows if not self.stamped_box(style, row, radius)]
        self.painter.setPen(pen_of(self.theme, style))
        self.painter.setBrush(brush_of(self.theme, style.fill))
        if radius <= 0:
            self.smooth(bool(style.stroke) or self.paper)
            self.painter.drawRects([QRectF(*row) for row in rows])
        else:
            self.smooth(True)
            for row in rows:
                self.rounded(style, QRectF(*row), min(radius, row[2] / 2, row[3] / 2))
        if style.hatch:
            self.hatch(style.hatch, whole, 0.3 * max(radius, 0.0))

    def rounded(self, style: Style, box: QRectF, bend: float) -> None:
        """A large box with round corners: between these it is filled pixel by pixel, which is ten
        times quicker and comes out the same."""
        thin = not style.stroke or (style.width == 1.0 and not style.dash)
        if self.paper or not thin or box.height() < 4 * bend + 8:
            self.painter.drawRoundedRect(box, bend, bend)
            return
        edge = 0.5 if style.stroke else 0.0
        whole = box.adjusted(-edge, -edge, edge, edge)
        upper, lower = int(whole.top() + bend) + 2, int(whole.bottom() - bend) - 1
        for top, bottom in ((whole.top(), upper), (lower, whole.bottom())):
            self.painter.save()
            band = QRectF(whole.left(), top, whole.width(), bottom - top)
            self.painter.setClipRect(band, Qt.ClipOperation.IntersectClip)
            self.painter.drawRoundedRect(box, bend, bend)
            self.painter.restore()
        self.smooth(False)
        middle = QRectF(whole.left(), upper, whole.width(), lower - upper)
        if style.fill:
            self.painter.fillRect(middle, brush_of(self.theme, style.fill))
        if style.stroke:
            ink = colour_of(self.theme, style.stroke)
            self.painter.fillRect(QRectF(middle.left(), upper, 1.0, middle.height()), ink)
            self.painter.fillRect(QRectF(middle.right() - 1.0, upper, 1.0, middle.height()), ink)
        self.smooth(True)

    def stamped_box(self, style: Style, row: list[float], radius: float) -> bool:
        """Lays a rounded box as a stamp; False if it is too large for that."""
        x, y, width, height = row
        if height > TALLEST:
            return False
        edge = style.width

        def paint(painter: QPainter, left: float, top: float) -> None:
            painter.setPen(pen_of(self.theme, style))
            painter.setBrush(brush_of(self.theme, style.fill))
            bend = min(radius, width / 2, height / 2)
            painter.drawRoundedRect(QRectF(left + edge, top + edge, width, height), bend, bend)

        assert self.press is not None
        key = (self.theme.name, style.fill, style.stroke, edge, style.dash, width, height, radius)
        return self.press.place(
            key, (x - edge, y - edge, x + width + edge, y + height + edge), paint
        )

    def hatch(self, token: str, rows: list[list[float]], inset: float) -> None:
        """Thin lines in boxes."""
        if self.press is not None and self.press.whole:
            tile = hatch_tile(colour_of(self.theme, token).rgba())
            for x, y, width, height in rows:
                left, top = shapes.pixel(x + inset), shapes.pixel(y + inset)
                wide = shapes.pixel(x + width - inset) - left
                high = shapes.pixel(y + height - inset) - top
                if wide > 0 and high > 0:
                    self.painter.fillRect(left, top, wide, high, tile)
            return
        self.smooth(True)
        for x, y, width, height in rows:
            phase = round((x + y) % shapes.HATCH_PITCH, 2)
            box = (phase, 0.0, round(width, 2), round(height, 2))
            paint = partial(self.hatched, token, box, inset)
            key = ("hatch", self.theme.name, token, *box, inset)
            bounds = (x - 1, y - 1, x + width + 1, y + height + 1)
            if self.press is None or not self.press.place(key, bounds, paint):
                paint(self.painter, *bounds[:2])

    def hatched(
        self, token: str, box: Box, inset: float, painter: QPainter, left: float, top: float
    ) -> None:
        """The lines of one box, which stands at (1, 1) from the corner."""
        painter.setPen(QPen(colour_of(self.theme, token), shapes.HATCH_WIDTH))
        lines = shapes.hatch_lines(box, inset) + np.tile([left + 1 - box[0], top + 1], 2)
        painter.drawLines([QLineF(*line) for line in lines.tolist()])

    def dots(self, item: Dots) -> None:
        """Discs."""
        style = self.theme.style(item.style)
        centres, fine = shapes.sound(item.centres)
        radii, round_ = shapes.sound(item.radii)
        self.smooth(True)
        for place in np.flatnonzero(fine & round_).tolist():
            (x, y), size = centres[place].tolist(), max(float(radii[place]), 0.0)
            paint = partial(self.dot, style, size)
            key = ("dot", self.theme.name, style.fill, style.stroke, style.width, size)
            reach = size + style.width
            bounds = (x - reach, y - reach, x + reach, y + reach)
            if self.press is None or not self.press.place(key, bounds, paint):
                paint(self.painter, *bounds[:2])

    def dot(self, style: Style, size: float, painter: QPainter, left: float, top: float) -> None:
        """One disc in the corner."""
        reach = size + style.width
        painter.setPen(pen_of(self.theme, style))
        painter.setBrush(brush_of(self.theme, style.fill))
        painter.drawEllipse(QPointF(left + reach, top + reach), size, size)

    def strips(self, item: Strips) -> None:
        """Cells, on whole pixels."""
        boxes, levels, owner = shapes.cells_of(item, self.scale)
        self.smooth(self.paper)
        colours, put = cell_colours(self.theme.name, item.map), self.painter.fillRect
        if self.press is not None and self.press.whole:
            words, cells = cell_words(self.theme.name, item.map), boxes.astype(np.intp)
            if lay_strips(self.painter, cells, words[levels], owner):
                return
            for (x, y, wide, high), level in zip(cells.tolist(), levels.tolist()):
                put(x, y, wide, high, colours[level])
            return
        for box, level in zip(boxes.tolist(), levels.tolist()):
            put(QRectF(*box), colours[level])

    def heat(self, item: Heat) -> None:
        """A heat map, every cell as large as it comes, without smoothing."""
        box, fine = shapes.sound([item.box])
        if not fine[0] or not item.levels.size:
            return
        rows, columns = item.levels.shape
        pixels = np.ascontiguousarray(cell_words(self.theme.name, item.map)[item.levels])
        # The image looks into `pixels`, which therefore must outlive the drawing.
        image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
        x, y, width, height = box[0].tolist()
        left, top, right, bottom = self.snapped(np.array([x, y, x + width, y + height])).tolist()
        self.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        self.painter.drawImage(QRectF(left, top, right - left, bottom - top), image)

    def lines(self, item: Polylines | Curves) -> None:
        """Lines and curves."""
        draw_lines(self.painter, None if self.moving else self.press, self.theme, item)

    def rings(self, item: Rings) -> None:
        """Discs with arcs round a Σ."""
        words: dict[str, list[tuple[float, float]]] = {}
        for x, y, middle, arcs in shapes.arcs_of(item):
            paint = partial(self.ring, item, middle, arcs)
            reach = item.radius + 1
            key = (self.theme.name, item.style, item.radius, tuple(arcs))
            bounds = (x - reach, y - reach, x + reach, y + reach)
            if self.press is None or not self.press.place(key, bounds, paint):
                paint(self.painter, *bounds[:2])
            lit = any(on and span for _, span, on in arcs)
            words.setdefault("-text-lit" if lit else "-text", []).append((x, y))
        for name, places in words.items():
            texts = Texts(item.style + name, np.array(places), ("Σ",) * len(places), "middle")
            self.texts(texts, item.radius / RING_TEXT_AT)

    def ring(
        self,
        item: Rings,
        middle: float,
        arcs: list[tuple[float, float, bool]],
        painter: QPainter,
        left: float,
        top: float,
    ) -> None:
        """One disc with its arcs in the corner."""
        x, y = left + item.radius + 1, top + item.radius + 1
        disc = self.theme.style(item.style)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen_of(self.theme, disc))
        painter.setBrush(brush_of(self.theme, disc.fill))
        painter.drawEllipse(QPointF(x, y), item.radius, item.radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        area = QRectF(x - middle, y - middle, 2 * middle, 2 * middle)
        for start, span, on in arcs:
            painter.setPen(
                pen_of(self.theme, self.theme.style(f"{item.style}-{'lit' if on else 'track'}"))
            )
            # Qt counts sixteenths of a degree, anticlockwise from three o'clock.
            painter.drawArc(area, round((90 - start) * 16), round(-span * 16))

    def texts(self, item: Texts, scale: float = 1.0) -> None:
        """Strings, `scale` times the size of their style."""
        style = self.theme.style(item.style)
        scale *= item.scale
        if scale != 1.0:
            style = replace(style, size=style.size * scale)
        places, fine = shapes.sound(item.positions)
        rows = [(*places[k].tolist(), item.strings[k]) for k in np.flatnonzero(fine).tolist()]
        colour = colour_of(self.theme, style.colour)
        if self.press is None:
            draw_strings(self.painter, style, colour, rows, item.anchor, item.baseline)
        else:
            draw_stamps(self.press, style, colour, rows, item.anchor, item.baseline)

    def clip(self, item: Clip) -> None:
        """Begins a clip."""
        self.unclip()
        box, fine = shapes.sound([item.box])
        if fine[0]:
            self.painter.save()
            self.painter.setClipRect(QRectF(*box[0].tolist()), Qt.ClipOperation.IntersectClip)
            self.inside = True

    def unclip(self, _: Unclip | None = None) -> None:
        """Ends it."""
        if self.inside:
            self.painter.restore()
        self.inside = False


@cache
def hatch_tile(rgba: int) -> QBrush:
    """A square of the hatch that goes on in the next one; large, for few of them are laid."""
    side = HATCH_TILE * int(shapes.HATCH_PITCH)
    tile = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    with QPainter(tile) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor.fromRgba(rgba), shapes.HATCH_WIDTH))
        for total in range(0, 2 * side + 1, int(shapes.HATCH_PITCH)):
            painter.drawLine(QLineF(-side, total + side, total + side, -side))
    return QBrush(tile)


PAINTERS: dict[type[Item], Callable[[_Brush, Any], None]] = {
    Rects: _Brush.rects,
    Dots: _Brush.dots,
    Strips: _Brush.strips,
    Heat: _Brush.heat,
    Polylines: _Brush.lines,
    Curves: _Brush.lines,
    Rings: _Brush.rings,
    Texts: _Brush.texts,
    Clip: _Brush.clip,
    Unclip: _Brush.unclip,
}
