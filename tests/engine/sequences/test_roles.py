"""Roles of columns, before a file is opened and later; columns that are not standardised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import Unusable
from engine.sequences import Sequence, encode, read
from engine.sequences.roles import kept_as_is, parts_of, with_roles
from engine.sequences.sequence import ROLES

WEATHER = "date,temp,wind,sky\n1,3.5,12,sun\n2,2.5,14,rain\n3,2.1,9,sun\n4,1,11,sun\n"


@pytest.fixture
def weather(tmp_path: Path) -> Sequence:
    (tmp_path / "w.csv").write_text(WEATHER)
    return read(tmp_path / "w.csv")


def told(sequence: Sequence) -> dict[str, str]:
    return {part.name: part.role for part in parts_of(sequence)}


def test_every_role_can_be_had_before_and_after(weather: Sequence, tmp_path: Path) -> None:
    """A column of numbers goes through all roles and is what reading it so gives."""
    for role in ROLES:
        asked = {"wind": role}
        if role in ("label", "time"):  # one column can be: the old one makes room
            asked |= {"sky" if role == "label" else "date": "ignore"}
        early = read(tmp_path / "w.csv", roles=asked)
        later = {"sky": "(label)", "date": "(time)"}
        late = with_roles(weather, {later.get(name, name): each for name, each in asked.items()})
        assert (late.labels, late.times) == (early.labels, early.times)
        kept = [c for c, each in enumerate(early.columns) if each != "date"]  # numbers, ignored
        assert late.columns == tuple(early.columns[c] for c in kept)
        assert late.roles == tuple(early.roles[c] for c in kept)
        assert np.array_equal(late.series[0][:], early.series[0][:][:, kept])


def test_words_that_are_numbers_come_back(weather: Sequence) -> None:
    moved = with_roles(weather, {"wind": "label", "(label)": "ignore"})
    assert moved.labels == (("12", "14", "9", "11"),) and encode(moved).kind == "class"
    back = with_roles(moved, {"(label)": "target"})
    assert back.columns == ("temp", "label") and back.roles == ("input", "target")
    assert back.series[0][:, 1].tolist() == [12, 14, 9, 11] and not back.labels
    exact = Sequence(kind="numbers", series=(np.array([[0.1], [1e22]]),) * 2, columns=("a",) * 1,
                     roles=("input",), times=(("0.1", "-1.2345678901234"),) * 2)  # fmt: skip
    found = with_roles(exact, {"(time)": "input"})
    assert found.series[1][:, 1].tolist() == [0.1, -1.2345678901234] and not found.times


def test_labels_and_times_change_places(weather: Sequence) -> None:
    moved = with_roles(weather, {"(label)": "time", "(time)": "label"})
    assert moved.times == weather.labels and moved.labels == weather.times
    assert moved.series[0] is weather.series[0] or np.array_equal(
        moved.series[0][:], weather.series[0][:]
    )
    gone = with_roles(weather, {"(label)": "ignore", "(time)": "ignore"})
    assert not gone.labels and not gone.times and told(gone) == {"temp": "input", "wind": "input"}


def test_one_name_for_every_series_is_one_label() -> None:
    series = tuple(np.array([[v, k], [v + 1, k]]) for k, v in ((0.0, 1.0), (1.0, 5.0)))
    plain = Sequence(kind="numbers", series=series, columns=("v", "kind"), roles=("input",) * 2)
    labelled = with_roles(plain, {"kind": "label"})
    assert labelled.labels == (("0",), ("1",)) and encode(labelled).kind == "class"
    assert {p.name: p.possible for p in parts_of(labelled)}["(label)"] == ("label", "ignore")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"wind": "label"}, "w.csv: wind, (label) would all be label, and one column can be;"),
        ({"(label)": "input"}, "w.csv: the words of “(label)” can be label, time, ignore, not in"),
        ({"temp": "time", "wind": "ignore"}, "w.csv: temp, (time) would all be time, and one"),
        ({"temp": "target", "2": "ignore"}, "w.csv has no input left; at least one is needed"),
        ({"rain": "label"}, "w.csv has no column “rain”; its columns are temp, wind, (label), (t"),
    ],
)
def test_what_cannot_be_is_one_line(weather: Sequence, asked: dict[str, str], message: str) -> None:
    with pytest.raises(Unusable) as error:
        with_roles(weather, asked)
    assert message in error.value.message and "\n" not in error.value.message


def test_columns_that_are_fed_as_they_are(weather: Sequence, tmp_path: Path) -> None:
    for found in (kept_as_is(weather, ("wind",)), read(tmp_path / "w.csv", as_is=["wind"])):
        batch = encode(found)
        assert batch.means[1] == 0 and batch.scales[1] == 1 and batch.means[0] != 0
        assert batch.x[:4, 0, 1].tolist() == [12, 14, 9, 11]
        assert abs(float(batch.x[:, 0, 0].mean())) < 1e-12
    # a target too; and told of where nothing is standardised it changes nothing
    both = kept_as_is(with_roles(weather, {"(label)": "ignore", "wind": "target"}), ("wind",))
    assert encode(both).target_scales == (1.0,)
    assert np.array_equal(encode(both, standardise=False).x[:, 0, 0], weather.series[0][:, 0])
    (tmp_path / "plain.csv").write_text("1,2\n3,4\n5,7\n")
    assert read(tmp_path / "plain.csv", as_is=["2"]).as_is == ("column 2",)
    with pytest.raises(Unusable, match="has no column of numbers “sky”; those of numbers are temp"):
        kept_as_is(weather, ("sky",))
