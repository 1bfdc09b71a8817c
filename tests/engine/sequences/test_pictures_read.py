"""Pictures read row by row."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.sequences import encode, read

GREY = np.array([[0, 51, 255], [102, 204, 153]], np.uint8)


def stored(array: np.ndarray, kind: str = "PNG", **more: Any) -> bytes:
    held = io.BytesIO()
    Image.fromarray(array).save(held, kind, **more)
    return held.getvalue()


def rows(folder: Path, data: bytes, name: str = "a.png") -> Any:
    (folder / name).write_bytes(data)
    return read(folder / name).stored()[0]


def test_a_row_is_a_step_and_a_pixel_an_input(tmp_path: Path) -> None:
    np.testing.assert_allclose(rows(tmp_path, stored(GREY)), GREY / 255)
    given = read(tmp_path / "a.png", roles={"pixel 3": "target"})
    assert (given.columns, given.roles) == (
        ("pixel 1", "pixel 2", "pixel 3"), ("input", "input", "target"),
    )  # fmt: skip
    assert encode(given).steps == 2


@pytest.mark.parametrize("kind", ["BMP", "GIF", "WEBP", "JPEG"])
def test_other_formats(tmp_path: Path, kind: str) -> None:
    suffix = {"JPEG": "jpg"}.get(kind, kind.lower())
    exact = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100}}.get(kind, {})
    found = rows(tmp_path, stored(GREY, kind, **exact), f"a.{suffix}")
    np.testing.assert_allclose(found, GREY / 255, atol=0.02)


def test_colour_depth_and_transparency(tmp_path: Path) -> None:
    colour = np.zeros((2, 2, 3), np.uint8)
    colour[0, 0] = 255
    assert rows(tmp_path, stored(colour)).tolist() == [[1, 0], [0, 0]]
    clear = np.zeros((2, 2, 4), np.uint8)
    clear[0, :, 3] = 255
    assert rows(tmp_path, stored(clear)).tolist() == [[0, 0], [1, 1]]
    deep = np.array([[0, 65535], [13107, 0]], np.uint16)
    np.testing.assert_allclose(rows(tmp_path, stored(deep)), [[0, 1], [0.2, 0]])


def test_a_picture_that_was_turned_is_read_upright(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter to the right
    data = stored(GREY, exif=turned.tobytes())
    np.testing.assert_allclose(rows(tmp_path, data), np.rot90(GREY, -1) / 255)
