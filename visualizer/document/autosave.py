"""Copies of unsaved documents, apart from them: written now and then, offered after a crash.

Here live their place and their life; when to write one is decided by the clock of the window.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from engine.errors import Unusable
from engine.watching import unwatched
from visualizer.document import session
from visualizer.document.atomic import WORK_FAILED
from visualizer.document.document import Document
from visualizer.document.elsewhere import Losses, copied
from visualizer.document.places import rescue_folder
from visualizer.document.snapshot import Snapshot

SECONDS = 60  # between two copies
Copy = tuple[Snapshot, Losses, str, str]  # what, its losses, where it is saved, where the copy goes


@dataclass(frozen=True, slots=True)
class Rescued:
    """A copy that a program left behind which did not end well."""

    copy: Path
    title: str
    path: Path | None  # the session that it is a copy of, None if it never was saved
    modified: float  # seconds since the epoch


class Autosave:
    """The copy of one document in this process."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._last: Snapshot | None = None
        self.copy = rescue_folder() / f"{os.getpid()}{session.SUFFIX}"

    def due(self) -> bool:
        """Whether there are unsaved changes that no copy has."""
        document = self._document
        if not document.dirty:
            self.discard()
            return False
        return self._last is None or document.snapshot.content != self._last.content

    def begin(self) -> Copy:
        """What is to be copied now, and where; then it is not due any more."""
        document = self._document
        try:
            self.copy.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unusable(
                f"{self.copy.parent} cannot be made ({error.strerror}); check its rights"
            ) from None
        self._last = document.snapshot
        path = str(document.path.resolve()) if document.path else ""
        return document.snapshot, document.losses, path, str(self.copy)

    def write(self) -> bool:
        """Copy the document if that is due; whether it was."""
        if not self.due():
            return False
        try:
            copied(*self.begin(), unwatched)
        except Unusable as error:
            self.failed(error)
            raise
        return True

    def failed(self, error: Exception) -> None:
        """No copy was written: it stays due, unless there can be none."""
        if not isinstance(error, Unusable) or error.exit == WORK_FAILED:
            self._last = None

    def discard(self) -> None:
        """The document is saved, or given up on purpose: no copy is needed."""
        self._last = None
        with contextlib.suppress(OSError):
            self.copy.unlink()


def rescued() -> tuple[Rescued, ...]:
    """Copies of programs that are gone, the latest first; unreadable ones are passed over."""
    found = []
    for copy in rescue_folder().glob(f"*{session.SUFFIX}"):
        if copy.stem.isdigit() and _alive(int(copy.stem)):
            continue
        try:
            stored = session.load(copy)
            modified = copy.stat().st_mtime
        except (Unusable, OSError):
            continue
        path = Path(stored.path) if stored.path else None
        title = path.stem if path else stored.snapshot.sequence.title
        found.append(Rescued(copy, title, path, modified))
    return tuple(sorted(found, key=lambda each: -each.modified))


def _alive(process: int) -> bool:
    if process == os.getpid():
        return True
    if os.name == "nt":
        return False  # a signal would end the process there instead of asking
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
