"""Whose turn it is: the newest recording, one that is overdue while somebody drags, the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject

from engine.experiment import Experiment
from engine.sequences import typed
from engine.worker import Done
from visualizer.document.elsewhere import make
from visualizer.document.snapshot import Snapshot
from visualizer.widgets.parts import long_work
from visualizer.widgets.parts.long_work import LongWork, Work

pytestmark = pytest.mark.window


class Fake:
    """A worker that answers when it is told to."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
        self.given_up = 0
        self.answer: Done | None = None
        self.ready, self.busy, self.process, self.share = True, False, 1, 0.0

    def warm(self) -> None: ...

    def close(self) -> None: ...

    def stop(self) -> None:
        self.given_up += 1

    def start(self, call: Callable[..., Any], *args: Any, keep: tuple[object, ...] = ()) -> None:
        self.jobs.append((call, args))

    def poll(self) -> Done | None:
        answer, self.answer = self.answer, None
        return answer

    def finish(self, work: LongWork) -> None:
        """The newest job, done as it would be."""
        call, args = self.jobs[-1]
        self.answer = Done(call(*args, lambda share: None))
        work._look()


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def work(qtbot, fake: Fake) -> Iterator[LongWork]:
    owner = QObject()
    made = LongWork(owner)
    made._worker = fake  # type: ignore[assignment]
    yield made
    made.close()
    owner.deleteLater()


def snapshot(hidden: int) -> Snapshot:
    return Snapshot(typed("I think therefore I am"), Experiment(hidden=hidden))


def told(heard: list[int]) -> Callable[[Any], None]:
    return lambda derived: heard.append(derived.run.experiment.hidden)


def test_the_newest_recording_is_begun_at_once(work: LongWork, fake: Fake) -> None:
    heard: list[int] = []
    for hidden in (3, 4, 5):
        work.ask(snapshot(hidden), None, told(heard), dragging=True)
    assert len(fake.jobs) == 3
    fake.finish(work)
    assert heard == [5] and work.now is None


def test_a_hand_that_drags_on_sees_a_picture_now_and_then(
    work: LongWork, fake: Fake, monkeypatch
) -> None:
    heard: list[int] = []
    work.ask(snapshot(3), None, told(heard), dragging=False)
    monkeypatch.setattr(long_work, "STARVED", 0.0)  # it has waited long
    work.ask(snapshot(4), None, told(heard), dragging=True)
    work.ask(snapshot(5), None, told(heard), dragging=True)
    assert len(fake.jobs) == 1, "what is under way is let come"
    fake.finish(work)
    assert heard == [3] and len(fake.jobs) == 2, "then the newest, and nothing between"
    fake.finish(work)
    assert heard == [3, 5]


def test_when_the_hand_lets_go_only_the_newest_counts(
    work: LongWork, fake: Fake, monkeypatch
) -> None:
    heard: list[int] = []
    work.ask(snapshot(3), None, told(heard), dragging=False)
    monkeypatch.setattr(long_work, "STARVED", 0.0)
    work.ask(snapshot(4), None, told(heard), dragging=True)
    work.settle()
    assert len(fake.jobs) == 2
    fake.finish(work)
    assert heard == [4]


def test_a_plot_gives_way_to_a_recording_and_comes_after_it(work: LongWork, fake: Fake) -> None:
    heard: list[Any] = []
    plot = Work("plot", lambda watch: "plotted", (), heard.append, "Working out")
    work.perform(plot)
    work.ask(snapshot(3), None, told(heard), dragging=False)
    assert work.now is not None and work.now.call is make
    fake.finish(work)
    assert heard == [3] and work.now is plot
    fake.finish(work)
    assert heard == [3, "plotted"] and work.now is None


def test_a_recording_waits_for_a_file_that_is_written(work: LongWork, fake: Fake) -> None:
    heard: list[Any] = []
    work.perform(Work("export", lambda watch: "written", (), heard.append, "Writing"))
    work.ask(snapshot(3), None, told(heard), dragging=False)
    fake.finish(work)
    fake.finish(work)
    assert heard == ["written", 3]
