"""What the canvas shows as pixels: a graph near by from tiles, one from afar from columns, and what
does not scroll (folded, two of them, formulas, arcs of attention) from a whole picture that events
repaint in part; and above it what stands in the window. What is drawn is the scene's.
"""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter

from visualizer.paint import qt as paint
from visualizer.paint import raster
from visualizer.paint.ink import colour_of
from visualizer.scene.compose import stage_of
from visualizer.scene.far import around, is_far
from visualizer.scene.frame import frame_of
from visualizer.scene.layers import legend
from visualizer.scene.picture import Item, Picture
from visualizer.scene.stage import Stage as Scene
from visualizer.scene.stretch import beside, cards, scrolls, standing, told
from visualizer.theme import Theme
from visualizer.widgets.parts.columns import Columns
from visualizer.widgets.parts.kept import Kept
from visualizer.widgets.parts.stage import Stage
from visualizer.widgets.parts.still import Still
from visualizer.widgets.parts.tiles import Tiles

BEYOND = 160  # px right of the rail that the notes of its cards may reach into


class Painted:
    """One for a canvas. `moving`: it folds or unfolds, so that every picture is another one."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._stills = (Still(), Still())
        self._tiles = Tiles()
        self._columns = Columns()
        self._tiled: Tiles | Columns | None = None  # what is shown now
        self._rail, self._legend = (Kept(), Kept()), Kept()
        self.moving = False

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
        """Nodes and edges."""
        stage, self._tiled = self._stage, self._tiles
        wide, tall = size.width(), size.height()
        scene = stage_of(stage.film, stage.frame, stage.view, wide, tall)
        self._tiles.follow(_resting(scene), theme, ratio)
        self._tiles.show(painter)
        self._show_rail(painter, scene, ratio, theme)
        self._show_legend(painter, size, ratio, theme, logarithmic=False)
        picture = Picture(wide, tall, tuple(standing(scene)), background="")
        paint.draw(painter, picture, theme, moving=True)

    def _show_far(self, painter: QPainter, size: QSize, ratio: float, theme: Theme) -> None:
        """Pixels of many steps, and round them names, the axis and the moment."""
        stage, self._tiled = self._stage, self._columns
        film, frame, view = stage.film, stage.frame, stage.view
        wide, tall = size.width(), size.height()
        self._columns.show(painter, film, frame, view, (wide, tall), ratio, theme)
        left = math.ceil(raster.left(film, view, tall))
        painter.fillRect(0, 0, left, tall, colour_of(theme, "canvas"))
        items = tuple(around(film, frame, view, wide, tall))
        paint.draw(painter, Picture(wide, tall, items, background=""), theme)
        self._show_legend(painter, size, ratio, theme, logarithmic=True)

    def _show_rail(self, painter: QPainter, scene: Scene, ratio: float, theme: Theme) -> None:
        """The rail with its cards: they come back in frame after frame."""
        sight, view, rail, over = scene.sight, scene.view, *self._rail
        place = (sight.layout, sight.scale, sight.y0, view.parameter, view.symbols)
        still = (scene.film, scene.b, *told(scene), *place)
        ends = scene.begins or sight.last == scene.film.steps
        first = sight.x0 if ends else None  # elsewhere moving the graph moves nothing here
        at = (*still, first, sight.step, view.hover, view.selected)
        left, room = round(sight.left), round(sight.height)
        look = (QSize(left, room), ratio, theme, "canvas")
        painter.drawPixmap(0, 0, rail.pixels(at, lambda: beside(scene), *look))
        look = (QSize(left + BEYOND, room), ratio, theme, "")
        painter.drawPixmap(0, 0, over.pixels(still, lambda: cards(scene), *look))

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


def _resting(scene: Scene) -> Scene:
    """The same between two events: what scrolls is not about what is under way."""
    return replace(scene, frame=frame_of(scene.frame.timeline, scene.frame.done))
