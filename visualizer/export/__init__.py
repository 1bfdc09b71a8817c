"""Pictures and tables into files: EXPORTERS by suffix, written whole or not at all. What a file
holds is made by the modules named in the rows (imported when used, so that .svg needs no Qt).

`write` takes a picture, `write_table` columns of numbers; both check the place before the work.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from engine.errors import BAD_SETTINGS, Unusable
from engine.models.given import Given
from engine.models.suffixes import IN_PLACE
from engine.models.weights import Weights
from engine.recording import Recording
from engine.reporting.finding import Report
from visualizer.document.atomic import check_place, replace_file
from visualizer.scene.picture import Picture
from visualizer.theme import Theme

Holds = Literal["picture", "table", "graph", "weights", "report"]
MOST_PIXELS = 32_767
MOST_AREA = 400_000_000
MOST_PAGE = 19_200  # px; a page of a PDF is at most 14,400 points wide


@dataclass(frozen=True, slots=True)
class Exporter:
    """A kind of file: the `module` that makes it has `data_of`, `holds` says what of."""

    suffix: str
    about: str
    module: str
    holds: Holds
    pixels: int = 0  # the longest side, 0 for any
    area: int = 0


EXPORTERS = (
    Exporter(".svg", "vectors for the web and for editing", "svg", "picture"),
    Exporter(".pdf", "vectors for papers and slides", "pdf", "picture", MOST_PAGE),
    Exporter(".png", "pixels", "png", "picture", MOST_PIXELS, MOST_AREA),
    Exporter(".csv", "numbers for a spreadsheet", "table_csv", "table"),
    Exporter(".json", "numbers for a program", "table_json", "table"),
    Exporter(".graphml", "nodes and uses for programs about graphs", "graphml", "graph"),
    Exporter(".dot", "nodes and uses for Graphviz", "dot", "graph"),
    Exporter(".json", "nodes and uses for a program", "graph_json", "graph"),
    Exporter(
        ".safetensors", "weights, as their own program calls them", "weights_safetensors", "weights"
    ),
    Exporter(".npz", "weights as numpy arrays", "weights_npz", "weights"),
    *(
        Exporter(
            suffix, "the model's own file, its weights replaced", "weights_in_place", "weights"
        )
        for suffix in IN_PLACE
    ),
    Exporter(".html", "one file for any browser, light and dark", "report_html", "report"),
    Exporter(".pdf", "pages with words that can be searched", "report_pdf", "report"),
)


def exporter_for(path: str | os.PathLike[str], *holds: Holds) -> Exporter:
    """The row for a file name. Unusable for a suffix that no row of these kinds has."""
    suffix = Path(path).suffix.lower()
    rows = {row.suffix: row for row in EXPORTERS if row.holds in holds}
    known = list(rows)
    if suffix not in known:
        given = f"ends in {suffix}" if suffix else "has no ending"
        raise Unusable(
            f"{path} {given}; a {' or '.join(holds)} is written as {', '.join(known)}:"
            " choose one of them",
            exit=BAD_SETTINGS,
        )
    return rows[suffix]


def data_of(
    picture: Picture,
    suffix: str,
    theme: Theme,
    *,
    scale: float = 1.0,
    text_as: Literal["text", "paths"] = "text",
) -> bytes:
    """The picture as the bytes of a file of that kind: for the clipboard, and for `write`."""
    row = exporter_for(f"picture{suffix}", "picture")
    _check_size(picture, row, scale)
    data: bytes = _maker(row, ".svg").data_of(picture, theme, scale, text_as)
    return data


def _maker(row: Exporter, instead: str) -> Any:
    """The module of a row that may need Qt; `instead` is written without it."""
    try:
        return import_module(f"visualizer.export.{row.module}")
    except ImportError as error:
        raise Unusable(
            f"a {row.suffix} needs Qt, which cannot be loaded ({error}); "
            f"write {instead}, or let main.py doctor say what lacks",
            exit=1,
        ) from error


def write(
    picture: Picture,
    path: str | os.PathLike[str],
    theme: Theme,
    *,
    scale: float = 1.0,
    text_as: Literal["text", "paths"] = "text",
) -> int:
    """Writes the picture to the file, whose ending says how; returns how many bytes.

    `scale` multiplies the size: pixels of a .png, the page of a .pdf, width and height of an .svg.
    Raises Unusable for an unknown ending, a place that cannot be written, a size that is too large.
    """
    row = exporter_for(path, "picture")
    check_place(path)
    data = data_of(picture, row.suffix, theme, scale=scale, text_as=text_as)
    replace_file(path, data)
    return len(data)


def write_table(columns: Mapping[str, Sequence[object]], path: str | os.PathLike[str]) -> int:
    """Writes columns of equal length to a .csv or .json file; returns how many bytes."""
    row = exporter_for(path, "table")
    check_place(path)
    module = import_module(f"visualizer.export.{row.module}")
    data: bytes = module.data_of(columns)
    replace_file(path, data)
    return len(data)


def write_graph(recording: Recording, path: str | os.PathLike[str], level: str = "ops") -> int:
    """Writes the graph of a recording to a .graphml, .dot or .json file; returns how many bytes.

    `level` is one of `engine.graph.LEVELS`.
    """
    row = exporter_for(path, "graph")
    check_place(path)
    module = import_module(f"visualizer.export.{row.module}")
    data: bytes = module.data_of(recording, level)
    replace_file(path, data)
    return len(data)


def write_weights(weights: Weights, path: str | os.PathLike[str], given: Given) -> int:
    """Writes tensors by name to a .safetensors or .npz file, or to one of the kind that the model
    came from, as `given` says; returns how many bytes."""
    row = exporter_for(path, "weights")
    check_place(path)
    module = import_module(f"visualizer.export.{row.module}")
    data: bytes = module.data_of(weights, given, Path(path))
    replace_file(path, data)
    return len(data)


def write_report(report: Report, path: str | os.PathLike[str]) -> int:
    """Writes what the gradient doctor found to a .html or .pdf file; returns how many bytes."""
    row = exporter_for(path, "report")
    check_place(path)
    data: bytes = _maker(row, ".html").data_of(report)
    replace_file(path, data)
    return len(data)


def _check_size(picture: Picture, row: Exporter, scale: float) -> None:
    width, height = picture.width * scale, picture.height * scale
    if not (isfinite(width) and isfinite(height) and width >= 1 and height >= 1):
        raise Unusable(
            f"a figure of {width:g} x {height:g} px cannot be drawn; give at least 1 x 1",
            exit=BAD_SETTINGS,
        )
    if row.pixels and max(width, height) > row.pixels:
        raise Unusable(
            f"a {row.suffix} of {width:,.0f} x {height:,.0f} px is too large; "
            f"a side has at most {row.pixels:,} px: make it smaller or write .svg",
            exit=BAD_SETTINGS,
        )
    if row.area and width * height > row.area:
        raise Unusable(
            f"a {row.suffix} of {width:,.0f} x {height:,.0f} px is too large; "
            f"it has at most {row.area // 1_000_000} million pixels: make it smaller or write .svg",
            exit=BAD_SETTINGS,
        )
