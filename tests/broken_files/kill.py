"""Sessions are saved without end and the process is killed: on the disk is a whole session that
opens, the one before or the new one.

`python -m tests.broken_files.kill --times 1000` kills as often as one likes, at random moments.
How single calls of the system may fail is in `test_saving`; how files are changed, in `mutate`.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from engine.experiment import Experiment
from engine.sequences import sample
from engine.training.trainer import Trainer
from engine.training.training import Training
from visualizer.commands import train
from visualizer.commands.window import thumbnail
from visualizer.document import atomic, session
from visualizer.document.derive import derive
from visualizer.document.document import Document
from visualizer.document.elsewhere import copied, saved
from visualizer.document.snapshot import Snapshot

LONGEST = 0.08  # s until a kill at random: two or three savings
SEQUENCE, SMALL = "therefore", Experiment(hidden=2)
Saver = Callable[[Path], NoReturn]


def _window(place: Path) -> NoReturn:
    """Ctrl+S after every change, as the window has it done."""
    document = Document(Snapshot(sample(SEQUENCE), SMALL), thumbnail=thumbnail)
    while True:
        document.set(seed=document.snapshot.experiment.seed + 1)
        document.save(place)


def _beside(place: Path) -> NoReturn:
    """What another process writes for the window, of documents that take long to save."""
    snapshot = Snapshot(sample(SEQUENCE), SMALL)
    while True:
        snapshot = snapshot.with_settings(seed=snapshot.experiment.seed + 1)
        saved(snapshot, derive(snapshot).losses, thumbnail, str(place), lambda share: None)


def _copy(place: Path) -> NoReturn:
    """The copy that is offered after a crash."""
    snapshot = Snapshot(sample(SEQUENCE), SMALL)
    while True:
        snapshot = snapshot.with_settings(seed=snapshot.experiment.seed + 1)
        copied(snapshot, derive(snapshot).losses, "", str(place), lambda share: None)


def _train(place: Path) -> NoReturn:
    """`train -o`: the file is written while training goes on, and at its end."""
    while True:
        trainer = Trainer(sample(SEQUENCE), SMALL, Training(updates=3))
        for report in trainer:
            train.write(trainer, str(place), whole=report.update % 2 == 0)


SAVERS: dict[str, Saver] = {"window": _window, "beside": _beside, "copy": _copy, "train": _train}


class Dying:
    """`os` as `atomic` sees it, until the n-th call: there the process ends, before the call, after
    it, or when half of what was to be written is."""

    def __init__(self, nth: int, when: str) -> None:
        self.left, self.when = nth, when
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._called(name, real) if callable(real) else real

    def _called(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def called(*words: Any, **more: Any) -> Any:
            self.calls.append(name)
            self.left -= 1
            if self.left:
                return real(*words, **more)
            if self.when == "half":
                real(words[0], words[1][: len(words[1]) // 2])
            elif self.when == "after":
                real(*words, **more)
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError("it lives")

        return called


def killed(saver: Saver, place: Path, wait: float = 0.0, dying: Dying | None = None) -> None:
    """Let a copy of this process save until it is killed, after `wait` seconds or where it dies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which this has none of
        child = os.fork()
    if not child:
        try:
            if dying is not None:
                atomic.os = dying  # type: ignore[assignment]
            saver(place)
        finally:
            os._exit(1)
    if dying is None:
        time.sleep(wait)
        os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def judge(place: Path) -> bool:
    """The session and the one before it are whole, and nothing else is there but a part: whether
    one was left between two names, or without nameless files cut; the next saving takes it away."""
    names = {path.name for path in place.parent.iterdir()}
    part = f".{place.name}.part"
    assert place.name in names and names <= {place.name, f"{place.name}~", part}, names
    for name in names - {part}:
        stored = session.load(place.with_name(name))
        derived = derive(stored.snapshot)
        assert derived.notice == "" and stored.verify(*derived.losses) == "", name
        assert stored.snapshot.sequence == sample(SEQUENCE), name
    return part in names


def kill_at_random(name: str, folder: Path, times: int, seed: int = 3) -> int:
    """Kill so many at random moments; how many different sessions were found afterwards."""
    place, dice, found = folder / f"{name}.unrolled", random.Random(seed), set[bytes]()
    session.save(place, session.pack(Snapshot(sample(SEQUENCE), SMALL), None))
    for _ in range(times):
        killed(SAVERS[name], place, dice.uniform(0.0, LONGEST))
        judge(place)
        found.add(place.read_bytes())
    return len(found)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("names", nargs="*", default=list(SAVERS))
    given.add_argument("--times", type=int, default=200)
    options = given.parse_args()
    for name in options.names:
        with TemporaryDirectory() as folder:
            found = kill_at_random(name, Path(folder), options.times)
            print(f"{name:7} {options.times:,} kills, {found:,} sessions, every one whole")


if __name__ == "__main__":
    main()
