"""Every broken file ends in the line that `messages.txt` has of it, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.broken_files.messages import KINDS, Kind, expected, said

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
            assert len(message) <= 500, what
