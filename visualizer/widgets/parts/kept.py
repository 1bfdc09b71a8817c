"""A piece of a picture that comes back in frame after frame, kept as pixels until it is another."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from visualizer.paint import qt as paint
from visualizer.scene.picture import Item, Picture
from visualizer.theme import Theme


class Kept:
    """One such piece; `last` is what it was when it was drawn last."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self.last = QPixmap()

    def pixels(
        self,
        key: tuple[object, ...],
        draw: Callable[[], list[Item]],
        size: QSize,
        ratio: float,
        theme: Theme,
        ground: str,
    ) -> QPixmap:
        """The piece, on a ground or on none; drawn if the key, all that it depends on, is
        another one."""
        whole = (*key, size, ratio, theme.name)
        if whole != self._key:
            self._key = whole
            self.last = QPixmap(size * ratio)
            self.last.setDevicePixelRatio(ratio)
            self.last.fill(Qt.GlobalColor.transparent)
            picture = Picture(size.width(), size.height(), tuple(draw()), background=ground)
            with QPainter(self.last) as painter:
                paint.draw(painter, picture, theme)
        return self.last
