"""The document: changes, undo, what is told to whom, and what is dropped when shapes change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import Unusable
from engine.sequences import sample, typed
from engine.template import Node
from visualizer.document import session
from visualizer.document.document import Document
from visualizer.document.snapshot import Snapshot
from visualizer.scene.view import View


@pytest.fixture
def document() -> Document:
    return Document(Snapshot(typed("I think therefore I am")))


def test_change_undo_redo_give_the_same_numbers(document: Document) -> None:
    losses = [document.run.recording.loss]
    for change in ({"cell": "lstm"}, {"hidden": 5}, {"seed": 11}):
        document.set(**change)
        losses.append(document.run.recording.loss)
    assert len(set(losses)) == 4
    assert document.undo_label == "seed"
    for loss in reversed(losses[:-1]):
        document.undo()
        assert document.run.recording.loss == loss
    assert document.undo_label == "" and document.redo_label == "cell"
    document.undo()  # nothing to undo is no error
    for loss in losses[1:]:
        document.redo()
        assert document.run.recording.loss == loss
    document.undo()
    document.set(hidden=3)
    assert document.redo_label == ""


def test_a_dragged_slider_is_one_step_of_undo(document: Document) -> None:
    for hidden in range(9, 14):
        document.set(merge="hidden", hidden=hidden)
    document.settle()
    document.set(merge="hidden", hidden=20)
    document.undo()
    assert document.snapshot.experiment.hidden == 13
    document.undo()
    assert document.snapshot.experiment.hidden == 8
    assert document.undo_label == ""


def test_looking_computes_nothing_saves_nothing_and_is_no_step_of_undo(document: Document) -> None:
    run, heard = document.run, []
    document.observe(heard.append)
    document.look(playhead=0.5)
    document.look(playhead=0.5)
    assert document.run is run and not document.dirty and document.undo_label == ""
    assert heard == [frozenset({"playhead"})]
    document.set(cell="gru")
    document.look(playhead=0.7)
    document.undo()
    assert document.snapshot.playhead == 0.7, "undo takes back a choice, not a glance"
    with pytest.raises(TypeError):
        document.look(hidden=3)


def test_a_view_of_something_that_is_gone_is_turned_away(document: Document) -> None:
    document.look(view=View(selected=Node(0, 4, 1), sequence=0))
    document.set(seed=4)
    assert document.snapshot.view == View(selected=Node(0, 4, 1))
    document.set_sequence(typed("I am"))
    assert document.snapshot.view == View()


def test_what_cannot_be_computed_changes_nothing(document: Document) -> None:
    before, run = document.snapshot, document.run
    for change in ({"hidden": 0}, {"hidden": 10**9}, {"cell": "x"}, {"loss": "squared-error"}):
        with pytest.raises(Unusable) as found:
            document.set(**change)
        assert found.value.exit == 2
        assert document.snapshot is before and document.run is run and not document.undo_label


def test_edits(document: Document) -> None:
    loss = document.run.recording.loss
    document.edit("W_hh", (0, 1), 2.5)
    assert document.run.recording.parameters["W_hh"][0, 1] == 2.5
    assert document.run.recording.loss != loss and document.dirty
    document.edit("W_hh", (0, 1), None)
    assert document.run.recording.loss == loss and document.snapshot.edits == ()
    document.edit("x", (2, 0, 1), 3.0)
    assert document.run.recording.value(0, 0)[2, 0, 1] == 3.0
    document.edit("h0", (0, 0, 4), -1.0)
    assert document.run.recording.initial["h0"][0, 0, 4] == -1.0
    document.edit("h0", (0, 0, 4), 0.5)
    assert len(document.snapshot.edits) == 2, "typing over again replaces the edit"
    document.change(document.snapshot.changed(edits=()), "edits")
    assert document.run.recording.loss == loss


def test_a_loss_clicked_off(document: Document) -> None:
    whole = document.run.recording
    document.set_loss(2, False)
    assert document.run.recording.loss == pytest.approx(whole.loss - whole.losses[2, 0])
    document.set_loss(2, True)
    assert document.run.recording.loss == whole.loss


def test_edits_without_a_place_are_dropped_and_said(document: Document) -> None:
    document.edit("W_hh", (0, 0), 1.0)
    document.edit("W_hh", (7, 7), 1.0)
    assert (
        document.set(hidden=4)
        == "one edited cell did not fit any more and went; undo brings it back"
    )
    assert document.snapshot.edits == ((("W_hh", (0, 0)), 1.0),)
    document.undo()
    assert len(document.snapshot.edits) == 2
    assert "2 edited cells" in document.set(cell="lstm")
    document.set_loss(4, False)
    assert document.set_sequence(typed("I am")) == ""
    assert document.snapshot.losses_off == frozenset()


def test_new_settings_let_go_of_trained_parameters(document: Document) -> None:
    arrays = {n: np.array(a) * 2 for n, a in document.run.recording.parameters.items()}
    document.change(document.snapshot.changed(parameters=arrays), "training")
    assert np.array_equal(document.run.recording.parameters["W_hh"], arrays["W_hh"])
    document.set(learning_rate=0.1)
    assert document.snapshot.parameters is not None
    document.set(seed=4)
    assert document.snapshot.parameters is None


def test_observers(document: Document) -> None:
    heard: list[frozenset[str]] = []
    leave = document.observe(heard.append)
    document.set(cell="gru")
    assert {"run", "experiment", "history", "dirty"} <= heard[-1]
    document.set_sequence(sample("nile"))
    assert {"run", "sequence", "title"} <= heard[-1]
    leave()
    leave()
    document.undo()
    assert len(heard) == 2


def test_saving(document: Document, tmp_path: Path) -> None:
    assert document.title == "I think therefore I am" and not document.dirty
    with pytest.raises(ValueError, match="needs a path"):
        document.save()
    document.set(cell="lstm")
    assert document.dirty
    place = document.save(tmp_path / "memory.unrolled")
    assert not document.dirty and document.title == "memory" and document.path == place
    document.set(hidden=9)
    document.undo()
    assert not document.dirty, "undo leads back to what is saved"
    document.redo()
    with pytest.raises(Unusable):
        document.save(tmp_path / "none" / "a.unrolled")
    assert document.dirty and document.path == place, "a failed save loses nothing"
    document.save()
    loss = document.run.recording.loss
    other = Document(Snapshot(typed("something else")))
    assert other.open(place) == ""
    assert other.run.recording.loss == loss and other.path == place and not other.dirty
    assert other.undo_label == ""


def test_a_picture_that_fails_does_not_keep_a_document_from_being_saved(tmp_path: Path) -> None:
    def fail(snapshot: Snapshot, film: object) -> str:
        raise RuntimeError("no ink")

    document = Document(Snapshot(typed("I am here")), thumbnail=fail)
    document.save(tmp_path / "a.unrolled")
    assert document.open(tmp_path / "a.unrolled") == ""


def test_opening_a_session_that_computes_something_else_warns(tmp_path: Path) -> None:
    place = tmp_path / "a.unrolled"
    session.save(place, session.pack(Snapshot(typed("I am here")), 18.466))
    document = Document(Snapshot(typed("something else")))
    said = document.open(place)
    assert "18.466" in said and document.path == place


def cells(document: Document) -> list[str]:
    return [part.experiment.cell for part, _ in document.parts]


def test_compare_doubles_and_then_one_of_the_two_changes(document: Document) -> None:
    alone = document.run
    document.compare()
    assert [computed.run for _, computed in document.parts] == [alone, alone], "nothing to compute"
    assert document.snapshot.below and document.snapshot.experiment.cell == "elman"
    document.set(cell="lstm")
    assert cells(document) == ["elman", "lstm"]
    assert document.parts[0][1].run is alone and document.run is document.parts[1][1].run
    document.turn()
    assert document.run is alone and cells(document) == ["elman", "lstm"]
    document.set(cell="gru")
    assert cells(document) == ["gru", "lstm"]


def test_undo_takes_back_what_was_done_to_either_and_the_comparison(document: Document) -> None:
    document.compare()
    document.turn()
    document.set(hidden=5)
    document.turn()
    document.set(cell="lstm")
    document.turn()
    assert document.undo_label == "cell", "turning is no step of undo"
    document.undo()
    assert cells(document) == ["elman", "elman"] and document.snapshot.below
    document.undo()
    assert [part.experiment.hidden for part, _ in document.parts] == [8, 8]
    document.undo()
    assert len(document.parts) == 1 and document.undo_label == ""
    for _ in range(3):
        document.redo()
    assert cells(document) == ["elman", "lstm"]
    assert [part.experiment.hidden for part, _ in document.parts] == [5, 8]


def test_ending_a_comparison_keeps_the_one_in_hand(document: Document) -> None:
    document.compare(document.snapshot.with_settings(cell="lstm"))
    document.compare_no_more()
    assert cells(document) == ["lstm"] and not document.snapshot.below
    document.undo()
    assert cells(document) == ["elman", "lstm"]


def test_turning_saves_nothing_and_is_told(document: Document, tmp_path: Path) -> None:
    document.compare(document.snapshot.with_settings(cell="lstm"))
    document.save(tmp_path / "a.unrolled")
    heard: list[frozenset[str]] = []
    document.observe(heard.append)
    document.turn()
    assert not document.dirty and "run" in heard[0]
    document.set(cell="gru")
    assert document.dirty


def test_one_sequence_stays_one_sequence(document: Document) -> None:
    document.compare(document.snapshot.with_settings(cell="lstm"))
    document.set_sequence(typed("I am here"))
    assert [c.run.batch.steps for _, c in document.parts] == [3, 3]
    assert document.parts[0][1].run.batch is document.parts[1][1].run.batch
    other = document.snapshot.alone.with_sequence(sample("nile"))
    document.compare(other)
    document.turn()
    document.set_sequence(typed("I think therefore I am"))
    assert [c.run.batch.steps for _, c in document.parts] == [5, 99]


def test_what_does_not_fit_the_other_is_said(document: Document) -> None:
    document.edit("x", (4, 0, 0), 2.0)
    document.compare(document.snapshot.with_settings(cell="lstm"))
    document.turn()
    notice = document.change(
        document.snapshot.changed(beside=document.snapshot.alone.changed(sequence=typed("I am"))),
        "other",
    )
    assert notice == (
        "in the other experiment one edited cell did not fit any more and went; undo brings it back"
    )
    assert document.parts[0][0].edits and not document.parts[1][0].edits


def test_a_comparison_is_saved_and_opened(document: Document, tmp_path: Path) -> None:
    document.compare(document.snapshot.with_settings(cell="lstm"))
    place = document.save(tmp_path / "a.unrolled")
    again = Document(Snapshot(typed("x y")))
    assert again.open(place) == ""
    assert cells(again) == ["elman", "lstm"] and again.snapshot.below
    assert again.losses == document.losses


def test_the_playhead_stays_at_its_moment(document: Document) -> None:
    document.set(cell="lstm")
    moment = 40 / document.film.events
    document.look(playhead=moment)
    document.compare(document.snapshot.with_settings(cell="elman"))
    above = document.sheet.frames_at(document.snapshot.playhead)[0]
    assert above.done == 40
    document.turn()
    document.compare_no_more()
    assert document.snapshot.playhead == pytest.approx(moment)


def test_another_in_place_of_the_one_in_hand(document: Document) -> None:
    document.compare(document.snapshot.with_settings(cell="lstm"))
    document.look(playhead=0.3)
    other = Snapshot(document.snapshot.sequence, document.snapshot.experiment.changed(cell="gru"))
    document.change(document.snapshot.exchanged(other), "other")
    assert cells(document) == ["elman", "gru"] and document.snapshot.below
    assert document.snapshot.playhead == 0.3
    pair = other.compared_with(other.with_settings(cell="gated"))
    document.change(document.snapshot.exchanged(pair), "pair")
    assert cells(document) == ["gru", "gated"] and not document.snapshot.below
