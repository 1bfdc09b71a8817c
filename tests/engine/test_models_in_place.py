"""Changed weights in the file that they came from: every other byte of it as it was."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Unusable
from engine.models.given import Given
from engine.models.in_place import in_place
from engine.models.model import load_model
from engine.models.opening import opened
from engine.models.way_back import changed_weights
from engine.models.weights import Weights

FOLDER = Path(__file__).parents[1] / "reference"
FILES = [
    *(FOLDER / "models" / n for n in ("state.pt", "checkpoint.pth", "turned.pt")),
    *(FOLDER / "keras" / f"{n}.keras" for n in ("lstm_both", "gru", "gru_before", "rnn")),
    FOLDER / "keras" / "old.h5",
]


def changed(path: Path, seed: int = 1) -> tuple[Given, Weights]:
    """What was opened, and its weights with half of the parameters others."""
    found = opened(load_model(path))
    rng = np.random.default_rng(seed)
    now = {}
    for name, array in found.parameters.items():
        other = rng.integers(-64, 64, array.shape) / 64
        now[name] = np.where(rng.random(array.shape) < 0.5, other, array)
    given = replace(found.given, origin=str(path))
    return given, changed_weights(given, now).weights


def apart(one: bytes, other: bytes) -> int:
    assert len(one) == len(other)
    return int((np.frombuffer(one, "u1") != np.frombuffer(other, "u1")).sum())


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_numbers_are_replaced_and_nothing_else(path: Path, tmp_path: Path) -> None:
    given, weights = changed(path)
    assert given.weights is not None
    old, place = path.read_bytes(), tmp_path / f"again{path.suffix}"
    place.write_bytes(in_place(given, weights, place))
    again = load_model(place)
    assert again.weights.dtypes == given.weights.dtypes
    assert list(again.weights.arrays) == list(given.weights.arrays)
    for name, array in weights.arrays.items():
        assert again.weights.arrays[name].tobytes() == array.tobytes()
    numbers = sum(
        8 * int((array != given.weights.arrays[name]).sum())
        for name, array in weights.arrays.items()
    )
    assert 0 < apart(old, place.read_bytes()) <= numbers + 12 * 20  # checksums thrice, of 20


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_nothing_changed_is_the_file_to_the_byte(path: Path, tmp_path: Path) -> None:
    found = opened(load_model(path))
    given = replace(found.given, origin=str(path))
    weights = changed_weights(given, found.parameters).weights
    assert in_place(given, weights, tmp_path / f"again{path.suffix}") == path.read_bytes()


@pytest.mark.parametrize("path", [FILES[0], FILES[3]], ids=lambda p: p.name)
def test_checksums_are_those_of_the_new_numbers(path: Path, tmp_path: Path) -> None:
    given, weights = changed(path)
    data = in_place(given, weights, tmp_path / f"again{path.suffix}")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None


def refused(given: Given, weights: Weights, place: Path) -> str:
    with pytest.raises(Unusable) as caught:
        in_place(given, weights, place)
    return str(caught.value)


def test_a_source_that_is_gone_or_another_is_named(tmp_path: Path) -> None:
    source, place = tmp_path / "in" / "state.pt", tmp_path / "again.pt"
    source.parent.mkdir()
    shutil.copy(FILES[0], source)
    given, weights = changed(source)
    assert refused(given, weights, source) == (
        "state.pt is the file that the model came from, which is not written over; give another"
        " name"
    )
    source.write_bytes(FILES[1].read_bytes())
    assert refused(given, weights, place) == (
        f"{source} does not hold the weights any more that were opened; bring that file back, or"
        " write a .safetensors"
    )
    source.unlink()
    assert refused(given, weights, place) == (
        f"{source} is needed for its structure and is not there any more; put it beside again.pt,"
        " or write a .safetensors"
    )
    shutil.copy(FILES[0], tmp_path / "state.pt")  # beside it
    assert len(in_place(given, weights, place)) == FILES[0].stat().st_size


def test_another_kind_of_file_is_not_made_up(tmp_path: Path) -> None:
    given, weights = changed(FILES[0])
    assert refused(given, weights, tmp_path / "again.h5") == (
        "a .h5 is written over the one that the model came from, and state.pt is none; write a"
        " .safetensors"
    )
    assert refused(replace(given, origin=""), weights, tmp_path / "again.pt") == (
        "what is open comes from no .pt file; write a .safetensors"
    )


def test_packed_members_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "packed.pt"
    with zipfile.ZipFile(FILES[0]) as old, zipfile.ZipFile(source, "w", 8) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    given, weights = changed(source)
    assert "is packed and cannot be written over; write a .safetensors" in refused(
        given, weights, tmp_path / "again.pt"
    )
