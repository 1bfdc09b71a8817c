"""Every broken file opened, and what was said of it: the whole of it stands in `messages.txt`.

`python -m tests.broken_files.messages` writes that text anew; it is read before it is committed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np

from engine import files
from engine.cells import CELLS
from engine.errors import Unusable
from engine.models import hdf5_file
from engine.models.model import load_model
from engine.models.onnx.graph import read
from engine.models.onnx.running import forward
from engine.models.weights import Array
from engine.sequences import encode, suffixes
from engine.sequences import read as read_sequence
from tests.broken_files.json_files import JSON, LINES
from tests.broken_files.keras_files import KERAS
from tests.broken_files.onnx_files import ONNX
from tests.broken_files.picture_files import PICTURES
from tests.broken_files.session_files import SESSIONS
from tests.broken_files.table import Files
from tests.broken_files.weight_files import NPZ, SAFETENSORS, TORCH
from visualizer.document import session
from visualizer.document.derive import derive
from visualizer.document.manifest import VERSION
from visualizer.scene.levels import LEVELS
from visualizer.scene.view import FITTED

TEXT = Path(__file__).parent / "messages.txt"


def run_graph(path: Path) -> object:
    """The graph read, and run on what it needs."""
    graph = read(files.load(path), path.name)
    return forward(graph, {"X": np.ones((3, 1, 2), np.float32)}, "float32", path.name)


def whole_sequence(path: Path) -> object:
    """The sequence read, and as a network reads it."""
    return encode(read_sequence(path))


def keras_here(path: Path) -> object:
    """The model, its HDF5 taken apart in this process: one of its own takes a fifth of a second."""

    def read(data: bytes, name: str) -> tuple[dict[str, Array], bytes]:
        arrays, _, said = hdf5_file.taken_apart(data, name)
        return arrays, said.encode("utf-8", "replace")

    with patch.object(hdf5_file, "read", read):
        return load_model(path)


def compute(path: Path) -> object:
    """The session read, and its numbers computed again; what the user is told then."""
    return derive(session.load(path).snapshot).notice


@dataclass(frozen=True, slots=True)
class Kind:
    """Files of one format: what they are called, and what opens them."""

    name: str
    opened: Callable[[Path], object]
    files: Files


KINDS = (
    Kind("a.json", whole_sequence, JSON),
    Kind("a.jsonl", whole_sequence, LINES),
    Kind("a.png", whole_sequence, PICTURES),
    Kind("a.safetensors", load_model, SAFETENSORS),
    Kind("a.pt", load_model, TORCH),
    Kind("a.npz", load_model, NPZ),
    Kind("a.keras", keras_here, KERAS),
    Kind("a.onnx", run_graph, ONNX),
    Kind("a.unrolled", compute, SESSIONS),
)


def said(kind: Kind, what: str, folder: Path) -> str:
    """What opening the file says: one line with the exit code; "opened" if nothing is wrong."""
    path = folder / kind.name
    path.write_bytes(kind.files[what]())
    try:
        found = kind.opened(path)
    except Unusable as error:
        return f"{error.exit}: {lasting(error.message)}"
    return f"opened: {found}" if isinstance(found, str) else "opened"


# what grows with the program, and what stands for it in the text
GROWING = {
    ", ".join(CELLS): "(all cells)",
    ", ".join(LEVELS): "(all levels)",
    ", ".join(suffixes()): "(all suffixes)",
    f"up to version {VERSION}": "up to version (of the program)",
    f"must be {FITTED[0]:g}..{FITTED[1]:g}": "must be (the zooms)",
}


# sizes of files that other programs made: those of their version
OTHERS = (
    (r"would grow from [\d,]+ to (more than )?[\d,]+ bytes", "would grow from … to … bytes"),
    (r"would grow to more than [\d,]+ bytes", "would grow to more than … bytes"),
)


def lasting(message: str) -> str:
    """The message without what another version of something says otherwise: a name for every list
    to which rows are added, … for sizes."""
    for words, name in GROWING.items():
        message = message.replace(words, name)
    for pattern, instead in OTHERS:
        message = re.sub(pattern, instead, message)
    return message


def lines() -> Iterator[str]:
    """What each table holds and is told, as one text."""
    with TemporaryDirectory() as folder:
        for kind in KINDS:
            yield f"== {kind.name}"
            yield from (f"{what} → {said(kind, what, Path(folder))}" for what in kind.files)


def expected() -> dict[tuple[str, str], str]:
    """The text as it was committed, by the name of the file and what is wrong with it."""
    found, name = {}, ""
    for line in TEXT.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            name = line.removeprefix("== ")
        else:
            what, _, message = line.partition(" → ")
            found[name, what] = message
    return found


if __name__ == "__main__":
    TEXT.write_text("\n".join(lines()) + "\n", encoding="utf-8")
