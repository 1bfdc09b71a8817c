"""A graph on its way to being folded, painted quickly: the nodes of every step are painted once,
and from then on their card only slides. Nothing is drawn here that `layers.deck` does not draw.

It serves while the cards slide and keep their size; as the last of them grows, and when it stands,
the whole picture is painted as always.
"""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from visualizer.paint import qt as paint
from visualizer.scene.bent import grown
from visualizer.scene.compose import FOLDED, clipped, level_of_view, stage_of
from visualizer.scene.film import Film
from visualizer.scene.fold import folded
from visualizer.scene.frame import Frame
from visualizer.scene.layers import deck, legend
from visualizer.scene.picture import Item, Picture
from visualizer.scene.stage import Stage
from visualizer.scene.view import View
from visualizer.theme import Theme

BESIDE = 48  # px left and right of a step that its words may reach into


class FlipBook:
    """Steps as images, for one moment of one film in one size."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._steps: dict[int, QPixmap] = {}

    def paint(self, sheet: QPixmap, film: Film, frame: Frame, view: View, theme: Theme) -> bool:
        """Paint the folded graph on the sheet; False, and nothing done, where it cannot."""
        ratio = sheet.devicePixelRatio()
        width, height = sheet.width() / ratio, sheet.height() / ratio
        sliding = folded(film, view) and grown(view.fold) == 0.0
        if not sliding or level_of_view(film, view) == "bands":
            return False
        stage = stage_of(film, frame, view, width, height)
        of = (film, frame.done, replace(view, fold=0.0), width, height, ratio, theme.name)
        if of != self._of:
            self._steps.clear()
            self._of = of
        found = deck.deck(stage)
        self._make(found, height, ratio, theme)
        with QPainter(sheet) as painter:
            self._lay(painter, found, stage, height, theme)
        return True

    def _make(self, found: deck.Deck, height: float, ratio: float, theme: Theme) -> None:
        """Images of the steps that have none yet."""
        sight = found.stage.sight
        new = [page.step for page in found.pages if page.step not in self._steps]
        if not new:
            return
        alone = replace(found.stage, sight=replace(sight, x0=float(BESIDE), advance=0.0))
        faces = deck.faces_of(alone, dict.fromkeys(new, (-math.inf, math.inf)))
        wide = math.ceil(sight.step) + 2 * BESIDE
        for t in new:
            image = QPixmap(math.ceil(wide * ratio), math.ceil(height * ratio))
            image.setDevicePixelRatio(ratio)
            image.fill(Qt.GlobalColor.transparent)
            with QPainter(image) as painter:
                paint.draw(painter, _picture(faces[t], wide, height), theme)
            self._steps[t] = image

    def _lay(
        self, painter: QPainter, found: deck.Deck, stage: Stage, height: float, theme: Theme
    ) -> None:
        """Everything in its order: marks in pictures, between them the images."""
        sight = stage.sight
        width = sight.width
        waiting = clipped(stage, 0.0, [i for _, layer in FOLDED[0] for i in layer(stage)])
        background = "canvas"
        for page in found.pages:
            waiting += clipped(stage, sight.left, page.below)
            paint.draw(painter, _picture(waiting, width, height, background), theme, moving=True)
            background = ""
            left = max(page.window[0], sight.left)
            x = round(float(sight.edge(page.step))) - BESIDE
            image = self._steps[page.step]
            painter.save()
            painter.setClipRect(QRectF(left, 0.0, page.window[1] - left, sight.height))
            painter.drawPixmap(x, 0, image)
            painter.restore()
            waiting = clipped(stage, sight.left, page.above)
        waiting += clipped(stage, sight.left, found.over)
        waiting += clipped(stage, 0.0, [i for _, layer in FOLDED[2] for i in layer(stage)])
        waiting += legend.draw(stage.film, width, height)
        paint.draw(painter, _picture(waiting, width, height, background), theme, moving=True)


def _picture(items: list[Item], width: float, height: float, background: str = "") -> Picture:
    return Picture(width, height, tuple(items), background=background)
