"""Several files opened at once: a batch of sequences, or a model or session with what it reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.errors import Unusable
from tests.commands.calling import call
from tests.widgets.test_table_preview import asked, dropped, table
from visualizer.commands import window as command
from visualizer.document.document import Document
from visualizer.widgets.banner import BREAK
from visualizer.widgets.window import Window

REFERENCE = Path(__file__).parents[1] / "reference"
MODEL = REFERENCE / "models" / "recorded_lstm.npz"  # two inputs
GRAPH, SOUND = (REFERENCE / "onnx" / name for name in ("detector.onnx", "speech.wav"))
PLAIN = "u,v\n1,2\n3,4\n5,6\n"


@pytest.fixture
def refused(window: Window) -> list[str]:
    said = list[str]()
    window.stage.refused.connect(said.append)
    return said


@pytest.mark.parametrize("order", [1, -1])
def test_a_model_reads_the_table_that_comes_with_it(
    window: Window, tmp_path: Path, order: int
) -> None:
    dropped(window, *[MODEL, table(tmp_path, PLAIN)][::order])
    asked(window).accept_button.click()
    snapshot = window.stage.document.wanted
    assert snapshot.given is not None and snapshot.given.source == MODEL.name
    assert snapshot.sequence.columns == ("u", "v") and snapshot.parameters is not None


def test_a_model_reads_the_arrays_that_come_with_it(window: Window, tmp_path: Path) -> None:
    np.savez(tmp_path / "in.npz", x=np.zeros((7, 1, 2)))
    dropped(window, tmp_path / "in.npz", MODEL)
    assert window.stage.run.recording.steps == 7


def test_a_graph_reads_the_sound_that_comes_with_it(window: Window) -> None:
    dropped(window, SOUND, GRAPH)
    given = window.stage.document.wanted.given
    assert given is not None and "pieces of 256 samples of speech.wav" in given.said


def test_a_session_reads_the_files_that_come_with_it(window: Window, tmp_path: Path) -> None:
    document = window.stage.document
    document.set(hidden=3)
    place = document.save(tmp_path / "a.unrolled")
    document.set(hidden=5)
    document.save(tmp_path / "b.unrolled")
    files = [table(tmp_path, PLAIN, f"{k}.csv") for k in range(2)]
    dropped(window, files[0], place, files[1])
    asked(window).accept_button.click()
    assert document.wanted.experiment.hidden == 3 and document.wanted.sequence.count == 2
    assert document.path == place and document.dirty


def test_two_that_would_be_the_document_are_refused(window: Window, refused: list[str]) -> None:
    before = window.stage.document.wanted
    dropped(window, MODEL, GRAPH)
    assert len(refused) == 1 and "is a model; one of them goes with files of seq" in refused[0]
    assert window.stage.document.wanted is before


def test_a_name_without_blanks_fits_the_banner(window: Window, tmp_path: Path) -> None:
    name = "n" * 150 + ".csv"
    before = window.stage.document.wanted
    dropped(window, tmp_path / name, tmp_path / f"{'m' * 90}.docx")
    words = window.banner.words
    assert f"{'m' * 90}.docx is none; leave it out" in words.text().replace(BREAK, "")
    window.stage.refused.emit(f"{name} is empty (0 bytes); give a file with data")
    assert name in words.text().replace(BREAK, "")
    inside = words.fontMetrics().boundingRect(
        words.rect(), int(Qt.TextFlag.TextWordWrap), words.text()
    )
    assert inside.width() <= words.width() and inside.height() <= words.height()
    assert window.stage.document.wanted is before


# ------------------------------------------------------------------ from the command line


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Document, list[str]]]:
    """What the command line would show: the document, and the files that take its place."""
    found = list[tuple[Document, list[str]]]()

    def show(document: Document, opening: list[Path] | None = None) -> int:
        found.append((document, [path.name for path in opening or []]))
        return 0

    monkeypatch.setattr(command, "show", show)
    return found


def test_several_files_named_are_a_batch_in_the_window(
    tmp_path: Path,
    shown: list[tuple[Document, list[str]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [table(tmp_path, PLAIN, f"{k}.csv") for k in range(2)]
    for words in (files, [tmp_path / "*.csv"], [tmp_path]):
        assert call(capsys, *words).code == 0
    assert [document.snapshot.sequence.count for document, _ in shown] == [2, 2, 2]
    words = [files[0], table(tmp_path, "u,v\n1,\n2,3\n", "holes.csv")]
    assert call(capsys, *words).code == 0 and shown[-1][1] == ["0.csv", "holes.csv"]
    assert call(capsys, files[0], MODEL).code == 0 and shown[-1][1] == ["0.csv", MODEL.name]
    for other in ("therefore", "none.csv"):
        said = call(capsys, files[0], other)
        assert said.code == 65 and f"there is no file {other}; several names are files" in said.err
    said = call(capsys, MODEL, GRAPH)
    assert said.code == 2 and "one of them goes with files of sequences" in said.err
    assert len(shown) == 5


def test_the_window_takes_files_that_it_was_started_with(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [table(tmp_path, PLAIN, f"{k}.csv") for k in range(2)]
    window = Window(command.first(), [*files, MODEL])
    monkeypatch.setattr(window.files, "may_go", lambda: True)
    qtbot.addWidget(window)
    assert window.stage.opening == "0.csv and 2 more"
    window._go_on()
    asked(window).accept_button.click()
    assert window.stage.document.wanted.sequence.count == 2
    assert window.stage.document.wanted.given is not None


def test_a_batch_that_cannot_be_read_is_said_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.npy").write_bytes(b"")
    with pytest.raises(Unusable):
        command._several([str(tmp_path / "a.npy")] * 2)
