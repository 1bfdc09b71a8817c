"""The training of a session: its record in `session.json`, and the arrays that it names.

The rest of `session.json` is in `manifest`; what a training is, in `engine.training`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import BAD_INPUT, Unusable
from engine.experiment import Experiment, settings
from engine.models.wired import Wired
from engine.sequences import Sequence
from engine.sequences.generated import GENERATED
from engine.training.history import FIGURES, GATE, History, Kept
from engine.training.optimizers import OPTIMIZERS
from engine.training.standing import Standing
from engine.training.trained import Trained
from engine.training.training import Training, training_settings
from visualizer.document.came import check_wired

Arrays = dict[str, NDArray[Any]]  # by member of the zip
Scalars = dict[str, str | int | float | bool]
FOLDER = "trained/"


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
    vocabulary: tuple[str, ...] = ()
    as_is: tuple[str, ...] = ()
    series: tuple[str, ...] = ()  # members of the zip


class KeptRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parameters in their order and then states, one after another in one member."""

    update: int
    member: str
    states: dict[str, tuple[int, int, int]]


class StandingRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of each parameter its moments, then the states, then gradients that were not set to 0."""

    optimizer: str
    changes: int
    member: str
    moments: int  # of each parameter
    states: dict[str, tuple[int, int, int]]
    unzeroed: bool = False


class TrainedRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the parameters came about. None: as the session has it."""

    training: Scalars
    history: dict[str, str]  # arrays by name
    figures: tuple[str, ...]  # columns of the curves
    experiment: Scalars | None = None
    sequence: SequenceRecord | None = None
    parameters: dict[str, str] | None = None
    task: str = ""
    count: int = 0
    ended: str = ""
    samples: tuple[tuple[int, str], ...] = ()
    kept: tuple[KeptRecord, ...] = ()
    standing: StandingRecord | None = None
    wired: Wired | None = None


def encode(
    trained: Trained, experiment: Experiment, sequence: Sequence, parameters: Any, folder: str
) -> tuple[TrainedRecord, Arrays]:
    """The record of a training, and its arrays, in a session of these."""
    folder, history = f"{folder}{FOLDER}", trained.history
    arrays: Arrays = {f"{folder}{name}.npy": a for name, a in _arrays(history).items()}
    own, theirs = None, None
    if trained.sequence != sequence:
        series = {f"{folder}sequence/{n}.npy": a for n, a in enumerate(trained.sequence.stored())}
        own = SequenceRecord(**trained.sequence.facts(), series=tuple(series))
        arrays |= series
    if trained.parameters is not parameters:
        theirs = {name: f"{folder}parameters/{n}.npy" for n, name in enumerate(trained.parameters)}
        arrays |= {theirs[name]: array for name, array in trained.parameters.items()}
    kept = []
    for n, each in enumerate(history.kept):
        states = {name: _three(array.shape) for name, array in each.states.items()}
        kept.append(KeptRecord(each.update, f"{folder}kept/{n}.npy", states))
        parts = [each.parameters[name] for name in trained.parameters] + [*each.states.values()]
        arrays[kept[-1].member] = np.concatenate([part.ravel() for part in parts])
    standing = None
    if trained.standing is not None:
        member = f"{folder}standing.npy"
        standing, arrays[member] = _stood(trained.standing, trained.parameters, member)
    record = TrainedRecord(
        training={row.name: getattr(trained.training, row.name) for row in training_settings()},
        history={name: f"{folder}{name}.npy" for name in _arrays(history)},
        figures=tuple(trained.history.curves),
        experiment=None if trained.experiment == experiment else _scalars(trained.experiment),
        sequence=own,
        parameters=theirs,
        task=trained.task,
        count=history.count,
        ended=history.ended,
        samples=history.samples,
        kept=tuple(kept),
        standing=standing,
        wired=trained.wired if isinstance(trained.wired, Wired) else None,
    )
    return record, arrays


def _stood(standing: Standing, parameters: Arrays, member: str) -> tuple[StandingRecord, Any]:
    parts = [array for name in standing.moments for array in standing.moments[name]]
    parts += [*standing.states.values(), *standing.unzeroed.values()]
    return StandingRecord(
        standing.optimizer,
        standing.changes,
        member,
        len(next(iter(standing.moments.values()), ())),
        {name: _three(array.shape) for name, array in standing.states.items()},
        bool(standing.unzeroed),
    ), np.concatenate([part.ravel() for part in parts] or [np.zeros(0)])


def _scalars(experiment: Experiment) -> Scalars:
    return {row.name: getattr(experiment, row.name) for row in settings()}


def _three(shape: tuple[int, ...]) -> tuple[int, int, int]:
    return shape[0], shape[1], shape[2]


def _arrays(history: History) -> Arrays:
    return {
        "updates": history.updates,
        "curves": np.stack(list(history.curves.values()), 1),
        "held": np.stack([history.held_updates.astype(float), history.held_out], 1),
        "norm_updates": history.norm_updates,
        "norms": history.norms,
    }


def members_of(record: TrainedRecord) -> set[str]:
    """The members of the zip that it names."""
    found = {*record.history.values(), *(kept.member for kept in record.kept)}
    found |= {record.standing.member} if record.standing is not None else set()
    found |= set(record.sequence.series if record.sequence is not None else ())
    return found | set((record.parameters or {}).values())


