"""What the canvas shows as pixels: a graph that scrolls from tiles, what does not (folded, two of
them, formulas, arcs of attention) from a whole picture that events repaint in part; and above it
what stands in the window. What is drawn is the scene's.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter

from visualizer.paint import qt as paint
from visualizer.scene.compose import stage_of
from visualizer.scene.frame import frame_of
from visualizer.scene.layers import legend
from visualizer.scene.picture import Picture
from visualizer.scene.stage import Stage as Scene
from visualizer.scene.stretch import beside, cards, scrolls, standing, told
from visualizer.theme import Theme
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
        self._kept = (Kept(), Kept(), Kept())
        self.moving = False

    def show(self, painter: QPainter, size: QSize, ratio: float, theme: Theme) -> None:
        """All of it, as it is now."""
        stage = self._stage
        if stage.sheet.several or ratio != int(ratio) or not scrolls(stage.film, stage.view):
            self._show_stills(painter, size, ratio, theme)
            return
        wide, tall = size.width(), size.height()
        scene = stage_of(stage.film, stage.frame, stage.view, wide, tall)
        self._tiles.follow(_resting(scene), theme, ratio)
        self._tiles.show(painter)
        self._show_fixed(painter, scene, size, ratio, theme)
        picture = Picture(wide, tall, tuple(standing(scene)), background="")
        paint.draw(painter, picture, theme, moving=True)

    def _show_fixed(
        self, painter: QPainter, scene: Scene, size: QSize, ratio: float, theme: Theme
    ) -> None:
        """The rail with its cards, and the legend: they come back in frame after frame."""
        sight, view, rail, cards_, foot = scene.sight, scene.view, *self._kept
        look = (scene.film, theme.name, ratio)
        place = (sight.layout, sight.scale, sight.y0, view.parameter, view.symbols)
        still = (*look, scene.b, *told(scene), *place)
        left, room = round(sight.left), round(sight.height)
        ends = scene.begins or sight.last == scene.film.steps
        first = sight.x0 if ends else None  # elsewhere moving the graph moves nothing here
        at = (*still, first, sight.step, view.hover, view.selected)
        box = QSize(left, room)
        painter.drawPixmap(
            0, 0, rail.pixels(at, box, ratio, theme, lambda: beside(scene), "canvas")
        )
        box = QSize(left + BEYOND, room)
        painter.drawPixmap(0, 0, cards_.pixels(still, box, ratio, theme, lambda: cards(scene)))
        wide, tall = size.width(), size.height() - room
        strip = foot.pixels(
            look,
            QSize(wide, tall),
            ratio,
            theme,
            lambda: legend.draw(scene.film, wide, tall),
            "canvas",
        )
        painter.drawPixmap(0, room, strip)

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
        return self._tiles.wanting

    def make(self, hand: float) -> bool:
        """Make a little more of it, nearest to the hand first. Whether that shows."""
        return self._tiles.make(hand)


def _resting(scene: Scene) -> Scene:
    """The same between two events: what scrolls is not about what is under way."""
    return replace(scene, frame=frame_of(scene.frame.timeline, scene.frame.done))
