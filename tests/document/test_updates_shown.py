"""Going back to a kept update: the nearest is shown, and a session knows which."""

from __future__ import annotations

from functools import cache

import pytest

from engine.training.trained import Trained
from engine.training.trainer import train
from visualizer.document import session
from visualizer.document.learning import at_update, kept_of, snapshot_of
from visualizer.document.snapshot import Snapshot


@cache
def learnt() -> Trained:
    return train("I think therefore I am", updates=10, hidden=3, keep=6)


def shown() -> Snapshot:
    return snapshot_of(learnt())


def test_the_nearest_of_those_that_were_kept() -> None:
    assert kept_of(shown()) == (0, 2, 4, 6, 8, 10) and shown().update == 10
    assert [at_update(shown(), n).update for n in (-3, 0, 3, 5, 9, 10, 99)] == [
        0, 0, 2, 4, 8, 10, 10
    ]  # fmt: skip
    there = at_update(shown(), 4)
    assert there.parameters is learnt().history.kept[2].parameters
    assert there.changed(parameters=dict(there.parameters)).update is None


@pytest.mark.parametrize("update", [0, 6, 10])
def test_a_session_knows_which(update: int) -> None:
    before = at_update(shown(), update)
    after = session.unpack(session.pack(before, None), "a.unrolled").snapshot
    assert after.update == update
    assert at_update(after, 10).update == 10


def test_another_model_has_none() -> None:
    other = shown().with_settings(hidden=5)
    assert kept_of(other) == () and at_update(other, 4) is other and other.update is None
