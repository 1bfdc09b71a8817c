"""A window on the sentence of the lecture, in a home of its own; any fault in it fails the test."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.experiment import Experiment
from engine.sequences import typed
from visualizer.document.document import Document
from visualizer.document.snapshot import Snapshot
from visualizer.widgets.application import make_application
from visualizer.widgets.parts import guard
from visualizer.widgets.parts.look import look
from visualizer.widgets.window import Window

SENTENCE = "I think therefore I am"
SIZE = (1600, 1000)
WAIT = 60_000  # ms


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    return make_application()


class Patient(QtBot):
    """Waits for what comes as long as a busy machine may need for it; `timeout` asks for more."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = WAIT) -> None:
        super().waitUntil(callback, timeout=max(timeout, WAIT))

    def waitSignal(self, signal: object, *, timeout: int = WAIT, **more: Any) -> Any:
        return super().waitSignal(signal, timeout=max(timeout, WAIT), **more)

    def waitExposed(self, widget: QWidget, *, timeout: int = WAIT) -> Any:
        return super().waitExposed(widget, timeout=max(timeout, WAIT))


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return Patient(request)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and rescued copies go into a folder of the test."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(kind, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    QSettings().setValue("welcomed", True)
    return tmp_path


@pytest.fixture
def faults(caplog: pytest.LogCaptureFixture) -> Iterator[list[BaseException]]:
    """What guards caught; a test that does not expect any fails with the first."""
    found: list[BaseException] = []
    guard.listen(found.append)
    with caplog.at_level(logging.WARNING, logger="unrolled"):
        yield found
    if found:
        raise found[0]
    loud = [r for r in caplog.records if r.name.startswith("unrolled")]
    assert not loud, loud[0].getMessage()


def document_of(text: str = SENTENCE, **settings: object) -> Document:
    return Document(Snapshot(typed(text), Experiment().changed(**settings)))


@pytest.fixture
def window(
    qtbot: QtBot, home: Path, faults: list[BaseException], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Window]:
    """The window at its first start, painted once."""
    look().use("light")
    made = Window(document_of())
    guard.listen(faults.append)
    monkeypatch.setattr(made.files, "may_go", lambda: True)
    qtbot.addWidget(made)
    made.resize(*SIZE)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()  # keys go to the active window; without a window manager nobody else asks
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.player.stop()
