"""The session file: what goes in comes out, same snapshot same bytes, and nothing bad gets in."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import Unusable
from engine.experiment import Experiment, settings
from engine.sequences import sample, typed
from engine.template import Node
from visualizer.document import manifest, session
from visualizer.document.derive import derive
from visualizer.document.snapshot import Snapshot
from visualizer.scene.view import View

SENTENCE = "I think therefore I am"


def snapshot() -> Snapshot:
    made = Snapshot(typed(SENTENCE), Experiment(cell="lstm", hidden=4, seed=7))
    made = made.edited("W", (2, 3), 0.25).edited("x", (1, 0, 2), 0.5).edited("h0", (0, 0, 1), -1.0)
    view = View(level="ops", zoom=1.5, origin=(0.5, -0.25), selected=Node(0, 2, 1), fold=0.4)
    return made.with_loss(2, 0, False).changed(playhead=0.62, view=view)


def trained() -> Snapshot:
    made = Snapshot(sample("nile"), Experiment(cell="gru", hidden=3))
    return made.changed(parameters=dict(derive(made).run.recording.parameters))


@pytest.mark.parametrize("make", [snapshot, trained])
def test_round_trip(make: Callable[[], Snapshot], tmp_path: Path) -> None:
    before = make()
    loss = derive(before).run.recording.loss
    data = session.pack(before, loss, thumbnail="<svg/>")
    assert data == session.pack(make(), loss, thumbnail="<svg/>"), "same snapshot, same bytes"
    place = tmp_path / "a.unrolled"
    session.save(place, data)
    stored = session.load(place)
    after = stored.snapshot
    for name in ("experiment", "sequence", "edits", "losses_off", "view", "playhead"):
        assert getattr(after, name) == getattr(before, name), name
    assert (after.parameters is None) == (before.parameters is None)
    for name, array in (before.parameters or {}).items():
        assert np.array_equal(array, (after.parameters or {})[name])
    assert stored.verify(derive(after).run.recording.loss) == ""
    assert session.pack(after, loss, thumbnail="<svg/>") == data


def compared() -> Snapshot:
    """Two experiments on one sequence, the lower one in hand."""
    first = snapshot()
    other = first.with_settings(cell="elman").changed(edits=()).edited("W_xh", (0, 0), 0.5)
    return first.compared_with(other).turned().changed(playhead=0.4)


def test_two_experiments_come_back_as_they_were(tmp_path: Path) -> None:
    before = derive(compared())
    place = tmp_path / "a.unrolled"
    session.save(place, session.pack(before.snapshot, *before.losses))
    stored = session.load(place)
    after, other = stored.snapshot, stored.snapshot.beside
    assert after.below and other is not None and other.beside is None
    assert (after.experiment.cell, other.experiment.cell) == ("elman", "lstm")
    assert after.edits == before.snapshot.edits
    assert other.edits == snapshot().edits and other.losses_off == {(2, 0)}
    assert after.playhead == 0.4 and other.sequence is after.sequence
    now = derive(after)
    assert now.losses == before.losses and stored.verify(*now.losses) == ""
    assert "saved with the loss" in stored.verify(now.losses[0], 7.5)


def test_two_sequences_and_trained_parameters_come_back() -> None:
    before = derive(trained().compared_with(trained().with_sequence(sample("sunspots"))))
    stored = session.unpack(session.pack(before.snapshot, *before.losses), "a.unrolled")
    other = stored.snapshot.beside
    assert other is not None and before.snapshot.beside is not None
    assert other.sequence == before.snapshot.beside.sequence != stored.snapshot.sequence
    assert derive(stored.snapshot).losses == before.losses


@pytest.mark.parametrize("version", [1, 2])
def test_a_session_of_an_older_version_still_opens(version: int) -> None:
    def old(manifest: dict[str, Any]) -> None:
        manifest["version"] = version
        del manifest["beside"], manifest["below"], manifest["trained"]

    stored = session.unpack(packed(old), "a.unrolled")
    assert stored.snapshot.beside is None and stored.snapshot.sequence == trained().sequence


def test_another_loss_is_a_warning_with_both_numbers() -> None:
    stored = session.unpack(session.pack(snapshot(), 18.466), "a.unrolled")
    said = stored.verify(7.5)
    assert "18.466" in said and "7.5" in said and "\n" not in said


def test_saving_over_keeps_one_version(tmp_path: Path) -> None:
    place = tmp_path / "a.unrolled"
    for playhead in (0.1, 0.2, 0.3):
        session.save(place, session.pack(snapshot().changed(playhead=playhead), None))
    assert session.load(place).snapshot.playhead == 0.3
    assert session.load(tmp_path / "a.unrolled~").snapshot.playhead == 0.2
    assert len(list(tmp_path.iterdir())) == 2


def packed(change: Callable[[dict[str, Any]], object] | None = None, **members: bytes) -> bytes:
    """A session whose manifest was changed, with members added or replaced."""
    good = zipfile.ZipFile(io.BytesIO(session.pack(trained(), 1.0)))
    content = {name: good.read(name) for name in good.namelist()}
    if change is not None:
        manifest = json.loads(content["session.json"])
        change(manifest)
        content["session.json"] = json.dumps(manifest).encode()
    content |= members
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return stored.getvalue()


TEXT = "session.json"


def test_cut_anywhere() -> None:
    data = session.pack(trained(), 1.0)
    for length in range(0, len(data) - 1, 97):
        with pytest.raises(Unusable):
            session.unpack(data[:length], "a.unrolled")


def test_the_schema_has_every_setting_and_field() -> None:
    said = json.loads(zipfile.ZipFile(io.BytesIO(session.pack(trained(), None))).read(TEXT))
    assert set(said["experiment"]) == {row.name for row in settings()}
    facts = set(trained().sequence.facts()) | {"series"}
    assert set(said["sequence"]) == facts == set(manifest.SequenceRecord.__struct_fields__)
