"""A picture as a .pdf file: one page of its size, vectors and words that can be searched."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from engine.errors import Unusable
from visualizer.export.qt_application import need_application
from visualizer.paint.qt import draw
from visualizer.paint.svg import TextAs
from visualizer.scene.picture import Picture
from visualizer.theme import Theme

DOTS = 960  # per inch, of the page's own grid
POINTS = 0.75  # of a pixel


def data_of(picture: Picture, theme: Theme, scale: float, text_as: TextAs) -> bytes:
    """The bytes of the file; a pixel is 1/96 inch, times `scale`."""
    return pages_of((picture,), theme, scale)


def pages_of(
    pictures: tuple[Picture, ...], theme: Theme, scale: float = 1.0, margin: float = 0.0
) -> bytes:
    """A file with a page for each picture, all as large as the first with a margin in px."""
    need_application()
    first = pictures[0]
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(first.title)
    writer.setCreator("Unrolled")
    writer.setResolution(DOTS)
    wide, tall = first.width + 2 * margin, first.height + 2 * margin
    size = QSizeF(wide, tall) * (POINTS * scale)
    page = QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    with QPainter(writer) as painter:
        begun = painter.isActive()
        painter.scale(DOTS / 96 * scale, DOTS / 96 * scale)
        painter.translate(margin, margin)
        for n, picture in enumerate(pictures):
            if n:
                writer.newPage()
            draw(painter, picture, theme)
    buffer.close()
    data = bytes(store.data())
    if not begun or not data.startswith(b"%PDF-") or b"%%EOF" not in data[-64:]:
        raise Unusable("the picture could not be made into a .pdf; write .svg instead", exit=1)
    return data
