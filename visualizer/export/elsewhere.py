"""Figures and reports written in another process: what is asked for, and what does it there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.reporting.finding import Report
from engine.watching import Watch, within
from visualizer.document.atomic import check_place, replace_file
from visualizer.document.elsewhere import sheet_here
from visualizer.document.snapshot import Snapshot
from visualizer.export import data_of, write_report
from visualizer.export.figures import figure
from visualizer.scene.picture import Picture
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View
from visualizer.theme import theme_named

DERIVED = 0.3  # of the work


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figure, as `figure` takes it, and in which look."""

    kind: str
    moment: float
    view: View | None
    level: str | None
    size: tuple[float, float]
    theme: str

    def picture(self, sheet: Sheet) -> Picture:
        return figure(
            sheet, self.kind, moment=self.moment, view=self.view, level=self.level, size=self.size
        )


def write_figure(
    snapshot: Snapshot, asked: Asked, path: str, text_as: Literal["text", "paths"], watch: Watch
) -> int:
    """How many bytes were written."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # what is drawn to a file needs no screen
    check_place(path)
    sheet = sheet_here(snapshot, within(watch, 0.0, DERIVED))
    picture = asked.picture(sheet)
    watch(0.5)
    data = data_of(picture, Path(path).suffix.lower(), theme_named(asked.theme), text_as=text_as)
    watch(0.9)
    replace_file(path, data)
    return len(data)


def drawn(snapshot: Snapshot, asked: Asked, width: int, height: int, watch: Watch) -> bytes:
    """The figure fitted into so many pixels, as PNG."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    picture = asked.picture(sheet_here(snapshot, within(watch, 0.0, DERIVED)))
    watch(0.5)
    scale = min(width / picture.width, height / picture.height)
    return data_of(picture, ".png", theme_named(asked.theme), scale=scale)


def write_found(report: Report, path: str, watch: Watch) -> int:
    """A report in a file; how many bytes were written."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    watch(0.1)
    return write_report(report, path)
