"""Every broken file ends in the line that `messages.txt` has of it, and leaves nothing behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.broken_files.messages import KINDS, Kind, expected, said
from visualizer.document.schema_words import in_words

EXPECTED = expected()
CASES = [(kind, what) for kind in KINDS for what in kind.files]


@pytest.mark.parametrize(
    ("kind", "what"), [pytest.param(k, w, id=f"{k.name}, {w}") for k, w in CASES]
)
def test_what_is_said(
    kind: Kind, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where a program in a file would leave its trace
    assert said(kind, what, tmp_path) == EXPECTED[kind.name, what]
    assert [path.name for path in tmp_path.iterdir()] == [kind.name]


def test_the_text_holds_these_and_no_others() -> None:
    assert list(EXPECTED) == [(kind.name, what) for kind, what in CASES]


def test_every_refusal_names_the_file_and_ends_with_65() -> None:
    for (name, what), message in EXPECTED.items():
        if not message.startswith("opened"):
            assert message.startswith(f"65: {name}"), what
            assert len(message) <= 200, what


# what only libraries and Python say: names of types and errors, brackets of lists, quoted code
FOREIGN = re.compile(
    r"<class|object at 0x|\bNone\b|Error\b|Errno|`|\['|\bnan\b.*array|utf-8|dtype\("
)


def test_every_refusal_is_in_words_of_this_program() -> None:
    for (name, what), message in EXPECTED.items():
        found = FOREIGN.search(message)
        assert found is None, f"{name}, {what}: {found and found[0]}"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            "Expected `int | null`, got `str` - at `$.a[0].b`",
            "a[0].b: a whole number or nothing is",
        ),
        ("Object missing required field `format`", "the field “format” is missing"),
        (
            "Expected `array` of length 2 - at `$.losses_off[...]`",
            "losses_off[...]: a list of leng",
        ),
        ("Invalid enum value 'x' - at `$.v`", "v: it is not as a session has it"),
    ],
)
def test_errors_of_the_schema_are_put_into_words(error: str, words: str) -> None:
    assert in_words(error).startswith(words) and "`" not in in_words(error)
