"""Work in a process of its own, so that whoever waits for it goes on: one job, the newest.

A thread would do for correctness, but one that is busy in numpy makes a frame of the window take
twice as long; a process costs it nothing, and can be ended at any moment. Large arrays come back
in memory that both map, nothing is copied through the pipe. Nothing here knows what the jobs are.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

from engine.errors import Stopped, Unusable
from engine.sharing import hand_on, prepare, received, send
from engine.watching import Watch

GRACE = 0.12  # s that a job has to stop by itself; then its process is ended
LOST = (
    "the process that worked on this ended by itself, perhaps for want of memory; "
    "take fewer steps, units or sequences"
)
TELL = 0.02  # s between two words on how far it is
Call = Callable[..., Any]  # a function of a module; its last argument is a `Watch`


@dataclass(frozen=True, slots=True)
class Done:
    """What a job returned, or the exception that it ended with."""

    value: Any = None
    error: Exception | None = None


class Worker:
    """One process, started when it is first needed. Ask `poll` now and then; nothing blocks."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._idle = False  # it waits for a job
        self._running = False  # a job whose answer is wanted
        self._stopped_at = 0.0  # when the running job was told to stop
        self._next: tuple[Call, tuple[Any, ...]] | None = None
        self._keep: tuple[object, ...] = ()
        self._kept: dict[int, object] = {}  # what the process has, by number
        self.share = 0.0  # of the job that is done, as far as it says

    @property
    def ready(self) -> bool:
        """Whether a job would begin at once."""
        return self._idle

    @property
    def busy(self) -> bool:
        """Whether an answer is to come, or a process has yet to stop."""
        return self._next is not None or self._running or bool(self._stopped_at)

    @property
    def process(self) -> int | None:
        """Number of the process, if there is one."""
        return self._process.pid if self._process is not None else None

    def warm(self) -> None:
        """Have a process at hand."""
        if self._process is not None:
            return
        spawn = multiprocessing.get_context("spawn")
        self._pipe, other = spawn.Pipe()
        self._process = spawn.Process(target=serve, args=(other,), daemon=True, name="unrolled")
        with _no_main():
            self._process.start()
        other.close()

    def start(self, call: Call, *args: Any, keep: tuple[object, ...] = ()) -> None:
        """Do this; what was under way is given up. What is among the arguments and in `keep` is
        sent once, and is the same object there as long as it is kept."""
        self.stop()
        self._next, self._keep = (call, args), keep
        self.warm()
        self._send_next()

    def stop(self) -> None:
        """Give up what is under way. It ends within `GRACE`, or is ended by the next `poll`."""
        self._next = None
        if self._running and self._pipe is not None:
            self._running = False
            self._stopped_at = time.perf_counter()
            with contextlib.suppress(OSError):
                self._pipe.send(None)

    def close(self) -> None:
        """End the process."""
        self._next, self._running, self._idle, self._stopped_at = None, False, False, 0.0
        self._kept = {}
        if self._process is not None and self._pipe is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._pipe.close()
        self._process = self._pipe = None

    def poll(self) -> Done | None:
        """The answer, if it has come; a process that does not stop is ended here."""
        found = None
        try:
            while found is None and self._pipe is not None and self._pipe.poll():
                found = self._hear(*self._pipe.recv())
        except (EOFError, OSError):  # it died
            found = self._lost()
        if self._stopped_at and time.perf_counter() - self._stopped_at > GRACE:
            wanted = self._next
            self.close()
            self._next = wanted
            self.warm()
        self._send_next()
        return found

    def _hear(self, word: str, content: Any) -> Done | None:
        assert self._pipe is not None
        if word == "at":
            self.share = content
            return None
        if word == "ready":
            self._idle = True
            return None
        wanted, self._running, self._stopped_at, self._idle = self._running, False, 0.0, True
        found = None
        if word == "done":
            found = Done(received(self._pipe, *content))
        elif word == "failed":
            found = Done(error=content)
        return found if wanted else None

    def _lost(self) -> Done | None:
        following = self._next if self._stopped_at else None  # it died of what was given up
        wanted = self._running or (self._next is not None and following is None)
        self.close()
        self._next = following
        if following is not None:
            self.warm()
        return Done(error=Unusable(LOST)) if wanted else None

    def _send_next(self) -> None:
        """Only to a process that waits: it reads at once, so that sending never blocks."""
        if self._idle and self._next is not None and self._pipe is not None:
            job, self._next = self._next, None
            self._idle, self._running, self.share = False, True, 0.0
            kept = {n: each for n, each in self._kept.items() if _among(each, self._keep)}
            new = [each for each in self._keep if not _among(each, kept.values())]
            first = max(self._kept, default=-1) + 1
            self._kept = kept | dict(enumerate(new, first))
            told = (list(kept), dict(enumerate(new, first)), _packed(job, self._kept))
            send(self._pipe, "job", told)


@contextlib.contextmanager
def _no_main() -> Iterator[None]:
    """A new process imports the module that the program was started with, as if a job could be
    in it: that costs time, and starts a script once more that does not expect it."""
    own = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = own


def _among(one: object, many: Iterable[object]) -> bool:
    return any(one is each for each in many)


class _Packer(pickle.Pickler):
    """Writes a number for what the other side has."""

    kept: dict[int, int]  # id → number

    def persistent_id(self, thing: object) -> int | None:
        return self.kept.get(id(thing))


def _packed(job: tuple[Call, tuple[Any, ...]], kept: dict[int, object]) -> bytes:
    stream = io.BytesIO()
    packer = _Packer(stream, protocol=5)
    packer.kept = {id(each): number for number, each in kept.items()}
    packer.dump(job)
    return stream.getvalue()


# ---- in the other process


class _Unpacker(pickle.Unpickler):
    kept: dict[int, object]

    def persistent_load(self, number: int) -> object:
        return self.kept[number]


def serve(pipe: Connection) -> None:
    """Do one job after the other until whoever asks is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hand_on()
    with contextlib.suppress(EOFError, OSError):  # also in the middle of a word
        pipe.send(("ready", None))
        _serve(pipe)


def _serve(pipe: Connection) -> None:
    kept: dict[int, object] = {}
    while True:
        message = pipe.recv()
        if message is None:  # it was told to stop what had already ended
            continue
        stay, new, packed = received(pipe, *message[1])
        kept = {number: kept[number] for number in stay} | new
        unpacker = _Unpacker(io.BytesIO(packed))
        unpacker.kept = kept
        _answer(pipe, *unpacker.load())
        prepare(pipe.poll)


def _answer(pipe: Connection, call: Call, args: tuple[Any, ...]) -> None:
    """Do it and say what came of it."""
    try:
        send(pipe, "done", call(*args, _watch(pipe)))
    except Stopped:
        pipe.send(("stopped", None))
    except Exception as error:
        error.add_note(traceback.format_exc())
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            error = RuntimeError(f"{error!r}\n{traceback.format_exc()}")
        pipe.send(("failed", error))


def _watch(pipe: Connection) -> Watch:
    """What a job calls now and then: ends it when another word has come."""
    told = time.perf_counter()

    def watch(share: float) -> None:
        nonlocal told
        if pipe.poll():
            raise Stopped
        now = time.perf_counter()
        if now - told > TELL:
            told = now
            pipe.send(("at", share))

    return watch
