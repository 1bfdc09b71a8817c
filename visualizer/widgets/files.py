"""Open, save, drop, paste, recent files, and the question before something would be lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from engine.errors import Unusable
from engine.models.suffixes import SUFFIXES, may_be_model
from engine.sequences import READERS, Sequence, suffixes, typed
from engine.watching import unwatched
from visualizer.document import recent, session
from visualizer.document.elsewhere import loaded
from visualizer.document.session import Stored
from visualizer.widgets.parts.long_work import Work
from visualizer.widgets.parts.stage import Stage

Answer = QMessageBox.StandardButton
WEIGHTS = "safetensors (*.safetensors);;numpy arrays (*.npz)"
LARGE = 300_000  # bytes that are read in a twentieth of a second


def _raised(error: Exception) -> None:
    raise error


class Files:
    """What the File menu does. `window` is the parent of its dialogs."""

    def __init__(self, stage: Stage, window: QWidget) -> None:
        self._stage = stage
        self._window = window
        self.question: QMessageBox | None = None

    # ---- opening

    def open(self) -> None:
        """Ask for a file and open it."""
        known = dict.fromkeys((session.SUFFIX, *suffixes(), *SUFFIXES))
        patterns = " ".join(f"*{suffix}" for suffix in known)
        kinds = [f"All that can be opened ({patterns})", f"Session (*{session.SUFFIX})"]
        kinds += [f"{r.title} ({' '.join('*' + s for s in r.suffixes)})" for r in READERS]
        kinds.append(f"Model ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})")
        folder = str(self._stage.document.path.parent) if self._stage.document.path else ""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open", folder, ";;".join(kinds))
        if name:
            self.open_path(Path(name))

    def open_path(self, path: Path) -> bool:
        """Open a session or a model in place of the document, or take a sequence into it."""
        if may_be_model(path.name) and self._is_model(path):
            return self._open_model(path)
        is_session = path.suffix.lower() == session.SUFFIX
        if is_session and not self.may_go():
            return False
        if self._is_large(path):
            self._open_beside(path)
            return True
        opened = self._stage.attempt(lambda: self._take(path, loaded(str(path), unwatched)))
        if opened:
            self._remember(path)
        return opened

    def _take(self, path: Path, found: Stored | Sequence) -> str:
        document = self._stage.document
        if isinstance(found, Sequence):
            return document.set_sequence(found)
        return document.open(path, found)

    def _is_large(self, path: Path) -> bool:
        """Whether reading it would hold up the window."""
        try:
            return self._stage.work is not None and path.stat().st_size > LARGE
        except OSError:  # whoever reads it says why
            return False

    def _open_beside(self, path: Path) -> None:
        before, work = self._stage.document.wanted.content, self._stage.work
        assert work is not None

        def done(found: Any) -> None:
            if isinstance(found, Exception):
                self._stage.attempt(lambda: _raised(found))
            elif isinstance(found, Sequence) or before == self._stage.document.wanted.content:
                if self._stage.attempt(lambda: self._take(path, found)):
                    self._remember(path)
            elif self.may_go():  # something was changed meanwhile, and would be lost
                self._stage.attempt(lambda: self._take(path, found))

        work.perform(Work("open", loaded, (str(path),), done, f"Opening {path.name}"))

    def _is_model(self, path: Path) -> bool:
        from visualizer.document.modelled import holds_model

        return holds_model(path)

    def _open_model(self, path: Path) -> bool:
        """On what was recorded with it; else on the numbers that are open, if it reads as many."""
        from visualizer.document.modelled import parity_words, snapshot_for

        stage = self._stage
        if not self.may_go():
            return False

        def load() -> str:
            snapshot = snapshot_for(path, stage.document.snapshot.sequence)
            said = snapshot.given.said if snapshot.given is not None else ""
            return stage.document.replace(
                snapshot,
                saved=False,
                verify=lambda derived: "; ".join(
                    filter(None, (said, parity_words(derived.snapshot, derived.run)))
                ),
            )

        opened = stage.attempt(load)
        if opened:
            self._remember(path)
        return opened

    def show_found(self) -> None:
        """The table of what was found in the model; it stays beside the window."""
        from visualizer.widgets.model_table import ModelTable

        ModelTable(self._stage, self._window).show()

    def paste(self) -> None:
        """Take the text on the clipboard as the sequence."""
        text = QGuiApplication.clipboard().text()
        lines = [line for line in text.splitlines() if line.strip()]
        self._stage.attempt(lambda: self._stage.document.set_sequence(typed(lines)))

    def takes(self, data: QMimeData) -> bool:
        """Whether what is dragged over the window is a file or text."""
        return bool(self._dropped(data)) or data.hasText()

    def drop(self, data: QMimeData) -> None:
        """Open the file that was dropped, or take the text."""
        found = self._dropped(data)
        if found:
            self.open_path(found[0])
        elif data.hasText():
            text = data.text()
            self._stage.attempt(lambda: self._stage.document.set_sequence(typed(text.splitlines())))

    def _dropped(self, data: QMimeData) -> list[Path]:
        return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]

    def fill_recent(self, menu: QMenu) -> None:
        """The files opened last."""
        menu.clear()
        for path in recent.recent():
            menu.addAction(path.name).setData(str(path))
        menu.setEnabled(not menu.isEmpty())

    def open_recent(self, name: str) -> None:
        """Open one of them."""
        self.open_path(Path(name))

    def _remember(self, path: Path) -> None:
        try:
            recent.remember(path)
        except Unusable as error:  # the list is a convenience; the file is open
            self._stage.noted.emit(str(error))

    # ---- saving

    def save(self) -> bool:
        """Save under the name it has, or ask for one."""
        if self._stage.document.path is None:
            return self.save_as()
        return self._save(None)

    def save_as(self) -> bool:
        """Ask for a name and save."""
        document = self._stage.document
        start = document.path or Path(f"{document.title}{session.SUFFIX}".replace("/", "-"))
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save as", str(start), f"Session (*{session.SUFFIX})"
        )
        if not name:
            return False
        path = Path(name)
        if path.suffix.lower() != session.SUFFIX:
            path = path.with_name(path.name + session.SUFFIX)
        return self._save(path)

    def _save(self, path: Path | None) -> bool:
        saved = self._stage.attempt(lambda: self._stage.document.save(path) and None)
        place = self._stage.document.path
        if saved and place is not None:
            self._remember(place)
            self._stage.noted.emit(f"Saved {place.name}")
        return saved

    def save_weights(self) -> bool:
        """Ask for a name and save the weights as the model's own program calls them."""
        from visualizer.document.modelled import changed_weights
        from visualizer.export import write_weights

        document = self._stage.document
        given = document.snapshot.given
        start = f"{Path(given.source).stem}-changed.safetensors" if given is not None else ""

        def write() -> str:
            changed = changed_weights(document.snapshot, document.run)
            name, _ = QFileDialog.getSaveFileName(self._window, "Save weights", start, WEIGHTS)
            if not name:
                return ""
            place = Path(name) if Path(name).suffix else Path(f"{name}.safetensors")
            write_weights(changed.weights, place)
            return f"Saved {place.name}: {changed.words}"

        return self._stage.attempt(write)

    def copy_pytorch(self) -> None:
        """The lines that make the same change in a training script, on the clipboard."""
        from visualizer.document.modelled import pytorch_words

        document = self._stage.document
        QGuiApplication.clipboard().setText(pytorch_words(document.snapshot, document.run))
        self._stage.noted.emit("Copied the lines of PyTorch for what was changed")

    # ---- leaving

    def may_go(self) -> bool:
        """Whether the document may be left: it is saved, or the user says so."""
        if not self._stage.document.dirty:
            return True
        answer = self._ask()
        if answer == Answer.Save:
            return self.save() and self._all_saved()
        return answer == Answer.Discard

    def _all_saved(self) -> bool:
        """What is wanted and not there yet is in no file: whoever would leave is told so."""
        if self._stage.document.dirty:
            self._stage.noted.emit("Saved as it is shown; the last change is still under way")
        return not self._stage.document.dirty

    def _ask(self) -> QMessageBox.StandardButton:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setText(f"Save the changes to “{self._stage.document.title}”?")
        box.setInformativeText("They are lost if you do not.")
        box.setStandardButtons(Answer.Save | Answer.Discard | Answer.Cancel)
        box.setDefaultButton(Answer.Save)
        for answer in (Answer.Save, Answer.Discard, Answer.Cancel):  # Alt and the first letter
            box.button(answer).setText(f"&{answer.name}")
        self.question = box
        try:
            return QMessageBox.StandardButton(box.exec())
        finally:
            self.question = None
            box.deleteLater()
