"""Training in a process of its own, so that whoever watches it goes on: start, pause, stop, look.

What is learnt so far is always here: reports come many times a second and parameters twice, and a
process that does not stop in time is ended without loss. Training itself is in `trainer`.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import numpy as np

from engine.batching import What
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences.sequence import Wires
from engine.training.history import History, Kept, Log, Report
from engine.training.trained import Trained
from engine.training.trainer import Trainer
from engine.training.training import Training

Array = np.ndarray[Any, np.dtype[Any]]
Arrays = dict[str, Array]
GRACE = 0.12  # s that an update has to end when training is stopped; then its process is ended
TELL, SHOW = 0.04, 0.5  # s from word to word, and from parameters to parameters
NICE = 10  # who watches goes first where cores are few
NAN = float("nan")
LOST = "the process that trained ended by itself, perhaps for want of memory"


class Learner:
    """One training. Ask `poll` now and then; nothing blocks.

    `reports`: those that came with the last poll. `parameters`: the newest. `error`: why it could
    not begin or go on. `running` is False when all is said; `paused` while it waits.
    """

    def __init__(
        self,
        what: What,
        experiment: Experiment,
        training: Training,
        parameters: Arrays | None = None,
        resumed: Trained | None = None,
        wired: Wires | None = None,
    ) -> None:
        self.experiment, self.training = experiment, training
        self.parameters = parameters
        if resumed is not None:
            self.parameters = parameters or resumed.parameters
        self.trained: Trained | None = None
        self.error: Exception | None = None
        self.paused = False
        self.running = True
        self.fresh = False  # whether parameters came with the last poll
        self._before = resumed.history if resumed is not None else None
        self._log = Log(training, 0, self._before)  # until it is known how large parameters are
        self.begun = self._log.count
        self._spent = self._seconds if self.begun else 0.0
        self._first: Trained | None = None
        self._at = self.begun  # updates behind the newest parameters
        self._stopped_at = 0.0
        spawn = multiprocessing.get_context("spawn")
        self._pipe, other = spawn.Pipe()
        self._process: BaseProcess = spawn.Process(
            target=serve, args=(other,), daemon=True, name="unrolled training"
        )
        self._process.start()
        other.close()
        self._pipe.send((what, experiment, training, parameters, resumed, wired))

    @property
    def updates(self) -> int:
        """How many updates are done, those before it was resumed too."""
        return self._log.count

    @property
    def until(self) -> int:
        """How many there will be."""
        return self.begun + self.training.updates

    @property
    def history(self) -> History:
        """What is remembered so far."""
        return self._log.history()

    @property
    def left(self) -> float:
        """About how many seconds it will take from here; NaN at first."""
        done = self.updates - self.begun
        return (self._seconds - self._spent) / done * (self.until - self.updates) if done else NAN

    @property
    def loss(self) -> float:
        """The mean loss of the last update that was told of; NaN at first."""
        return self._last("mean") if self._log.curve.entries else NAN

    @property
    def _seconds(self) -> float:
        return self._last("seconds")

    def _last(self, figure: str) -> float:
        return self._log.curve.entries[-1][1][figure]

    def pause(self, on: bool = True) -> None:
        """Wait after the update under way, or go on."""
        self.paused = on
        self._send("pause" if on else "go")

    def stop(self) -> None:
        """End after the update under way; what was learnt so far is `trained` then."""
        if self.running and not self._stopped_at:
            self._stopped_at = time.perf_counter()
            self._send("stop")

    def _send(self, word: str) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send(word)

    def poll(self) -> list[Report]:
        """The reports that have come since; parameters and the end are taken in."""
        found: list[Report] = []
        self.fresh = False
        try:
            while self.running and self._pipe.poll():
                word, content = self._pipe.recv()
                self._hear(word, content, found)
        except (EOFError, OSError):
            self._lost()
        late = self._stopped_at and time.perf_counter() - self._stopped_at > GRACE
        if self.running and late:
            self._end(self.so_far())
        return found

    def _hear(self, word: str, content: Any, found: list[Report]) -> None:
        if word == "begun":
            self._first = content
            size = sum(array.nbytes for array in content.parameters.values())
            self._log = Log(self.training, size, self._before)
        elif word == "reports":
            found += content
            for report in content:
                self._log.add(report)
        elif word == "kept":
            self._log.keep(content)
        elif word == "parameters":
            (self._at, self.parameters), self.fresh = content, True
        elif word == "done":
            self.parameters, self.fresh = content.parameters, True
            self._end(content)
        else:
            self.error = content
            self._end(self.so_far())

    def _lost(self) -> None:
        if self.running:
            self.error = Unusable(LOST, exit=1)
            self._end(self.so_far())

    def _end(self, trained: Trained | None) -> None:
        self.trained, self.running, self.paused = trained, False, False
        self.close()

    def so_far(self) -> Trained | None:
        """What was learnt when the newest parameters came; None before anything was."""
        first = self._first
        if first is None or self.parameters is None:
            return None
        return Trained(
            first.experiment,
            first.training,
            first.sequence,
            dict(self.parameters),
            self.history.before(self._at),
            first.task,
            wired=first.wired,
        )

    def close(self) -> None:
        """End the process."""
        self.running = False
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._pipe.close()


# ---- in the other process


def serve(pipe: Connection) -> None:
    """Train as the first word asks, and tell of it until the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICE)
    try:
        _train(pipe, *pipe.recv())
    except (EOFError, OSError):  # whoever watched is gone
        return
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            error = RuntimeError(repr(error))
        pipe.send(("failed", error))


def _train(
    pipe: Connection,
    what: What,
    experiment: Experiment,
    training: Training,
    parameters: Arrays | None,
    resumed: Trained | None,
    wired: Wires | None,
) -> None:
    trainer = Trainer(
        what, experiment, training, parameters=parameters, resumed=resumed, wired=wired
    )
    pipe.send(("begun", trainer.trained()))
    reports: list[Report] = []
    told = shown = time.perf_counter()
    wait, newest = SHOW, trainer.begun - 1
    for report in trainer:
        reports.append(report)
        now = time.perf_counter()
        if now - told > TELL:
            newest = _tell(pipe, trainer, reports, newest)
            told = now
        if now - shown > wait:
            newest = _tell(pipe, trainer, reports, newest)
            pipe.send(("parameters", (trainer.update, trainer.learnt())))
            shown = time.perf_counter()
            wait = max(SHOW, 20 * (shown - now))  # copying is no more than a twentieth of it
        if pipe.poll() and not _goes_on(pipe, trainer, reports):
            break
    _tell(pipe, trainer, reports, newest)
    pipe.send(("done", trainer.trained()))


def _tell(pipe: Connection, trainer: Trainer, reports: list[Report], newest: int) -> int:
    """Send what is new; the last update of which the parameters were kept."""
    if reports:
        pipe.send(("reports", list(reports)))
        reports.clear()
    fresh: list[Kept] = [kept for at, kept in trainer.log.kept.entries if at > newest]
    for kept in fresh:
        pipe.send(("kept", kept))
    return fresh[-1].update if fresh else newest


def _goes_on(pipe: Connection, trainer: Trainer, reports: list[Report]) -> bool:
    """What whoever watches wants: to wait, to go on, to end."""
    word = pipe.recv()
    if word == "pause":
        if reports:
            pipe.send(("reports", list(reports)))
            reports.clear()
        pipe.send(("parameters", (trainer.update, trainer.learnt())))
        while word == "pause":
            word = pipe.recv()
    return bool(word == "go")
