"""A formula in the document: it comes and goes with its arrangement, saved, compared, undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences import sample, typed
from visualizer.document.document import Document
from visualizer.document.formulas import FORMULA, is_formula, with_fitting_text
from visualizer.document.snapshot import Snapshot
from visualizer.document.titles import titles_of

SENTENCE = "I think therefore I am"
EXPRESSION = Experiment(arrangement="expression")


def document_of(*lines: str) -> Document:
    return Document(Snapshot(typed(lines), EXPRESSION))


@pytest.mark.parametrize(
    ("lines", "yes"),
    [
        ((SENTENCE,), False),
        (("x = 2", "x*x"), True),
        (FORMULA, True),
        (("x = 2 +",), False),
    ],
)
def test_what_can_be_read_as_a_formula(lines, yes):
    assert is_formula(typed(lines)) is yes


def test_a_table_is_no_formula():
    assert not is_formula(sample("sunspots"))


def test_the_text_follows_the_arrangement_and_undo_brings_it_back():
    document = Document(Snapshot(typed(SENTENCE)))
    document.set(arrangement="expression")
    assert document.snapshot.sequence.texts == FORMULA
    document.set(arrangement="recurrent")
    assert document.snapshot.sequence.texts[0].strip() == SENTENCE
    document.undo()
    document.undo()
    assert document.snapshot.sequence.texts == (SENTENCE,)


def test_a_text_that_is_a_formula_already_stays():
    before = Snapshot(typed("x = 3; x*x"))
    after = with_fitting_text(before.with_settings(arrangement="expression"), before)
    assert after.sequence is before.sequence


def test_a_table_gives_way_to_a_formula():
    document = Document(Snapshot(sample("sunspots")))
    document.set(arrangement="expression")
    assert document.snapshot.sequence.texts == FORMULA


def test_a_formula_is_saved_with_what_was_typed_over(tmp_path: Path):
    document = document_of("a = 3", "w = [1, 2]", "a*sum(w)")
    document.edit("x", (0, 0, 2), 5.0)
    assert document.run.recording.loss == 18.0 and document.undo_label == "w[2]"
    document.save(tmp_path / "f.unrolled")
    other = document_of("x = 1", "x*x")
    assert other.open(tmp_path / "f.unrolled") == ""
    assert other.run.recording.loss == 18.0


def test_another_formula_lets_go_of_what_was_typed_over():
    document = document_of("a = 3", "a*a")
    document.edit("x", (0, 0, 0), 5.0)
    document.set_sequence(typed("a = 3; b = 1; a*a*b"))
    assert document.run.recording.loss == 9.0


def test_a_bad_formula_changes_nothing():
    document = document_of("a = 3", "a*a")
    before = document.snapshot
    with pytest.raises(Unusable, match="division by zero in 1 / a: a is 0"):
        document.set_sequence(typed("a = 0; 1/a"))
    assert document.snapshot is before


def test_two_formulas_are_compared_and_change_each_for_itself():
    both = Snapshot(typed("x = 3; x + x"), EXPRESSION)
    both = both.compared_with(both.with_settings(rule="overwrite"))
    assert both.beside is not None
    assert titles_of(both, both.beside) == (
        "Expression, parameter gradient accumulate",
        "Expression, parameter gradient overwrite",
    )
    changed = both.with_sequence(typed("x = 3; x*x*x"))
    assert changed.beside is not None and changed.beside.sequence is both.beside.sequence


def test_a_formula_beside_a_network_leaves_its_sentence_alone():
    network = Snapshot(typed(SENTENCE))
    both = network.compared_with(network)
    formula = with_fitting_text(both.with_settings(arrangement="expression"), both)
    assert formula.beside is not None
    assert formula.beside.sequence.texts == (SENTENCE,)
    assert titles_of(formula, formula.beside)[0].startswith("Expression, “")
    assert Document(formula).film.timeless
