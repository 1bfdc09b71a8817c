"""A picture as a .png file, painted by Qt."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

from engine.errors import Unusable
from visualizer.export.qt_application import need_application
from visualizer.paint.qt import draw
from visualizer.paint.svg import TextAs
from visualizer.scene.picture import Picture
from visualizer.theme import Theme

DOTS_PER_METRE = 96 / 0.0254


def data_of(picture: Picture, theme: Theme, scale: float, text_as: TextAs) -> bytes:
    """The bytes of the file, `scale` pixels per unit. The image is read back before it counts."""
    need_application()
    image = image_of(picture, theme, scale)
    image.setDevicePixelRatio(1.0)
    dots = round(DOTS_PER_METRE * scale)
    image.setDotsPerMeterX(dots)
    image.setDotsPerMeterY(dots)
    image.setText("Software", "Unrolled")
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    saved = QImageWriter(buffer, QByteArray(b"png")).write(image)
    buffer.close()
    data = bytes(store.data())
    if not saved or QImage.fromData(data).size() != image.size():
        raise Unusable("the picture could not be made into a .png; try a smaller size", exit=1)
    return data


def image_of(picture: Picture, theme: Theme, scale: float) -> QImage:
    """The picture as an image of `scale` device pixels per unit."""
    columns, rows = round(picture.width * scale), round(picture.height * scale)
    opaque = bool(picture.background)
    kind = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
    image = QImage(max(columns, 1), max(rows, 1), kind)
    if image.isNull():
        raise Unusable(
            f"there is no memory for {columns:,} x {rows:,} px; make the picture smaller", exit=1
        )
    image.fill(Qt.GlobalColor.transparent)
    image.setDevicePixelRatio(scale)
    with QPainter(image) as painter:
        draw(painter, picture, theme)
    return image
