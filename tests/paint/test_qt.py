"""Pictures with a QPainter: the colours of the SVG, sharp cells, whatever numbers come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from tests.paint.example import bands, unrolled
from tests.paint.test_svg import wild_items
from visualizer import palette
from visualizer.export.png import image_of
from visualizer.paint import shapes
from visualizer.paint.equation import equation, equation_image
from visualizer.paint.fonts import load_fonts
from visualizer.paint.qt import PAINTERS, draw
from visualizer.paint.svg import PAINTERS as SVG_PAINTERS
from visualizer.paint.svg import to_svg
from visualizer.scene.picture import Item, Picture, Rects, Strips, Texts
from visualizer.styles import STYLES
from visualizer.theme import THEMES
from visualizer.typeset import FILES, FONTS

PICTURES = Path(__file__).parents[1] / "pictures"
CROPS = {
    "node": (520, 350, 120, 60),
    "ring": (780, 340, 40, 40),
    "callout": (640, 280, 240, 66),
}
pytestmark = pytest.mark.usefixtures("qapp")


def pixels(image: QImage) -> np.ndarray:
    """Red, green, blue (rows, columns, 3)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows, stride = plain.height(), plain.bytesPerLine()
    array = np.frombuffer(plain.constBits(), np.uint8).reshape(rows, stride)
    return array[:, : 3 * plain.width()].reshape(rows, plain.width(), 3).copy()


def test_the_two_backends_draw_the_same_kinds() -> None:
    assert set(PAINTERS) == set(SVG_PAINTERS) == set(Item.__args__)


def test_the_fonts_are_bundled() -> None:
    assert {"Inter", "JetBrains Mono", "Unrolled Math"} <= set(load_fonts())
    assert {path.name for path in FONTS.glob("*.[ot]tf")} == set(FILES.values())
    assert len(list(FONTS.glob("*-OFL.txt"))) == 3


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_cells_have_the_colours_of_the_table(theme: str) -> None:
    picture = unrolled()
    image = pixels(image_of(picture, THEMES[theme], 2.0))
    strip = next(item for item in picture.items if isinstance(item, Strips))
    boxes, levels, _ = shapes.cells_of(strip, 2.0)
    table = palette.table(theme, strip.map)
    for (x, y, width, height), level in zip(boxes[-40:].tolist(), levels[-40:].tolist()):
        if x > 770:  # a callout and rings lie over some
            continue
        at = image[round(2 * (y + 0.7 * height)), round(2 * (x + width / 2))]
        assert tuple(at) == tuple(table[level])


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize("make", [unrolled, bands])
def test_both_backends_agree(theme: str, make: object) -> None:
    """Pixel by pixel, save at edges: the SVG is drawn by QtSvg, which knows attributes only."""
    picture = make()  # type: ignore[operator]
    kept = tuple(
        item for item in picture.items if isinstance(item, Rects) and item.style != "band-pending"
    )
    plain = Picture(picture.width, picture.height, kept, picture.background)
    ours = pixels(image_of(plain, THEMES[theme], 1.0))
    text = with_attributes(to_svg(plain, THEMES[theme]))
    other = QImage(ours.shape[1], ours.shape[0], QImage.Format.Format_RGB32)
    with QPainter(other) as painter:
        QSvgRenderer(text.encode()).render(painter)
    apart = np.abs(ours.astype(int) - pixels(other)).max(axis=2) > 40
    assert apart.mean() < 0.01


def with_attributes(svg: str) -> str:
    """The rules of the sheet written into the elements, for readers that know no classes."""
    sheet = svg[svg.index("<style>") + 7 : svg.index("</style>")]
    for rule in sheet.splitlines():
        name, _, body = rule.strip().partition("{")
        svg = svg.replace(f'class="{name[1:]}"', f'style="{body.rstrip("}")}"')
    return svg


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_painting_twice_gives_the_same(scale: float) -> None:
    """What comes from the store looks as when it was drawn first."""
    first = image_of(unrolled(), THEMES["dark"], scale)
    assert image_of(unrolled(), THEMES["dark"], scale) == first


def test_a_shift_by_whole_pixels_shifts_the_picture() -> None:
    picture = Picture(300, 200, bands().items, "")
    theme = THEMES["light"]

    def painted(dx: int, dy: int) -> np.ndarray:
        image = QImage(400, 300, QImage.Format.Format_RGB32)
        image.fill(QColor("#fbfbfa"))
        with QPainter(image) as painter:
            painter.translate(dx, dy)
            draw(painter, picture, theme, clip=(0, 0, 300, 200))
        return pixels(image)

    assert (painted(13, 7)[7:207, 13:313] == painted(0, 0)[:200, :300]).all()


def test_the_painter_comes_back_as_it_was() -> None:
    image = QImage(50, 50, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        painter.translate(3.25, 0)
        before, pen = painter.transform(), painter.pen()
        draw(painter, unrolled(), THEMES["light"], clip=(0, 0, 20, 20))
        assert painter.transform() == before and painter.pen() == pen
        assert not painter.hasClipping()


def test_what_is_not_finite_or_far_away_does_no_harm() -> None:
    image_of(Picture(100, 100, wild_items()), THEMES["light"], 1.0)


def test_every_style_can_be_painted() -> None:
    box, place = np.array([[2.0, 2, 30, 12]]), np.array([[4.0, 8]])
    for name, style in STYLES.items():
        items: tuple[Item, ...] = (Rects(name, box), Texts(name, place, ("h_{3}",)))
        image_of(Picture(40, 20, items), THEMES["dark"], 1.0)
        assert style.width > 0


def test_letters_leave_ink_in_every_font() -> None:
    for name in ("symbol", "token", "value-text"):
        item = Texts(name, np.array([[5.0, 15]]), ("h_{3} ⊙ ℒ = Σ δ → ■",))
        ink = pixels(image_of(Picture(200, 30, (item,)), THEMES["light"], 1.0)).min(axis=2) < 160
        assert ink.sum() > 150
        assert ink[:, 190:].sum() == 0


def test_equations_leave_ink() -> None:
    image = equation_image(r"h_t = \tanh(W_{hh} h_{t-1} + b)", 18.0, "#000000", 2.0)
    assert (image.devicePixelRatio(), image.isNull()) == (2.0, False)
    alpha = image.convertToFormat(QImage.Format.Format_Alpha8)
    rows = np.frombuffer(alpha.constBits(), np.uint8).reshape(alpha.height(), -1)
    assert (rows[:, : alpha.width()] > 128).mean() > 0.03
    own = equation("h_t", 18.0, "#000000")
    assert own.width > 10 and 0 < own.baseline <= own.height


@pytest.mark.parametrize("crop", ["node-light", "node-dark", "ring-light", "callout-light"])
def test_crops_look_as_they_did(crop: str) -> None:
    """Small pieces of the example; `tests/pictures/NAME.png` is what a person has looked at."""
    areas = {
        "node": (520, 350, 120, 60),
        "ring": (780, 340, 40, 40),
        "callout": (640, 280, 240, 66),
    }
    part, _, theme = crop.partition("-")
    piece = image_of(unrolled(), THEMES[theme], 1.0).copy(*areas[part])
    file = PICTURES / f"{crop}.png"
    if not file.exists():
        piece.save(str(file))
        pytest.fail(f"{file.name} was not there; look at it and keep it")
    apart = np.abs(pixels(piece).astype(int) - pixels(QImage(str(file)))).max(axis=2) > 24
    assert apart.mean() <= 0.0002, QGuiApplication.platformName()
