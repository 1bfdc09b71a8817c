"""Opening a file writes nothing, opens no socket, starts nothing and unpickles nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.sequences import sample, samples
from visualizer.document import session
from visualizer.document.snapshot import Snapshot

ROOT = Path(__file__).resolve().parents[2]
WATCHED = """
import os, sys
from visualizer.commands.given import sequence_of
from visualizer.document import session
from visualizer.document.derive import derive
from visualizer.document.snapshot import Snapshot

seen = []
def watch(event, words):
    writes = event == "open" and (
        (isinstance(words[1], str) and set(words[1]) & set("wax+"))
        or (words[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    )
    rooms = ("socket.", "subprocess.", "pickle.", "shutil.", "ctypes.")
    acts = event.startswith(rooms) or event in (
        "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.system",
        "os.exec", "os.fork", "os.posix_spawn", "os.chmod", "os.truncate",
    )
    if writes or acts:
        seen.append((event, words))

derive(Snapshot(sequence_of("therefore")))  # what is imported once is imported now
sys.addaudithook(watch)
for name in sys.argv[1:]:
    if name.endswith(".unrolled"):
        derive(session.load(name).snapshot)
    else:
        derive(Snapshot(sequence_of(name)))
print(seen)
"""


def test_opening_only_reads(tmp_path: Path) -> None:
    place = tmp_path / "a.unrolled"
    session.save(place, session.pack(Snapshot(sample("nile")), None))
    files = [str(place), *(str(each.path) for each in samples())]
    said = subprocess.run(
        [sys.executable, "-B", "-c", WATCHED, *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.stdout, said.stderr) == ("[]\n", "")
