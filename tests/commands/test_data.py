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
    for words in (files, [tmp_path], [tmp_path / "*.csv"]):
        found = json.loads(call(capsys, "run", *words, "--json").out)
        assert (found["batch"], found["steps"]) == (3, 5)
    out = tmp_path / "a.unrolled"
    assert call(capsys, "train", *files, "--updates", 1, "-o", out).code == 0
    assert json.loads(call(capsys, "run", out, "--json").out)["batch"] == 3


WRONG = [
    (["weather.csv", "--columns", "sky"], 2, "columns take roles like 3=target,sky=label"),
    (["weather.csv", "--columns", "sky=king"], 2, "the role of a column must be one of input,"),
    (["weather.csv", "--columns", "rain=label"], 2, "weather.csv has no column “rain”"),
    (["weather.csv"], 65, "weather.csv: line 3, column temp: the value is missing (1 in all)"),
    (["therefore", "--columns", "1=target"], 2, "therefore is text, which has no columns"),
    (["weather.csv", "--columns", "2=ignore", "therefore"], 2, "unrecognized arguments: therefore"),
    (["ragged.csv", "therefore"], 65, "there is no file ragged.csv; give the path of a file that"),
    (["weather.csv", MODEL], 2, "several files are read as one batch of sequences, and"),
    ([MODEL, "weather.csv"], 2, "several files are read as one batch of sequences, and"),
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
