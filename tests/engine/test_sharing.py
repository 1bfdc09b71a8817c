"""Arrays handed from one process to another: what arrives is what was sent, and is its own."""

from __future__ import annotations

import os
from multiprocessing import Pipe
from typing import Any

import numpy as np
import pytest

import engine
from engine import memory, sharing


@pytest.fixture
def handing(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process makes its recordings where others can read them."""
    monkeypatch.setattr(memory.Memory, "room", staticmethod(sharing.room))


def passed(value: Any) -> Any:
    one, other = Pipe()
    with one, other:
        sharing.send(one, "done", value)
        word, content = other.recv()
        assert word == "done"
        return sharing.received(other, *content)


@pytest.mark.parametrize("shared", [True, False])
def test_arrays_of_all_kinds(shared: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "SHARED", shared and sharing.SHARED)
    value = {
        "numbers": np.arange(5.0),
        "column": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "none": np.ones((0, 3)),
        "odd": np.arange(3, dtype="i1"),
        "words": ["a", "b"],
    }
    found = passed(value)
    assert found.keys() == value.keys() and found["words"] == ["a", "b"]
    for name in ("numbers", "column", "none", "odd"):
        assert (found[name] == value[name]).all() and found[name].dtype == value[name].dtype
    found["numbers"][:] = -1
    assert value["numbers"][1] == 1.0
    assert passed("nothing large") == "nothing large"


@pytest.mark.skipif(not sharing.SHARED, reason="this system has no memory to hand on")
def test_a_recording_is_handed_on_where_it_lies(handing: None) -> None:
    open_before = len(os.listdir("/proc/self/fd"))
    run = engine.run("I think therefore I am " * 60, cell="lstm", hidden=16)
    assert sharing._blocks
    found = passed(run)
    own, there = run.recording, found.recording
    for g, segment in enumerate(own.network.segments):
        for k in range(len(segment.slots)):
            assert (there.value(g, k) == own.value(g, k)).all()
            assert (there.delta(g, k) == own.delta(g, k)).all()
    before = own.value(0, 1).copy()
    there.plan.workspace.rows(("v", 0, 1))[...] = 7.0
    assert (own.value(0, 1) == before).all(), "what is written there stays there"
    del run, own  # at once: a slider that is dragged leaves many behind it
    assert not sharing._blocks and (there.value(0, 1) == 7.0).all()
    del found, there
    assert len(os.listdir("/proc/self/fd")) == open_before


@pytest.mark.skipif(not sharing.SHARED, reason="this system has no memory to hand on")
def test_memory_that_nobody_has_any_more_is_taken_by_the_next_recording(handing: None) -> None:
    words = "I think therefore I am " * 60
    own = engine.run(words, cell="lstm", hidden=16)
    loss, delta = own.recording.loss, own.recording.delta(0, 3).copy()
    del own
    assert len(sharing._spare) == 1 and not sharing._blocks
    again = engine.run(words, cell="lstm", hidden=16)
    assert not sharing._spare and again.recording.loss == loss
    assert (again.recording.delta(0, 3) == delta).all()
    passed(again)
    sharing.prepare(lambda: True)
    assert not sharing._spare, "there was work"
    sharing.prepare(lambda: False)
    third = engine.run(words, cell="lstm", hidden=16)
    assert not sharing._spare and third.recording.loss == loss
    del again
    assert not sharing._spare, "it was handed on, and is read there"
    del third
    mapped, _, handle, used = sharing._spare.pop()
    assert used
    mapped.close()
    os.close(handle)
