"""`--compare`: a second experiment printed, and drawn below the first; sessions with two."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.sequences import typed
from tests.commands.calling import call
from visualizer.document import session
from visualizer.document.derive import derive
from visualizer.document.snapshot import Snapshot

SENTENCE = b"I think therefore I am\n"
BOTH = ("--compare", "cell=lstm,forget_bias=3")
Capture = pytest.CaptureFixture[str]


def test_run_prints_both(capsys: Capture) -> None:
    said = call(capsys, "run", "-", *BOTH, stdin=SENTENCE)
    assert said.code == 0 and said.err == ""
    assert re.findall(r"variant +(.*)", said.out) == ["RNN", "LSTM, gate bias 3"]
    assert said.out.count("loss ") == 2


def test_json_has_the_second_under_variants(capsys: Capture) -> None:
    found = json.loads(call(capsys, "run", "-", "--json", *BOTH, stdin=SENTENCE).out)
    alone = json.loads(
        call(capsys, "run", "-", "--json", "--cell", "lstm", "--forget-bias", 3, stdin=SENTENCE).out
    )
    (other,) = found["variants"]
    assert found["title"] == "RNN" and other.pop("title") == "LSTM, gate bias 3"
    assert other == alone and found["loss"] != other["loss"]


@pytest.mark.parametrize("view", ["graph", "norms", "losses", "gates"])
def test_figures_of_both(capsys: Capture, tmp_path: Path, view: str) -> None:
    place = tmp_path / "f.svg"
    words = ("export", "therefore", "-o", place, "--view", view, *BOTH)
    assert call(capsys, *words).code == 0
    text = place.read_text()
    assert "nan" not in text and "inf" not in text
    if view in ("graph", "norms"):
        assert "LSTM, gate bias 3" in text and "RNN" in text
    assert call(capsys, *words).code == 0 and place.read_text() == text


@pytest.mark.parametrize(
    "moment", [("--at", "0.6"), ("--at", "δ(h3)"), ("--at", "f3"), ("--event", "40")]
)
def test_moments_of_both(capsys: Capture, tmp_path: Path, moment: tuple[str, str]) -> None:
    said = call(capsys, "export", "therefore", "-o", tmp_path / "f.svg", *BOTH, *moment)
    assert said.code == 0, said.err  # f3 there is in the LSTM alone


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("cell", "--compare takes settings like cell=lstm,forget_bias=3; got 'cell'"),
        ("=3", "--compare takes settings like"),
        ("mood=3", "no setting is called 'mood'"),
        ("cell=x", "cell must be one of"),
        ("hidden=0", "hidden must be 1..4096, got 0"),
        ("variant=2", "variants are those of a lesson, and therefore is none"),
    ],
)
def test_what_cannot_be_compared_is_one_line(capsys: Capture, words: str, message: str) -> None:
    said = call(capsys, "run", "therefore", "--compare", words)
    assert said.code in (2, 65) and said.out == "" and message in said.err
    assert said.err.count("\n") == 1


def test_a_variant_of_a_lesson(capsys: Capture) -> None:
    said = call(capsys, "run", "gated", "--json", "--compare", "variant=2")
    found = json.loads(said.out)
    assert found["title"] == "Gated, gate bias 0"
    assert [each["title"] for each in found["variants"]] == ["Gated, gate bias 1"]


def test_a_variant_that_brings_its_twin_is_printed_with_it(capsys: Capture) -> None:
    said = call(capsys, "run", "gated", "--variant", "beside a plain RNN")
    titles = re.findall(r"variant +(.*)", said.out)
    assert titles == ["Gated, gate bias 3, 1 typed number", "RNN"]


def test_a_session_with_two_is_both(capsys: Capture, tmp_path: Path) -> None:
    first = Snapshot(typed("I think therefore I am"))
    both = derive(first.compared_with(first.with_settings(cell="gru")).turned())
    place = tmp_path / "two.unrolled"
    session.save(place, session.pack(both.snapshot, *both.losses))
    said = call(capsys, "run", place)
    assert re.findall(r"variant +(.*)", said.out) == ["RNN", "GRU"] and said.err == ""
    assert call(capsys, "export", place, "-o", tmp_path / "f.svg").code == 0
    assert "GRU" in (tmp_path / "f.svg").read_text()
