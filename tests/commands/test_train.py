"""`train` and `generate` from end to end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.commands.calling import call
from visualizer.document import session

ROOT = Path(__file__).resolve().parents[2]
LEARN = ("train", "sonnet-18", "--cell", "lstm", "--hidden", "8", "--window", "16")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("trained") / "s.unrolled"
    words = [*LEARN, "--updates", "40", "--batches", "stream", "-o", str(place)]
    subprocess.run([sys.executable, "main.py", *words], cwd=ROOT, check=True, capture_output=True)
    return place


def test_training_writes_a_session(trained: Path) -> None:
    stored = session.load(trained)
    snapshot = stored.snapshot
    assert snapshot.trained is not None
    assert snapshot.trained.history.count == 40
    assert snapshot.trained.parameters is snapshot.parameters
    assert [k.update for k in snapshot.trained.history.kept][:3] == [0, 2, 4]
    assert session.pack(snapshot, *stored.losses) == session.pack(
        session.unpack(session.pack(snapshot, *stored.losses), "again").snapshot, *stored.losses
    )


def test_a_model_learns_and_goes_back_into_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its first loss is that of `run`; what was learnt gives the last one in the written file."""
    model, rng = ROOT / "tests/reference/models/state.pt", np.random.default_rng(0)
    given, place, out = (tmp_path / n for n in ("in.npz", "s.unrolled", "w.pt"))
    np.savez(given, x=rng.integers(0, 6, (5, 2)), targets=rng.integers(0, 6, (5, 2)))
    said = call(capsys, "train", model, "--inputs", given, "--updates", 30, "-o", place)
    assert said.code == 0 and "embed stays as it is; the recurrence and what is" in said.err
    snapshot = session.load(place).snapshot
    assert snapshot.trained is not None
    losses = snapshot.trained.history.curves["loss"]
    first = json.loads(call(capsys, "run", model, "--inputs", given, "--json").out)
    assert losses[0] == pytest.approx(first["loss"], rel=1e-6) and losses[-1] < losses[0]
    call(capsys, "export", place, "-o", out)
    written = json.loads(call(capsys, "run", out, "--inputs", given, "--json").out)
    stored = json.loads(call(capsys, "run", place, "--json").out)
    assert written["loss"] == pytest.approx(stored["loss"], rel=1e-5)
    said = call(capsys, "train", model, "--updates", 3, "-o", place)
    assert said.code == 2 and said.err.splitlines()[-1] == (
        "main.py: the model has no targets to learn from; give its inputs as an .npz with x and"
        " targets"
    )
    graph = ROOT / "tests/reference/onnx/detector.onnx"
    said = call(capsys, "train", graph, "--updates", 3, "-o", place)
    assert said.code == 2 and said.err.splitlines()[-1] == (
        "main.py: a graph of ONNX has its loss outside, so that it cannot learn here; train it in"
        " its own program, or open its weights as .pt, .safetensors or .keras"
    )


def test_a_model_of_another_program_writes(capsys: pytest.CaptureFixture[str]) -> None:
    model = ROOT / "tests/reference/models/state.pt"
    words = ("generate", model, "--prompt", "ab", "--length", 30)
    said = call(capsys, *words, "--symbols", "abcdef")
    assert said.code == 0 and len(said.out) == 30 and set(said.out) <= set("abcdef")
    said = call(capsys, *words)
    assert said.code == 2 and said.err == (
        "main.py: state.pt does not say what its tokens are; give --symbols: a string of them in"
        " their order, a .json, or the text it was trained on\n"
    )


