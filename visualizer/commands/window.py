"""`main.py [FILE …]`: the window, on what was named, or on the sentence of the lecture."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence as Several
from pathlib import Path

from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences import Sequence, sample
from engine.sequences.source import Reading
from engine.watching import unwatched
from visualizer.commands.given import asked_of, is_lesson, note, sequence_of, short
from visualizer.commands.screen import show
from visualizer.document import recent, session
from visualizer.document.document import Document
from visualizer.document.elsewhere import expected, loaded, read_files, takes_long
from visualizer.document.snapshot import Snapshot
from visualizer.scene.film import Film

FIRST = "therefore"  # what a window without a file shows
LONG = 0.15  # s; a longer recording is made when the window is there


def perform(options: argparse.Namespace) -> int:
    names = options.files
    if not names:
        return show(first())
    if len(names) > 1:
        return _several(names)
    if not os.path.isfile(names[0]):
        return show(opened(names[0]))
    path = Path(names[0])
    try:
        document = _file(path)
    except Unusable:
        if not can_be_asked(path):
            raise
        document = None  # values are missing, or it is not clear which column is what
    if document is None:
        return show(first(), opening=[path])
    try:
        recent.remember(path)
    except Unusable as error:  # the list is a convenience, the file is open
        note(error.message)
    return show(document)


def _several(names: Several[str]) -> int:
    """The window on files that are opened together."""
    from visualizer.document.several import told_apart

    missing = next((name for name in names if not os.path.exists(name)), None)
    if missing is not None:
        raise Unusable(
            f"there is no file {short(missing)}; several names are files that are opened together:"
            " give files that exist"
        )
    paths = [Path(name) for name in names]
    if told_apart(names).head is not None or any(takes_long(path) for path in paths):
        return show(first(), opening=paths)
    try:
        snapshot = Snapshot(read_files(tuple(names), Reading(), unwatched))
    except Unusable:
        if not can_be_asked(paths[0]):
            raise
        return show(first(), opening=paths)
    if expected(snapshot, None) > LONG:
        return show(first(), opening=paths)
    return show(Document(snapshot, thumbnail=thumbnail))


def opened(name: str) -> Document:
    """The document of a lesson, a sample or a task."""
    if is_lesson(name):
        return _lesson(name)
    experiment = Experiment().changed(**asked_of(name))
    return Document(Snapshot(sequence_of(name), experiment), thumbnail=thumbnail)


def can_be_asked(path: Path) -> bool:
    """Whether the file is a table, so that the window can ask how it is read."""
    from engine.sequences.preview import is_table, look_at

    try:
        return is_table(path) and look_at(path, Reading()) is not None
    except Unusable:
        return False


def _file(path: Path) -> Document | None:
    """The document of a session, a model or a sequence; None if reading or recording takes so
    long that the window, which is there first, does it beside itself."""
    if takes_long(path):
        return None
    found = loaded(str(path), None, None, unwatched)
    if isinstance(found, Sequence):
        snapshot = Snapshot(found)
    else:
        snapshot = found if isinstance(found, Snapshot) else found.snapshot
    if expected(snapshot, None) > LONG:
        return None
    if not isinstance(found, session.Stored):
        note(snapshot.given.said if snapshot.given is not None else "")
        return Document(snapshot, thumbnail=thumbnail)
    document = Document(snapshot, path, thumbnail=thumbnail)
    note(found.verify(*document.losses))
    return document


def _lesson(name: str) -> Document:
    from visualizer.lessons.opening import opened as lesson_opened
    from visualizer.lessons.reading import lesson

    return Document(lesson_opened(lesson(name)).snapshot, thumbnail=thumbnail)


def thumbnail(snapshot: Snapshot, film: Film) -> str:
    """The small picture in a session. Its modules wait until something is saved."""
    from visualizer.export import figures

    return figures.thumbnail(snapshot, film)


def first() -> Document:
    """The document that a first start and `demo` show."""
    return Document(Snapshot(sample(FIRST), Experiment()), thumbnail=thumbnail)
