"""The export dialog: which picture, at which moment, how large, in which look, to which file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import Unusable
from visualizer.export import EXPORTERS, write
from visualizer.export.figures import FIGURES, figure
from visualizer.paint import qt as paint
from visualizer.scene.levels import LEVELS
from visualizer.scene.picture import Picture
from visualizer.theme import THEMES, theme_named
from visualizer.widgets.parts.choices import Choice, Tick
from visualizer.widgets.parts.stage import Stage

PREVIEW = (440, 300)
PAUSE = 80  # ms after the last change before the preview is drawn
LARGEST = 32_767


def figures_of(stage: Stage) -> dict[str, str]:
    """The figures that can be made of what is shown: of a formula there is nothing over time."""
    alone = stage.film.timeless
    return {row.id: row.title for row in FIGURES.values() if row.id == "graph" or not alone}


class ExportDialog(QDialog):
    """A form at the left, a preview at the right; stays open when a file cannot be written."""

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export a figure")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._stage = stage
        self.figure = _choice("What", figures_of(stage))
        kinds = {e.suffix: f"{e.suffix[1:]} · {e.about}" for e in EXPORTERS if e.holds == "picture"}
        self.suffix = _choice("Format", kinds)
        levels = stage.film.levels if stage.film.timeless else LEVELS
        self.level = _choice("Level", {"auto": "as in the window", **{k: k for k in levels}})
        self.theme = _choice("Look", {name: name for name in THEMES})
        self.pixels = QLineEdit()
        self.pixels.setAccessibleName("Size")
        self.moment = QLineEdit(f"{stage.position:.4f}".rstrip("0").rstrip(".") or "0")
        self.moment.setAccessibleName("Moment")
        self.whole = Tick("fit the whole graph")
        self.whole.setChecked(True)
        self.paths = Tick("text as outlines")
        self.preview = QLabel()
        self.preview.setFixedSize(*PREVIEW)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setAccessibleName("Preview")
        self.trouble = QLabel()
        self.trouble.setProperty("tone", "waiting")
        self.trouble.setWordWrap(True)
        self.trouble.setMinimumHeight(34)
        self.save = QPushButton("Save…")
        self.save.setProperty("tone", "primary")
        self.save.setDefault(True)
        self.close_button = QPushButton("Close")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._draw)
        self._build()
        self._connect()
        self._take_size()
        self._timer.start()

    def _build(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(9)
        rows = (
            ("What", self.figure),
            ("Format", self.suffix),
            ("Level", self.level),
            ("Look", self.theme),
            ("Size, px", self.pixels),
            ("Moment, 0 … 1", self.moment),
            ("", self.whole),
            ("", self.paths),
        )
        for words, widget in rows:
            form.addRow(words, widget)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addStretch()
        left.addWidget(self.trouble)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.save)
        across = QHBoxLayout()
        across.setSpacing(24)
        across.addLayout(left, 1)
        across.addWidget(self.preview)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(16)
        column.addLayout(across)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.figure.currentIndexChanged.connect(self._take_size)
        for box in (self.figure, self.suffix, self.level, self.theme):
            box.currentIndexChanged.connect(self._timer.start)
        for edit in (self.pixels, self.moment):
            edit.textChanged.connect(self._timer.start)
        self.whole.toggled.connect(self._timer.start)
        self.save.clicked.connect(self._save)
        self.close_button.clicked.connect(self.reject)

    def _take_size(self) -> None:
        width, height = FIGURES[str(self.figure.currentData())].size
        self.pixels.setText(f"{width:.0f}x{height:.0f}")

    # ---- what is asked for

    def picture(self) -> Picture:
        """The figure as the form says; Unusable if the form cannot be read."""
        stage = self._stage
        view = None if self.whole.isChecked() else replace(stage.view, hover=None)
        level = str(self.level.currentData())
        return figure(
            stage.sheet,
            str(self.figure.currentData()),
            moment=self._moment(),
            view=view,
            level=None if level == "auto" and view is not None else level,
            size=self._size(),
        )

    def _size(self) -> tuple[float, float]:
        words = self.pixels.text().lower().replace("×", "x").split("x")
        if len(words) == 2 and all(w.strip().isdigit() for w in words):
            width, height = (int(w) for w in words)
            if 16 <= width <= LARGEST and 16 <= height <= LARGEST:
                return float(width), float(height)
        raise Unusable(f"the size must be like 1600x900, 16..{LARGEST}; got {self.pixels.text()!r}")

    def _moment(self) -> float:
        try:
            moment = float(self.moment.text().replace(",", "."))
        except ValueError:
            moment = -1.0
        if not 0.0 <= moment <= 1.0:
            raise Unusable(f"the moment must be 0..1, got {self.moment.text()!r}")
        return moment

    # ---- doing it

    def _draw(self) -> None:
        self.paths.setEnabled(self.suffix.currentData() == ".svg")
        try:
            picture = self.picture()
        except Unusable as error:
            self.trouble.setText(str(error))
            self.save.setEnabled(False)
            return
        self.trouble.clear()
        self.save.setEnabled(True)
        self.preview.setPixmap(self._rendered(picture))

    def _rendered(self, picture: Picture) -> QPixmap:
        ratio = self.devicePixelRatioF()
        scale = min(PREVIEW[0] / picture.width, PREVIEW[1] / picture.height)
        image = QImage(
            max(round(picture.width * scale * ratio), 1),
            max(round(picture.height * scale * ratio), 1),
            QImage.Format.Format_RGB32,
        )
        theme = theme_named(str(self.theme.currentData()))
        image.fill(theme.colour("canvas").hex)
        with QPainter(image) as painter:
            painter.scale(scale * ratio, scale * ratio)
            paint.draw(painter, picture, theme)
        image.setDevicePixelRatio(ratio)
        return QPixmap.fromImage(image)

    def _save(self) -> None:
        suffix = str(self.suffix.currentData())
        start = f"{self._stage.document.title}{suffix}".replace("/", "-")
        name, _ = QFileDialog.getSaveFileName(self, "Save figure", start, f"(*{suffix})")
        if name:
            path = Path(name)
            self.write(
                path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)
            )

    def write(self, path: Path) -> bool:
        """Write the figure; whether it was written. Trouble is said in the dialog."""
        text_as = "paths" if self.paths.isChecked() else "text"
        try:
            write(
                self.picture(),
                path,
                theme_named(str(self.theme.currentData())),
                text_as="paths" if text_as == "paths" else "text",
            )
        except (Unusable, OSError) as error:
            self.trouble.setText(str(error))
            return False
        self._stage.noted.emit(f"Exported {path.name}")
        self.accept()
        return True


def _choice(name: str, words: dict[str, str]) -> QComboBox:
    box = Choice()
    box.setAccessibleName(name)
    for key, text in words.items():
        box.addItem(text, key)
    return box
