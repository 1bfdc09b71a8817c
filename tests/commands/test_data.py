"""One's own data on the command line: roles of columns, missing values, several files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.commands.calling import call

MODEL = Path(__file__).parents[1] / "reference" / "models" / "state.npz"
WEATHER = "date,temp,wind,sky\n1,3.5,12,sun\n2,,14,rain\n3,2.1,9,sun\n4,1,11,sun\n"


@pytest.fixture
def weather(tmp_path: Path) -> Path:
    place = tmp_path / "weather.csv"
    place.write_text(WEATHER)
    return place


@pytest.mark.parametrize(
    ("words", "shape"),
    [
        (["--missing", "drop", "--columns", "sky=ignore"], (2, 1, 2)),
        (["--missing", "interpolate", "--columns", "sky=ignore,wind=target"], (4, 1, 1)),
        (["--columns", "2=ignore"], (4, 1, 1)),
    ],
)
def test_columns_and_missing_values(
    weather: Path,
    words: list[str],
    shape: tuple[int, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Steps, sequences, inputs: a step is left out, or the input is not one."""
    out = tmp_path / "out.npz"
    assert call(capsys, "run", weather, "--out", out, *words).code == 0
    assert np.load(out)["g_x"].shape == shape


def test_several_files_are_one_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for k in range(3):
        (tmp_path / f"s{k}.csv").write_text("v\n" + "1\n2\n" * (k + 1))
    files = sorted(tmp_path.iterdir())
    several = [tmp_path / "s[01].csv", files[2]]
    for words in (files, [tmp_path], [tmp_path / "*.csv"], several):
        found = json.loads(call(capsys, "run", *words, "--json").out)
        assert (found["batch"], found["steps"]) == (3, 5)
    out = tmp_path / "a.unrolled"
    assert call(capsys, "train", *files, "--updates", 1, "-o", out).code == 0
    assert json.loads(call(capsys, "run", out, "--json").out)["batch"] == 3


