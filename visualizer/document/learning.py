"""From a training to a snapshot and back: what a trained network shows, and what goes on learning.

Training itself is in `engine.training`, its record in a session in `learnt`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from numpy.typing import NDArray

from engine.errors import Unusable
from engine.experiment import Experiment, settings
from engine.sequences import Sequence, sample
from engine.sequences.generated import GENERATED, asked_of, check_length, drawn, task_of
from engine.sequences.sequence import Wires
from engine.training.trained import Trained
from visualizer.document.snapshot import Snapshot

Array = NDArray[Any]
LONG, SHOWN = 2000, 200  # characters: a longer text is shown by about so many of its first ones


def snapshot_of(trained: Trained) -> Snapshot:
    """What is shown of a training: its parameters, on its data or the beginning of a long text."""
    return Snapshot(
        sequence=excerpt(trained),
        experiment=trained.experiment,
        parameters=trained.parameters,
        trained=trained,
    )


def grown(snapshot: Snapshot, trained: Trained) -> Snapshot:
    """A snapshot with what a training of it has come to; its sequence stays the one that it is."""
    made = snapshot_of(trained)
    stays = same(snapshot.sequence, made.sequence)
    return snapshot.changed(
        parameters=made.parameters,
        edits=tuple(e for e in snapshot.edits if e[0][0] not in trained.parameters),
        trained=trained,
        sequence=snapshot.sequence if stays else made.sequence,
        experiment=snapshot.experiment if stays else made.experiment,
    )


def excerpt(trained: Trained) -> Sequence:
    """The sequence itself, or the first lines of a long text with all tokens that the network
    knows, so that its matrices fit."""
    sequence = trained.sequence
    if sequence.kind != "text" or sum(map(len, sequence.texts)) <= LONG:
        return sequence
    text = sequence.texts[0][:SHOWN]
    cut = max(text.rfind("\n"), text.rfind(" "))
    vocabulary = trained.batches.first.vocabulary
    return replace(sequence, texts=(text[:cut] if cut > 0 else text,), vocabulary=vocabulary)


def trained_of(snapshot: Snapshot, name: str) -> Trained:
    """The training of a snapshot; Unusable if there is none."""
    if snapshot.trained is None:
        raise Unusable(
            f"{name} was not trained, so it has learnt nothing to write; train it first: "
            f"main.py train {name} --updates 300 -o trained.unrolled",
            exit=2,
        )
    return snapshot.trained


def of_sample(name: str) -> Snapshot:
    """A sample, or some sequences of a task and what it asks."""
    sequence = sample(name)
    return Snapshot(sequence, Experiment().changed(**asked_of(sequence)))


def same(one: Sequence, other: Sequence) -> bool:
    """Whether two sequences are the same but for their names: a lesson gives its own."""
    return replace(one, title=other.title, source=other.source) == other


def learns_from(snapshot: Snapshot) -> Sequence | str:
    """What a snapshot is trained on when it goes on: all of the text of which the beginning is
    shown, the id of a generated task, or the sequence that is there."""
    trained = snapshot.trained
    if trained is not None and same(snapshot.sequence, excerpt(trained)):
        return trained.task or trained.sequence
    task = task_of(snapshot.sequence)
    return snapshot.sequence if task is None else task.id


def length_of(snapshot: Snapshot) -> int | None:
    """How many steps the sequences of a generated task have, which training is to draw too; None
    where what is learnt from was given."""
    if isinstance(learns_from(snapshot), Sequence):
        return None
    return len(snapshot.sequence.series[0])


def with_length(snapshot: Snapshot, steps: int) -> Snapshot:
    """Sequences of the task that is shown, of so many steps."""
    task = learns_from(snapshot)
    if isinstance(task, Sequence):
        return snapshot
    check_length(GENERATED[task], steps)
    return snapshot.with_sequence(drawn(task, steps))


def starts_from(snapshot: Snapshot) -> dict[str, Array] | None:
    """The parameters that training starts from, with what was typed over in them; None: those
    that the recipe makes."""
    if snapshot.parameters is None:
        return None
    found = dict(snapshot.parameters)
    for (name, index), value in snapshot.edits:
        if name in found and len(index) == found[name].ndim:
            found[name] = found[name].copy()
            found[name][index] = value
    return found


def wired_of(snapshot: Snapshot) -> Wires | None:
    """The model of another program that is the network, where no experiment describes it."""
    return snapshot.given.wired if snapshot.given is not None else None


def resumed_of(snapshot: Snapshot) -> Trained | None:
    """The training that goes on from what is shown: all of it, or as it was before the kept update
    that one has gone back to. None where parameters, model or data are others."""
    trained, at = snapshot.trained, snapshot.update
    typed = any(name in (snapshot.parameters or {}) for (name, _), _ in snapshot.edits)
    if trained is None or at is None or typed or not kept_of(snapshot):
        return None
    what = learns_from(snapshot)
    if what != (trained.task if isinstance(what, str) else trained.sequence):
        return None
    here = (kept for kept in trained.history.kept if kept.update == at)
    kept = next(here, None) if at < trained.history.count else None
    return trained if kept is None else trained.before(kept)


@lru_cache(64)
def _one_model(one: Experiment, other: Experiment) -> bool:
    """Whether parameters of one fit the other."""
    one, other = one.meant(), other.meant()
    return all(
        getattr(one, row.name) == getattr(other, row.name) for row in settings() if row.reshapes
    )


def kept_of(snapshot: Snapshot) -> tuple[int, ...]:
    """The updates that one can go back to, by how many are behind them, the last one included;
    none where the model is another one by now."""
    trained = snapshot.trained
    if trained is None or not _one_model(trained.experiment, snapshot.experiment):
        return ()
    kept = (kept.update for kept in trained.history.kept)
    return tuple(sorted({*kept, trained.history.count}))


def at_update(snapshot: Snapshot, update: int) -> Snapshot:
    """With the parameters of the kept update that is nearest."""
    trained, near = snapshot.trained, kept_of(snapshot)
    if trained is None or not near:
        return snapshot
    found = min(near, key=lambda one: abs(one - update))
    kept = {kept.update: kept.parameters for kept in trained.history.kept}
    last = found == trained.history.count
    return snapshot.changed(parameters=trained.parameters if last else kept[found])
