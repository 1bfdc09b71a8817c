"""Hundreds of shapes in an SVG: few elements that show what single ones would, to the cell."""

from __future__ import annotations

import base64
import re
import struct
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest

from visualizer import palette
from visualizer.paint.svg import to_svg
from visualizer.paint.svg_many import MANY, WIDEST
from visualizer.scene.picture import Curves, Dots, Picture, Polylines, Rects, Rings, Strips, Texts
from visualizer.theme import THEMES

THEME = THEMES["light"]
PITCH, COUNT = 78.4, MANY + 40
LEFT = 165.6 + PITCH * np.arange(COUNT)


def written(*items: object) -> ET.Element:
    text = to_svg(Picture(LEFT[-1] + 100, 600, items), THEME)  # type: ignore[arg-type]
    assert text == to_svg(Picture(LEFT[-1] + 100, 600, items), THEME)  # type: ignore[arg-type]
    assert "nan" not in text
    return ET.fromstring(text)


def every(root: ET.Element, tag: str) -> list[ET.Element]:
    return list(root.iter(f"{{http://www.w3.org/2000/svg}}{tag}"))


def decoded(image: ET.Element) -> np.ndarray:  # type: ignore[type-arg]
    """The pixels of an embedded PNG as (rows, columns, 4), read by the rules of the format."""
    data = base64.b64decode(image.attrib["href"].partition(",")[2])
    chunks, place = {}, 8
    while place < len(data):
        (size,) = struct.unpack(">I", data[place : place + 4])
        chunks[data[place + 4 : place + 8]] = data[place + 8 : place + 8 + size]
        place += 12 + size
    columns, rows = struct.unpack(">II", chunks[b"IHDR"][:8])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(rows, columns + 1)
    places = lines[:, 1:].copy()
    for row in range(1, rows):
        if lines[row, 0] == 2:
            places[row] += places[row - 1]
    colours = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    clear = np.full(len(colours), 255, np.uint8)
    clear[: len(chunks[b"tRNS"])] = np.frombuffer(chunks[b"tRNS"], np.uint8)
    return np.concatenate([colours[places], clear[places][..., None]], axis=2)


def seen(root: ET.Element, x: float, y: float) -> tuple[int, ...]:
    """The colour of a point, through the images; fully clear where there is none."""
    for image in every(root, "image"):
        left, top, wide, tall = (float(image.attrib[k]) for k in ("x", "y", "width", "height"))
        if left <= x < left + wide and top <= y < top + tall:
            pixels = decoded(image)
            row = int((y - top) / tall * pixels.shape[0])
            return tuple(pixels[row, int((x - left) / wide * pixels.shape[1])].tolist())
    return (0, 0, 0, 0)


@pytest.mark.parametrize("cells, wide, tall", [(12, 28.0, 7.0), (4, 40.0, 12.0), (1, 20.0, 6.0)])
def test_every_cell_of_every_strip_is_in_the_images(cells: int, wide: float, tall: float) -> None:
    levels = np.random.default_rng(3).integers(0, 256, (COUNT, cells)).astype(np.uint8)
    there = np.ones(COUNT, bool)
    there[7:30] = False  # steps nobody owns
    boxes = np.column_stack([LEFT, np.full((COUNT, 3), (100.0, wide, tall))])[there]
    counts = np.full(there.sum(), cells)
    root = written(Strips("value", boxes, counts, levels[there].ravel(), 0.0))
    assert all(decoded(image).shape[1] <= WIDEST for image in every(root, "image"))
    table = palette.table("light", "value")
    for step in (0, 1, 6, 30, 200, COUNT - 1):
        for cell in range(cells):
            x = LEFT[step] + wide * (cell + 0.5) / cells
            level = int(levels[step, cell])
            level = 2 if level == 1 else level  # all 256 are in use: the two lowest are one
            assert seen(root, x, 100 + tall / 2) == (*table[level], 255)
        assert seen(root, LEFT[step] + wide + 2, 100 + tall / 2)[3] == 0, "between steps"
    assert seen(root, LEFT[10] + 1, 100 + tall / 2)[3] == 0, "a step that is not there"


def test_the_sign_leaves_a_sliver_free_as_in_a_small_figure() -> None:
    levels = np.tile(np.array([250, 5], np.uint8), COUNT)
    boxes = np.column_stack([LEFT, np.full((COUNT, 3), (100.0, 40.0, 10.0))])
    root = written(Strips("delta", boxes, np.full(COUNT, 2), levels, 0.0))
    x = LEFT[5]
    assert seen(root, x + 10, 100.4)[3] == 255 and seen(root, x + 10, 109.6)[3] == 0
    assert seen(root, x + 30, 100.4)[3] == 0 and seen(root, x + 30, 109.6)[3] == 255


