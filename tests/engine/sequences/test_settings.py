"""Every error of a setting or of a call, with its full text and exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import Unusable
from engine.sequences import encode, join, read, sample, samples, typed

CALLS: list[tuple[Callable[[], object], int, str]] = [
    (lambda: typed(""), 65, "the text is empty; at least two words are needed: type some"),
    (
        lambda: typed(["a b", "\n"]),
        65,
        "the text is empty; at least two words are needed: type some",
    ),
    (
        lambda: encode(typed("hello")),
        65,
        "the text is one word (“hello”); at least two are needed to predict the next:"
        " add a word, or choose --tokens characters",
    ),
    (
        lambda: encode(typed(["a b", "hello"])),
        65,
        "text 2 of 2 is one word (“hello”); at least two are needed to predict the next:"
        " add a word, or choose --tokens characters",
    ),
    (
        lambda: encode(typed("a b"), task="regression"),
        2,
        "a text has no numbers for the task regression; choose next, or give a table",
    ),
    (
        lambda: encode(typed("a b"), task="class"),
        2,
        "typed has no labels; the task class needs two different ones:"
        " choose another task, or give labels",
    ),
    (
        lambda: encode(typed("a b"), task="c\nd"),
        2,
        "task must be auto, next, regression, class, none; got c↵d",
    ),
    (
        lambda: encode(typed("a b"), readout="first"),
        2,
        "readout must be every, last, after; got first",
    ),
    (lambda: typed("a b", "bytes"), 2, "tokens must be auto, words or characters, got bytes"),
    (
        lambda: read("none.csv"),
        65,
        "there is no file none.csv; give the path of a file that exists",
    ),
    (
        lambda: sample("nope"),
        65,
        f"there is no sample nope; samples are {', '.join(each.id for each in samples())}",
    ),
    (
        lambda: encode(typed(" ".join(map(str, range(20_000))))),
        65,
        "typed makes 20,000 steps × 1 series × 20,001 numbers; at most 100,000,000 in all are"
        " allowed: give a part of it, or choose --tokens characters",
    ),
    (
        lambda: encode(typed("a " * 5_000_001)),
        65,
        "the text has 10,000,002 characters; at most 10,000,000 are encoded: give a part of it",
    ),
    (
        lambda: join((typed("a b"), sample("nile"))),
        65,
        "nile (columns volume) does not go with typed (text);"
        " series of one batch have the same columns",
    ),
]


@pytest.mark.parametrize(("call", "exit", "message"), CALLS)
def test_bad_call(call: Callable[[], object], exit: int, message: str) -> None:
    with pytest.raises(Unusable) as caught:
        call()
    assert (str(caught.value), caught.value.exit) == (message, exit)


TABLE = "year,a,b\n1900,1,2\n1901,2,\n"
SETTINGS: list[tuple[dict[str, object], int, str]] = [
    ({"missing": "zero"}, 2, "missing must be drop or interpolate, got zero"),
    ({"tokens": "bytes"}, 2, "tokens must be auto, words or characters, got bytes"),
    (
        {"delimiter": "::"},
        2,
        "the delimiter must be one character, not a quote or a space; got “::”",
    ),
    ({"roles": {"c": "input"}}, 2, "a.csv has no column “c”; its columns are year, a, b"),
    (
        {"roles": {"a": "output"}},
        2,
        "the role of a column must be one of input, target, label, time, ignore; got “output”",
    ),
    (
        {"roles": {"b": "label"}, "missing": "interpolate"},
        65,
        "a.csv: line 3, column b: the label is missing and labels cannot be interpolated;"
        " fill it in, or give --missing drop",
    ),
    ({"roles": {"a": "time"}}, 65, "a.csv has 2 time columns; give one that role"),
]


@pytest.mark.parametrize(("settings", "exit", "message"), SETTINGS)
def test_bad_setting(tmp_path: Path, settings: dict[str, object], exit: int, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(TABLE)
    with pytest.raises(Unusable) as caught:
        read(path, **settings)  # type: ignore[arg-type]
    assert (str(caught.value), caught.value.exit) == (message, exit)
