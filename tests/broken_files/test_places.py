"""What stands where a file should: a folder, a pipe, a device, nothing, too much, no rights.

Every reader goes through the same door, so that each is asked once for every place.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import files
from engine.errors import Unusable
from engine.models.model import FORMATS, load_model
from engine.models.npz_file import arrays_in
from engine.sequences import read, suffixes
from tests.broken_files.messages import run_graph
from visualizer.document import session

Open = Callable[[Path], object]
OPENED: list[tuple[str, Open]] = [
    *((suffix, read) for suffix in suffixes()),
    *((suffix, load_model) for row in FORMATS for suffix in row.suffixes),
    (".onnx", run_graph),
    (".npz", arrays_in),
    (".unrolled", session.load),
]
EACH = pytest.mark.parametrize(("suffix", "opened"), OPENED)


def refusal(opened: Open, path: Path) -> str:
    with pytest.raises(Unusable) as caught:
        opened(path)
    assert caught.value.exit == 65
    return caught.value.message


@EACH
def test_what_is_no_file(suffix: str, opened: Open, tmp_path: Path) -> None:
    place = tmp_path / f"a{suffix}"
    assert refusal(opened, place) == (
        f"there is no file {place}; give the path of a file that exists"
    )
    place.mkdir()
    assert refusal(opened, place) == f"a{suffix} is a folder; give the path of a file"
    place.rmdir()
    place.symlink_to(place)
    assert refusal(opened, place).startswith(f"a{suffix} cannot be read (")
    place.unlink()
    place.symlink_to(tmp_path / "gone")
    assert refusal(opened, place).startswith(f"there is no file {place}; ")


@EACH
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes and devices here")
def test_pipes_and_devices_are_not_waited_for(suffix: str, opened: Open, tmp_path: Path) -> None:
    place = tmp_path / f"a{suffix}"
    os.mkfifo(place)
    assert refusal(opened, place) == f"a{suffix} is not a regular file; give the path of a file"
    place.unlink()
    for device in ("/dev/zero", "/dev/stdin"):
        place.symlink_to(device)
        if not place.is_file():  # standard input may be one
            assert "is not a regular file" in refusal(opened, place)
        place.unlink()


@EACH
def test_too_large_is_refused_before_it_is_read(suffix: str, opened: Open, tmp_path: Path) -> None:
    place = tmp_path / f"a{suffix}"
    with place.open("wb") as file:
        file.truncate(files.MAX_FILE + 1)  # a hole: no byte is on the disk
    said = refusal(opened, place)
    if suffix == ".wav":  # of which only the head is loaded
        assert said == "a.wav is not a sound (.wav); save the data anew"
    else:
        assert said == (
            f"a{suffix} has 200,000,001 bytes; at most 200,000,000 are read: give a shorter part"
            " of it"
        )


def test_an_error_of_the_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No right to read; played, since for root there is no such thing."""
    place = tmp_path / "a.npz"
    place.write_bytes(b"PK\x03\x04")

    def refused(*words: object, **more: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    for suffix, opened in OPENED:
        place = place.rename(tmp_path / f"a{suffix}")
        assert refusal(opened, place) == (
            f"a{suffix} cannot be read (Permission denied); check its path and rights"
        )
