"""Models on the command line: a recorded batch, arrays in and out, the snippet that records."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.models.model import load_model
from tests.commands.calling import call
from visualizer.document import session
from visualizer.document.derive import derive
from visualizer.document.document import Document
from visualizer.document.modelled import snapshot_of_model

FOLDER = Path(__file__).parents[1] / "reference" / "models"


def test_a_recorded_run_prints_how_far_it_is_from_the_original(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = call(capsys, "run", FOLDER / "recorded_lstm.npz", "--json")
    found = json.loads(said.out)
    assert found["steps"] == 5 and found["batch"] == 3
    assert found["found"][0]["kind"] == "LSTM both ways, 2 layers"
    assert set(found["gradients"]) >= {"weight_ih_l0", "bias_hh_l1_reverse"}
    assert max(found["parity"].values()) < 1e-5
    assert "own" not in found  # it is run in its own dtype
    said = call(capsys, "run", FOLDER / "recorded_lstm.npz", "--dtype", "float64", "--json")
    assert 1e-9 < json.loads(said.out)["own"]["apart"] < 1e-5


def test_arrays_go_in_and_come_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given, out = tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(given, x=np.ones((4, 2, 2)), cot_y=np.ones((4, 2, 3)))
    model = str(FOLDER / "state.safetensors")
    answer = call(capsys, "run", model, "--inputs", given, "--out", out)
    said = answer.out
    assert answer.code == 0
    assert "i f g o → f i g o" in said and "two biases added" in said and "embedding" in said
    found = np.load(out)
    assert found["dh_t"].shape == (1, 4, 2, 3) and found["gates"].shape == (1, 4, 4, 2, 3)
    assert found["g_rnn.weight_ih_l0"].shape == (12, 2)


def test_a_model_without_inputs_asks_for_them(capsys: pytest.CaptureFixture[str]) -> None:
    said = call(capsys, "run", FOLDER / "state.pt")
    assert said.code == 2
    assert said.err == (
        f"main.py: {FOLDER / 'state.pt'} is a model and needs inputs; give a file with a"
        " sequence of 2 columns, or --inputs FILE.npz with x (steps, sequences, 2), or tokens"
        " 0 … 5 (steps, sequences)\n"
    )


def test_inputs_belong_to_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    said = call(capsys, "run", "therefore", "--inputs", "in.npz")
    assert said.code == 2 and "is none; leave it out" in said.err
    said = call(capsys, "run", "nowhere.pt", "--inputs", "in.npz")
    assert said.code == 65
    assert said.err == (
        "main.py: there is no file nowhere.pt; give the path of a file that exists\n"
    )


def test_the_snippet_is_python(capsys: pytest.CaptureFixture[str]) -> None:
    compile(call(capsys, "snippet", "pytorch").out, "snippet", "exec")


@pytest.mark.parametrize("what", ["therefore", "sunspots"])
def test_without_a_target_the_last_outputs_are_looked_at(
    what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = call(capsys, "run", what, "--task", "none", "--json")
    found = json.loads(said.out)
    assert said.code == 0 and len(found["norms"]["h"]) == found["steps"]


def test_outputs_of_its_own_program_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --reference: the error of every array; one that cannot be compared is named."""
    given, out = tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(given, x=np.ones((4, 2, 2)), cot_y=np.ones((4, 2, 3)))
    model = FOLDER / "state.safetensors"
    call(capsys, "run", model, "--inputs", given, "--out", out)
    said = call(capsys, "run", model, "--inputs", given, "--reference", out, "--json")
    found = json.loads(said.out)
    assert found["parity"].keys() == dict(np.load(out)).keys()
    assert max(found["parity"].values()) == 0
    np.savez(out, y=np.ones((4, 3)))
    said = call(capsys, "run", model, "--inputs", given, "--reference", out)
    assert said.code == 65 and said.err == (
        "main.py: out.npz: y is (4, 3), but here it is (4, 2, 3); give the outputs for the same"
        " inputs\n"
    )


def test_what_only_a_model_has_is_refused_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (("export", "therefore", "-o", "x.svg"), ("run", "therefore")):
        said = call(capsys, *command, "--reference", "out.npz")
        assert said.code == 2 and "--reference goes with a model" in said.err


