"""Pictures as SVG: valid, finite, the same bytes each time."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tests.paint.example import bands, unrolled
from visualizer.paint.svg import TextAs, to_svg
from visualizer.paint.xml import number
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
)
from visualizer.theme import THEMES

LIGHT = THEMES["light"]
SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: Picture, text_as: TextAs = "text") -> ET.Element:
    return ET.fromstring(to_svg(picture, LIGHT, text_as=text_as))


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize("text_as", ["text", "paths"])
def test_valid_and_the_same_each_time(theme: str, text_as: TextAs) -> None:
    for make in (unrolled, bands):
        text = to_svg(make(), THEMES[theme], text_as=text_as)
        assert text == to_svg(make(), THEMES[theme], text_as=text_as)
        tree = ET.fromstring(text)
        assert tree.tag == f"{SVG}svg"
        for element in tree.iter():
            for name, value in element.attrib.items():
                if name not in ("id", "aria-label"):
                    words = value.replace(",", " ").lower().split()
                    assert not {"nan", "inf", "-inf", "none,"} & set(words)


def test_no_qt_is_needed() -> None:
    code = (
        "import sys; from visualizer.paint.svg import to_svg; "
        "from visualizer.export import write; "
        "sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_ids_titles_and_words() -> None:
    tree = parsed(unrolled())
    assert tree.find(f".//{SVG}*[@id='n3']") is not None
    titles = [element.text for element in tree.iter(f"{SVG}title")]
    assert titles[0] == "I think therefore I am"
    assert "h3: waits for z4" in titles
    words = ["".join(element.itertext()) for element in tree.iter(f"{SVG}text")]
    assert "L3 5.16" in words and "→ therefore" in words and "h0 = 0" in words


def test_what_is_written_cannot_break_out() -> None:
    wild = "</text><script>&\"'\x00\x1b_{<b>}"
    item = Texts("token", np.array([[10.0, 10.0]]), (wild,))
    box = Rects("node", np.array([[0, 0, 9, 9.0]]), ids=('a"b <c',), titles=(wild,))
    for text_as in ("text", "paths"):
        tree = parsed(Picture(50, 50, (item, box), title=wild), text_as)  # type: ignore[arg-type]
        assert not list(tree.iter(f"{SVG}script"))


def wild_items() -> tuple[Item, ...]:
    """Every kind of item with numbers that are not finite, or far away."""
    bad = np.array([[np.nan, 0, 10, 10], [0, 0, 10, 10], [1e300, 0, 1, np.inf]])
    points = np.array([[0, 0], [np.inf, 5.0]])
    return (
        Rects("node", bad),
        Dots("packet", bad[:, :2], np.array([1.0, np.nan, 2])),
        Strips("value", bad, np.array([1, 2, 3]), np.arange(6, dtype=np.uint8)),
        Heat("gate", (0, np.nan, 5, 5), np.ones((2, 2), np.uint8)),
        Polylines("edge", (points,), arrows="end"),
        Polylines("edge", (np.array([[0, 0], [0, 0.0]]),), arrows="end", radius=3),
        Curves("edge", np.full((1, 8), np.nan), arrows="end"),
        Rings("ring", bad[:, :2], 9, np.array([2, 0, 3]), np.array([1, 5, 0])),
        Texts("token", bad[:, :2], ("a", "b", "c"), "middle"),
        Clip((0, np.inf, 1, 1)),
    )


def test_what_is_not_finite_is_left_out() -> None:
    text = to_svg(Picture(100, 100, wild_items()), LIGHT)
    assert "nan" not in text and "inf" not in text
    tree = ET.fromstring(text)
    assert len(list(tree.iter(f"{SVG}text"))) == 4  # two strings and the Σ of two rings
    assert len([r for r in tree.iter(f"{SVG}rect") if r.get("width") == "8.8"]) == 1


def test_cells_of_one_colour_that_touch_are_one_path() -> None:
    levels = np.array([9, 9, 9, 200], np.uint8)
    strip = Strips("gate", np.array([[0, 0, 400, 10.0]]), np.array([4]), levels, gap=0.0)
    assert len(list(parsed(Picture(400, 10, (strip,))).iter(f"{SVG}path"))) == 2


def test_numbers() -> None:
    assert [number(x) for x in (12.0, 3.5, -0.001, 100.0, 0.126)] == [
        "12",
        "3.5",
        "0",
        "100",
        "0.13",
    ]


def test_only_what_is_used_is_in_the_sheet() -> None:
    text = to_svg(Picture(9, 9, (Rects("pill", np.array([[0, 0, 9, 9.0]])),)), LIGHT)
    assert ".light-pill{" in text and ".light-node{" not in text
