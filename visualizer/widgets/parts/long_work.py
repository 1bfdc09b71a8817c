"""What takes longer than a frame is worked out beside the window, in another process.

Recordings are asked for by the document, and of them the newest wins; other long work (a plot, a
proof, a file) waits for its turn. Short recordings are made at once: they would only be delayed.
Here are the turns and the clock; how far the work is shows `progress`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import Stopped
from visualizer.document.beside import Answer
from visualizer.document.derive import Derived, missing
from visualizer.document.elsewhere import arrays_of, expected, joined, make, named, steps_of
from visualizer.document.snapshot import Snapshot

if TYPE_CHECKING:
    from engine.worker import Worker

FRAME = 0.025  # s; what takes longer is worked out beside the window
COLD = 0.4  # s; the same as long as no process is at hand: it takes longer than that to start
LOOK = 4  # ms between looks at the work
STARVED = 0.4  # s; while somebody drags, a picture that is nearly there is let come as often
NAMED = 0.3  # s; of what takes longer it is said what it takes
FILES = ("open", "export", "save")  # kinds of work that a recording waits for
TOLD = 0.03  # s between two words on how far it is
GRAPH = (1042, 680)  # px of the graph, until it says otherwise
IDLE = 60_000  # ms without work, after which the process ends


@dataclass(frozen=True, slots=True)
class Work:
    """`kind`: of each kind only the newest is done. `done` hears a value, or an exception.
    `words` say what it is; `seconds` are expected, for work that does not say how far it is."""

    kind: str
    call: Callable[..., Any]
    args: tuple[Any, ...]
    done: Callable[[Any], object]
    words: str
    seconds: float = 1.0
    keep: tuple[object, ...] = ()


class LongWork(QObject):
    """One for a window. `changed`: there is work, there is none, or it has come further."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._worker: Worker | None = None
        self.now: Work | None = None
        self.since = self.begun = 0.0  # when there was work first; this work
        self._far = 0.0  # what was said of it: nobody wants to see work go back
        self._waiting: dict[str, Work] = {}
        self._told = 0.0
        self._showed = 0.0  # when a recording was told last
        self.size = GRAPH
        self._closed = False
        self._clock = QTimer(self)
        self._clock.setInterval(LOOK)
        self._clock.timeout.connect(self._look)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(IDLE)
        self._rest.timeout.connect(self._end_process)

    # ---- what the document asks

    def takes(self, snapshot: Snapshot, before: Derived | None) -> bool:
        """Whether a recording is made beside the window. Else nothing is asked of this."""
        long = expected(snapshot, before)
        if self._closed or long < FRAME:
            return False
        worker = self.worker
        worker.warm()
        self._clock.start()
        return worker.ready or worker.busy or long > COLD

    def ask(
        self, snapshot: Snapshot, before: Derived | None, answer: Answer, *, dragging: bool
    ) -> None:
        """The newest recording."""
        parts = tuple(part.alone for part in missing(snapshot, before))

        def done(found: Any) -> None:
            self._showed = time.perf_counter()
            failed = isinstance(found, Exception)
            answer(found if failed else joined(snapshot, before, parts, found))

        longest = max(parts, key=steps_of)
        seconds = expected(snapshot, before)
        keep = [each for part in parts for each in arrays_of(part)]
        work = Work(
            "recording",
            make,
            (parts, self.size),
            done,
            # nobody reads what is done at once
            named(longest) if seconds > NAMED else "Recording",
            seconds,
            tuple(keep),
        )
        starved = time.perf_counter() - max(self._showed, self.since) > STARVED
        recording = self.now is not None and self.now.kind == "recording"
        if recording and dragging and starved:
            self._waiting["recording"] = work  # what is under way is shown first
        else:
            self._begin(work)

    def settle(self) -> None:
        """The hand has let go: only the newest recording is waited for."""
        if "recording" in self._waiting:
            self._begin(self._waiting.pop("recording"))

    def stop(self) -> None:
        """No recording is wanted any more."""
        self._waiting.pop("recording", None)
        if self.now is not None and self.now.kind == "recording":
            self._leave()

    # ---- other work

    def perform(self, work: Work) -> None:
        """Do it when nothing else is under way; in place of older work of its kind."""
        if self.now is not None and self.now.kind == work.kind:
            self._leave()
        self._waiting[work.kind] = work
        self._next()

    def cancel(self, kind: str = "", *, quietly: bool = False) -> None:
        """Give up what is under way, or what there is of a kind; whoever waits hears `Stopped`."""
        given_up = [w for k, w in self._waiting.items() if k == kind]
        if self.now is not None and kind in ("", self.now.kind):
            given_up.append(self.now)
            self._leave()
        for work in given_up:
            self._waiting.pop(work.kind, None)
            if not quietly:
                work.done(Stopped())

    def close(self) -> None:
        """The window goes: nobody waits for anything any more."""
        self._closed = True
        self.now = None
        self._waiting.clear()
        self._clock.stop()
        self._end_process()

    @property
    def fraction(self) -> float:
        """How far the work is, 0 … 1: as it says itself, or as long works of its kind take."""
        if self.now is None or self._worker is None:
            return 0.0
        share = self._worker.share
        if not share:
            passed = (time.perf_counter() - self.begun) / max(self.now.seconds, 0.1)
            share = passed / (passed + 0.5) if passed > 0.5 else passed
        self._far = max(self._far, share)
        return self._far

    @property
    def worker(self) -> Worker:
        """The process; made now if there is none."""
        from engine.worker import Worker

        if self._worker is None:
            self._worker = Worker()
        return self._worker

    # ---- inside

    def _begin(self, work: Work) -> None:
        """Now; what was under way begins anew afterwards, unless it is a file."""
        if self.now is not None and self.now.kind in FILES:
            self._waiting[work.kind] = work
            return
        if self.now is not None and self.now.kind != "recording":
            self._waiting.setdefault(self.now.kind, self.now)
        self._start(work, self.since if self.now is not None else 0.0)

    def _start(self, work: Work, since: float = 0.0) -> None:
        self.now, self.begun, self._far = work, time.perf_counter(), 0.0
        self.since = since or self.begun
        self.worker.start(work.call, *work.args, keep=work.keep)
        self._rest.stop()
        self._clock.start()
        self.changed.emit()

    def _next(self) -> None:
        if self.now is None and self._waiting and not self._closed:
            kind = "recording" if "recording" in self._waiting else next(iter(self._waiting))
            self._start(self._waiting.pop(kind))

    def _leave(self) -> None:
        """Nobody waits for what is under way."""
        self.now = None
        if self._worker is not None:
            self._worker.stop()
        self._next()
        self.changed.emit()

    def _look(self) -> None:
        worker = self._worker
        found = worker.poll() if worker is not None else None
        if found is not None and self.now is not None:
            work, self.now = self.now, None
            try:
                work.done(found.value if found.error is None else found.error)
            finally:
                self._next()
                self.changed.emit()
        elif self.now is not None and time.perf_counter() - self._told > TOLD:
            self._told = time.perf_counter()
            self.changed.emit()
        if self.now is None and (worker is None or worker.ready or worker.process is None):
            self._clock.stop()
            self._rest.start()

    def _end_process(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None
