"""Arrays that go from one process to another without being copied: memory that both map.

A block of a recording (`room`) lies in such memory from the start where this process has said so
(`hand_on`); other arrays are copied into it when they are sent. Where a system has no such memory
arrays go through the pipe. What is sent, and when, is `worker`'s.
"""

from __future__ import annotations

import mmap
import os
import pickle
import weakref
from collections.abc import Callable
from itertools import accumulate
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import memory

SHARED = hasattr(os, "memfd_create")
LINE = 64  # bytes: each array begins on a line of the cache
LEAST = 1 << 16  # bytes of a block that is worth it
Place = tuple[int, int, int]  # block, offset, bytes

SPARE = 1 << 28  # bytes; a larger block is not kept for the next recording
TOUCHED = 1 << 22  # bytes of a spare block that are taken from the system at once

_blocks: dict[int, tuple[int, int]] = {}  # address → (bytes, handle) of the blocks of this process
_sent: set[int] = set()  # addresses of blocks that another process reads
_spare: list[tuple[mmap.mmap, int, int, bool]] = []  # at most one: map, bytes, handle, used before


def hand_on() -> None:
    """From now on recordings of this process are made where another one can read them."""
    if SHARED:
        memory.Memory.room = staticmethod(room)


def room(size: int) -> NDArray[np.uint8]:
    """Zeros, in memory that can be handed on."""
    if size < LEAST:
        return np.zeros(size, np.uint8)
    if _spare and size <= _spare[0][1] <= 2 * size:
        mapped, whole, handle, used = _spare.pop()
    else:
        (mapped, whole, handle), used = _fresh(size), False
    block = np.frombuffer(mapped, np.uint8, size)
    if used:
        block[:] = 0
    address = block.ctypes.data
    _blocks[address] = (whole, handle)
    weakref.finalize(block, _forget, address, mapped).atexit = False
    return block


def prepare(enough: Callable[[], bool]) -> None:
    """While nobody waits: a block for the next recording. The system hands shared memory out page
    by page, which takes a third as long as a recording; `enough` says that there is work."""
    last = max((size for size, _ in _blocks.values()), default=0)
    if _spare or not LEAST <= last <= SPARE or enough():
        return
    mapped, size, handle = _fresh(last)
    block = np.frombuffer(mapped, np.uint8)
    for start in range(0, size, TOUCHED):
        if enough():
            break
        block[start : start + TOUCHED : mmap.PAGESIZE] = 0
    del block
    _spare.append((mapped, size, handle, False))


def _fresh(size: int) -> tuple[mmap.mmap, int, int]:
    handle = os.memfd_create("unrolled")
    os.ftruncate(handle, size)
    return mmap.mmap(handle, size), size, handle


def _forget(address: int, mapped: mmap.mmap) -> None:
    """A block that nobody has any more: the next recording takes it, unless it was handed on."""
    size, handle = _blocks.pop(address)
    if address in _sent or _spare or size > SPARE:
        _sent.discard(address)
        os.close(handle)
    else:
        _spare.append((mapped, size, handle, True))


def send(pipe: Connection, word: str, value: Any) -> None:
    """A word and a value."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    raws = [buffer.raw() for buffer in buffers]
    if not SHARED or not raws:
        pipe.send((word, (head, [(0, 0, raw.nbytes) for raw in raws], 0)))
        for raw in raws:
            pipe.send_bytes(raw)
        return
    found = [_within(raw) for raw in raws]
    handles = list(dict.fromkeys(at[0] for at in found if at is not None))
    others = [raw for raw, at in zip(raws, found) if at is None]
    sizes = [raw.nbytes for raw in others]
    copied = os.memfd_create("unrolled")
    try:
        _write(copied, others, _starts(sizes))
        rest = iter(_starts(sizes))
        places = [
            (len(handles), next(rest), raw.nbytes)
            if at is None
            else (handles.index(at[0]), at[1], raw.nbytes)
            for raw, at in zip(raws, found)
        ]
        pipe.send((word, (head, places, len(handles) + 1)))
        for handle in (*handles, copied):
            reduction.send_handle(pipe, handle, os.getppid())
    finally:
        os.close(copied)


def received(pipe: Connection, head: bytes, places: list[Place], handles: int) -> Any:
    """The value behind the word that was read. What is written to its arrays here stays here."""
    if not handles:
        return pickle.loads(head, buffers=[bytearray(pipe.recv_bytes()) for _ in places])
    blocks = [_mapped(reduction.recv_handle(pipe)) for _ in range(handles)]
    views = [blocks[block][low : low + size] for block, low, size in places]
    return pickle.loads(head, buffers=views)


def _mapped(handle: int) -> memoryview:
    try:
        empty = not os.fstat(handle).st_size
        return memoryview(b"" if empty else mmap.mmap(handle, 0, access=mmap.ACCESS_COPY))
    finally:
        os.close(handle)


def _within(raw: memoryview) -> tuple[int, int] | None:
    """(handle, offset) of bytes that lie in a block."""
    if not raw.nbytes:
        return None
    address = np.frombuffer(raw, np.uint8).ctypes.data
    for start, (size, handle) in _blocks.items():
        if start <= address and address + raw.nbytes <= start + size:
            _sent.add(start)
            return handle, address - start
    return None


def _write(handle: int, raws: list[memoryview], starts: list[int]) -> None:
    with open(handle, "wb", buffering=0, closefd=False) as file:
        for start, raw in zip(starts, raws):
            file.seek(start)
            written = 0
            while written < raw.nbytes:
                written += file.write(raw[written:])


def _starts(sizes: list[int]) -> list[int]:
    """Where arrays of these sizes stand, in order."""
    ends = accumulate((-(-size // LINE) * LINE for size in sizes), initial=0)
    return list(ends)[:-1]
