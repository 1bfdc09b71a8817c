"""Every shipped sample is what SOURCES.toml says, and makes a batch."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from engine.sequences import Sample, encode, read, sample, samples
from engine.sequences.samples import FOLDER

# id: task, steps, series, inputs, outputs
SHAPES = {
    "therefore": ("next", 5, 1, 5, 5),
    "sonnet-18": ("next", 619, 1, 42, 42),
    "sonnets": ("next", 7411, 1, 57, 57),
    "latex": ("next", 5068, 1, 71, 71),
    "sunspots": ("next", 308, 1, 1, 1),
    "nile": ("next", 99, 1, 1, 1),
    "co2": ("next", 2283, 1, 1, 1),
    "elnino": ("next", 60, 1, 12, 12),
    "seattle-weather": ("class", 1461, 1, 4, 5),
    "japanese-vowels": ("class", 21, 18, 12, 9),
    "digits": ("class", 8, 100, 8, 10),
    "digit-numbers": ("class", 4, 10, 64, 10),
    "digit-words": ("class", 6, 10, 64, 16),
    "moving-dot": ("next", 11, 6, 64, 64),
}
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ROWS = pytest.mark.parametrize("row", samples(), ids=lambda row: row.id)


def test_the_folder_holds_the_samples_and_no_others() -> None:
    given = {path.name for path in FOLDER.iterdir()}
    assert given == {row.file for row in samples()} | {"SOURCES.toml", ".gitattributes"}
    assert [row.id for row in samples()] == list(SHAPES)


@ROWS
def test_facts(row: Sample) -> None:
    assert hashlib.sha256(row.path.read_bytes()).hexdigest() == row.sha256
    assert all((row.title, row.about, row.origin, row.licence))


@ROWS
def test_batch(row: Sample) -> None:
    batch = encode(sample(row.id))
    found = (batch.task, batch.steps, batch.size, len(batch.input_names), batch.outputs)
    assert found == SHAPES[row.id]
    assert np.isfinite(batch.x).all()
    assert (batch.title, batch.source) == (row.title, row.id)
    for labels in (batch.labels, batch.target_labels):
        assert [len(each) for each in labels] == batch.stop.tolist()


@ROWS
def test_a_sample_given_as_a_path_is_read_in_the_same_way(row: Sample) -> None:
    assert read(row.path) == sample(row.id)


def test_what_is_asked_for_goes_before_what_the_sample_says() -> None:
    dropped = read(FOLDER / "co2.csv", missing="drop")
    assert len(dropped.series[0]) == 2225
    assert read(FOLDER / "sonnet-18.txt", tokens="words").tokens == "words"


def test_what_the_steps_are_called() -> None:
    sunspots = encode(sample("sunspots"))
    assert (sunspots.labels[0][49], sunspots.target_labels[0][49]) == ("1749", "83.4")
    weather = encode(sample("seattle-weather"))
    assert weather.vocabulary == ("drizzle", "fog", "rain", "snow", "sun")
    assert (weather.labels[0][0], weather.target_labels[0][0]) == ("2012/01/01", "drizzle")
    digits = encode(sample("digits"), readout="last", standardise=False)
    assert digits.weights.sum() == 100
    assert digits.x[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]


def test_the_dots_move_as_they_are_said_to_and_turn_at_the_edges() -> None:
    pictures = np.array(sample("moving-dot").series).reshape(6, 12, 8, 8)
    assert (pictures.sum((2, 3)) == 1).all()
    places = np.stack(np.unravel_index(pictures.reshape(6, 12, 64).argmax(2), (8, 8)), -1)
    moved = np.abs(np.diff(places, axis=1)).max(2)
    assert moved.max(1).tolist() == [1, 1, 1, 2, 2, 3]
    assert (np.diff(places, axis=1) < 0).any()  # it comes back


def test_the_numbers_are_digits_of_the_other_sample() -> None:
    numbers, words, digits = sample("digit-numbers"), sample("digit-words"), sample("digits")
    names = dict(zip(NAMES, map(str, range(10))))
    known = {
        (array.ravel().tobytes(), label) for array, (label,) in zip(digits.series, digits.labels)
    }
    for pictures, labels in zip(numbers.series, numbers.labels):
        assert all((p.tobytes(), names[label]) in known for p, label in zip(pictures, labels))
    assert numbers.labels[1] == ("one", "nine", "nine", "seven")
    for name, (picture, *rest), letters in zip(NAMES, words.series, words.labels):
        assert (picture.tobytes(), names[name]) in known and not np.any(rest)
        assert "".join(letters) == f"{name}■"
