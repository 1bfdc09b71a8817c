"""Open, save, drop, paste, recent files, and the question before something would be lost."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Several
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from engine.errors import Unusable
from engine.models.suffixes import IN_PLACE, SUFFIXES, may_be_model
from engine.sequences import READERS, Sequence, suffixes
from engine.sequences.together import files_named
from engine.watching import unwatched
from visualizer.document import recent, session
from visualizer.document.derive import Derived
from visualizer.document.elsewhere import Loaded, loaded, takes_long
from visualizer.document.snapshot import Snapshot
from visualizer.widgets.parts.long_work import Work
from visualizer.widgets.parts.saving import Saving
from visualizer.widgets.parts.sequence_files import SequenceFiles
from visualizer.widgets.parts.stage import Stage

Answer = QMessageBox.StandardButton
WEIGHTS = {".safetensors": "safetensors", ".npz": "numpy arrays"}


def _said_of_model(derived: Derived) -> str:
    """What it is, how far it agrees with the program that it comes from, where its gradient
    dies."""
    from visualizer.document.modelled import told

    return told(derived.snapshot, derived.run)


class Files:
    """What the File menu does. `window` is the parent of its dialogs."""

    def __init__(self, stage: Stage, window: QWidget) -> None:
        self._stage = stage
        self._window = window
        self.sequences = SequenceFiles(stage, window, self._remember, self.may_go)
        self.saving = Saving(stage, window, self._is_saved)
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
        names, _ = QFileDialog.getOpenFileNames(self._window, "Open", folder, ";;".join(kinds))
        if names:
            self.open_paths([Path(name) for name in names])

    def open_paths(self, paths: Several[Path], anew: bool = False) -> bool:
        """Open a file; several are one batch of sequences, or a session or a model and what it is
        to read. `anew`: in place of the document."""
        named = list[Path]()
        if not self._stage.attempt(lambda: named.extend(files_named(map(str, paths)))):
            return False
        if len(named) == 1:
            return self.open_path(named[0], anew)
        from visualizer.document.several import Together, told_apart

        kinds = list[Together]()
        if not self._stage.attempt(lambda: kinds.append(told_apart([str(p) for p in named]))):
            return False
        found = kinds[0]
        rest = [Path(name) for name in found.sequences]
        if found.head is None:
            return self.sequences.open(rest, anew)
        return self.open_path(Path(found.head), anew, found.inputs, rest)

    def open_path(
        self,
        path: Path,
        anew: bool = False,
        inputs: str | None = None,
        then: Several[Path] = (),
    ) -> bool:
        """Open a session or a model in place of the document, or take a sequence into it; `anew`:
        a sequence takes its place as well. The file asked for last is the one that is opened.
        `inputs`: a file of arrays for a model; `then`: sequences that are opened after it."""
        suffix, document = path.suffix.lower(), self._stage.document
        if suffix == ".npz" and self._is_for_model(path):
            return self._stage.attempt(lambda: self._give(path))
        if suffix in suffixes() and suffix != ".npz":
            return self.sequences.open([path], anew)
        model = may_be_model(path.name) and suffix != ".npz"  # which may be a sequence as well
        replaces = suffix == session.SUFFIX or model
        if replaces and not self.may_go():
            return False
        before = document.wanted.content if replaces else None  # what may be lost
        work, shown = self._stage.work, document.wanted.sequence
        numbers = shown if shown.kind == "numbers" else None

        def done(found: Any) -> bool:
            if isinstance(found, Exception):
                return self.sequences.failed(path.name, found)
            taken = self._stage.attempt(lambda: self._take(path, found, before, anew))
            return taken and (not then or self.sequences.open(then))

        if work is not None:
            work.cancel("open", quietly=True)
        if work is not None and takes_long(path):
            keep = (numbers,) if numbers is not None else ()
            words = f"Opening {path.name}"
            work.perform(Work("open", loaded, (str(path), numbers, inputs), done, words, keep=keep))
            return True
        try:
            return done(loaded(str(path), numbers, inputs, unwatched))
        except Unusable as error:
            return self.sequences.ask_about_holes(error, [path], anew) or done(error)

    def _take(self, path: Path, found: Loaded, before: object, anew: bool) -> str:
        """What was read, in the document; `before`: what the user has agreed to lose."""
        document = self._stage.document
        if isinstance(found, Sequence) and not anew:
            notice = document.set_sequence(found)
        elif before != document.wanted.content and not self.may_go():
            return ""
        elif isinstance(found, Sequence):
            notice = document.replace(Snapshot(found))
        elif isinstance(found, Snapshot):
            notice = document.replace(found, saved=False, verify=_said_of_model)
        else:
            notice = document.open(path, found)
        self._remember(path)
        return notice

    def _is_for_model(self, path: Path) -> bool:
        from visualizer.document.modelled import is_for_model

        return is_for_model(path, self._stage.document.wanted)

    def _give(self, path: Path) -> str:
        """Inputs for the model that is open, or outputs to compare it with: a step of undo."""
        from visualizer.document.modelled import with_arrays

        document = self._stage.document
        if document.waiting:
            raise Unusable(f"the model that reads {path.name} is not there yet; open it again then")
        found = with_arrays(document.snapshot, document.run, path)
        return document.change(found, path.name, verify=_said_of_model)

    def show_found(self) -> None:
        """The table of what was found in the model; it stays beside the window."""
        from visualizer.widgets.model_table import ModelTable

        ModelTable(self._stage, self._window).show()

    def show_columns(self) -> None:
        """What the columns of the numbers are, to be changed."""
        self.sequences.show_columns()

    def tell_of_model(self) -> None:
        """What is to be said of a model that the window was started with."""
        document = self._stage.document
        if document.path is None and document.snapshot.given is not None:
            from visualizer.document.modelled import told

            self._stage.noted.emit(told(document.snapshot, document.run))

    def offers(self, words: str, offer: Callable[..., None]) -> bool:
        """Whether the words tell of a model that was opened: then what was found can be shown, or
        chosen where it is not certain."""
        given = self._stage.document.snapshot.given
        if given is None or not given.said or not words.startswith(given.said):
            return False
        self._point()
        if given.doubt:
            offer(words, "Choose", self.choose_wiring, icon="info")
        else:
            offer(words, "Show", self.show_found, icon="info")
        return True

    def _point(self) -> None:
        """Select the step at which the gradient has died, if it has."""
        from visualizer.document.modelled import faded

        died = faded(self._stage.run)
        if died is not None:
            self._stage.select(died[0])

    def choose_wiring(self) -> None:
        """Ask how the layers of the model follow each other, or which of a graph are shown."""
        from visualizer.widgets.wiring import ask

        ask(self._stage, self._window)

    def paste(self) -> None:
        """Take what is on the clipboard as the sequence: files, a table, numbers, or words."""
        data = QGuiApplication.clipboard().mimeData()
        found = self._dropped(data) if data is not None else []
        if found:
            self.open_paths(found)
        else:
            self.sequences.paste(QGuiApplication.clipboard().text())

    def takes(self, data: QMimeData) -> bool:
        """Whether what is dragged over the window is a file or text."""
        return bool(self._dropped(data)) or data.hasText()

    def drop(self, data: QMimeData) -> None:
        """Open the files that were dropped, or take the text."""
        found = self._dropped(data)
        if found:
            self.open_paths(found)
        elif data.hasText():
            self.sequences.paste(data.text())

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
        document = self._stage.document
        if self.saving.takes():
            return self.saving.begin(path)
        return self._stage.attempt(lambda: self._is_saved(document.save(path)))

    def _is_saved(self, place: Path) -> None:
        self._remember(place)
        self._stage.noted.emit(f"Saved {place.name}")

    def save_weights(self) -> bool:
        """Ask for a name and save the weights as the model's own program calls them."""
        from visualizer.document.modelled import changed_weights
        from visualizer.export import write_weights

        document = self._stage.document
        given = document.snapshot.given
        origin = Path(given.origin or given.source) if given is not None else Path()
        own = origin.suffix.lower()
        kinds = {own: "as it was opened", **WEIGHTS} if own in IN_PLACE else WEIGHTS
        usual = next(iter(kinds))
        offered = ";;".join(f"{words} (*{suffix})" for suffix, words in kinds.items())

        def write() -> str:
            changed = changed_weights(document.snapshot, document.run)
            start = f"{origin.stem}-changed{usual}"
            name, _ = QFileDialog.getSaveFileName(self._window, "Save weights", start, offered)
            if not name:
                return ""
            assert given is not None  # without a model nothing was changed
            place = Path(name) if Path(name).suffix else Path(f"{name}{usual}")
            write_weights(changed.weights, place, given)
            return f"Saved {place.name}: {changed.words}"

        return self._stage.attempt(write)

    def copy_source(self) -> None:
        """The numpy code that was run, on the clipboard."""
        QGuiApplication.clipboard().setText(self._stage.run.recording.source)
        self._stage.noted.emit("Copied the numpy code that was run")

    def copy_pytorch(self) -> None:
        """The lines that make the same change in a training script, on the clipboard."""
        from visualizer.document.modelled import pytorch_words

        document = self._stage.document
        QGuiApplication.clipboard().setText(pytorch_words(document.snapshot, document.run))
        self._stage.noted.emit("Copied the lines of PyTorch for what was changed")

    # ---- leaving

    def may_go(self) -> bool:
        """Whether the document may be left: it is saved, or the user says so."""
        if not self.saving.wait():
            return False
        if not self._stage.document.dirty:
            return True
        answer = self._ask()
        if answer == Answer.Save:
            return self.save() and self.saving.wait() and self._all_saved()
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
