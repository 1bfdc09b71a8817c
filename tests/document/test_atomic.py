"""A file is replaced as a whole or not at all, whatever fails; that the process dies, is in
`tests.broken_files.test_killed`."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Unusable
from visualizer.document.atomic import check_place, replace_file

OLD, NEW = b"old" * 1000, b"new" * 5000


def test_new_and_replaced(tmp_path: Path) -> None:
    place = tmp_path / "a.svg"
    replace_file(place, OLD)
    replace_file(place, NEW)
    assert place.read_bytes() == NEW
    assert [p.name for p in tmp_path.iterdir()] == ["a.svg"]


def test_one_previous_version_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "a.unrolled"
    for content in (b"1", b"2", b"3"):
        replace_file(place, content, keep_previous=True)
    assert place.read_bytes() == b"3"
    assert (tmp_path / "a.unrolled~").read_bytes() == b"2"
    assert len(list(tmp_path.iterdir())) == 2


def test_rights_and_links_stay(tmp_path: Path) -> None:
    place, link = tmp_path / "a", tmp_path / "link"
    place.write_bytes(OLD)
    place.chmod(0o640)
    link.symlink_to(place)
    replace_file(link, NEW)
    assert link.is_symlink() and place.read_bytes() == NEW
    assert stat.S_IMODE(place.stat().st_mode) == 0o640


def test_a_leftover_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".a.part").write_bytes(b"left by a kill")
    replace_file(tmp_path / "a", NEW)
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("call", ["write", "fsync", "link", "replace", "open"])
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("named", [False, True], ids=["nameless", "named"])
def test_every_failing_call_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, nth: int, named: bool
) -> None:
    place = tmp_path / "a"
    replace_file(place, OLD, keep_previous=True)
    if named:  # as on a system without nameless files
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    real, count = getattr(os, call), 0

    def failing(*words: Any, **more: Any) -> Any:
        nonlocal count
        count += 1
        if count == nth:
            raise OSError(28, "No space left on device")
        if call == "write":
            return real(words[0], bytes(words[1])[:5000])  # in pieces, so that there is an n-th
        return real(*words, **more)

    monkeypatch.setattr(os, call, failing)
    try:
        replace_file(place, NEW, keep_previous=True)
    except Unusable as error:
        assert error.exit == 1 and "\n" not in error.message
        assert place.read_bytes() == OLD
    else:
        assert place.read_bytes() == NEW
    monkeypatch.undo()
    assert {p.name for p in tmp_path.iterdir()} <= {"a", "a~"}


def test_a_short_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "a"
    replace_file(place, OLD)
    monkeypatch.setattr(os, "write", lambda descriptor, data: len(data))  # says yes, writes nothing
    with pytest.raises(Unusable, match="0 of 15000 bytes arrived"):
        replace_file(place, NEW)
    assert place.read_bytes() == OLD


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for place, words in (
        (tmp_path, "is a folder; give the name of a file in it"),
        (tmp_path / "none" / "a", "does not exist; create it or choose another"),
        (tmp_path / "file" / "a", "is not a folder; create it or choose another"),
    ):
        with pytest.raises(Unusable, match=words) as found:
            check_place(place)
        assert found.value.exit == 1
    with pytest.raises(Unusable, match="No space left on device"):
        replace_file("/dev/full", NEW)