@pytest.mark.parametrize("place", range(4))
def test_options_stand_anywhere_among_files(
    place: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words: list[object] = []
    for k in range(3):
        (tmp_path / f"s{k}.csv").write_text("v\n" + "1\n2\n" * (k + 1))
        words.append(tmp_path / f"s{k}.csv")
    words[place:place] = ["--hidden", "4", "--json"]
    found = json.loads(call(capsys, "run", *words).out)
    assert (found["batch"], found["steps"], found["parameters"]) == (3, 5, 29)


def test_a_model_and_a_sequence_in_any_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The numbers are those of `--inputs` with the same arrays."""
    x = np.random.default_rng(0).standard_normal((5, 2, 2))
    np.savez(tmp_path / "in.npz", x=x, lengths=[5, 3])
    for b, length in enumerate((5, 3)):
        rows = "\n".join(",".join(map(repr, row)) for row in x[:length, b].tolist())
        (tmp_path / f"{b}.csv").write_text(f"u,v\n{rows}\n")
    files, out = [tmp_path / "0.csv", tmp_path / "1.csv"], tmp_path / "out.npz"
    ways: list[list[object]] = [
        [MODEL, "--inputs", tmp_path / "in.npz"],
        [MODEL, tmp_path / "in.npz"],
        [MODEL, *files],
        [files[0], MODEL, files[1]],
        [MODEL, "--sequence", tmp_path / "*.csv"],
    ]
    found = []
    for words in ways:
        assert call(capsys, "run", *words, "--out", out).code == 0, words
        found.append(dict(np.load(out)))
    x[3:, 1] = 0
    for other in found[1:]:
        assert set(other) == set(found[0])
        assert all(np.array_equal(other[name], found[0][name]) for name in other)
    said = call(capsys, "export", files[1], MODEL, "-o", tmp_path / "a.svg")
    assert said.code == 0 and "state.npz: LSTM 2 → 3" in said.err


def test_tokens_and_targets_come_from_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.csv").write_text("token,next\n1,2\n2,5\n5,0\n")
    said = call(capsys, "run", MODEL, tmp_path / "t.csv", "--columns", "next=target", "--json")
    assert said.code == 0
    found = json.loads(said.out)
    assert found["wired"] == "embed → rnn → head" and found["loss"] > 0


def test_a_graph_and_a_sound(capsys: pytest.CaptureFixture[str]) -> None:
    folder = MODEL.parents[1] / "onnx"
    model, sound = folder / "detector.onnx", folder / "speech.wav"
    plain = json.loads(call(capsys, "run", model, "--inputs", sound, "--json").out)
    for words in ([sound, model], [model, "--sequence", sound]):
        assert json.loads(call(capsys, "run", *words, "--json").out) == plain
    said = call(capsys, "run", model, "sunspots")
    assert said.code == 2 and "not sunspots; give --inputs FILE.npz" in said.err


def test_a_session_and_a_sequence(weather: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = weather.parent / "a.unrolled"
    assert call(capsys, "train", "nile", "--updates", 1, "-o", place).code == 0
    words = ("run", place, weather, "--missing", "drop", "--columns", "sky=ignore", "--json")
    assert json.loads(call(capsys, *words).out)["steps"] == 2


def test_columns_of_a_session_change_too(weather: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place, out = weather.parent / "a.unrolled", weather.parent / "out.npz"
    words = ("train", weather, "--missing", "drop", "--updates", 1, "-o", place)
    assert call(capsys, *words, "--columns", "sky=ignore", "--as-is", "wind").code == 0
    assert call(capsys, "run", place, "--out", out).code == 0
    assert np.load(out)["g_x"].shape == (2, 1, 2)
    said = call(capsys, "run", place, "--columns", "wind=label,(time)=ignore", "--out", out)
    assert said.code == 0 and np.load(out)["g_x"].shape == (3, 1, 1)
    for words in ((place, "--as-is", "rain"), ("nile", "--as-is", "rain")):
        said = call(capsys, "run", *words)
        assert said.code == 2 and "has no column of numbers “rain”; those of nu" in said.err


WRONG = [
    (["weather.csv", "--columns", "sky"], 2, "columns take roles like 3=target,sky=label"),
    (["weather.csv", "--columns", "sky=king"], 2, "the role of a column must be one of input,"),
    (["weather.csv", "--columns", "rain=label"], 2, "weather.csv has no column “rain”"),
    (["weather.csv"], 65, "weather.csv: line 3, column temp: the value is missing (1 in all)"),
    (["therefore", "--columns", "1=target"], 2, "therefore is text, which has no columns"),
    (
        ["weather.csv", "--columns", "2=ignore", "therefore"],
        2,
        "read as one batch, and therefore is no",
    ),
    (["weather.csv", "--colums", "2=ignore"], 2, "--colums is nothing that main.py run takes; did"),
    ([MODEL, "nile"], 65, "x is (100, 1) of int64 and holds 456 … 1370; embed reads whole numbers"),
    ([MODEL, "therefore"], 65, "therefore is text, and a model reads numbers; give the numbers"),
    ([MODEL, MODEL.with_suffix(".pt"), "nile"], 2, "is a model; one of them goes with files of"),
    ([MODEL, "nile", "--inputs", "in.npz"], 2, "nile and --inputs are both what"),
    ([MODEL, "nile", "--sequence", "nile"], 2, "are both what"),
    ([MODEL, "--inputs", "in.npz", "--columns", "a=target"], 2, "--columns says how a sequence is"),
    ([MODEL, "--inputs", "in.npz", "--as-is", "a"], 2, "was given none; name its file too, or"),
    (["--sequence", "nile"], 2, "the following arguments are required: WHAT"),
    (["ragged.csv", "therefore"], 65, "there is no file ragged.csv; give the path of a file that"),
    (["weather.csv", MODEL], 65, "weather.csv: line 3, column temp: the value is missing (1 in"),
    (
        ["weather.csv", "gated"],
        2,
        "several files are read as one batch, and gated is no file; give it",
    ),
]


@pytest.mark.parametrize(("words", "code", "message"), WRONG)
def test_what_cannot_be_done_is_one_line(
    weather: Path,
    words: list[object],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(weather.parent)
    said = call(capsys, "run", *words)
    assert said.code == code and said.err.count("\n") == 1
    assert message in said.err
