"""Copies of unsaved documents, apart from them: written now and then, offered after a crash.

Here live their place and their life; when to write one is decided by the clock of the window.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from engine.errors import Unusable
from visualizer.document import session
from visualizer.document.atomic import replace_file
from visualizer.document.document import Document
from visualizer.document.places import rescue_folder
from visualizer.document.snapshot import Snapshot

SECONDS = 60  # between two copies


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

    def write(self) -> bool:
        """Copy the document if it has unsaved changes that no copy has; whether it did."""
        document = self._document
        if not document.dirty:
            self.discard()
            return False
        if self._last is not None and document.snapshot.content == self._last.content:
            return False
        try:
            self.copy.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unusable(
                f"{self.copy.parent} cannot be made ({error.strerror}); check its rights"
            ) from None
        path = str(document.path.resolve()) if document.path else ""
        try:
            data = session.pack(document.snapshot, *document.losses, path=path)
        except Unusable:  # too large for a session, which is said once and not every minute
            self._last = document.snapshot
            raise
        replace_file(self.copy, data)
        self._last = document.snapshot
        return True

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
