"""A program: draws the small pictures of the gallery anew, of every lesson and every sample.

    python resources/lessons/draw_cards.py [ID …]

They are drawn from the real scene, at the moment that the lesson names, in both themes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1]))

import numpy as np  # noqa: E402
from PySide6.QtCore import QSize, Qt  # noqa: E402
from PySide6.QtGui import QImage, qRgb  # noqa: E402

from engine.sequences import samples  # noqa: E402
from engine.sequences.generated import GENERATED  # noqa: E402
from visualizer.document.derive import Derived, derive, sheet_of  # noqa: E402
from visualizer.document.learning import of_sample  # noqa: E402
from visualizer.export.figures import figure  # noqa: E402
from visualizer.export.png import image_of  # noqa: E402
from visualizer.export.qt_application import need_application  # noqa: E402
from visualizer.lessons.opening import opened  # noqa: E402
from visualizer.lessons.reading import lessons  # noqa: E402
from visualizer.scene.layers import legend  # noqa: E402
from visualizer.scene.picture import Picture  # noqa: E402
from visualizer.theme import THEMES  # noqa: E402

CARDS = FOLDER / "cards"
DRAWN = (640.0, 376.0)  # the graph is laid out for this size …
PLOTTED = (560.0, 329.0)
KEPT = QSize(480, 282)  # … and kept at this one: twice what a card shows
THEMES_OF_THE_WINDOW = ("light", "dark")


def picture_of(derived: Derived, kind: str) -> Picture:
    film, view = derived.film, derived.snapshot.view
    if kind != "graph":
        return figure(sheet_of(derived), kind, size=PLOTTED)
    size = DRAWN[0], DRAWN[1] + legend.HEIGHT - 6.0  # the legend itself is left out
    moment = derived.snapshot.playhead or 1.0
    level = view.level if view is not None else None
    return Picture(*DRAWN, figure(film, moment=moment, level=level, size=size, like=view).items)


def draw(name: str, derived: Derived, kind: str = "graph") -> None:
    for theme in THEMES_OF_THE_WINDOW:
        large = image_of(picture_of(derived, kind), THEMES[theme], 2.0)
        large.setDevicePixelRatio(1.0)
        small = large.scaled(
            KEPT, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        if not _paletted(small).save(str(CARDS / f"{name}-{theme}.png"), "png", 0):
            raise OSError(f"{CARDS / name} was not written")


def _paletted(image: QImage) -> QImage:
    """With the 256 colours that occur most: a third of the bytes, and nothing is seen of it."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4)[:, :3].astype(int)
    coarse = pixels >> 3 << 3
    _, member, count = np.unique(coarse, axis=0, return_inverse=True, return_counts=True)
    sums = np.stack([np.bincount(member.ravel(), pixels[:, c]) for c in range(3)], 1)
    most = np.argsort(-count, kind="stable")[:256]
    blue, green, red = (sums[most] / count[most, None]).round().astype(int).T.tolist()
    table = [qRgb(*colour) for colour in zip(red, green, blue)]
    flags = Qt.ImageConversionFlag.AvoidDither
    return image.convertToFormat(QImage.Format.Format_Indexed8, table, flags)


def main(wanted: list[str]) -> None:
    need_application()
    CARDS.mkdir(exist_ok=True)
    for lesson in lessons():
        if not wanted or lesson.id in wanted:
            draw(lesson.id, opened(lesson), lesson.record.card)
    for id in (*(each.id for each in samples()), *GENERATED):
        name = f"sample-{id}"
        if not wanted or name in wanted:
            draw(name, derive(of_sample(id).changed(playhead=1.0)))


if __name__ == "__main__":
    main(sys.argv[1:])
