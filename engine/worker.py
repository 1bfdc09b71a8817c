"""Work in a process of its own, so that whoever waits for it goes on: one job, the newest.

A thread would do for correctness, but one that is busy in numpy makes a frame of the window take
twice as long; a process costs it nothing, and can be ended at any moment. Large arrays come back
in memory that both map, nothing is copied through the pipe. Nothing here knows what the jobs are.
"""

from __future__ import annotations

import contextlib
import mmap
import multiprocessing
import os
import pickle
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from engine.errors import Stopped

GRACE = 0.06  # s that a job has to stop by itself; then its process is ended
TELL = 0.02  # s between two words on how far it is
SHARED = hasattr(os, "memfd_create")  # elsewhere arrays go through the pipe
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
        self.steps = 0  # how often the job has looked up so far

    @property
    def ready(self) -> bool:
        """Whether a job would begin at once."""
        return self._idle

    @property
    def busy(self) -> bool:
        """Whether an answer is to come, or a process has yet to stop."""
        return self._next is not None or self._running or bool(self._stopped_at)

    def warm(self) -> None:
        """Have a process at hand."""
        if self._process is not None:
            return
        spawn = multiprocessing.get_context("spawn")
        self._pipe, other = spawn.Pipe()
        self._process = spawn.Process(target=serve, args=(other,), daemon=True, name="unrolled")
        self._process.start()
        other.close()

    def start(self, call: Call, *args: Any) -> None:
        """Do this; what was under way is given up."""
        self.stop()
        self._next = (call, args)
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
            self.steps = content
            return None
        if word == "ready":
            self._idle = True
            return None
        wanted, self._running, self._stopped_at, self._idle = self._running, False, 0.0, True
        found = None
        if word == "done":
            found = Done(_received(self._pipe, self._process, *content))
        elif word == "failed":
            found = Done(error=content)
        return found if wanted else None

    def _lost(self) -> Done | None:
        wanted, following = self._running, self._next
        self.close()
        self._next = following
        if following is not None:
            self.warm()
        words = "the process that computed this ended by itself; perhaps there was no memory left"
        return Done(error=MemoryError(words)) if wanted else None

    def _send_next(self) -> None:
        """Only to a process that waits: it reads at once, so that sending never blocks."""
        if self._idle and self._next is not None and self._pipe is not None:
            job, self._next = self._next, None
            self._idle, self._running, self.steps = False, True, 0
            self._pipe.send(job)


# ---- in the other process


def serve(pipe: Connection) -> None:
    """Do one job after the other until whoever asks is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe.send(("ready", None))
    memory = None
    while True:
        try:
            job = pipe.recv()
        except (EOFError, OSError):
            return
        if memory is not None:
            os.close(memory)
            memory = None
        if job is not None:  # else it was told to stop what had already ended
            memory = _answer(pipe, *job)


def _answer(pipe: Connection, call: Call, args: tuple[Any, ...]) -> int | None:
    """Do it and say what came of it; memory that the other side has yet to map."""
    try:
        return _send(pipe, call(*args, _watch(pipe)))
    except Stopped:
        pipe.send(("stopped", None))
    except Exception as error:
        pipe.send(("failed", error))
    return None


def _watch(pipe: Connection) -> Callable[[int], None]:
    """What a job calls now and then: ends it when another word has come."""
    calls, told = 0, time.perf_counter()

    def watch(step: int) -> None:
        nonlocal calls, told
        if pipe.poll():
            raise Stopped
        calls += 1
        now = time.perf_counter()
        if now - told > TELL:
            told = now
            pipe.send(("at", calls))

    return watch


def _send(pipe: Connection, value: Any) -> int | None:
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    raws = [buffer.raw() for buffer in buffers]
    sizes = [raw.nbytes for raw in raws]
    if not SHARED:
        pipe.send(("done", (head, sizes, None)))
        for raw in raws:
            pipe.send_bytes(raw)
        return None
    memory = os.memfd_create("unrolled")
    with open(memory, "wb", buffering=0, closefd=False) as file:
        for raw in raws:
            written = 0
            while written < raw.nbytes:
                written += file.write(raw[written:])
    pipe.send(("done", (head, sizes, memory)))
    return memory


def _received(
    pipe: Connection, process: BaseProcess | None, head: bytes, sizes: list[int], memory: int | None
) -> Any:
    if memory is None or process is None:
        return pickle.loads(head, buffers=[bytearray(pipe.recv_bytes()) for _ in sizes])
    views: list[memoryview] = []
    if sum(sizes):
        with open(f"/proc/{process.pid}/fd/{memory}", "rb") as file:
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
        ends = [sum(sizes[:n]) for n in range(len(sizes) + 1)]
        views = [mapped[low:high] for low, high in zip(ends, ends[1:])]
    return pickle.loads(head, buffers=views)