def decode(
    record: TrainedRecord,
    arrays: Arrays,
    experiment: Experiment,
    sequence: Sequence,
    parameters: Any,
    name: str,
) -> Trained:
    """The training in a session file called `name`."""
    try:
        if record.sequence is not None:
            sequence = sequence_of(record.sequence, arrays)
        if record.experiment is not None:
            experiment = Experiment().changed(**record.experiment)
        training = Training().changed(**record.training)
    except Unusable as error:  # good settings or not, here they come from a bad file
        raise Unusable(f"{name}: {error.message}", exit=BAD_INPUT) from None
    if record.parameters is not None:
        parameters = {key: arrays[member] for key, member in record.parameters.items()}
    if parameters is None or (record.task and record.task not in GENERATED):
        what = f"an unknown task {record.task[:40]}" if parameters is not None else "no parameters"
        raise Unusable(f"{name}: the training has {what}; save it anew")
    history = _history(record, arrays, parameters, name)
    standing = None
    if record.standing is not None:
        standing = _standing(record.standing, arrays[record.standing.member], parameters, name)
    check_wired(record.wired, name)
    return Trained(
        experiment, training, sequence, parameters, history, record.task, standing, record.wired
    )


def sequence_of(record: SequenceRecord, arrays: Arrays) -> Sequence:
    """The sequence that a record stands for. Raises `Unusable`."""
    facts = {field: getattr(record, field) for field in record.__struct_fields__}
    return Sequence(**facts | {"series": tuple(arrays[member] for member in record.series)})


def _history(record: TrainedRecord, arrays: Arrays, parameters: Arrays, name: str) -> History:
    found = {key: arrays[member] for key, member in record.history.items()}
    shapes = {key: array.shape for key, array in found.items()}
    count = shapes.get("updates", (0,))[0]
    rows = shapes.get("norm_updates", (0,))[0]
    steps = shapes.get("norms", (0, 0))[-1]
    wanted = {
        "updates": (count,),
        "curves": (count, len(record.figures)),
        "held": (shapes.get("held", (0,))[0], 2),
        "norm_updates": (rows,),
        "norms": (rows, steps),
    }
    gates = {name for name in record.figures if name.startswith(GATE)}
    if shapes != wanted or set(record.figures) - gates != set(FIGURES):
        raise Unusable(f"{name}: the history of the training does not hang together; save it anew")
    columns = {figure: found["curves"][:, n] for n, figure in enumerate(record.figures)}
    return History(
        updates=found["updates"],
        curves={figure: columns[figure] for figure in record.figures},
        held_updates=found["held"][:, 0].astype(np.int64),
        held_out=found["held"][:, 1],
        norm_updates=found["norm_updates"],
        norms=found["norms"],
        samples=record.samples,
        kept=tuple(_kept(each, arrays[each.member], parameters, name) for each in record.kept),
        count=record.count,
        ended=record.ended,
    )


def _kept(record: KeptRecord, flat: NDArray[Any], parameters: Arrays, name: str) -> Kept:
    what = f"{name}: the parameters kept of update {record.update}"
    return Kept(record.update, *_apart(flat, [_shapes(parameters), record.states], what))


def _standing(
    record: StandingRecord, flat: NDArray[Any], parameters: Arrays, name: str
) -> Standing:
    shapes, count = _shapes(parameters), record.moments
    if not 0 <= count <= max(row.states for row in OPTIMIZERS.values()) or record.changes < 0:
        raise Unusable(f"{name}: the moments of the optimiser do not fit; save it anew")
    moments = {f"{key} {n}": shapes[key] for key in shapes for n in range(count)}
    groups: list[Mapping[str, tuple[int, ...]]] = [
        moments,
        record.states,
        shapes if record.unzeroed else {},
    ]
    found, states, unzeroed = _apart(flat, groups, f"{name}: the moments of the optimiser")
    of = {key: tuple(found[f"{key} {n}"] for n in range(count)) for key in shapes}
    return Standing(record.optimizer, record.changes, of, states, unzeroed)


def _shapes(arrays: Arrays) -> dict[str, tuple[int, ...]]:
    return {key: array.shape for key, array in arrays.items()}


def _apart(
    flat: NDArray[Any], groups: list[Mapping[str, tuple[int, ...]]], what: str
) -> list[Arrays]:
    """Arrays that stand one after another, by name in their groups. Raises `Unusable`."""
    sizes = [n for group in groups for shape in group.values() for n in shape]
    total = sum(math.prod(shape) for group in groups for shape in group.values())
    if flat.shape != (total,) or min([0, *sizes]) < 0:
        raise Unusable(f"{what} do not fit; save it anew")
    parts: list[Arrays] = []
    low = 0
    for group in groups:
        parts.append({})
        for key, shape in group.items():
            size = math.prod(shape)
            parts[-1][key] = flat[low : low + size].reshape(shape)
            low += size
    return parts


def shared(trained: Trained, parameters: Arrays) -> Arrays:
    """The arrays themselves of the kept update that these are, so that one knows which it is."""
    if parameters is trained.parameters:
        return parameters
    same = (
        kept.parameters
        for kept in trained.history.kept
        if all(np.array_equal(array, parameters[name]) for name, array in kept.parameters.items())
    )
    return next(same, parameters)