def test_lines_are_one_path_of_each_width_and_reach_beyond_what_qt_can_paint() -> None:
    ways = tuple(np.array([[x, 10.0], [x, 60.0]]) for x in LEFT * 9)
    widths = np.where(np.arange(COUNT) % 2, 2.0, 3.01)
    root = written(Polylines("edge-backward", ways, widths, "end"))
    paths = every(root, "path")
    shafts = [p for p in paths if "stroke-width" in p.attrib]
    assert [p.attrib["stroke-width"] for p in shafts] == ["2", "3"] and len(paths) == 4
    assert sum(p.attrib["d"].count("M") for p in paths) == 2 * COUNT
    begins = [float(x) for p in shafts for x in re.findall(r"M([\d.]+) ", p.attrib["d"])]
    assert np.allclose(sorted(begins), np.round(LEFT * 9, 2)) and max(begins) > 200_000


def test_boxes_dots_and_rings_are_used_where_they_stand() -> None:
    boxes = np.column_stack([LEFT, np.full((COUNT, 3), (20.0, 50.0, 30.0))])
    centres = np.column_stack([LEFT, np.full(COUNT, 300.0)])
    rings = Rings("ring", centres, 11.0, np.full(COUNT, 2), np.arange(COUNT) % 3)
    root = written(
        Rects("node-absent", boxes), Dots("bus-dot", centres, np.full(COUNT, 2.0)), rings
    )
    uses = every(root, "use")
    names = {each.attrib["id"] for each in root.iter() if "id" in each.attrib}
    assert {use.attrib["href"][1:] for use in uses} <= names
    assert len(uses) == 3 * COUNT and len(every(root, "rect")) == 2 and len(names) == 5
    assert {use.attrib["x"] for use in uses if "ring" in use.attrib["href"]} == {
        f"{x:.2f}".rstrip("0").rstrip(".") for x in LEFT
    }


def test_what_is_not_finite_is_left_out() -> None:
    centres = np.column_stack([LEFT, np.full(COUNT, 300.0)])
    centres[3] = np.nan
    points = np.column_stack([LEFT, np.zeros((COUNT, 5)), LEFT, np.full(COUNT, 50.0)])
    points[4, 2] = np.inf
    ways = tuple(np.array([[x, np.nan if k == 5 else 0.0], [x, 9.0]]) for k, x in enumerate(LEFT))
    root = written(
        Dots("bus-dot", centres, np.full(COUNT, 2.0)), Curves("edge", points, arrows="end"),
        Polylines("edge", ways),
    )  # fmt: skip
    assert len(every(root, "use")) == COUNT - 1
    assert sum(p.attrib["d"].count("M") for p in every(root, "path")) == 3 * (COUNT - 1)


def test_names_that_differ_in_their_figures_are_as_if_written_alone() -> None:
    strings = (
        "h_{3}",
        "h_{387}^{2}",
        "W^{⊤}δ(z_{12})",
        "7",
        "x_{1}_{2}",
        "\ue000_{4}",
        "a & b_{9}",
    )
    places = np.column_stack([np.arange(7.0), np.zeros(7)])
    together = every(written(Texts("symbol", places, strings)), "text")
    for element, string in zip(together, strings):
        alone = every(written(Texts("symbol", np.zeros((1, 2)), (string,))), "text")[0]
        shown = [ET.tostring(each).partition(b">")[2] for each in (element, alone)]
        assert shown[0] == shown[1] and "".join(element.itertext())


def test_what_lies_millions_of_pixels_out_stands_where_it_belongs() -> None:
    """Longer pictures than a constant end: nothing is stacked there."""
    away = 5e6 + LEFT
    boxes = np.column_stack([away, np.full(COUNT, 20.0), np.full(COUNT, 40.0), np.full(COUNT, 30)])
    ways = tuple(np.array([[x, 90.0], [x + 9.0, 90.0]]) for x in away)
    curves = np.column_stack([away, away, away + 5, away, away + 5, away, away + 9, away])
    words = Texts("token", boxes[:, :2], tuple(str(k) for k in range(COUNT)))
    items = (Rects("node", boxes), Polylines("bus", ways), Curves("bus", curves), words)
    text = to_svg(Picture(away[-1] + 100, 600, items), THEME)
    root = ET.fromstring(text)
    assert len({each.attrib["x"] for each in every(root, "use")}) == COUNT
    assert len({each.attrib["x"] for each in every(root, "text")}) == COUNT
    drawn = re.findall(r"M(\d+\.?\d*) ", "".join(each.attrib["d"] for each in every(root, "path")))
    assert len(set(drawn)) >= COUNT and min(map(float, drawn)) > 5e6
    assert "4000000" not in text
