"""`report` on real input, on models and on bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.reporting.finding import VERDICTS
from engine.reporting.table import FINDINGS
from tests.commands.calling import call
from tests.engine.test_onnx import model_of

Capture = pytest.CaptureFixture[str]
SENTENCE = b"I think therefore I am\n"
IDS = [row.id for row in FINDINGS]


def weights(place: Path, hidden: int = 4, inputs: int = 3) -> Path:
    """An LSTM in PyTorch's names."""
    chance = np.random.default_rng(0)
    shapes = {
        "weight_ih_l0": (4 * hidden, inputs),
        "weight_hh_l0": (4 * hidden, hidden),
        "bias_ih_l0": (4 * hidden,),
        "bias_hh_l0": (4 * hidden,),
    }
    drawn = {n: chance.standard_normal(s).astype(np.float32) / 2 for n, s in shapes.items()}
    np.savez(place, **drawn)
    return place


def test_lines_for_people(capsys: Capture) -> None:
    said = call(capsys, "report", "japanese-vowels", "--cell", "elman")
    assert said.code == 0 and said.err == ""
    lines = said.out.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].startswith("examined  ") and lines[4].startswith("found     ")
    heads = [line[:10].strip() for line in lines[5:] if line and line[0] not in " n"]
    order = ["FAULT", "LOOK", "fine"]
    assert heads == sorted(heads, key=order.index)
    assert "median of 18 sequences" in said.out and "fresh starts: median" in said.out


def test_json(capsys: Capture) -> None:
    said = call(capsys, "report", "-", "--cell", "lstm", "--json", stdin=SENTENCE)
    found = json.loads(said.out)
    assert said.code == 0 and said.out.count("\n") == 1
    assert found["schema"] == 1 and found["verdict"] in VERDICTS
    assert (found["steps"], found["sequences"], found["dtype"]) == (5, 1, "float64")
    ids = [f["id"] for f in found["findings"]] + [n["id"] for n in found["not_asked"]]
    assert sorted(ids) == sorted(IDS)
    assert all(n["why"] for n in found["not_asked"])
    for finding in found["findings"]:
        assert finding["verdict"] in VERDICTS and finding["sentence"] and finding["quantities"]
        assert finding["advice"] or finding["verdict"] == "good"


def test_the_same_input_gives_the_same_bytes(capsys: Capture) -> None:
    words = ("report", "sunspots", "--cell", "gru", "--json")
    assert call(capsys, *words).out == call(capsys, *words).out


def test_a_model_without_inputs_says_what_it_can(capsys: Capture, tmp_path: Path) -> None:
    said = call(capsys, "report", weights(tmp_path / "m.npz"), "--json")
    found = json.loads(said.out)
    asked = {f["id"] for f in found["findings"]}
    assert said.code == 0 and {"finite", "horizon", "explosion", "gates"} <= asked
    why = {n["id"]: n["why"] for n in found["not_asked"]}
    assert "give --inputs FILE.npz" in why["input"]
    assert "main.py snippet pytorch" in why["clip"]
    assert not {"overfit", "constant", "targets", "scale", "padding"} & asked


def test_a_model_on_inputs(capsys: Capture, tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    x, y = chance.standard_normal((12, 5, 3)), chance.standard_normal((12, 5, 4))
    np.savez(tmp_path / "in.npz", x=x, cot_y=y)
    model = weights(tmp_path / "m.npz")
    words = ("report", model, "--inputs", tmp_path / "in.npz", "--dtype", "float32", "--json")
    found = json.loads(call(capsys, *words).out)
    assert (found["steps"], found["sequences"], found["dtype"]) == (12, 5, "float32")
    asked = {f["id"] for f in found["findings"]}
    assert {"input", "batch", "padding", "scale", "clip", "precision"} <= asked
    assert "targets" in next(n["why"] for n in found["not_asked"] if n["id"] == "constant")


def test_a_recorded_run_is_examined_with_its_own_loss(capsys: Capture) -> None:
    place = Path(__file__).parents[1] / "reference" / "models" / "recorded_lstm.npz"
    found = json.loads(call(capsys, "report", place, "--json").out)
    assert found["dtype"] == "float32" and "the gradient that came back" in found["loss_words"]
    asked = {f["id"] for f in found["findings"]}
    assert {"input", "batch", "padding", "clip", "steps", "precision"} <= asked


@pytest.mark.parametrize("own_loss", [True, False])
def test_the_recurrent_node_of_a_graph(capsys: Capture, tmp_path: Path, own_loss: bool) -> None:
    shapes = {"X": (9, 3, 2), "W": (1, 16, 2), "R": (1, 16, 4)}
    (tmp_path / "m.onnx").write_bytes(model_of("LSTM", shapes, 1, hidden_size=4))
    chance = np.random.default_rng(0)
    arrays = {name: chance.standard_normal(shape) for name, shape in shapes.items()}
    if own_loss:
        arrays["cot_out0"] = chance.standard_normal((9, 1, 3, 4))
    np.savez(tmp_path / "in.npz", **arrays)  # type: ignore[arg-type]
    words = ("report", tmp_path / "m.onnx", "--inputs", tmp_path / "in.npz")
    said = call(capsys, *words, "--json")
    found = json.loads(said.out)
    assert (found["steps"], found["sequences"]) == (9, 3)
    assert {"horizon", "gates", "input"} <= {f["id"] for f in found["findings"]}
    assert ("clip" in {f["id"] for f in found["findings"]}) == own_loss


def test_learning_by_heart_can_be_left_out(capsys: Capture) -> None:
    said = call(capsys, "report", "therefore", "--no-overfit")
    assert said.code == 0 and "Learns by heart: it was left out (--no-overfit)" in said.out


def test_a_formula_has_no_memory(capsys: Capture) -> None:
    said = call(capsys, "report", "-", "--arrangement", "expression", stdin=b"x = 2; f = x*x\n")
    assert said.code == 2 and said.out == "" and said.err.count("\n") == 1
    assert "a formula has no steps" in said.err
