"""Files of pictures and tables: whole or not at all, and one line when it cannot be."""

from __future__ import annotations

import json
import os
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

from engine.errors import Unusable
from tests.paint.example import bands, unrolled
from visualizer import export
from visualizer.document import atomic
from visualizer.export import EXPORTERS, data_of, exporter_for, write, write_table
from visualizer.scene.picture import Picture
from visualizer.theme import THEMES

PRINT = THEMES["print"]
PICTURES = [row.suffix for row in EXPORTERS if row.holds == "picture"]


@pytest.fixture(autouse=True)
def application(qapp: object) -> None:
    """Qt's application, as in the program."""


@pytest.mark.parametrize("suffix", PICTURES)
@pytest.mark.parametrize("theme", sorted(THEMES))
def test_every_kind_of_file(suffix: str, theme: str, tmp_path: Path) -> None:
    file = tmp_path / f"figure{suffix}"
    count = write(unrolled(), file, THEMES[theme], scale=0.5)
    assert file.stat().st_size == count > 5_000
    assert os.listdir(tmp_path) == [file.name]
    write(bands(), file, THEMES[theme])
    assert os.listdir(tmp_path) == [file.name]


def test_every_module_that_makes_files_is_in_the_table() -> None:
    folder = Path(export.__file__).parent
    makers = {path.stem for path in folder.glob("*.py") if "def data_of(" in path.read_text()}
    assert makers - {"__init__"} == {row.module for row in EXPORTERS}


def test_svg(tmp_path: Path) -> None:
    file = tmp_path / "a.SVG"
    write(unrolled(), file, PRINT, scale=2.0)
    tree = ET.fromstring(file.read_text())
    assert (tree.get("width"), tree.get("viewBox")) == ("2104", "0 0 1052 680")
    first = file.read_bytes()
    write(unrolled(), file, PRINT, scale=2.0)
    assert file.read_bytes() == first
    assert data_of(unrolled(), ".svg", PRINT, scale=2.0) == first
    write(unrolled(), file, PRINT, text_as="paths")
    assert b"<text" not in file.read_bytes()


def test_png(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    write(unrolled(), file, PRINT, scale=1.5)
    image = QImage(str(file))
    assert (image.width(), image.height()) == (1578, 1020)
    assert image.pixelColor(1, 1).name() == PRINT.tokens["canvas"]
    write(Picture(20, 10, (), background=""), file, PRINT)
    assert QImage(str(file)).pixelColor(1, 1).alpha() == 0


def test_pdf(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    write(unrolled(), file, PRINT, scale=2.0)
    data = file.read_bytes()
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert box is not None
    assert [round(float(side)) for side in box.groups()] == [1578, 1020]
    assert data.count(b"/Subtype /Image") == 0, "vectors, not pixels"
    assert data.count(b"/FontFile2") + data.count(b"/FontFile3") >= 4, "words, not outlines"


def test_wrong_endings(tmp_path: Path) -> None:
    for name, given in (
        ("a.gif", "ends in .gif"),
        ("a", "has no ending"),
        ("a.csv", "ends in .csv"),
    ):
        with pytest.raises(Unusable) as caught:
            write(bands(), tmp_path / name, PRINT)
        assert caught.value.message == (
            f"{tmp_path / name} {given}; a picture is written as .svg, .pdf, .png: "
            "choose one of them"
        )
        assert caught.value.exit == 2
    with pytest.raises(Unusable, match=r"a table is written as \.csv, \.json"):
        exporter_for("a.svg", "table")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("suffix", PICTURES)
def test_places_that_cannot_be_written(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="does not exist; create it or choose another"):
        write(bands(), tmp_path / "no" / f"a{suffix}", PRINT)
    folder = tmp_path / f"folder{suffix}"
    folder.mkdir()
    with pytest.raises(Unusable, match="is a folder; give the name of a file in it"):
        write(bands(), folder, PRINT)


@pytest.mark.parametrize(
    ("suffix", "width", "height", "limit"),
    [
        (".png", 32_768, 10, "a side has at most 32,767 px"),
        (".png", 20_001, 20_000, "it has at most 400 million pixels"),
        (".pdf", 19_201, 10, "a side has at most 19,200 px"),
        (".svg", float("nan"), 10, "give at least 1 x 1"),
        (".png", 0, 10, "give at least 1 x 1"),
    ],
)
def test_sizes(suffix: str, width: float, height: float, limit: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=limit):
        write(Picture(width, height, ()), tmp_path / f"a{suffix}", PRINT)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("suffix", PICTURES)
def test_a_full_disk_leaves_the_old_file(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / f"a{suffix}"
    file.write_bytes(b"old")

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "write", full)
    with pytest.raises(Unusable, match="was not written: No space left on device"):
        write(bands(), file, PRINT)
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [file.name]


def test_without_qt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "visualizer.export.png", raising=False)
    monkeypatch.setitem(sys.modules, "visualizer.paint.qt", None)
    with pytest.raises(Unusable, match=r"a \.png needs Qt, which cannot be loaded .* write \.svg"):
        write(bands(), tmp_path / "a.png", PRINT)
    write(bands(), tmp_path / "a.svg", PRINT)
    assert os.listdir(tmp_path) == ["a.svg"]


def test_tables(tmp_path: Path) -> None:
    columns = {
        "t": [1, 2, 3],
        "norm": np.array([0.1, np.nan, 1e-300]),
        "half": np.array([0.5, np.inf], np.float32),
        "token": ["=SUM(A1)", "a,b", '"I"'],
    }
    count = write_table(columns, tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text()
    assert text == 't,norm,half,token\n1,0.1,0.5,\'=SUM(A1)\n2,,,"a,b"\n3,1e-300,,"""I"""\n'
    assert count == len(text)
    write_table(columns, tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text()) == {
        "t": [1, 2, 3],
        "norm": [0.1, None, 1e-300],
        "half": [0.5, None],
        "token": ["=SUM(A1)", "a,b", '"I"'],
    }
