"""The session file: a snapshot as one zip, `session.json` and its `.npy` arrays.

Here live its bytes and its checks; what `session.json` says is in `manifest`. The recording is not
in it: it is computed again, and the stored loss is the proof that it is the same. Same snapshot,
same bytes. The thumbnail comes ready made, since a document draws nothing.
"""

from __future__ import annotations

import io
import math
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import files, npy
from engine.errors import Unusable
from visualizer.document.atomic import replace_file
from visualizer.document.snapshot import Snapshot

SUFFIX = ".unrolled"
THUMBNAIL = "thumbnail.svg"
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}  # relative, of the loss computed again

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip: the time of saving would make equal sessions differ


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
    from visualizer.document import manifest

    text, arrays = manifest.encode(snapshot, loss, path)
    stored = io.BytesIO()
    # nothing is deflated: the numbers would not shrink, and equal sessions stay equal everywhere
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, manifest.NAME, text)
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
    from visualizer.document import manifest

    files.expect(data, name, files.ZIP_MAGIC, "a session")
    names, text = set[str](), None
    for member in files.members(data, name):
        names.add(member.name)
        if member.name == manifest.NAME:
            with files.readable(name), member.open() as file:
                text = file.read()
    if text is None:
        raise Unusable(
            f"{name} is a zip without {manifest.NAME}, so no session; open a .unrolled file"
        )
    found = manifest.decode(text, name)
    named = manifest.members_of(found)
    unknown, missing = sorted(names - {manifest.NAME, THUMBNAIL} - named), sorted(named - names)
    if unknown or missing:
        what = f"no member {missing[0]}" if missing else f"an unknown member {unknown[0][:60]}"
        raise Unusable(f"{name} has {what}; save or download it anew")
    # only now, what the manifest names: each array is judged by its header before it is read
    arrays = {
        member.name: npy.parse_member(member, name)
        for member in files.members(data, name)
        if member.name in named
    }
    return Stored(manifest.snapshot_of(found, arrays, name), found.loss, found.path)


def _thumbnail(data: bytes) -> str | None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(THUMBNAIL).decode() if THUMBNAIL in archive.namelist() else None
