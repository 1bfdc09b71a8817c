"""From a training to a snapshot and back: what a trained network shows, and what goes on learning.

Training itself is in `engine.training`, its record in a session in `learnt`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.errors import Unusable
from engine.experiment import settings
from engine.sequences import Sequence
from engine.training.trained import Trained
from visualizer.document.snapshot import Snapshot

TRAINED = Path(__file__).resolve().parents[2] / "resources" / "trained"
LONG, SHOWN = 2000, 200  # characters: a longer text is shown by about so many of its first ones


def snapshot_of(trained: Trained) -> Snapshot:
    """What is shown of a training: its parameters, on its data or the beginning of a long text."""
    return Snapshot(
        sequence=excerpt(trained),
        experiment=trained.experiment,
        parameters=trained.parameters,
        trained=trained,
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


def learns_from(snapshot: Snapshot) -> Sequence | str:
    """What a snapshot is trained on when it goes on: all of the text of which the beginning is
    shown, the id of a generated task, or the sequence that is there."""
    trained = snapshot.trained
    if trained is None or snapshot.sequence != excerpt(trained):
        return snapshot.sequence
    return trained.task or trained.sequence


def kept_of(snapshot: Snapshot) -> tuple[int, ...]:
    """The updates that one can go back to, by how many are behind them, the last one included;
    none where the model is another one by now."""
    trained, shown = snapshot.trained, snapshot.experiment.meant()
    if trained is None or any(
        row.reshapes and getattr(trained.experiment, row.name) != getattr(shown, row.name)
        for row in settings()
    ):
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
