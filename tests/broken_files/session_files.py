"""Broken and harmful sessions: what was done to each, and its bytes."""

from __future__ import annotations

import functools
import io
import json
import zipfile
from typing import Any

import numpy as np

from engine.experiment import Experiment
from engine.sequences import sample
from tests.broken_files.models_made import Change, zipped
from tests.broken_files.table import DISGUISES, Files
from tests.engine.sequences.files_made import npy
from visualizer.document import session
from visualizer.document.derive import derive
from visualizer.document.snapshot import Snapshot

TEXT = "session.json"


@functools.cache
def good() -> bytes:
    """A session with parameters of its own."""
    made = Snapshot(sample("nile"), Experiment(cell="gru", hidden=3))
    return session.pack(made.changed(parameters=dict(derive(made).run.recording.parameters)), None)


def changed(change: Change | None = None, deflate: bool = False, **members: bytes) -> bytes:
    """A session whose manifest was changed, with members added or replaced."""
    archive = zipfile.ZipFile(io.BytesIO(good()))
    content = {name: archive.read(name) for name in archive.namelist()}
    if change is not None:
        manifest = json.loads(content[TEXT])
        change(manifest)
        content[TEXT] = json.dumps(manifest).encode()
    return zipped(content | members, deflate)


def said(**fields: Any) -> bytes:
    return changed(lambda manifest: manifest.update(fields))


def within(group: str, **fields: Any) -> bytes:
    return changed(lambda manifest: manifest[group].update(fields))


def text(data: bytes) -> bytes:
    return changed(**{TEXT: data})


def parameter(data: bytes) -> bytes:
    """The first of the parameters."""
    return changed(**{"parameters/0.npy": data})


EDIT = {"target": "W", "index": [0, 0], "value": 1.0}

SESSIONS: Files = {
    **DISGUISES,
    "cut in the directory": lambda: good()[:-300],
    "cut at 1,000": lambda: good()[:1000],
    "no manifest": lambda: zipped({"a.npy": npy([1.0])}),
    "newer": lambda: said(version=99, mood="fine"),
    "version 0": lambda: said(version=0),
    "format": lambda: said(format="x"),
    "unknown field": lambda: said(mood="fine"),
    "playhead a word": lambda: said(playhead="1"),
    "playhead beyond": lambda: said(playhead=1.5),
    "beside, cell": lambda: said(beside={"experiment": {"cell": "x"}}),
    "beside, field": lambda: said(beside={"experiment": {}, "mood": 1}),
    "beside, member": lambda: said(beside={"experiment": {}, "parameters": {"b": "gone.npy"}}),
    "unknown setting": lambda: within("experiment", mood=1),
    "hidden 0": lambda: within("experiment", hidden=0),
    "hidden 10⁹": lambda: within("experiment", hidden=10**9),
    "hidden a word": lambda: within("experiment", hidden="many"),
    "unknown cell": lambda: within("experiment", cell="x"),
    "member that is not there": lambda: within("parameters", b="none.npy"),
    "member that leads out": lambda: changed(**{"../../evil.py": b"1"}),
    "unknown member": lambda: changed(**{"evil.py": b"1"}),
    "object array": lambda: parameter(npy(np.array([{}], object), pickled=True)),
    "header of 81 numbers": lambda: parameter(npy(np.ones((3, 3))).replace(b"(3, 3)", b"(9, 9)")),
    "header of 10¹²": lambda: parameter(npy(np.ones((3, 3))).replace(b"(3, 3)", b"(9e6,)")),
    "parameter of another shape": lambda: parameter(npy(np.ones((7, 7)))),
    "parameter of NaN": lambda: parameter(npy(np.full((3, 1), np.nan))),
    "series of words": lambda: changed(**{"sequence/0.npy": npy(np.array(["a", "b"]))}),
    "series of three dimensions": lambda: changed(**{"sequence/0.npy": npy(np.ones((2, 2, 2)))}),
    "bomb": lambda: changed(deflate=True, **{"thumbnail.svg": bytes(50_000_000)}),
    "equal keys": lambda: text(b'{"format": 1, "format": 2}'),
    "NaN": lambda: text(b'{"loss": NaN}'),
    "1e999": lambda: text(b'{"loss": 1e999}'),
    "5,000 digits": lambda: text(b'{"loss": ' + b"9" * 5000 + b"}"),
    "deep": lambda: text(b"[" * 120 + b"]" * 120),
    "abyss": lambda: text(b"[" * 50_000),
    "cut JSON": lambda: text(b"{"),
    "UTF-16": lambda: text("{}".encode("utf-16")),
    "zoom 0": lambda: said(view={"zoom": 0}),
    "fold 1.5": lambda: said(view={"fold": 1.5}),
    "unknown level": lambda: said(view={"level": "x"}),
    "kind of sequence": lambda: within("sequence", kind="song"),
    "label for nobody": lambda: within("sequence", labels=[["a"], ["b"]]),
    "role": lambda: within("sequence", roles=["king"]),
    "edit of nothing": lambda: said(edits=[{**EDIT, "target": "nobody"}]),
    "edit outside": lambda: said(edits=[{**EDIT, "target": "x", "index": [10**9, 0, 0]}]),
    "loss of no step": lambda: said(losses_off=[[10**9, 0]]),
}
