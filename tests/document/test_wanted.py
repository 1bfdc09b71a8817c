"""What is derived beside: the newest wins, nothing of the history is lost or out of order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engine.errors import Unusable
from engine.sequences import typed
from visualizer.document.beside import Answer
from visualizer.document.derive import Derived, derive
from visualizer.document.document import Document
from visualizer.document.snapshot import Snapshot
from visualizer.scene.view import View


class Slow:
    """Derives when told to, as a window would beside itself; knows what was asked last."""

    def __init__(self) -> None:
        self.asked: tuple[Snapshot, Derived | None, Answer] | None = None
        self.dragged: list[bool] = []
        self.settled = 0
        self.quick = False

    def takes(self, snapshot: Snapshot, before: Derived | None) -> bool:
        known = [part.own for part, _ in before.parts] if before is not None else []
        return not self.quick and snapshot.own not in known

    def ask(
        self, snapshot: Snapshot, before: Derived | None, answer: Answer, *, dragging: bool
    ) -> None:
        self.asked = (snapshot, before, answer)
        self.dragged.append(dragging)

    def settle(self) -> None:
        self.settled += 1

    def stop(self) -> None:
        self.asked = None

    def finish(self) -> None:
        """What was asked last is there, or has failed."""
        assert self.asked is not None
        (snapshot, before, answer), self.asked = self.asked, None
        try:
            answer(derive(snapshot, before))
        except Unusable as error:
            answer(error)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def document(slow: Slow) -> Document:
    made = Document(Snapshot(typed("I think therefore I am")))
    made.beside = slow
    return made


def test_what_is_shown_stays_until_the_new_one_is_there(document: Document, slow: Slow) -> None:
    run, heard = document.run, []
    document.observe(heard.append)
    document.set(hidden=5)
    assert document.run is run and document.snapshot.experiment.hidden == 8
    assert document.wanted.experiment.hidden == 5 and document.waiting and document.dirty
    assert document.undo_label == "hidden" and heard == [{"wanted", "history", "dirty"}]
    document.look(playhead=0.5, view=View(zoom=2.0))
    slow.finish()
    assert document.run.experiment.hidden == 5 and not document.waiting
    assert document.snapshot.playhead == 0.5, "where one looks meanwhile stays"
    assert isinstance(document.snapshot.view, View) and document.snapshot.view.zoom == 2.0
    assert "run" in heard[-1]
    document.undo()
    slow.finish()
    assert document.run.experiment.hidden == 8 and document.snapshot.playhead == 0.5


def test_the_newest_wins_and_every_change_is_a_step_of_undo(document: Document, slow: Slow) -> None:
    document.set(hidden=5)
    document.set(cell="lstm")
    document.set(seed=11)
    slow.finish()
    experiment = document.run.experiment
    assert (experiment.hidden, experiment.cell, experiment.seed) == (5, "lstm", 11)
    slow.quick = True
    for label in ("seed", "cell", "hidden"):
        assert document.undo_label == label
        document.undo()
    assert document.undo_label == "" and document.run.experiment.hidden == 8


def test_a_drag_is_one_step_whether_it_is_shown_on_the_way_or_not(
    document: Document, slow: Slow
) -> None:
    document.set(merge="hidden", hidden=5)
    document.set(merge="hidden", hidden=6)
    under_way = slow.asked
    document.set(merge="hidden", hidden=7)
    assert slow.dragged == [False, True, True] and under_way is not None
    snapshot, before, answer = under_way
    answer(derive(snapshot, before))  # let finish, since a picture is overdue
    assert document.run.experiment.hidden == 6 and document.wanted.experiment.hidden == 7
    document.settle()
    assert slow.settled == 1
    slow.finish()
    document.set(merge="hidden", hidden=9)
    slow.finish()
    slow.quick = True
    document.undo()
    assert document.run.experiment.hidden == 7, "after letting go a new step begins"
    document.undo()
    assert document.run.experiment.hidden == 8 and document.undo_label == ""


def test_undo_of_what_is_under_way_gives_it_up(document: Document, slow: Slow) -> None:
    run = document.run
    document.set(hidden=5)
    document.undo()
    assert slow.asked is None and not document.waiting and document.run is run
    assert not document.dirty and document.redo_label == "hidden"
    document.redo()
    slow.finish()
    assert document.run.experiment.hidden == 5


def test_giving_up_leaves_what_is_shown(document: Document, slow: Slow) -> None:
    document.set(hidden=5)
    slow.finish()
    shown = document.snapshot
    document.set(seed=11)
    document.set(seed=12)
    document.give_up()
    assert slow.asked is None and document.wanted is shown
    assert document.undo_label == "hidden" and document.redo_label == ""


def test_what_fails_is_said_and_the_change_before_it_is_tried(
    document: Document, slow: Slow
) -> None:
    said: list[str] = []
    document.refuse = lambda error: said.append(str(error))
    document.set(hidden=5)
    document.set(loss="squared-error")
    slow.finish()
    assert document.wanted.experiment.hidden == 5 and document.undo_label == "hidden"
    assert not said, "what is shown next would hide it"
    slow.finish()
    assert "does not fit class targets" in said[0] and len(said) == 1
    assert document.run.experiment.hidden == 5 and not document.waiting


def test_a_fault_leaves_the_document_as_it_was_and_is_no_sentence(
    document: Document, slow: Slow
) -> None:
    before = document.snapshot
    document.set(hidden=5)
    assert slow.asked is not None
    with pytest.raises(ZeroDivisionError):
        slow.asked[2](ZeroDivisionError())
    assert document.wanted is before and not document.waiting


def test_a_quick_change_overtakes_a_slow_one(document: Document, slow: Slow) -> None:
    document.set(hidden=5)
    slow.quick = True
    document.set(cell="gru")
    assert slow.asked is None and document.run.experiment.hidden == 5
    assert document.run.experiment.cell == "gru" and document.undo_label == "cell"


def test_saving_keeps_what_is_shown_and_the_rest_is_unsaved(
    document: Document, slow: Slow, tmp_path: Path
) -> None:
    document.set(hidden=5)
    place = document.save(tmp_path / "a.unrolled")
    assert document.dirty and document.path == place
    slow.finish()
    assert document.dirty and document.path == place
    slow.quick = True
    document.undo()
    assert not document.dirty, "what was saved is what was shown"
    assert document.open(place) == "" and document.run.experiment.hidden == 8


def test_opening_and_comparing_while_something_is_under_way(
    document: Document, slow: Slow, tmp_path: Path
) -> None:
    place = document.save(tmp_path / "a.unrolled")
    document.set(hidden=5)
    document.open(place)
    assert document.waiting and document.path == place
    slow.finish()
    assert document.run.experiment.hidden == 8 and not document.dirty and not document.undo_label
    document.set(hidden=5)
    document.compare()
    document.set(cell="lstm")
    slow.finish()
    assert [film.run.experiment.cell for film in document.sheet.films] == ["elman", "lstm"]
    assert {film.run.experiment.hidden for film in document.sheet.films} == {5}
    slow.quick = True
    document.undo()
    document.undo()
    assert document.undo_label == "hidden" and len(document.parts) == 1


@pytest.mark.parametrize("seed", range(4))
def test_two_hundred_changes_at_random_end_where_they_lead(seed: int) -> None:
    """The same changes, once beside and answered at random, once at once."""
    chance = random.Random(seed)
    slow = Slow()
    beside, plain = (Document(Snapshot(typed("I think therefore I am"))) for _ in range(2))
    beside.beside = slow
    for _ in range(200):
        deed = chance.choice(("set", "set", "drag", "drag", "undo", "redo", "settle", "edit"))
        value = chance.randint(1, 4)
        late = chance.random() < 0.3
        for document in (beside, plain):
            if deed == "set":
                document.set(seed=value)
            elif deed == "drag":
                document.set(merge="hidden", hidden=value)
            elif deed == "edit":
                document.edit("W_hh", (0, 0), value / 7)
            else:
                getattr(document, deed)()
        if late and slow.asked is not None:
            slow.finish()
        assert beside.undo_label == plain.undo_label and beside.redo_label == plain.redo_label
        assert beside.wanted.experiment == plain.snapshot.experiment
    if slow.asked is not None:
        slow.finish()
    assert not beside.waiting and beside.run.recording.loss == plain.run.recording.loss
    slow.quick = True
    while plain.undo_label:
        assert beside.undo_label == plain.undo_label
        for document in (beside, plain):
            document.undo()
        assert beside.run.recording.loss == plain.run.recording.loss
