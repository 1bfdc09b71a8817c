"""JSON and JSON lines: which forms are read as what, and roles of their columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Unusable
from engine.sequences import Sequence, read


def opened(folder: Path, content: str, name: str = "a.json", **how: object) -> Sequence:
    (folder / name).write_text(content, encoding="utf-8")
    return read(folder / name, **how)  # type: ignore[arg-type]


def series(given: Sequence) -> list[list[list[float]]]:
    return [array.tolist() for array in given.stored()]


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("[1, 2.5, -3e2]", [[[1], [2.5], [-300]]]),
        ("[[1, 2], [3, 4]]", [[[1, 2], [3, 4]]]),
        ("[[1, 2, 3], [4, 5]]", [[[1], [2], [3]], [[4], [5]]]),
        ("[[[1, 2], [3, 4]], [[5, 6]]]", [[[1, 2], [3, 4]], [[5, 6]]]),
        ('[{"a": 1, "b": 2}, {"b": 4, "a": 3}]', [[[1, 2], [3, 4]]]),
        ('{"a": [1, 3], "b": [2, 4]}', [[[1, 2], [3, 4]]]),
        ('[{"a": true}, {"a": false}]', [[[1], [0]]]),
    ],
)
def test_numbers(tmp_path: Path, content: str, wanted: list[list[list[float]]]) -> None:
    assert series(opened(tmp_path, content)) == wanted


def test_lines(tmp_path: Path) -> None:
    assert series(opened(tmp_path, "1\n\n2\n3\n", "a.jsonl")) == [[[1], [2], [3]]]
    given = opened(tmp_path, '{"a": 1, "sky": "sun"}\n{"a": 2, "sky": "rain"}\n', "a.jsonl")
    assert (series(given), given.labels) == ([[[1], [2]]], (("sun", "rain"),))


def test_texts(tmp_path: Path) -> None:
    wanted = ("I am", "so are you")
    for content, name in (
        ('["I am", "so are you"]', "a.json"),
        ('{"text": "I am"}\n{"text": "so are you", "id": null}\n', "a.jsonl"),
    ):
        given = opened(tmp_path, content, name)
        assert (given.kind, given.texts, given.tokens) == ("text", wanted, "words")
    assert opened(tmp_path, '["ab", "c"]', tokens="characters").tokens == "characters"


RECORDS = '[{"year": 1, "v": 1, "w": 5}, {"year": 2, "w": 6, "v": null}, {"year": 3, "v": 3}]'


def test_records_are_a_table_with_roles_and_missing_values(tmp_path: Path) -> None:
    filled = opened(tmp_path, RECORDS, missing="interpolate", roles={"w": "target"})
    assert (filled.columns, filled.roles) == (("v", "w"), ("input", "target"))
    assert (series(filled), filled.times) == ([[[1, 5], [2, 6], [3, 6]]], (("1", "2", "3"),))
    assert series(opened(tmp_path, RECORDS, missing="drop")) == [[[1, 5]]]


def test_columns_without_names_have_roles_too(tmp_path: Path) -> None:
    given = opened(tmp_path, "[[1, 2], [3, 4]]", roles={"2": "target"})
    assert (given.columns, given.roles) == (("x1", "x2"), ("input", "target"))
    labelled = opened(tmp_path, "[[1, 2], [3, 4]]", roles={"x1": "label"})
    assert (labelled.columns, labelled.labels) == (("x2",), (("1", "3"),))
    with pytest.raises(Unusable) as caught:
        opened(tmp_path, "[[1, 2], [3, 4]]", roles={"x1": "label", "x2": "label"})
    assert caught.value.exit == 2 and caught.value.message == (
        "a.json: x1, x2 would all be label, and one column can be; give the others another role,"
        " ignore for one"
    )
