"""The export dialog: which picture, at which moment, how large, in which look, to which file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

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
from visualizer.export.elsewhere import Asked, drawn, write_figure
from visualizer.export.figures import FIGURES
from visualizer.paint import qt as paint
from visualizer.scene.levels import LEVELS
from visualizer.scene.picture import Picture
from visualizer.theme import THEMES, theme_named
from visualizer.widgets.parts.choices import Choice, Tick
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.long_work import Work
from visualizer.widgets.parts.stage import Stage

PREVIEW = (440, 300)
PAUSE = 80  # ms after the last change before the preview is drawn
LARGEST = 32_767
LARGE = 20_000  # nodes


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
        self._writing: Path | None = None  # beside the window
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
        self.finished.connect(self._leave)

    def _take_size(self) -> None:
        width, height = FIGURES[str(self.figure.currentData())].size
        self.pixels.setText(f"{width:.0f}x{height:.0f}")

    # ---- what is asked for

    def picture(self) -> Picture:
        """The figure as the form says; Unusable if the form cannot be read."""
        return self._asked().picture(self._stage.sheet)

    def _asked(self) -> Asked:
        view = None if self.whole.isChecked() else replace(self._stage.view, hover=None)
        level = str(self.level.currentData())
        return Asked(
            str(self.figure.currentData()),
            self._moment(),
            view,
            None if level == "auto" and view is not None else level,
            self._size(),
            str(self.theme.currentData()),
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
            asked = self._asked()
            picture = None if self._large() else asked.picture(self._stage.sheet)
        except Unusable as error:
            self._say(error)
            return
        self.trouble.clear()
        self.save.setEnabled(True)
        if picture is not None:
            self.preview.setPixmap(self._rendered(picture))
        else:
            ratio = self.devicePixelRatioF()
            size = (round(PREVIEW[0] * ratio), round(PREVIEW[1] * ratio))
            self._beside("preview", drawn, (asked, *size), self._show_preview, "Drawing a preview")

    def _say(self, error: Exception) -> None:
        self.trouble.setText(str(error))
        self.save.setEnabled(not isinstance(error, Unusable))

    def _large(self) -> bool:
        """Whether it is drawn beside the window: all of a long film, at any level."""
        nodes = sum(film.recording.nodes for film in self._stage.sheet.films)
        return self._stage.work is not None and nodes > LARGE

    def _beside(
        self,
        kind: str,
        call: Callable[..., Any],
        args: tuple[Any, ...],
        done: Callable[[Any], None],
        words: str,
    ) -> None:
        snapshot, work = self._stage.document.snapshot, self._stage.work
        assert work is not None
        both = (snapshot,) if snapshot.beside is None else (snapshot, snapshot.beside)
        keep: list[object] = [part.sequence for part in both]
        keep += [part.parameters for part in both if part.parameters is not None]
        work.perform(Work(kind, call, (snapshot, *args), done, words, keep=tuple(keep)))

    def _show_preview(self, found: Any) -> None:
        if isinstance(found, Exception):
            self._say(found)
            return
        pixmap = QPixmap()
        pixmap.loadFromData(found, "PNG")
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        self.preview.setPixmap(pixmap)

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
        """Write the figure; whether it was written, or is being written. Trouble is said in the
        dialog."""
        text_as: Literal["text", "paths"] = "paths" if self.paths.isChecked() else "text"
        try:
            asked = self._asked()
            if self._large():
                self._writing = path
                self.save.setEnabled(False)
                self.trouble.setText("being written …")
                args = (asked, str(path), text_as)
                self._beside("export", write_figure, args, self._written, f"Writing {path.name}")
                return True
            picture = asked.picture(self._stage.sheet)
            write(picture, path, theme_named(asked.theme), text_as=text_as)
        except (Unusable, OSError) as error:
            self.trouble.setText(str(error))
            return False
        self._written(None, path)
        return True

    def _written(self, found: Any, path: Path | None = None) -> None:
        path, self._writing = path or self._writing, None
        if isinstance(found, Exception):
            self.trouble.setText(str(found))
            self.save.setEnabled(True)
        elif path is not None:
            self._stage.noted.emit(f"Exported {path.name}")
            self.accept()

    @guarded()
    def reject(self) -> None:
        """Esc and Close: first what is being written is stopped."""
        if self._writing is not None and self._stage.work is not None:
            self._stage.work.cancel("export")
        else:
            super().reject()

    def _leave(self) -> None:
        """It is closed: nobody waits for a preview."""
        if self._stage.work is not None:
            self._stage.work.cancel("preview", quietly=True)


def _choice(name: str, words: dict[str, str]) -> QComboBox:
    box = Choice()
    box.setAccessibleName(name)
    for key, text in words.items():
        box.addItem(text, key)
    return box
