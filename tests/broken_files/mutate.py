"""Files changed at random: each is opened, or `Unusable` says in one line why not.

`python -m tests.broken_files.mutate --times 100000 [NAME …]` tries as many of every format. No
other class of exception may leave a reader, no warning, and no file of a few kilobytes may keep one
busy for PATIENCE seconds.
"""

from __future__ import annotations

import argparse
import functools
import io
import os
import random
import select
import signal
import time
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.errors import Unusable
from tests.broken_files.seeds import OPENED, seeds

LONGEST = 300  # characters of what is said of a file
PATIENCE = 10.0  # seconds; the largest picture that is read takes two
# formats whose library can hang or crash: the program reads them in a process of its own, and says
GIVEN_UP = (".keras", ".h5")
SOON = 1.0  # seconds after which one of these is given up here
TOKENS = [b"\0", b"\xff", b"nan", b"inf", b"1e999", b'"', b"\n", b",", b":", b"@data", b"'", b"-1"]
TOKENS += [b"\x80\x04", b"PK\x03\x04", b"999999999999", b"(", b"|O", b"<f8", b"_", "٣".encode()]
TOKENS += [b"[", b"{", b"}", b"]", b"null", b"true", b"\xff\xff\xff\x7f", b"\x80\x80\x80\x80\x01"]


@dataclass(slots=True)
class Found:
    """What became of the files of one format: how many could be opened, and what went wrong."""

    opened: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)

    def count(self, number: int, outcome: str) -> None:
        self.opened += outcome == "opened"
        if outcome not in ("opened", "refused"):
            self.bad.append((number, outcome))


def mutated(data: bytes, dice: random.Random) -> bytes:
    """The bytes with one to four changes."""
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(out) + 1)
        kind = dice.randrange(6)
        if kind == 0 and out:
            out[at % len(out)] ^= 1 << dice.randrange(8)
        elif kind == 1:
            out[at:at] = dice.choice(TOKENS)
        elif kind == 2:
            del out[at : at + dice.randrange(1, 9)]
        elif kind == 3 and dice.random() < 0.3:
            del out[at:]
        elif kind == 4 and out:
            out[at % len(out)] = dice.randrange(256)
        else:
            piece = out[at : at + dice.randrange(1, 20)]
            out[at:at] = piece * dice.randrange(1, 4)
    return bytes(out)


@functools.cache
def _changes(name: str) -> Callable[[random.Random], bytes]:
    """How a file is changed: anywhere; of a zip also inside a member, so that its sums are right
    and its reader sees what is in it."""
    data = seeds()[name]
    if not data.startswith(b"PK"):
        return lambda dice: mutated(data, dice)
    archive = zipfile.ZipFile(io.BytesIO(data))
    members = {name: archive.read(name) for name in archive.namelist()}

    def change(dice: random.Random) -> bytes:
        if dice.random() < 0.2:
            return mutated(data, dice)
        name = dice.choice(list(members))
        stored = io.BytesIO()
        with zipfile.ZipFile(stored, "w") as out:
            for each, content in members.items():
                out.writestr(each, mutated(content, dice) if each == name else content)
        return stored.getvalue()

    return change


def changed(name: str, number: int) -> bytes:
    """The file with this number among the changed ones of a format; it is always the same."""
    return _changes(name)(random.Random(f"{name} {number}"))


def outcome(name: str, number: int, folder: Path) -> str:
    """What becomes of one changed file: opened, refused, or what else left the reader."""
    path = folder / name
    path.write_bytes(changed(name, number))
    found = "refused"
    for opened in OPENED[path.suffix]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                opened(path)
            found = "opened"
        except Unusable as error:
            said = error.message
            if not said.isprintable() or len(said) > LONGEST or error.exit not in (2, 65):
                return f"exit {error.exit}: {said!r}"
        except Exception as error:
            return f"{type(error).__name__}: {error}".splitlines()[0]
    return found


def attempt(name: str, numbers: range, folder: Path) -> Found:
    """Open so many changed files of one format, each looked at for at most PATIENCE seconds."""
    found, at = Found(), numbers.start
    while at < numbers.stop:
        at = _tried(name, range(at, numbers.stop), folder, found)
    return found


def _tried(name: str, numbers: range, folder: Path, found: Found) -> int:
    """Open them in a copy of this process, until it ends or hangs; the number that is next."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which this has none of
        child = os.fork()
    if not child:
        for number in numbers:
            os.write(writing, (outcome(name, number, folder)[:1000] + "\n").encode())
        os._exit(0)
    os.close(writing)
    at, rest = numbers.start, b""
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        wait = SOON if Path(name).suffix in GIVEN_UP else PATIENCE
        while at < numbers.stop and select.select([pipe], [], [], wait)[0]:
            data = pipe.read(65_536)
            if not data:
                break
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                found.count(at, line.decode())
                at += 1
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if at < numbers.stop:
        found.count(at, "refused" if Path(name).suffix in GIVEN_UP else "it hung, or crashed")
        at += 1
    return at


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("names", nargs="*", default=list(seeds()))
    given.add_argument("--times", type=int, default=100_000)
    given.add_argument("--first", type=int, default=0)
    options = given.parse_args()
    numbers = range(options.first, options.first + options.times)
    with TemporaryDirectory() as folder:
        for name in options.names:
            begin = time.perf_counter()
            found = attempt(name, numbers, Path(folder))
            took = (time.perf_counter() - begin) / options.times
            print(
                f"{name:16} {options.times:,} changed, {found.opened:,} could be opened,"
                f" {len(found.bad)} bad, {took * 1e3:.2f} ms each",
                *(f"\n    number {number}: {what}" for number, what in found.bad[:20]),
                flush=True,
            )


if __name__ == "__main__":
    main()
