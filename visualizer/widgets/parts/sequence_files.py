"""Files and pasted text that become the sequence: tables are looked at first, several files are one
batch, and the columns of what is open can change their roles.

Sessions and models are opened in `files`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Sequence as Several
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from engine.errors import Stopped, Unusable
from engine.experiment import Experiment
from engine.sequences import READERS, Sequence, suffixes
from engine.sequences.samples import reading_of
from engine.sequences.source import Reading
from engine.watching import unwatched
from visualizer.document.elsewhere import read_files, takes_long
from visualizer.document.snapshot import Snapshot
from visualizer.widgets.parts.cover import named
from visualizer.widgets.parts.long_work import Work
from visualizer.widgets.parts.stage import Stage

if TYPE_CHECKING:
    from engine.sequences.preview import Preview

HOLES = re.compile(r"the value is missing \(([\d,]+) in all\)")
TABLES = tuple(suffix for row in READERS if row.roles for suffix in row.suffixes)


class SequenceFiles:
    """`remember`: called with what was opened; `may_go`: whether the document may be left."""

    def __init__(
        self,
        stage: Stage,
        window: QWidget,
        remember: Callable[[Path], object],
        may_go: Callable[[], bool],
    ) -> None:
        self._stage, self._window = stage, window
        self._remember, self._may_go = remember, may_go
        self.asked: QWidget | None = None  # the table that is looked at

    def open(self, paths: Several[Path], anew: bool = False) -> bool:
        """Read one file, or several as one batch; a table is looked at before. `anew`: in place of
        the document. Whether it was done, or is under way."""
        odd = [path.name for path in paths if path.suffix.lower() not in suffixes()]
        if odd and len(paths) > 1:
            words = f"several files are read as one batch of sequences, and {odd[0]} is none"
            return self._refuse(Unusable(f"{words}; leave it out"))
        if paths[0].suffix.lower() in TABLES and reading_of(paths[0]) is None:
            return self._look_at(paths, anew)
        return self._open(paths, anew)

    def _open(self, paths: Several[Path], anew: bool) -> bool:
        """As it is, unless values are missing."""
        try:
            notice = self._read(paths, Reading(), anew)
        except Unusable as error:
            return self.ask_about_holes(error, paths, anew) or self._refuse(error)
        return self._stage.attempt(lambda: notice)

    def _refuse(self, error: Exception) -> bool:
        return self._stage.attempt(lambda: _sound(error))

    def ask_about_holes(self, error: Exception, paths: Several[Path], anew: bool) -> bool:
        """What is done about values missing in what is no table; whether it is asked."""
        count = HOLES.search(str(error))
        if count is None or any(takes_long(path) for path in paths):
            return False
        from engine.sequences.preview import of_sequence

        try:
            names = tuple(str(path) for path in paths)
            filled = read_files(names, Reading(missing="interpolate"), unwatched)
        except Unusable:  # nothing can be done about them
            return False
        seen = replace(of_sequence(filled), holes=int(count[1].replace(",", "")))
        self._ask(paths, anew, lambda header: seen)
        return True

    def _look_at(self, paths: Several[Path], anew: bool) -> bool:
        from engine.sequences.preview import look_at

        def look(header: bool | None) -> Preview:
            found = preview if header is None else look_at(paths[0], Reading(header=header))
            assert found is not None  # it is a table with another header as well
            return found

        try:
            preview = look_at(paths[0], Reading())
        except Unusable:
            preview = None  # reading it says why
        if preview is None or (anew and preview.plain):
            return self._open(paths, anew)
        self._ask(paths, anew, look)
        return True

    def _ask(
        self, paths: Several[Path], anew: bool, look: Callable[[bool | None], Preview]
    ) -> None:
        from visualizer.widgets.table_preview import Answer, TablePreview

        def take(answer: Answer) -> None:
            reading = Reading(
                roles=answer.roles,
                missing=answer.missing,
                header=answer.header,
                as_is=answer.as_is,
            )
            self._note(self._read(paths, reading, anew, answer.standardise))

        standardise = self._stage.document.wanted.experiment.standardise
        table = TablePreview(named(paths), look, take, standardise, "Open", self._window)
        table.rejected.connect(self._decline)
        self._show(table)

    def _decline(self) -> None:
        self._stage.noted.emit("Nothing was opened")

    def show_columns(self) -> None:
        """What the columns of the numbers that are open are, to be changed."""
        from engine.sequences.preview import of_sequence
        from engine.sequences.roles import with_roles
        from visualizer.widgets.table_preview import Answer, TablePreview

        document = self._stage.document
        sequence = document.wanted.sequence
        if sequence.kind != "numbers":
            self._stage.noted.emit("Text has no columns; numbers of a file have")
            return

        def take(answer: Answer) -> None:
            found = replace(with_roles(sequence, answer.roles), as_is=answer.as_is)
            self._note(self._put(found, answer.standardise) or _lost(answer.roles))

        seen = of_sequence(sequence)
        standardise = document.wanted.experiment.standardise
        title = sequence.title or "Columns"
        table = TablePreview(
            title, lambda _: seen, take, standardise, "Apply", self._window, sequence.as_is
        )
        self._show(table)

    def _show(self, table: QWidget) -> None:
        self.asked = table
        table.destroyed.connect(self._forget)
        table.show()

    def _forget(self) -> None:
        self.asked = None

    def _note(self, notice: str) -> None:
        self._stage.attempt(lambda: notice)

    # ---- reading

    def _read(
        self, paths: Several[Path], reading: Reading, anew: bool, standardise: bool | None = None
    ) -> str:
        """Read them here, or beside the window if it takes long; raises `Unusable` if here."""
        if anew and not self._may_go():
            return ""
        names, work = tuple(str(path) for path in paths), self._stage.work

        def take(found: Sequence) -> str:
            notice = self._put(found, standardise, anew)
            if len(paths) == 1:
                self._remember(paths[0])
            return notice

        what = paths[0].name if len(paths) == 1 else f"{len(paths)} files"

        def done(found: Any) -> bool:
            if isinstance(found, Stopped):
                return self.failed(what, found)
            return self._stage.attempt(lambda: take(_sound(found)))

        if work is not None:
            work.cancel("open", quietly=True)
        if work is None or not any(takes_long(path) for path in paths):
            return take(read_files(names, reading, unwatched))
        work.perform(Work("open", read_files, (names, reading), done, f"Opening {what}"))
        return ""

    def failed(self, what: str, error: Exception) -> bool:
        """Nothing is lost, but what is shown is not what was asked for: it is said why."""
        if not isinstance(error, Stopped):
            return self._refuse(error)
        title = self._stage.document.title
        self._stage.noted.emit(f"Opening {what} was stopped; what is shown is “{title}”")
        return False

    def _put(self, found: Sequence, standardise: bool | None, anew: bool = False) -> str:
        """The sequence in the document, in one step of undo with whether it is standardised."""
        document = self._stage.document
        wanted = Snapshot(found, Experiment()) if anew else document.wanted.with_sequence(found)
        if standardise is not None and standardise != wanted.experiment.standardise:
            wanted = wanted.with_settings(standardise=standardise)
        return document.replace(wanted) if anew else document.change(wanted, "sequence")

    def paste(self, text: str) -> bool:
        """Take text as the sequence: cells and numbers as a table, all else as lines."""
        from engine.sequences.pasted import pasted

        return self._stage.attempt(lambda: self._put(pasted(text), None))


def _lost(roles: Mapping[str, str]) -> str:
    """Words are nowhere once they are ignored."""
    gone = [name for name in ("label", "time") if roles.get(f"({name})") == "ignore"]
    return f"The {' and the '.join(gone)} went; undo brings it back" if gone else ""


def _sound(found: Any) -> Sequence:
    if isinstance(found, Exception):
        raise found
    assert isinstance(found, Sequence)
    return found
