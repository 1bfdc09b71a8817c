"""Work in another process: answers, errors, the newest wins, what does not stop is ended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.arrangements import ARRANGEMENTS
from engine.door import Run
from engine.errors import Unusable
from engine.watching import Watch, unwatched
from engine.worker import Done, Worker

TEXTS = {"encoder-decoder": "two -> zwei", "expression": "a = 3; b = 1; a*a*b"}
LONG = 20.0  # s; nothing here takes as long unless it is broken


def squares(count: int, watch: Watch) -> dict[str, Any]:
    watch(0)
    return {"squares": np.arange(count) ** 2, "odd": np.arange(3, dtype="i1"), "none": np.ones(0)}


def same(thing: dict[str, int], watch: Watch) -> tuple[int, int]:
    thing["asked"] = thing.get("asked", 0) + 1
    return thing["asked"], thing["size"]


def refuse(watch: Watch) -> None:
    raise Unusable("four is too many; take three")


def endless(place: str, watch: Watch) -> None:
    Path(place).touch()
    while True:
        watch(0)
        time.sleep(0.001)


def deaf(place: str, watch: Watch) -> None:
    Path(place).touch()
    time.sleep(LONG)


def dying(watch: Watch) -> None:
    os._exit(3)


def recorded(arrangement: str, watch: Watch) -> Run:
    text = TEXTS.get(arrangement, "I think therefore I am")
    return engine.run(text, arrangement=arrangement, watch=watch)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


def answer(worker: Worker) -> Done:
    begun = time.monotonic()
    while (found := worker.poll()) is None:
        assert time.monotonic() - begun < LONG
        time.sleep(0.002)
    return found


def until(there: Callable[[], bool], worker: Worker) -> None:
    begun = time.monotonic()
    while not there():
        assert time.monotonic() - begun < LONG
        assert worker.poll() is None
        time.sleep(0.002)


def test_answers_and_errors_come_back(worker: Worker) -> None:
    worker.start(squares, 100_000)
    found = answer(worker).value
    assert (found["squares"] == np.arange(100_000) ** 2).all()
    assert found["odd"].tolist() == [0, 1, 2] and found["none"].size == 0
    found["squares"][:] = 0  # its own copy
    worker.start(refuse)
    error = answer(worker).error
    assert isinstance(error, Unusable) and str(error) == "four is too many; take three"
    assert not worker.busy and worker.ready


def test_the_newest_wins_and_the_process_stays(worker: Worker, tmp_path: Path) -> None:
    worker.start(endless, str(tmp_path / "one"))
    until((tmp_path / "one").exists, worker)
    process = worker.process
    worker.start(squares, 4)
    worker.start(squares, 5)
    assert len(answer(worker).value["squares"]) == 5
    assert worker.process == process and worker.poll() is None


def test_what_is_kept_is_sent_once(worker: Worker) -> None:
    first, second = {"size": 1}, {"size": 2}
    found = []
    for thing in (first, first, second, first, second):
        worker.start(same, thing, keep=(thing,) if thing is not second else (first, second))
        found.append(answer(worker).value)
    assert found == [(1, 1), (2, 1), (1, 2), (3, 1), (1, 2)]
    worker.start(same, first)
    assert answer(worker).value == (1, 1)


def test_stopping_leaves_no_answer(worker: Worker, tmp_path: Path) -> None:
    worker.start(endless, str(tmp_path / "one"))
    until((tmp_path / "one").exists, worker)
    worker.stop()
    assert worker.busy
    until(lambda: not worker.busy, worker)


def test_what_does_not_listen_is_ended(worker: Worker, tmp_path: Path) -> None:
    worker.start(deaf, str(tmp_path / "one"))
    until((tmp_path / "one").exists, worker)
    process = worker.process
    worker.start(squares, 6)
    assert len(answer(worker).value["squares"]) == 6
    assert worker.process != process


def test_a_process_that_dies_is_an_error_and_another_follows(worker: Worker) -> None:
    worker.start(dying)
    assert "ended by itself" in str(answer(worker).error)
    worker.start(squares, 7)
    assert len(answer(worker).value["squares"]) == 7


def test_closing_ends_it_at_once(worker: Worker, tmp_path: Path) -> None:
    worker.start(deaf, str(tmp_path / "one"))
    until((tmp_path / "one").exists, worker)
    process = worker.process
    worker.close()
    assert process is not None and not Path(f"/proc/{process}").exists()
    assert worker.poll() is None and not worker.busy


def test_a_run_of_every_arrangement_comes_back_whole(worker: Worker) -> None:
    for name in ARRANGEMENTS:
        own = recorded(name, unwatched).recording
        worker.start(recorded, name)
        there = answer(worker).value.recording
        assert there.loss == own.loss and there.source == own.source
        assert there.gradients.keys() == own.gradients.keys()
        for key, gradient in own.gradients.items():
            assert (there.gradients[key] == gradient).all()
        for g, segment in enumerate(own.network.segments):
            for k in range(len(segment.slots)):
                assert (there.value(g, k) == own.value(g, k)).all()
                assert (there.delta(g, k) == own.delta(g, k)).all()
                assert (there.own_deltas(g, k) == own.own_deltas(g, k)).all()
        for use in own.network.all_uses():
            assert (there.contribution(use) == own.contribution(use)).all()
