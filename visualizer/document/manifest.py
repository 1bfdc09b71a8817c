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
from engine.experiment import Experiment, settings
from visualizer.document import came, learnt
from visualizer.document.came import GivenRecord
from visualizer.document.learnt import SequenceRecord, TrainedRecord
from visualizer.document.schema_words import in_words
from visualizer.document.snapshot import Snapshot
from visualizer.scene.levels import LEVELS
from visualizer.scene.view import FITTED, LINES, STRETCHES, View

NAME = "session.json"
FORMAT = "unrolled session"
VERSION = 3  # 2: a second experiment may stand beside the first; 3: how parameters were trained
FARTHEST = 1e7  # steps, or heights of the window, that a view may be moved by

Arrays = dict[str, NDArray[Any]]  # by member of the zip


class EditRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    target: str
    index: tuple[Annotated[int, msgspec.Meta(ge=0)], ...]
    value: float


class BesideRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The second of two experiments."""

    experiment: dict[str, str | int | float | bool]
    sequence: SequenceRecord | None = None  # None: that of the first
    edits: tuple[EditRecord, ...] = ()
    losses_off: tuple[tuple[int, int], ...] = ()
    parameters: dict[str, str] | None = None
    loss: float | None = None
    trained: TrainedRecord | None = None
    given: GivenRecord | None = None


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`session.json`, versions 1 to 3."""

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
    beside: BesideRecord | None = None
    below: bool = False
    trained: TrainedRecord | None = None
    given: GivenRecord | None = None


def encode(snapshot: Snapshot, losses: tuple[float | None, ...], path: str) -> tuple[bytes, Arrays]:
    """The text of the manifest, and the arrays that it names."""
    fields, sequence, arrays = _recorded(snapshot, losses[0], "")
    beside, other = None, snapshot.beside
    if other is not None:
        more, theirs, added = _recorded(other, losses[1] if len(losses) > 1 else None, "beside/")
        shared = other.sequence is snapshot.sequence
        if shared:
            added = {name: array for name, array in added.items() if name not in theirs.series}
        beside = BesideRecord(**more, sequence=None if shared else theirs)
        arrays |= added
    manifest = Manifest(
        format=FORMAT,
        version=VERSION,
        sequence=sequence,
        view=snapshot.view and replace(snapshot.view, hover=None),
        playhead=snapshot.playhead,
        path=path,
        beside=beside,
        below=snapshot.below,
        **fields,
    )
    text = json.dumps(msgspec.to_builtins(manifest), ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode(), arrays


def _recorded(
    snapshot: Snapshot, loss: float | None, folder: str
) -> tuple[dict[str, Any], SequenceRecord, Arrays]:
    """Fields of one experiment but its sequence, its sequence, and the arrays that both name."""
    sequence, given = snapshot.sequence, snapshot.parameters
    series = {f"{folder}sequence/{n}.npy": array for n, array in enumerate(sequence.stored())}
    named = {name: f"{folder}parameters/{n}.npy" for n, name in enumerate(given or ())}
    arrays = {**series, **{member: (given or {})[name] for name, member in named.items()}}
    experiment = snapshot.experiment
    fields: dict[str, Any] = {
        "experiment": {row.name: getattr(experiment, row.name) for row in settings()},
        "edits": tuple(EditRecord(*place, value) for place, value in snapshot.edits),
        "losses_off": tuple(sorted(snapshot.losses_off)),
        "parameters": None if given is None else named,
        "loss": loss if loss is not None and math.isfinite(loss) else None,
    }
    trained = snapshot.trained
    if trained is not None:
        record, more = learnt.encode(trained, experiment, sequence, given, folder)
        fields["trained"], arrays = record, arrays | more
    if snapshot.given is not None:
        fields["given"], more = came.encode(snapshot.given, folder)
        arrays |= more
    return fields, SequenceRecord(**sequence.facts(), series=tuple(series)), arrays


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
        raise Unusable(f"{name}: {NAME}: {in_words(str(error))}; save it anew") from None
    if manifest.version < 1:
        raise Unusable(f"{name}: there is no session version {version}; save it anew")
    return manifest


def members_of(manifest: Manifest) -> set[str]:
    """The members of the zip that the manifest names."""
    found: set[str] = set()
    for record in (manifest, manifest.beside):
        if record is not None:
            found |= set(record.sequence.series if record.sequence is not None else ())
            found |= set((record.parameters or {}).values())
            found |= learnt.members_of(record.trained) if record.trained is not None else set()
            found |= came.members_of(record.given) if record.given is not None else set()
    return found


def losses_of(manifest: Manifest) -> tuple[float | None, ...]:
    """The loss of every experiment when it was saved."""
    if manifest.beside is None:
        return (manifest.loss,)
    return manifest.loss, manifest.beside.loss


def snapshot_of(manifest: Manifest, arrays: Arrays, name: str) -> Snapshot:
    """The snapshot that a manifest and its arrays stand for."""
    found = _experiment_of(manifest, manifest.sequence, arrays, name)
    if manifest.beside is not None:
        other = manifest.beside
        if other.sequence is None:
            beside = _experiment_of(other, manifest.sequence, arrays, name)
            beside = beside.changed(sequence=found.sequence)
        else:
            beside = _experiment_of(other, other.sequence, arrays, name)
        found = found.compared_with(beside).changed(below=manifest.below)
    return found.changed(view=_sound(manifest.view, name), playhead=manifest.playhead)


def _experiment_of(
    record: Manifest | BesideRecord, read: SequenceRecord, arrays: Arrays, name: str
) -> Snapshot:
    given = record.parameters
    try:
        experiment = Experiment().changed(**record.experiment)
        sequence = learnt.sequence_of(read, arrays)
    except Unusable as error:  # good settings or not, here they come from a bad file
        raise Unusable(f"{name}: {error.message}", exit=BAD_INPUT) from None
    parameters = None if given is None else {key: arrays[given[key]] for key in given}
    trained = None
    if record.trained is not None:
        trained = learnt.decode(record.trained, arrays, experiment, sequence, parameters, name)
        parameters = learnt.shared(trained, parameters) if parameters is not None else None
    return Snapshot(
        sequence=sequence,
        experiment=experiment,
        edits=tuple(((e.target, e.index), e.value) for e in record.edits),
        losses_off=frozenset(record.losses_off),
        parameters=parameters,
        trained=trained,
        given=came.decode(record.given, arrays, name) if record.given is not None else None,
    )


def _sound(view: View | None, name: str) -> View | None:
    """The view; `Unusable` for a number with which nothing could be drawn."""
    if view is None:
        return None
    for word, value, (low, high) in (
        ("zoom", view.zoom, FITTED),
        ("stretch", view.stretch, STRETCHES),
        ("origin", view.origin[0], (-FARTHEST, FARTHEST)),
        ("origin", view.origin[1], (-FARTHEST, FARTHEST)),
        ("fold", view.fold, (0.0, 1.0)),
        ("wrap", view.wrap, LINES),
        ("step_size", view.step_size, (-12.0, -1.0)),
    ):
        if not low <= value <= high:
            raise Unusable(f"{name}: {word} of the view must be {low:g}..{high:g}, got {value:g}")
    if view.level not in ("auto", *LEVELS):
        raise Unusable(
            f"{name}: there is no level {view.level[:20]!r}; there are auto, {', '.join(LEVELS)}"
        )
    return view
