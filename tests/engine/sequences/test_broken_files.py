"""Mutated files: whatever is done to the bytes, a sequence comes out or `Unusable`."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Unusable
from engine.sequences import READERS, encode
from engine.sequences.source import Reading, Source
from tests.engine.sequences.files_made import TS, npy, npz, wav

SEEDS: dict[str, bytes] = {
    "a.txt": "To be — or not\nto be\n".encode(),
    "a.csv": b'year,v,"w",sky\n1900,1.5,2,sun\n1901,-3e2,,rain\n1902,4,5,"sun"\n',
    "a.tsv": b"1\t2\n3\t4\n5\t6\n",
    "a.npy": npy(np.arange(6.0).reshape(3, 2)),
    "a.npz": npz(x=np.zeros((3, 2, 1)), lengths=[3, 2], labels=[0, 1]),
    "words.npz": npz(x=np.zeros((2, 2, 1)), labels=["sun", "rain"]),
    "a.ts": (TS + "1,2,3:4,5,6:a\n7,8:9,?:b\n").encode(),
    "a.wav": wav(np.arange(-9, 9, dtype="<i2").tobytes()),
    "float.wav": wav(np.arange(8, dtype="<f4").tobytes(), 32, form=3),
}
TOKENS = [b"\0", b"\xff", b"nan", b"inf", b"1e999", b'"', b"\n", b",", b":", b"@data", b"'", b"-1"]
TOKENS += [b"\x80\x04", b"PK\x03\x04", b"999999999999", b"(", b"|O", b"<f8", b"_", "٣".encode()]


def mutated(data: bytes, dice: random.Random) -> bytes:
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
        elif kind == 3:
            del out[at:]
        elif kind == 4 and out:
            out[at % len(out)] = dice.randrange(256)
        else:
            piece = out[at : at + dice.randrange(1, 20)]
            out[at:at] = piece * dice.randrange(1, 4)
    return bytes(out)


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_files(tmp_path: Path, name: str) -> None:
    reader = next(row for row in READERS if Path(name).suffix in row.suffixes)
    dice = random.Random(name)
    usable = 0
    for _ in range(2_000):
        data = mutated(SEEDS[name], dice)
        reading = Reading(missing=dice.choice((None, "drop", "interpolate")))
        path = tmp_path / name
        if reader.stays:
            path.write_bytes(data)
        try:
            batch = encode(reader.read(Source(name, data, reading, path)))
        except Unusable as error:
            assert error.message.isprintable()
            assert error.exit in (2, 65)
            continue
        usable += 1
        assert np.isfinite(batch.x).all()
        assert np.isfinite(batch.targets).all()
    assert usable > 20


WATCHED = """
import sys
from pathlib import Path
from engine.sequences import READERS, read
from engine.errors import Unusable
seen = []
def watch(event, given):
    # names of what reading a file has no business with
    if event.startswith(("socket", "subprocess", "os.system", "shutil", "pickle", "ctypes")):
        seen.append(event)
    if event in ("exec", "compile", "import", "os.remove", "os.rename", "os.mkdir"):
        seen.append((event, str(given)[:80]))
    if event == "open" and isinstance(given[1], str) and set(given[1]) & set("wax+"):
        seen.append((event, given))
for path in sys.argv[1:]:
    read(path)  # once unwatched: codecs are imported at the first use
sys.addaudithook(watch)
for path in sys.argv[1:]:
    read(path)
print(seen)
"""


def test_reading_writes_nothing_and_calls_nobody(tmp_path: Path) -> None:
    paths = []
    for name, data in SEEDS.items():
        path = tmp_path / name
        path.write_bytes(data.replace(b",,", b",0,").replace(b"?", b"1"))
        paths.append(str(path))
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *paths], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
