"""`run`, `check` and `export` of an expression: for people, as JSON, as arrays, and refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.commands.calling import call
from tests.engine.test_expression import LECTURE, MICROGRAD

Capture = pytest.CaptureFixture[str]
EXPRESSION = ("--arrangement", "expression")


def test_for_people(capsys: Capture) -> None:
    said = call(capsys, "run", "-", *EXPRESSION, stdin=LECTURE.encode())
    assert said.code == 0 and said.err == ""
    lines = said.out.splitlines()
    assert "output    f = 8.9993293" in lines
    assert "  u = x * h                8   δ 1" in lines
    assert "x = 2, df/dx = 12.0054" in lines
    assert "  x → h → u → f   4 · 2 · 1 = 8" in lines
    assert "step" not in said.out and "hidden" not in said.out


def test_json(capsys: Capture) -> None:
    said = call(capsys, "run", "-", *EXPRESSION, "--json", stdin=MICROGRAD.encode())
    found = json.loads(said.out)
    assert found["variables"]["a"]["gradient"] == pytest.approx(138.8338, abs=5e-5)
    assert found["variables"]["b"]["gradient"] == pytest.approx(645.5773, abs=5e-5)
    assert found["gradients"]["b"] == found["variables"]["b"]["gradient"]
    assert len(found["paths"]) == sum(v["paths"] for v in found["variables"].values())


def test_overwriting_is_said(capsys: Capture) -> None:
    words = ("run", "-", *EXPRESSION, "--rule", "overwrite")
    said = call(capsys, *words, stdin=b"x = 3; x + x")
    assert "x = 3, df/dx = 1" in said.out
    assert "overwritten; the sum of all paths is 2" in said.out


def test_arrays(capsys: Capture, tmp_path: Path) -> None:
    place = tmp_path / "out.npz"
    said = call(capsys, "run", "-", *EXPRESSION, "--out", place, stdin=LECTURE.encode())
    assert said.code == 0
    with np.load(place) as found:
        assert found["value_h"].tolist() == [4.0] and found["delta_u"].tolist() == [1.0]
        assert found["g_x"] == pytest.approx([12.0053638], abs=1e-7)
        assert float(found["loss"]) == pytest.approx(8.9993293)


def test_check(capsys: Capture) -> None:
    said = call(capsys, "check", "-", *EXPRESSION, stdin=MICROGRAD.encode())
    assert said.code == 0
    assert "variable a" in said.out and "0 failed" in said.out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"x = 2; h(x)", "unknown function h"),
        (b"x = 0; 1/x", "division by zero in 1 / x: x is 0"),
        (b"x = 2 +", "is no formula"),
    ],
)
def test_a_bad_formula_is_one_line(capsys: Capture, text: bytes, words: str) -> None:
    said = call(capsys, "run", "-", *EXPRESSION, stdin=text)
    assert said.code == 65 and said.out == ""
    assert words in said.err and said.err.count("\n") == 1


def test_a_formula_has_no_plots(capsys: Capture, tmp_path: Path) -> None:
    words = ("export", "-", *EXPRESSION, "-o", tmp_path / "n.svg", "--view", "norms")
    said = call(capsys, *words, stdin=b"x = 2; x*x")
    assert said.code == 2 and "a formula has no steps, and so no figure norms" in said.err


def test_nothing_is_minus_zero(capsys: Capture) -> None:
    said = call(capsys, "run", "-", *EXPRESSION, stdin=b"x = 2; -(x*0)*3")
    assert "-0" not in said.out.replace("e-0", "")


def test_a_sample_is_no_formula(capsys: Capture) -> None:
    said = call(capsys, "run", "sunspots", *EXPRESSION)
    assert said.code == 2 and "is a table of numbers" in said.err
