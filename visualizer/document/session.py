"""The session file: a snapshot as one zip, `session.json` and its `.npy` arrays.

Here live its schema, its bytes and its checks. The recording is not in it: it is computed again,
and the stored loss is the proof that it is the same. Same snapshot, same bytes. The thumbnail
comes ready made, since a document draws nothing.
"""

from __future__ import annotations

import io
import json
import math
import os
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine import files, npy, strict_json
from engine.errors import BAD_INPUT, Unusable
from engine.experiment import Experiment
from engine.sequences import Sequence
from visualizer.document.atomic import replace_file
from visualizer.document.snapshot import Snapshot
from visualizer.scene.levels import LEVELS
from visualizer.scene.view import STRETCHES, ZOOMS, View

SUFFIX = ".unrolled"
FORMAT = "unrolled session"
VERSION = 1
MANIFEST = "session.json"
THUMBNAIL = "thumbnail.svg"
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}  # relative, of the loss computed again

FARTHEST = 1e7  # steps, or heights of the window, that a view may be moved by

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip: the time of saving would make equal sessions differ


class SequenceRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    texts: tuple[str, ...] = ()
    tokens: str = "words"
    columns: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()
    times: tuple[tuple[str, ...], ...] = ()
    title: str = ""
    source: str = ""
    series: tuple[str, ...] = ()  # members of the zip


class EditRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    target: str
    index: tuple[Annotated[int, msgspec.Meta(ge=0)], ...]
    value: float


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`session.json`, version 1."""

    format: str
    version: int
    experiment: dict[str, str | int | float | bool]
    sequence: SequenceRecord
    edits: tuple[EditRecord, ...] = ()
    losses_off: tuple[tuple[int, int], ...] = ()
    parameters: dict[str, str] | None = None  # name → member of the zip
    view: View | None = None
    playhead: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    loss: float | None = None
    path: str = ""  # in a rescued copy only: the session that it is a copy of


@dataclass(frozen=True, slots=True)
class Stored:
    """What a session file holds; `loss` is what was computed when it was saved."""

    snapshot: Snapshot
    loss: float | None = None
    path: str = ""

    def verify(self, loss: float) -> str:
        """ "" if `loss`, computed now, is the stored one; else a warning that says both."""
        tolerance = TOLERANCE[self.snapshot.experiment.dtype]
        if self.loss is None or math.isclose(self.loss, loss, rel_tol=tolerance, abs_tol=1e-12):
            return ""
        return (
            f"this session was saved with the loss {self.loss:.12g}, computed now it is "
            f"{loss:.12g}: the program or the file has changed since"
        )


# -- writing ------------------------------------------------------------------------------------


def pack(
    snapshot: Snapshot, loss: float | None, *, thumbnail: str | None = None, path: str = ""
) -> bytes:
    """The bytes of the session file of a snapshot whose run has this loss."""
    arrays: dict[str, NDArray[Any]] = {}
    manifest = _manifest(snapshot, loss, path, arrays)
    text = json.dumps(msgspec.to_builtins(manifest), ensure_ascii=False, indent=1, allow_nan=False)
    stored = io.BytesIO()
    # nothing is deflated: the numbers would not shrink, and equal sessions stay equal everywhere
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, MANIFEST, text.encode())
        for member, array in arrays.items():
            content = io.BytesIO()
            np.save(content, array, allow_pickle=False)
            _add(archive, member, content.getvalue())
        if thumbnail is not None:
            _add(archive, THUMBNAIL, thumbnail.encode())
    return stored.getvalue()


def save(path: str | os.PathLike[str], data: bytes) -> None:
    """Write packed bytes, after reading them back; the version before stays as `name~`."""
    name = Path(path).name
    if len(data) > files.MAX_FILE:
        raise Unusable(
            f"{name} would have {len(data):,} bytes; at most {files.MAX_FILE:,} are read"
        )
    stored = unpack(data, name)
    again = pack(stored.snapshot, stored.loss, thumbnail=_thumbnail(data), path=stored.path)
    if again != data:
        raise AssertionError("a packed session does not read back as itself")
    replace_file(path, data, keep_previous=True)


def _manifest(
    snapshot: Snapshot, loss: float | None, path: str, arrays: dict[str, NDArray[Any]]
) -> Manifest:
    """The manifest; the arrays it names are put into `arrays`."""
    sequence, given = snapshot.sequence, snapshot.parameters
    series = {f"sequence/{n}.npy": array for n, array in enumerate(sequence.series)}
    named = {name: f"parameters/{n}.npy" for n, name in enumerate(given or ())}
    arrays.update(series)
    arrays.update({member: (given or {})[name] for name, member in named.items()})
    experiment = snapshot.experiment
    return Manifest(
        format=FORMAT,
        version=VERSION,
        experiment={name: getattr(experiment, name) for name in experiment.__slots__},
        sequence=SequenceRecord(**sequence.facts(), series=tuple(series)),
        edits=tuple(EditRecord(*place, value) for place, value in snapshot.edits),
        losses_off=tuple(sorted(snapshot.losses_off)),
        parameters=None if given is None else named,
        view=snapshot.view and replace(snapshot.view, hover=None),
        playhead=snapshot.playhead,
        loss=loss if loss is not None and math.isfinite(loss) else None,
        path=path,
    )


def _add(archive: zipfile.ZipFile, member: str, content: bytes) -> None:
    info = zipfile.ZipInfo(member, date_time=_EARLIEST)
    info.create_system, info.external_attr = 3, 0o644 << 16  # the same on every system
    archive.writestr(info, content)


# -- reading ------------------------------------------------------------------------------------


def load(path: str | os.PathLike[str]) -> Stored:
    """The session in a file, or `Unusable` with one line that says what is wrong with it."""
    return unpack(files.load(Path(path)), Path(path).name)


def unpack(data: bytes, name: str) -> Stored:
    """The session in the bytes of a file; `name` is for messages."""
    files.expect(data, name, files.ZIP_MAGIC, "a session")
    names, text = set[str](), None
    for member in files.members(data, name):
        names.add(member.name)
        if member.name == MANIFEST:
            with files.readable(name), member.open() as file:
                text = file.read()
    if text is None:
        raise Unusable(f"{name} is a zip without {MANIFEST}, so no session; open a .unrolled file")
    manifest = _schema(strict_json.parse(text, f"{name}: {MANIFEST}"), name)
    named = {*manifest.sequence.series, *(manifest.parameters or {}).values()}
    unknown, missing = sorted(names - {MANIFEST, THUMBNAIL} - named), sorted(named - names)
    if unknown or missing:
        what = f"no member {missing[0]}" if missing else f"an unknown member {unknown[0][:60]}"
        raise Unusable(f"{name} has {what}; save or download it anew")
    # only now, what the manifest names: each array is judged by its header before it is read
    arrays = {
        member.name: npy.parse_member(member, name)
        for member in files.members(data, name)
        if member.name in named
    }
    return Stored(_snapshot(manifest, arrays, name), manifest.loss, manifest.path)


def _schema(value: Any, name: str) -> Manifest:
    """The manifest, its format and version looked at before its fields."""
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise Unusable(f"{name}: {MANIFEST} does not say {FORMAT!r}; open a .unrolled file")
    version = value.get("version")
    if isinstance(version, int) and version > VERSION:
        raise Unusable(
            f"{name} is a session of version {version}; this program reads up to version "
            f"{VERSION}: update the program"
        )
    try:
        manifest = msgspec.convert(value, Manifest, strict=True)
    except msgspec.ValidationError as error:
        raise Unusable(f"{name}: {MANIFEST}: {error}; save it anew") from None
    if manifest.version != VERSION:
        raise Unusable(f"{name}: there is no session version {version}; save it anew")
    return manifest


def _snapshot(manifest: Manifest, arrays: dict[str, NDArray[Any]], name: str) -> Snapshot:
    given = manifest.parameters
    facts = {f: getattr(manifest.sequence, f) for f in manifest.sequence.__struct_fields__}
    facts["series"] = tuple(arrays[member] for member in manifest.sequence.series)
    try:
        experiment = Experiment().changed(**manifest.experiment)
        sequence = Sequence(**facts)
    except Unusable as error:  # good settings or not, here they come from a bad file
        raise Unusable(f"{name}: {error.message}", exit=BAD_INPUT) from None
    return Snapshot(
        sequence=sequence,
        experiment=experiment,
        edits=tuple(((e.target, e.index), e.value) for e in manifest.edits),
        losses_off=frozenset(manifest.losses_off),
        parameters=None if given is None else {key: arrays[given[key]] for key in given},
        view=_sound(manifest.view, name),
        playhead=manifest.playhead,
    )


def _sound(view: View | None, name: str) -> View | None:
    """The view; `Unusable` for a number with which nothing could be drawn."""
    if view is None:
        return None
    for word, value, (low, high) in (
        ("zoom", view.zoom, ZOOMS),
        ("stretch", view.stretch, STRETCHES),
        ("origin", view.origin[0], (-FARTHEST, FARTHEST)),
        ("origin", view.origin[1], (-FARTHEST, FARTHEST)),
    ):
        if not low <= value <= high:
            raise Unusable(f"{name}: {word} of the view must be {low:g}..{high:g}, got {value:g}")
    if view.level not in ("auto", *LEVELS):
        raise Unusable(
            f"{name}: there is no level {view.level[:20]!r}; there are auto, {', '.join(LEVELS)}"
        )
    return view


def _thumbnail(data: bytes) -> str | None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(THUMBNAIL).decode() if THUMBNAIL in archive.namelist() else None
