"""A process that saves sessions is killed at random moments, and at every call of the system."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

from engine.errors import Unusable
from engine.sequences import sample
from tests.broken_files.kill import SAVERS, Dying, judge, kill_at_random, killed
from visualizer.document import atomic, session
from visualizer.document.snapshot import Snapshot

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a copy of the process is killed")


def packed(hidden: int) -> bytes:
    snapshot = Snapshot(sample("therefore")).with_settings(hidden=hidden)
    return session.pack(snapshot, None)


@pytest.mark.parametrize("name", SAVERS)
def test_a_kill_at_a_random_moment_leaves_a_whole_session(name: str, tmp_path: Path) -> None:
    kill_at_random(name, tmp_path, 12)
    before = (tmp_path / f"{name}.unrolled").read_bytes()
    session.save(tmp_path / f"{name}.unrolled", packed(7))  # and takes away what was left
    assert not judge(tmp_path / f"{name}.unrolled")
    assert (tmp_path / f"{name}.unrolled~").read_bytes() == before


@pytest.mark.parametrize("named", [False, True], ids=["nameless", "named"])
def test_a_kill_at_every_call_leaves_the_old_session_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    if named:  # as on a system without nameless files
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    place, old, new = tmp_path / "a.unrolled", packed(2), packed(3)
    count = Dying(1_000_000, "before")
    session.save(place, old)
    with monkeypatch.context() as patch:
        patch.setattr(atomic, "os", count)
        session.save(place, old)

    def saver(place: Path) -> NoReturn:
        while True:
            session.save(place, new)

    found = []
    for nth, call in enumerate(count.calls, start=1):
        for when in ("before", "half", "after") if call == "write" else ("before", "after"):
            session.save(place, old)
            killed(saver, place, dying=Dying(nth, when))
            judge(place)
            found.append(place.read_bytes())
    assert set(found) == {old, new}
    assert found == sorted(found, key=[old, new].index)  # once it is there it stays


def test_a_session_that_is_cut_is_seen(tmp_path: Path) -> None:
    place = tmp_path / "a.unrolled"
    for broken in (packed(2)[:-9], packed(2)[:300], b""):
        place.write_bytes(broken)
        with pytest.raises(Unusable):
            judge(place)
