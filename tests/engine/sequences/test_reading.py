"""Every format is read into the sequence that its file says; every reader is in the table."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.sequences.readers
from engine.errors import Unusable
from engine.sequences import READERS, Sequence, encode, join, read, sample, samples, typed
from engine.sequences.readers import table
from engine.sequences.source import Reading, Source
from tests.engine.sequences.files_made import TS, npy, npz, zipped

Content = str | bytes


def opened(tmp_path: Path, name: str, content: Content, **how: Any) -> Sequence:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, **how)


def numbers(sequence: Sequence, b: int = 0) -> list[list[float]]:
    return sequence.series[b].tolist()


def test_every_file_of_the_readers_is_in_the_table() -> None:
    folder = Path(engine.sequences.readers.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    used = {reader.place.partition(".")[0] for reader in READERS}
    assert used == modules


def test_text(tmp_path: Path) -> None:
    given = opened(tmp_path, "a.txt", "\ufeffab\r\nc d\r")
    assert (given.texts, given.tokens, given.title, given.source) == (
        ("ab\nc d\n",), "characters", "a", "a.txt",
    )  # fmt: skip
    assert opened(tmp_path, "a.txt", "ab c", tokens="words").tokens == "words"


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2\n3,4.5\n",
        "a;b\r\n1;2\r\n3;4,5\r\n",
        "\ufeffa\tb\n1\t2\n3\t4.5",
        '"a"|"b"\n 1 | 2\n"3"|4.5\n\n',
    ],
)
def test_table_with_a_header(tmp_path: Path, content: str) -> None:
    given = opened(tmp_path, "a.csv", content)
    assert (given.columns, given.roles) == (("a", "b"), ("input", "input"))
    assert numbers(given) == [[1.0, 2.0], [3.0, 4.5]]


def test_table_without_a_header(tmp_path: Path) -> None:
    given = opened(tmp_path, "a.tsv", "1\t2\n3\t4\n")
    assert given.columns == ("column 1", "column 2")
    assert numbers(given) == [[1, 2], [3, 4]]


@pytest.mark.parametrize("name", ["date", "Year", "INDEX", "time", ""])
def test_a_first_column_of_that_name_is_time(tmp_path: Path, name: str) -> None:
    given = opened(tmp_path, "a.csv", f"{name},v\n1700,5\n1701,11\n")
    assert (given.columns, given.times) == (("v",), (("1700", "1701"),))


def test_one_text_column_is_the_label_of_each_step(tmp_path: Path) -> None:
    given = opened(tmp_path, "a.csv", "v,sky\n1,sun\n2,rain\n3,sun\n")
    assert (given.columns, given.labels) == (("v",), (("sun", "rain", "sun"),))


def test_a_constant_text_column_is_the_label_of_the_series(tmp_path: Path) -> None:
    given = opened(tmp_path, "a.csv", "v,sky\n1,sun\n2,sun\n3,sun\n")
    assert given.labels == (("sun",),)


def test_roles_by_name_by_number_and_in_order(tmp_path: Path) -> None:
    content = "a,b,c,d\n1,2,x,0\n3,4,y,1\n"
    by_name = {"b": "target", "c": "ignore", "d": "label"}
    first = opened(tmp_path, "a.csv", content, roles=by_name)
    assert (first.columns, first.roles, first.labels) == (
        ("a", "b"), ("input", "target"), (("0", "1"),),
    )  # fmt: skip
    by_number = {"2": "target", "3": "ignore", "4": "label"}
    assert opened(tmp_path, "a.csv", content, roles=by_number) == first
    in_order = ("input", "target", "ignore", "label")
    assert opened(tmp_path, "a.csv", content, roles=in_order) == first


def test_missing_values_are_dropped_or_interpolated(tmp_path: Path) -> None:
    content = "year,v,w\n1,,5\n2,2,NA\n3,?,7\n4,6,8\n5,nan,8\n"
    dropped = opened(tmp_path, "a.csv", content, missing="drop")
    assert (dropped.times, numbers(dropped)) == ((("4",),), [[6, 8]])
    filled = opened(tmp_path, "a.csv", content, missing="interpolate")
    assert numbers(filled) == [[2, 5], [2, 6], [4, 7], [6, 8], [6, 8]]


def test_a_missing_label_is_dropped_with_its_step(tmp_path: Path) -> None:
    given = opened(tmp_path, "a.csv", "v,sky\n1,sun\n2,\n3,rain\n", missing="drop")
    assert (given.labels, numbers(given)) == ((("sun", "rain"),), [[1], [3]])


def test_holes_in_an_ignored_column_do_not_matter(tmp_path: Path) -> None:
    given = opened(tmp_path, "a.csv", "v,w\n1,\n2,inf\n", roles={"w": "ignore"})
    assert (given.columns, numbers(given)) == (("v",), [[1], [2]])


@pytest.mark.parametrize("dtype", ["?", "i1", "<i8", ">u2", "<f2", ">f4", "<f8"])
def test_npy_types(tmp_path: Path, dtype: str) -> None:
    array = np.array([[1, 0], [0, 1], [1, 1]]).astype(dtype)
    for stored in (array, np.asfortranarray(array)):
        assert numbers(opened(tmp_path, "a.npy", npy(stored))) == array.tolist()


def test_npy_shapes_are_time_first(tmp_path: Path) -> None:
    assert numbers(opened(tmp_path, "a.npy", npy([1, 2, 3]))) == [[1], [2], [3]]
    cube = np.arange(24.0).reshape(4, 2, 3)
    given = opened(tmp_path, "a.npy", npy(cube))
    assert given.count == 2
    assert np.array_equal(given.series[1], cube[:, 1])


def test_npz_of_several_arrays_is_ragged(tmp_path: Path) -> None:
    content = npz(first=[1, 2, 3], second=[4, 5])
    given = opened(tmp_path, "a.npz", content)
    assert [numbers(given, b) for b in (0, 1)] == [[[1], [2], [3]], [[4], [5]]]
    packed = zipped(deflate=True, **{"a.npy": npy([1, 2, 3]), "b.npy": npy([4, 5])})
    assert opened(tmp_path, "a.npz", packed) == given


def test_npz_with_inputs(tmp_path: Path) -> None:
    x = np.arange(12.0).reshape(3, 2, 2)
    given = opened(tmp_path, "a.npz", npz(x=x, lengths=[3, 2], targets=x[:, :, :1], labels=[4, 7]))
    assert given.roles == ("input", "input", "target")
    assert given.labels == (("4",), ("7",))
    assert np.array_equal(given.series[1], np.hstack((x[:2, 1], x[:2, 1, :1])))
    per_step = opened(tmp_path, "a.npz", npz(x=x, lengths=[3, 2], labels=[[0, 1], [1, 0], [2, 2]]))
    assert per_step.labels == (("0", "1", "2"), ("1", "0"))
    words = np.array([["sun", "rain"], ["é■", "sun"], ["rain", "?"]])
    spelled = opened(tmp_path, "a.npz", npz(x=x, lengths=[3, 2], labels=words.astype(">U4")))
    assert spelled.labels == (("sun", "é■", "rain"), ("rain", "sun"))


def test_ts_with_classes_and_with_targets(tmp_path: Path) -> None:
    given = opened(tmp_path, "a.ts", TS + "1,2,3:4,5,6:a\n\n7,8:9,8.5E-4:b\n")
    assert given.labels == (("a",), ("b",))
    assert numbers(given, 0) == [[1, 4], [2, 5], [3, 6]]
    assert numbers(given, 1) == [[7, 9], [8, 0.00085]]
    target = opened(tmp_path, "a.ts", "@targetlabel true\n@data\n1,2:0.5\n")
    assert (target.roles, numbers(target)) == (("input", "target"), [[1, 0.5], [2, 0.5]])
    assert opened(tmp_path, "a.ts", "@data\n1,2\n3\n").labels == ()


def test_typed() -> None:
    given = typed("I think therefore I am\n")
    assert (given.texts, given.title) == (("I think therefore I am",), "I think therefore I am")
    assert typed(["a b", "c d e"]).count == 2
    assert len(typed("word " * 30).title) <= 40


def test_a_sequence_survives_json() -> None:
    for each in (typed("a b"), *(sample(row.id) for row in samples())):
        facts = json.loads(json.dumps(each.facts()))
        again = Sequence(**facts, series=tuple(array.copy() for array in each.series))
        assert again == each
        assert hash(again) == hash(each)


def test_a_sequence_judges_what_it_is_made_of() -> None:
    good = sample("nile")
    array = good.series[0]
    for change in (
        {"kind": "film"},
        {"tokens": "bytes"},
        {"series": ()},
        {"series": (array[:0],)},
        {"series": (array * np.inf,)},
        {"roles": ("label",)},
        {"roles": ("ignore",)},
        {"roles": ()},
        {"times": (("1",),)},
        {"labels": (("a", "b"),)},
        {"labels": (("a",), ("b",))},
    ):
        with pytest.raises(Unusable):
            dataclasses.replace(good, **change)
    assert not array.flags.writeable


def test_join_makes_one_ragged_sequence(tmp_path: Path) -> None:
    sky = opened(tmp_path, "a.csv", "v,sky\n1,sun\n2,sun\n3,sun\n")
    rain = opened(tmp_path, "b.csv", "v,sky\n1,rain\n2,rain\n")
    both = join((sky, rain))
    assert (both.labels, both.source) == ((("sun",), ("rain",)), "a.csv, b.csv")
    assert encode(both).vocabulary == ("rain", "sun")


CELLS = st.floats(allow_nan=False, allow_infinity=False).map(repr)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), st.sampled_from(",\t|"))
def test_a_table_gives_back_its_numbers(rows: list[tuple[str, str]], delimiter: str) -> None:
    content = "\n".join(delimiter.join(row) for row in rows).encode()
    reader = next(row for row in READERS if ".csv" in row.suffixes)
    given = reader.read(Source("a.csv", content, Reading(delimiter=delimiter)))
    assert numbers(given) == [[float(cell) for cell in row] for row in rows]


TABLES = {
    "with a header": ("time,a,b\n0,1,2\n1,-3e2,4.5\n", True),
    "without one": ("1;2\n3;4.5\n", True),
    "a column": ("1\n2\n3\n", True),
    "a decimal comma": ("a;b\n1;2\n3;4,5\n", False),
    "a label": ("a,w\n1,x\n2,y\n", False),
    "quoted": ('a,b\n1,"2"\n3,4\n', False),
    "underscore": ("1\n2\n3_0\n", False),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_long_table_of_plain_numbers_is_read_at_once(tmp_path, monkeypatch, name):
    content, fast = TABLES[name]

    def result() -> Any:
        try:
            found = opened(tmp_path, "a.csv", content)
        except Unusable as error:
            return str(error)
        return numbers(found), found.columns, found.roles, found.labels

    slowly = result()
    monkeypatch.setattr(table, "LONG", 0)
    assert result() == slowly
    monkeypatch.setattr(table, "_even_rows", lambda *_: pytest.fail("cell by cell"))
    if fast:
        assert result() == slowly


def test_a_long_table_with_holes_says_where_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "LONG", 0)
    for content, place in (("a,b\n1,2\n3,\n", "line 3, column b"), ("1\nx\n", "line 2")):
        with pytest.raises(Unusable, match=place):
            opened(tmp_path, "a.csv", content)
