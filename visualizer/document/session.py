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
from engine.watching import Watch, unwatched
from visualizer.document.atomic import replace_file
from visualizer.document.snapshot import Snapshot

SUFFIX = ".unrolled"
TRAINED = Path(__file__).resolve().parents[2] / "resources" / "trained"  # those that are shipped
THUMBNAIL = "thumbnail.svg"
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}  # relative, of the loss computed again

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip: the time of saving would make equal sessions differ


@dataclass(frozen=True, slots=True)
class Stored:
    """What a session file holds; `losses` are what was computed when it was saved, of the
    experiment in hand first."""

    snapshot: Snapshot
    losses: tuple[float | None, ...] = (None,)
    path: str = ""

    def verify(self, *losses: float | None) -> str:
        """ "" if the losses, computed now, are the stored ones; else a warning that says both."""
        both = (self.snapshot, self.snapshot.beside)
        for snapshot, stored, loss in zip(both, self.losses, losses):
            if snapshot is None or stored is None or loss is None:
                continue
            tolerance = TOLERANCE[snapshot.experiment.dtype]
            if not math.isclose(stored, loss, rel_tol=tolerance, abs_tol=1e-12):
                return (
                    f"this session was saved with the loss {stored:.12g}, computed now it is "
                    f"{loss:.12g}: the program or the file has changed since"
                )
        return ""


# -- writing ------------------------------------------------------------------------------------


def pack(
    snapshot: Snapshot, *losses: float | None, thumbnail: str | None = None, path: str = ""
) -> bytes:
    """The bytes of the session file of a snapshot whose run has this loss; of one with another
    beside it, whose runs have these losses."""
    from visualizer.document import manifest

    text, arrays = manifest.encode(snapshot, losses, path)
    stored = io.BytesIO()
    # nothing is deflated: the numbers would not shrink, and equal sessions stay equal everywhere
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, manifest.NAME, text)
        for member, array in arrays.items():
            content = io.BytesIO()
            np.save(content, np.asarray(array, order="C"), allow_pickle=False)  # as it is read
            _add(archive, member, content.getvalue())
        if thumbnail is not None:
            _add(archive, THUMBNAIL, thumbnail.encode())
    return stored.getvalue()


def save(path: str | os.PathLike[str], data: bytes, watch: Watch = unwatched) -> None:
    """Write packed bytes, after reading them back; the version before stays as `name~`."""
    name = Path(path).name
    if len(data) > files.MAX_FILE:
        raise Unusable(
            f"{name} would have {len(data):,} bytes; at most {files.MAX_FILE:,} are read"
        )
    watch(0.0)
    stored = unpack(data, name)
    watch(0.2)
    again = pack(stored.snapshot, *stored.losses, thumbnail=_thumbnail(data), path=stored.path)
    if again != data:
        raise AssertionError("a packed session does not read back as itself")
    watch(0.5)
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
    snapshot = manifest.snapshot_of(found, arrays, name)
    return Stored(snapshot, manifest.losses_of(found), found.path)


def _thumbnail(data: bytes) -> str | None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(THUMBNAIL).decode() if THUMBNAIL in archive.namelist() else None
