"""`session.json`: its schema, from a snapshot to it and back. Imported when a session is read or
written and not before: the window has its first paint without it.

The zip round it, with the arrays that it names, is `session`.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Annotated, Any

import msgspec
from numpy.typing import NDArray

from engine import strict_json
from engine.errors import BAD_INPUT, Unusable
from engine.experiment import Experiment
from engine.sequences import Sequence
from visualizer.document.snapshot import Snapshot
from visualizer.scene.levels import LEVELS
from visualizer.scene.view import STRETCHES, ZOOMS, View

NAME = "session.json"
FORMAT = "unrolled session"
VERSION = 1
FARTHEST = 1e7  # steps, or heights of the window, that a view may be moved by

Arrays = dict[str, NDArray[Any]]  # by member of the zip


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


def encode(snapshot: Snapshot, loss: float | None, path: str) -> tuple[bytes, Arrays]:
    """The text of the manifest, and the arrays that it names."""
    sequence, given = snapshot.sequence, snapshot.parameters
    series = {f"sequence/{n}.npy": array for n, array in enumerate(sequence.series)}
    named = {name: f"parameters/{n}.npy" for n, name in enumerate(given or ())}
    arrays = {**series, **{member: (given or {})[name] for name, member in named.items()}}
    experiment = snapshot.experiment
    manifest = Manifest(
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
    text = json.dumps(msgspec.to_builtins(manifest), ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode(), arrays


def decode(text: bytes, name: str) -> Manifest:
    """The manifest in a session file called `name`; format and version before its fields."""
    value = strict_json.parse(text, f"{name}: {NAME}")
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise Unusable(f"{name}: {NAME} does not say {FORMAT!r}; open a .unrolled file")
    version = value.get("version")
    if isinstance(version, int) and version > VERSION:
        raise Unusable(
            f"{name} is a session of version {version}; this program reads up to version "
            f"{VERSION}: update the program"
        )
    try:
        manifest = msgspec.convert(value, Manifest, strict=True)
    except msgspec.ValidationError as error:
        raise Unusable(f"{name}: {NAME}: {error}; save it anew") from None
    if manifest.version != VERSION:
        raise Unusable(f"{name}: there is no session version {version}; save it anew")
    return manifest


def members_of(manifest: Manifest) -> set[str]:
    """The members of the zip that the manifest names."""
    return {*manifest.sequence.series, *(manifest.parameters or {}).values()}


def snapshot_of(manifest: Manifest, arrays: Arrays, name: str) -> Snapshot:
    """The snapshot that a manifest and its arrays stand for."""
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