def test_what_is_written_is_exactly_so_long_and_the_same(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("generate", trained, "--prompt", "Shall I", "--length", 77, "--seed", 1)
    first, again = call(capsys, *words), call(capsys, *words)
    assert first.code == 0 and not first.err
    assert len(first.out) == 77 and first.out == again.out
    other = call(capsys, *words[:-1], 2)
    assert other.out != first.out


def test_only_a_terminal_gets_a_line_end(
    trained: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("generate", trained, "--prompt", "Shall I", "--length", 20, "--top-k", 1)
    piped = call(capsys, *words).out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert call(capsys, *words).out == piped.rstrip("\n") + "\n"
    likeliest = {
        call(capsys, "generate", trained, "--prompt", "Sh", "--top-k", 1, "--seed", n).out
        for n in (1, 2)
    }
    assert len(likeliest) == 1


def test_what_was_learnt_goes_on_learning(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = call(capsys, "train", trained, "--updates", 3, "-o", tmp_path / "t.unrolled", "--json")
    assert answer.code == 0
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [line["update"] for line in lines] == [40, 41, 42]
    snapshot = session.load(trained).snapshot
    assert snapshot.trained is not None
    assert lines[0]["mean"] < snapshot.trained.history.curves["mean"][:10].min()
    assert len(lines[0]["norms"]) == 16


def test_a_generated_task_is_a_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "a.unrolled"
    answer = call(capsys, "train", "adding", "--updates", 3, "--length", 12, "-o", place)
    assert answer.code == 0 and "32 fresh sequences of 12 steps" in answer.out
    assert call(capsys, "run", place).code == 0
    assert call(capsys, "run", "adding").code == 0
    answer = call(capsys, "generate", place)
    assert answer.code == 2 and "only a network that predicts what comes next" in answer.err


def test_a_rate_too_high_ends_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "n.unrolled"
    words = ("--nonlinearity", "identity", "--learning-rate", 100, "--optimizer", "sgd")
    answer = call(capsys, "train", "therefore", *words, "--updates", 500, "-o", place)
    assert answer.code == 1
    assert answer.err.splitlines()[-1].startswith("main.py: at update ")
    assert "was the first that is not finite" in answer.err
    assert session.load(place).snapshot.parameters is not None


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--temperature", "0"), "temperature must be above 0, got 0"),
        (("--temperature", "-1"), "temperature must be above 0, got -1"),
        (("--length", "0"), "length must be 1..1,000,000 tokens, got 0"),
        (("--prompt", "Ж"), "the prompt has Ж, which the network does not know; its "),
    ],
)
def test_bad_requests_are_one_line(
    trained: Path, words: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = call(capsys, "generate", trained, *words)
    assert answer.code == 2 and not answer.out
    assert answer.err.startswith(f"main.py: {line}") and answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("therefore", "--batches", "stream"), 2, "there are 6 steps to train on, and a window"),
        (("therefore", "-o", "x.txt"), 2, "x.txt is no name of a session"),
        (("nothing-there",), 65, "there is no file, lesson, sample or task called nothing-there"),
        (("therefore", "--learning-rate", "-1"), 2, "learning_rate must be 0..100, got -1"),
    ],
)
def test_what_cannot_be_trained_is_one_line(
    tmp_path: Path,
    words: tuple[str, ...],
    code: int,
    line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = call(capsys, "train", "-o", tmp_path / "x.unrolled", *words)
    assert answer.code == code and not answer.out
    assert answer.err.startswith(f"main.py: {line}") and answer.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_untrained_session_cannot_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = call(capsys, "generate", "resources/samples/therefore.txt")
    assert answer.code == 65 and "is no session; train it first" in answer.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_what_was_learnt_outlives_the_end(tmp_path: Path, number: int) -> None:
    """Ctrl-C keeps everything; a kill leaves the last writing, whole."""
    place = tmp_path / "s.unrolled"
    words = [*LEARN, "--updates", "1000000", "--json", "-o", str(place)]
    with subprocess.Popen(
        [sys.executable, "main.py", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,  # what a buffer of ours had read, `communicate` would not see
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    ) as learning:
        assert learning.stdout is not None
        count = 0
        until = time.monotonic() + 90
        while time.monotonic() < until and not (place.exists() and count > 5):
            learning.stdout.readline()
            count += 1
        learning.send_signal(number)
        out, err = learning.communicate(timeout=60)
    trained = session.load(place).snapshot.trained
    assert trained is not None and trained.history.count > 0
    assert [p.name for p in tmp_path.iterdir() if p.name != "s.unrolled~"] == ["s.unrolled"]
    if number == signal.SIGINT:
        assert learning.returncode == 130
        assert f"{trained.history.count:,} updates".encode() in err
        assert count + out.count(b"\n") == trained.history.count
