"""Several files, a folder or a pattern as one ragged batch."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Unusable
from engine.sequences.source import Reading
from engine.sequences.together import files_of, read_together, stands_for_several


def make(folder: Path, count: int = 3) -> list[Path]:
    folder.mkdir()
    paths = [folder / f"s{k}.csv" for k in range(count)]
    for k, path in enumerate(paths):
        path.write_text("a,b\n" + "1,2\n" * (k + 2))
    return paths


def test_a_folder_a_pattern_and_a_list_are_the_same_batch(tmp_path: Path) -> None:
    paths = make(tmp_path / "runs")
    (tmp_path / "runs" / "notes.md").write_text("x")
    (tmp_path / "runs" / ".hidden.csv").write_text("x")
    together = read_together(paths, Reading(roles={"b": "target"}))
    assert together.lengths() == [2, 3, 4]
    assert together.roles == ("input", "target")
    assert (together.title, together.source) == ("runs (3 files)", "s0.csv, s1.csv, s2.csv")
    for what in (str(tmp_path / "runs"), str(tmp_path / "runs" / "*.csv")):
        assert stands_for_several(what) and files_of(what) == tuple(paths)
    assert not stands_for_several(str(paths[0]))
    assert read_together(paths[:1], Reading()).title == "s0"


def test_of_many_files_some_are_named(tmp_path: Path) -> None:
    together = read_together(make(tmp_path / "runs", 5), Reading())
    assert together.source == "s0.csv, s1.csv, …, s4.csv"


def test_what_does_not_go_together(tmp_path: Path) -> None:
    one, two, _ = make(tmp_path / "runs")
    two.write_text("a,c\n1,2\n3,4\n")
    with pytest.raises(Unusable) as caught:
        read_together([one, two], Reading())
    assert caught.value.message == (
        "s1.csv (columns a, c) does not go with s0.csv (columns a, b); series of one batch have"
        " the same columns"
    )
    (tmp_path / "runs" / "b.npy").write_bytes(b"")
    folder = tmp_path / "runs"
    with pytest.raises(Unusable) as caught:
        files_of(str(folder))
    assert caught.value.message == (
        f"{folder} holds files of 2 formats (.csv, .npy); one batch is of one: name some of them,"
        f" as in {folder / '*.csv'}"
    )
    (tmp_path / "empty").mkdir()
    for what in (str(tmp_path / "empty"), str(tmp_path / "*.none")):
        with pytest.raises(Unusable, match="holds no file that is a sequence; "):
            files_of(what)
    with pytest.raises(Unusable, match=r"^1,001 files were given; 1\.\.1,000 are read"):
        read_together([one] * 1001, Reading())