def test_a_changed_session_goes_back_and_says_how(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = FOLDER / "state.safetensors"
    snapshot = snapshot_of_model(model).edited("W", (0, 0), 0.5)
    place = Document(snapshot).save(tmp_path / "changed.unrolled")
    said = call(capsys, "export", place, "-o", tmp_path / "w.safetensors")
    assert said.code == 0 and "1 number changed in rnn.weight_hh_l0" in said.out
    assert load_model(tmp_path / "w.safetensors").parameters()["W"][0, 0] == 0.5
    said = call(capsys, "snippet", "change", place)
    assert "    rnn.weight_hh_l0[3, 0] = 0.5\n" in said.out
    assert call(capsys, "snippet", "change").code == 2
    said = call(capsys, "export", "therefore", "-o", tmp_path / "w.npz")
    assert said.code == 65 and "comes from no model file" in said.err


def test_a_session_goes_back_into_the_file_that_it_came_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = FOLDER / "checkpoint.pth"
    snapshot = snapshot_of_model(model).edited("W", (0, 0), 0.5)
    place = Document(snapshot).save(tmp_path / "changed.unrolled")
    said = call(capsys, "export", place, "-o", tmp_path / "w.pth")
    assert said.code == 0 and "1 number changed in" in said.out
    assert load_model(tmp_path / "w.pth").parameters()["W"][0, 0] == 0.5
    assert (tmp_path / "w.pth").stat().st_size == model.stat().st_size
    said = call(capsys, "export", place, "-o", tmp_path / "w.keras")
    assert said.code == 2 and "checkpoint.pth is none; write a .safetensors" in said.err
    assert not (tmp_path / "w.keras").exists()


def test_a_graph_goes_back_with_what_a_session_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = FOLDER.parent / "onnx" / "detector.onnx"
    snapshot = snapshot_of_model(model, inputs=model.with_name("speech.wav"))
    place = Document(snapshot.edited("W", (0, 0), 0.5)).save(tmp_path / "changed.unrolled")
    said = call(capsys, "export", place, "-o", tmp_path / "w.onnx")
    assert said.code == 0 and "1 number changed in W" in said.out
    old, new = (np.frombuffer(p.read_bytes(), "u1") for p in (model, tmp_path / "w.onnx"))
    assert 0 < (old != new).sum() <= 4
    again = snapshot_of_model(tmp_path / "w.onnx").parameters
    assert again is not None and again["W"][0, 0] == 0.5
    said = call(capsys, "export", place, "-o", tmp_path / "w.npz")
    assert said.code == 0 and np.load(tmp_path / "w.npz")["W"][0, 0, 0] == 0.5


def test_targets_and_a_loss_wire_what_stands_around(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tokens through the embedding, targets behind the linear layer: all weights have gradients."""
    given, wanted, out = (tmp_path / name for name in ("in.npz", "y.npy", "out.npz"))
    np.savez(given, x=np.array([[1], [2], [5], [0]]))
    np.save(wanted, np.array([[2], [5], [0], [3]]))
    more = ("--targets", wanted, "--loss", "cross-entropy", "--reduction", "elements")
    model = FOLDER / "state.safetensors"
    said = call(capsys, "run", model, "--inputs", given, *more, "--out", out)
    assert said.code == 0 and "wired     embed → rnn → head" in said.out
    assert "cross-entropy of every step, mean over all" in said.out
    found = np.load(out)
    assert found["s"].shape == (4, 1, 6) and found["g_embed.weight"].shape == (6, 2)
    assert "g_x" not in found and found["dh_norm"].shape == (1, 4)
    said = call(capsys, "run", model, "--inputs", given, *more[:2], "--hidden", "4")
    assert said.code == 2 and "--hidden is what state.safetensors says already" in said.err


def test_where_the_wiring_is_not_certain_the_message_says_which_option_decides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, given = tmp_path / "two.npz", tmp_path / "in.npz"
    rng = np.random.default_rng(0)
    shapes = {"rnn.weight_ih_l0": (3, 2), "rnn.weight_hh_l0": (3, 3), "a.weight": (3, 3),
              "b.weight": (3, 3)}  # fmt: skip
    np.savez(model, **{n: rng.standard_normal(shape) for n, shape in shapes.items()})
    np.savez(given, x=rng.standard_normal((4, 2, 2)), targets=rng.standard_normal((4, 2, 3)))
    said = call(capsys, "run", model, "--inputs", given)
    assert said.code == 2 and said.err == (
        "main.py: two.npz: how rnn is wired is not certain: a (3, 3), b (3, 3) may stand behind it;"
        " --wire NAME,NAME,… in the order in which they are run decides (NAME:relu where one is"
        " bent)\n"
    )
    said = call(capsys, "run", model, "--inputs", given, "--wire", "rnn,b:relu,a")
    assert said.code == 0 and "wired     rnn → b (relu) → a" in said.out


def test_targets_of_a_model_without_a_head(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are compared with both directions beside each other, by every command."""
    model, given = tmp_path / "m.npz", tmp_path / "in.npz"
    rng = np.random.default_rng(0)
    shapes = {"weight_ih_l0": (3, 2), "weight_hh_l0": (3, 3)}
    both = {f"{n}{way}": s for n, s in shapes.items() for way in ("", "_reverse")}
    np.savez(model, **{n: rng.standard_normal(shape) for n, shape in both.items()})
    y = rng.standard_normal((4, 2, 6))
    np.savez(given, x=rng.standard_normal((4, 2, 2)), targets=y)
    said = call(capsys, "run", model, "--inputs", given, "--out", tmp_path / "o.npz", "--json")
    found = np.load(tmp_path / "o.npz")
    loss = json.loads(said.out)["loss"]
    assert loss == pytest.approx(((found["y"] - y) ** 2).sum())
    said = call(capsys, "check", model, "--inputs", given, "--json")
    assert said.code == 0 and {"op concat"} < {row["name"] for row in json.loads(said.out)["rows"]}
    said = call(capsys, "report", model, "--inputs", given, "--no-overfit", "--json")
    assert said.code == 0 and json.loads(said.out)["loss"] == pytest.approx(loss)


GRAPH = FOLDER.parent / "onnx" / "detector.onnx"
GRAPHS = [
    (("--targets", "y.npy"), "--targets goes with a file of weights, and {} is a graph; give what"
     " came back to an output as cot_NAME in --inputs"),
    (("--hidden", 3), "--hidden is what {} says already, since it is a graph; dtype can be chosen:"
     " leave it out"),
    (("--wire", "a"), "--wire is what {} says already, since it is a graph; dtype can be chosen:"
     " leave it out"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "message"), GRAPHS)
def test_what_a_graph_says_itself(
    more: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = call(capsys, "run", GRAPH, *more)
    assert said.code == 2 and said.err == f"main.py: {message.format(GRAPH)}\n"


def test_outputs_of_a_graph_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given, out = ("--inputs", tmp_path / "in.npz"), tmp_path / "out.npz"
    x = np.linspace(-1, 1, 288, dtype=np.float32)[None]
    state = np.zeros((2, 1, 5), np.float32)
    np.savez(given[1], input=x, state=state, sr=np.array(16000))
    assert call(capsys, "run", GRAPH, *given, "--out", out).code == 0
    said = call(capsys, "run", GRAPH, *given, "--reference", out, "--json")
    assert set(json.loads(said.out)["parity"].values()) == {0.0}
    np.savez(out, nothing=np.ones(1))
    said = call(capsys, "run", GRAPH, *given, "--reference", out)
    assert said.code == 65 and "which nothing here is called" in said.err


def test_a_graph_is_opened_in_the_dtype_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What comes back from behind the node too, and not rounded to its own first."""
    given = tmp_path / "in.npz"
    x, state = np.linspace(-1, 1, 288, dtype=np.float32)[None], np.zeros((2, 1, 5), np.float32)
    np.savez(given, input=x, state=state, sr=np.array(16000), cot_output=np.full((1, 1), 1 / 3))
    more = ("--inputs", given, "--dtype", "float64", "--json")
    wanted = json.loads(call(capsys, "run", GRAPH, *more).out)["norms"]["h"]
    snapshot = snapshot_of_model(GRAPH, inputs=given, dtype="float64")
    assert derive(snapshot).run.norms("h") == pytest.approx(wanted, rel=1e-13)


def test_states_that_lie_by_columns_are_saved(tmp_path: Path) -> None:
    """As a graph with its batch first hands them on."""
    states = np.asfortranarray(np.arange(6.0).reshape(1, 2, 3))
    np.savez(tmp_path / "in.npz", x=np.ones((4, 2, 2)), h0=states, cot_y=np.ones((4, 2, 3)))
    snapshot = snapshot_of_model(FOLDER / "state.npz", inputs=tmp_path / "in.npz", wire=None)
    assert snapshot.given is not None
    held = snapshot.given.states["h0"]
    given = replace(snapshot.given, states={"h0": np.asfortranarray(held)})
    path = tmp_path / "saved.unrolled"
    session.save(path, session.pack(snapshot.changed(given=given), 1.0))
    again = session.load(path).snapshot.given
    assert again is not None
    np.testing.assert_array_equal(again.states["h0"], states)


def test_a_detector_over_a_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pieces, parity with onnxruntime, per-step arrays; the same node as a figure."""
    folder, out = GRAPH.parent, tmp_path / "out.npz"
    model, sound = folder / "detector.onnx", folder / "speech.wav"
    more = ("--reference", folder / "detector.npz", "--out", out)
    said = call(capsys, "run", model, "--inputs", sound, *more)
    assert said.code == 0 and "12 of 256 samples, 32 before each read again" in said.out
    found = np.load(out)
    assert found["dh_norm"].shape == (1, 12) and found["output"].shape == (12, 1)
    said = call(capsys, "run", model, "--inputs", sound, *more, "--json")
    parsed = json.loads(said.out)
    assert max(parsed["parity"].values()) < 1e-5 and len(parsed["norms"]["h"]) == 12
    picture = tmp_path / "norms.svg"
    said = call(capsys, "export", model, "--inputs", sound, "-o", picture, "--view", "norms")
    assert said.code == 0 and "over 12 pieces of 256 samples of speech.wav" in said.err
