"""`main.py train`: learns from WHAT, tells how it goes, and writes what was learnt as a session.

The file is written now and then while training goes on, so that a kill leaves something; Ctrl-C
ends training, and what was learnt so far is kept.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from engine.errors import BAD_SETTINGS, Unusable
from engine.experiment import Experiment
from engine.models.given import Given
from engine.models.suffixes import may_be_model
from engine.sequences.generated import GENERATED
from engine.training.trainer import Trainer
from engine.training.training import Training, training_settings
from visualizer.commands.given import (
    holds_model,
    is_lesson,
    more,
    note,
    one,
    reading_of,
    sequence_of,
)
from visualizer.commands.options import given_settings
from visualizer.commands.progress import Bar, Lines
from visualizer.document import session
from visualizer.document.atomic import check_place
from visualizer.document.derive import derive
from visualizer.document.learning import (
    learns_from,
    length_of,
    resumed_of,
    snapshot_of,
    starts_from,
    wired_of,
)
from visualizer.document.snapshot import Snapshot
from visualizer.export.figures import thumbnail
from visualizer.lessons.opening import opened
from visualizer.lessons.reading import lesson

FIRST, LONGEST = 1.0, 15.0  # seconds to the first writing of the file; from one to the next
FAILED, INTERRUPTED = 1, 130


def perform(options: argparse.Namespace) -> int:
    check_place(options.output)
    if Path(options.output).suffix != session.SUFFIX:
        raise Unusable(
            f"{options.output} is no name of a session; give one that ends in {session.SUFFIX}",
            exit=BAD_SETTINGS,
        )
    trainer, given = trainer_of(options)
    talk = Lines() if options.json else Bar(trainer)
    interrupted = _learn(trainer, given, options.output, talk)
    write(trainer, options.output, given, whole=True)
    talk.end(options.output)
    if trainer.failed:
        print(f"main.py: {trainer.ended}", file=sys.stderr)
        return FAILED
    note(trainer.ended)
    if interrupted:
        note(f"interrupted; what was learnt in {trainer.update:,} updates is in {options.output}")
    return INTERRUPTED if interrupted else 0


def trainer_of(options: argparse.Namespace) -> tuple[Trainer, Given | None]:
    """Whatever the options name, ready to learn, and what came with it if it is a model."""
    chosen = given_settings(options)
    wanted = {s.name: getattr(options, s.name, None) for s in training_settings()}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    path = Path(options.what)
    is_session = path.suffix == session.SUFFIX and path.exists()
    if is_session or (may_be_model(options.what) and holds_model(path)):
        snapshot = one(options, chosen).snapshot
    elif is_lesson(options.what):
        snapshot = opened(lesson(options.what), 0, chosen).snapshot
    else:
        experiment = Experiment().changed(**chosen)
        known = options.what in GENERATED and not path.exists()
        if known:
            return Trainer(options.what, experiment, Training().changed(**wanted)), None
        reading = reading_of(options, experiment.tokens)
        what = sequence_of(options.what, reading, more(options))
        return Trainer(what, experiment, Training().changed(**wanted)), None
    _tell_what_stays(snapshot)
    before = snapshot.trained
    length = length_of(snapshot)
    if length is not None:
        wanted = {"length": length} | wanted
    training = (before.training if before is not None else Training()).changed(**wanted)
    trainer = Trainer(
        learns_from(snapshot),
        snapshot.experiment,
        training,
        parameters=starts_from(snapshot),
        resumed=resumed_of(snapshot),
        wired=wired_of(snapshot),
    )
    return trainer, snapshot.given


def _tell_what_stays(snapshot: Snapshot) -> None:
    """What stands before the recurrence of a model was computed at once and is not trained."""
    given = snapshot.given
    if given is not None and given.wiring is not None and given.wiring.before:
        names = ", ".join(piece.layer.name for piece in given.wiring.before)
        note(f"{names} stays as it is; the recurrence and what is behind it learn")


def _learn(trainer: Trainer, given: Given | None, place: str, talk: Bar | Lines) -> bool:
    """All updates, or until Ctrl-C; whether that came."""
    written, wait = time.monotonic(), FIRST
    with _asked_to_stop() as asked:
        for report in trainer:
            with contextlib.suppress(BrokenPipeError):
                talk.tell(report)  # whoever reads may have seen enough; the file is wanted
            if asked:
                return True
            if time.monotonic() - written > wait:
                write(trainer, place, given)
                written, wait = time.monotonic(), min(2 * wait, LONGEST)
    return False


@contextlib.contextmanager
def _asked_to_stop() -> Iterator[list[int]]:
    """A list that Ctrl-C puts something into; a second Ctrl-C ends the program at once."""
    asked: list[int] = []

    def ask(number: int, frame: object) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def write(trainer: Trainer, place: str, given: Given | None = None, *, whole: bool = False) -> None:
    """The session as it is now; `whole`: with the loss that proves it, and a small picture."""
    snapshot = snapshot_of(trainer.trained()).changed(given=given)
    if not whole:
        session.save(place, session.pack(snapshot, None))
        return
    derived = derive(snapshot)
    picture = thumbnail(replace(derived.snapshot, playhead=1.0), derived.film)
    session.save(place, session.pack(derived.snapshot, *derived.losses, thumbnail=picture))
