"""Reading a file runs nothing, writes nothing and calls nobody: watched by `sys.addaudithook`.

Whole files of every format and all broken ones are opened in a process of their own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.broken_files.seeds import seeds

WATCHED = """
import resource, sys
from pathlib import Path
from tests.broken_files.messages import KINDS
from tests.broken_files.seeds import OPENED
from engine.errors import Unusable

folder = Path(sys.argv[1])
broken = [(kind, what) for kind in KINDS for what in kind.files]
bytes_of = {}
for kind, what in broken:
    data = kind.files[what]()
    bytes_of[kind.name, what] = data
    path = folder / f"{len(bytes_of)}{Path(kind.name).suffix}"
    path.write_bytes(data)

def open_all(which):
    for path in sorted(folder.glob(which)):
        for opened in OPENED[path.suffix]:
            try:
                opened(path)
            except Unusable:
                pass

open_all("whole-*")  # once unwatched: codecs and modules are imported at the first use
seen = set()
def watch(event, given):
    # names of what reading a file has no business with
    if event.startswith(("socket", "subprocess", "os.", "shutil", "pickle", "ctypes", "marshal")):
        if event not in ("os.listdir", "os.scandir"):
            seen.add(event)
    if event == "import":
        seen.add((event, str(given)[:80]))
    if event == "open" and isinstance(given[1], str) and set(given[1]) & set("wax+"):
        seen.add((event, str(given)[:80]))
    if event == "open" and not str(given[0]).startswith(str(folder)):
        seen.add((event, str(given[0])[:80]))
sys.addaudithook(watch)
# and whatever a file says of its size, memory is not there for it: a limit is a limit for all
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
open_all("*")
print(len(bytes_of), sorted(map(str, seen)))
"""


def test_reading_runs_nothing_writes_nothing_and_calls_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, data in seeds().items():
        (folder / f"whole-{name}").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(folder)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    count, _, seen = done.stdout.strip().partition(" ")
    assert int(count) > 180 and seen == "[]"
    assert [path.name for path in tmp_path.iterdir()] == ["files"]
