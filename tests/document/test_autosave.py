"""Copies of unsaved documents, and the list of recent files."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.sequences import typed
from visualizer.document import autosave, recent
from visualizer.document.document import Document
from visualizer.document.places import settings_folder
from visualizer.document.snapshot import Snapshot


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_a_copy_is_written_when_dirty_and_offered_when_the_program_is_gone(tmp_path: Path) -> None:
    document = Document(Snapshot(typed("I think therefore I am")))
    copy = autosave.Autosave(document)
    assert not copy.write() and not copy.copy.exists()
    document.save(tmp_path / "own.unrolled")
    document.set(cell="lstm")
    assert copy.write() and not copy.write(), "the same state is copied once"
    assert autosave.rescued() == (), "this program is still alive"
    gone = copy.copy.with_name("999999999.unrolled")
    copy.copy.rename(gone)
    gone.with_name("1.unrolled~").write_bytes(b"")
    gone.with_name("999999998.unrolled").write_bytes(b"half a fi")
    (found,) = autosave.rescued()
    assert found.copy == gone and found.title == "own" and found.path == tmp_path / "own.unrolled"


def test_saving_takes_the_copy_away(tmp_path: Path) -> None:
    document = Document(Snapshot(typed("I think therefore I am")))
    copy = autosave.Autosave(document)
    document.set(cell="lstm")
    copy.write()
    document.save(tmp_path / "own.unrolled")
    assert not copy.write() and not copy.copy.exists()
    copy.discard()


def test_recent_files(tmp_path: Path) -> None:
    assert recent.recent() == ()
    files = [tmp_path / f"{n}.unrolled" for n in range(12)]
    for file in files:
        file.write_bytes(b"")
        recent.remember(file)
    recent.remember(files[5])
    assert recent.recent()[0] == files[5]
    assert len(recent.recent()) == recent.KEPT == len(set(recent.recent()))
    files[5].unlink()
    assert files[5] not in recent.recent()
    (settings_folder() / "recent.json").write_bytes(b'{"no": "list"}')
    assert recent.recent() == ()
    recent.forget()
    assert recent.recent() == ()
