"""What the canvas shows as pixels: a graph near by from tiles, one from afar from columns, and what
does not scroll (folded, two of them, formulas, arcs of attention) from a whole picture that events
repaint in part; and above it what stands in the window. What is drawn is the scene's.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

from visualizer.paint import qt as paint
from visualizer.paint.ink import colour_of
from visualizer.scene.compose import stage_of
from visualizer.scene.difference import Box, changed, within
from visualizer.scene.far import is_far, names, names_key, over
from visualizer.scene.frame import frame_of
from visualizer.scene.layers import legend
from visualizer.scene.picture import Item, Picture
from visualizer.scene.stage import Stage as Scene
from visualizer.scene.stretch import beside, cards, moving, rows_of, scrolls, standing, told
from visualizer.scene.view import Sight
from visualizer.theme import Theme
from visualizer.widgets.parts.kept import Kept
from visualizer.widgets.parts.resting import Resting
from visualizer.widgets.parts.stage import Stage
from visualizer.widgets.parts.still import Still
from visualizer.widgets.parts.tiles import Tiles

if TYPE_CHECKING:
    from visualizer.widgets.parts.columns import Columns

BEYOND = 160  # px right of the rail that the notes of its cards may reach into
_RailKey: TypeAlias = tuple[tuple[object, ...], tuple[object, ...]]


class Painted:
    """One for a canvas. `moving`: it folds or unfolds, so that every picture is another one."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._stills = (Still(), Still())
        self._tiles = Tiles()
        self._tiled: Tiles | Columns | None = None  # what is shown now
        self._rail, self._legend, self._names = (Kept(), Kept()), Kept(), Kept()
        self._key: tuple[object, ...] = ()  # of the graph near by that was shown last …
        self._resting = Resting()  # … and all of it, once it has come back …
        self._then: tuple[int, Picture, _RailKey] | None = None  # … at this moment
        self._railed: Sight | None = None  # for which the rail was painted …
        self._top = 0  # … and the row of the graph that it begins at
        self.moving = False

    @cached_property
    def _columns(self) -> Columns:
        """What shows graphs from afar; imported with the first of them."""
        from visualizer.widgets.parts.columns import Columns

        return Columns()

    def show(self, painter: QPainter, size: QSize, ratio: float, theme: Theme) -> None:
        """All of it, as it is now."""
        stage = self._stage
        self._tiled = None
        if stage.sheet.several or ratio != int(ratio):
            self._show_stills(painter, size, ratio, theme)
        elif is_far(stage.film, stage.view):
            self._show_far(painter, size, ratio, theme)
        elif scrolls(stage.film, stage.view):
            self._show_near(painter, size, ratio, theme)
        else:
            self._show_stills(painter, size, ratio, theme)

    def _show_near(self, painter: QPainter, size: QSize, ratio: float, theme: Theme) -> None:
        """Nodes and edges. Between two events only packets move: all else is laid at once."""
        stage, self._tiled = self._stage, self._tiles
        wide, tall = size.width(), size.height()
        scene = stage_of(stage.film, stage.frame, stage.view, wide, tall)
        resting = replace(scene, frame=frame_of(scene.frame.timeline, scene.frame.done))
        renewed = self._tiles.follow(resting, theme, ratio)
        key = (scene.film, stage.view, size, ratio, theme.name)
        again, self._key = key == self._key and not self._tiles.wrong, key
        if again:
            painter.drawPixmap(0, 0, self._rested(resting, renewed, size, ratio, theme))
        else:
            self._then = None
            above = self._above(resting, size)
            self._draw_near(painter, resting, above, size, ratio, theme)
        picture = Picture(wide, tall, tuple(moving(scene)), background="")
        paint.draw(painter, picture, theme, moving=True)

    def _rested(
        self, scene: Scene, renewed: Box | None, size: QSize, ratio: float, theme: Theme
    ) -> QPixmap:
        """All of a graph between two events, of which tiles were painted anew in a box."""
        kept, then, sight = self._resting, self._then, scene.sight
        if then is not None and then[0] == scene.frame.done:
            return kept.pixels
        above, rail = self._above(scene, size), _rail_key(scene)
        self._then = scene.frame.done, above, rail

        def draw(painter: QPainter, box: Box) -> None:
            self._draw_near(painter, scene, within(above, box), size, ratio, theme)

        if then is None:
            kept.draw(draw, size, ratio)
        else:
            boxes = [box for box in (renewed, changed(then[1], above)) if box is not None]
            if rail != then[2]:
                boxes.append((0.0, 0.0, sight.left + BEYOND, sight.height))
            kept.renew(draw, boxes)
        return kept.pixels

    def _above(self, scene: Scene, size: QSize) -> Picture:
        """What stands above the tiles and the rail."""
        items = standing(replace(scene, sight=self._tiles.shown(scene.sight)))
        return Picture(size.width(), size.height(), tuple(items), background="")

    def _draw_near(
        self, painter: QPainter, scene: Scene, above: Picture, size: QSize, ratio: float,
        theme: Theme,
    ) -> None:  # fmt: skip
        self._tiles.show(painter)
        self._show_rail(painter, scene, ratio, theme)
        self._show_legend(painter, size, ratio, theme, logarithmic=False)
        paint.draw(painter, above, theme, moving=True)

    def _show_far(self, painter: QPainter, size: QSize, ratio: float, theme: Theme) -> None:
        """Pixels of many steps, and round them names, the axis and the moment."""
        from visualizer.paint import raster

        stage, self._tiled = self._stage, self._columns
        film, frame, view = stage.film, stage.frame, stage.view
        wide, tall = size.width(), size.height()
        place = (film, frame, view)
        here = self._columns.show(painter, *place, (wide, tall), ratio, theme)
        look = (QSize(math.ceil(raster.left(film, view)), tall), ratio, theme, "canvas")
        key, draw = names_key(*place, here), lambda: names(*place, here)
        painter.drawPixmap(0, 0, self._names.pixels(key, draw, *look))
        items = tuple(over(*place, here))
        paint.draw(painter, Picture(wide, tall, items, background=""), theme)
        self._show_legend(painter, size, ratio, theme, logarithmic=True)

    def _show_rail(self, painter: QPainter, scene: Scene, ratio: float, theme: Theme) -> None:
        """The rail with its cards: they come back in frame after frame. While the steps are still
        those of before a zoom, so is the rail, scaled as they are."""
        sight, rail, over = scene.sight, *self._rail
        if self._tiles.scaled and self._railed is not None:
            self._scale_rail(painter, self._railed, sight, theme)
            return
        self._railed = sight
        ground, still = _rail_key(scene)
        top, bottom = rows_of(scene)  # wherever the graph is up and down, they are the same pixels
        self._top = top
        scene = replace(scene, sight=replace(sight, y0=float(-top), height=float(bottom - top)))
        left, tall, y = round(sight.left), bottom - top, round(sight.y0) + top
        look = (QSize(left, tall), ratio, theme, "canvas")
        pixels = rail.pixels(ground, lambda: beside(scene), *look)
        painter.drawPixmap(0, y, pixels)
        for start, stop, row in ((0, y, 0.0), (y + tall, round(sight.height), tall - 1.0)):
            if stop > start:  # its ground goes on
                line = QRectF(0.0, row * ratio, left * ratio, ratio)
                painter.drawPixmap(QRectF(0, start, left, stop - start), pixels, line)
        look = (QSize(left + BEYOND, tall), ratio, theme, "")
        painter.drawPixmap(0, y, over.pixels(still, lambda: cards(scene), *look))

    def _scale_rail(self, painter: QPainter, then: Sight, now: Sight, theme: Theme) -> None:
        """The rail as it was at another sight."""
        grown = now.scale * now.layout.pitch / (then.scale * then.layout.pitch)
        painter.save()
        painter.setClipRect(QRectF(0.0, 0.0, now.left + BEYOND, now.height))
        painter.fillRect(QRectF(0.0, 0.0, now.left, now.height), colour_of(theme, "canvas"))
        painter.translate(0.0, now.y0)
        painter.scale(grown, grown)
        for kept in self._rail:
            painter.drawPixmap(0, self._top, kept.last)
        painter.restore()

    def _show_legend(
        self, painter: QPainter, size: QSize, ratio: float, theme: Theme, *, logarithmic: bool
    ) -> None:
        film, wide = self._stage.film, size.width()
        tall = round(legend.HEIGHT - 6.0)

        def draw() -> list[Item]:
            return legend.draw(film, wide, tall, logarithmic=logarithmic)

        look = (QSize(wide, tall), ratio, theme, "canvas")
        pixels = self._legend.pixels((film, logarithmic), draw, *look)
        painter.drawPixmap(0, size.height() - tall, pixels)

    def _show_stills(self, painter: QPainter, size: QSize, ratio: float, theme: Theme) -> None:
        """Each graph as it stands between two events, and above them what moves there."""
        stage = self._stage
        wide, tall = size.width(), size.height()
        boxes = stage.sheet.boxes(stage.view, wide, tall)
        for place, ((top, _), frame, kept) in enumerate(zip(boxes, stage.frames, self._stills)):
            kept.moving = self.moving
            pixels = kept.pixmap(stage.sheet, place, frame.done, stage.view, size, ratio, theme)
            painter.drawPixmap(0, round(top), pixels)
        paint.draw(painter, stage.sheet.moving(stage.frames, stage.view, wide, tall), theme)

    @property
    def wanting(self) -> bool:
        """Whether something in sight or beside it is still to be made."""
        return self._tiled is not None and self._tiled.wanting

    def make(self, hand: float) -> bool:
        """Make a little more of it, nearest to the hand first. Whether that shows."""
        return self._tiled is not None and self._tiled.make(hand)


def _rail_key(scene: Scene) -> _RailKey:
    """All that the ground of the rail depends on, and all that its cards do."""
    film, sight, view = scene.film, scene.sight, scene.view
    place = (film, scene.b, sight.layout, sight.scale, rows_of(scene)[0], view.symbols)
    ends = scene.begins or sight.last == film.steps
    edge = float(sight.edge(sight.first))  # a line between steps may be half in the rail
    first = sight.x0 if ends else edge if abs(edge - sight.left) < 1.0 else None
    marked = (first, sight.step, view.hover, view.selected)
    return (*place, *marked, scene.frame.initial_arrived()), (*place, view.parameter, *told(scene))
