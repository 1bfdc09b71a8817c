"""`main.py [FILE]`: the window, on what was named, or on the sentence of the lecture."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from engine.errors import Unusable
from engine.experiment import Experiment
from engine.models.suffixes import may_be_model
from engine.sequences import sample
from visualizer.commands.given import asked_of, holds_model, is_lesson, named, note, sequence_of
from visualizer.commands.screen import show
from visualizer.document import recent, session
from visualizer.document.document import Document
from visualizer.document.snapshot import Snapshot
from visualizer.scene.film import Film

FIRST = "therefore"  # what a window without a file shows


def perform(options: argparse.Namespace) -> int:
    return show(opened(options.file))


def opened(name: str | None) -> Document:
    """The document of a session or a sequence; files are read before a window appears."""
    if name is None:
        return first()
    if is_lesson(name):
        return _lesson(name)
    if not os.path.exists(name) and name in named():
        experiment = Experiment().changed(**asked_of(name))
        return Document(Snapshot(sequence_of(name), experiment), thumbnail=thumbnail)
    path = Path(name)
    if may_be_model(name) and holds_model(path):
        document = _model(path)
    elif path.suffix != session.SUFFIX:
        document = Document(Snapshot(sequence_of(name)), thumbnail=thumbnail)
    else:
        document = first()
        note(document.open(path))
    try:
        recent.remember(path)
    except Unusable as error:  # the list is a convenience, the file is open
        note(error.message)
    return document


def _model(path: Path) -> Document:
    from visualizer.document.modelled import snapshot_of_model

    snapshot = snapshot_of_model(path)
    if snapshot.given is not None:
        note(snapshot.given.said)
    return Document(snapshot, thumbnail=thumbnail)


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
