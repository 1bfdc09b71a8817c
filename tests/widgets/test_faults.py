"""What goes wrong is said in the window, and nothing is lost: faults, rescued copies, bad files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from tests.widgets.conftest import document_of
from visualizer.document.places import rescue_folder
from visualizer.widgets import application
from visualizer.widgets.export import ExportDialog
from visualizer.widgets.parts import guard, long_work
from visualizer.widgets.window import Window

pytestmark = pytest.mark.window


def test_a_fault_in_a_control_becomes_one_banner(
    window: Window, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    guard.listen(window._report)
    seed = window.stage.run.experiment.seed
    for _ in range(3):
        application._report_exception(RuntimeError, RuntimeError("broken"), None)
    qtbot.waitUntil(lambda: not window.banner.isHidden())
    assert "broken" in window.banner.words.text()
    assert window.stage.run.experiment.seed == seed
    assert not window.findChildren(QMessageBox)
    assert len(caplog.records) == 1
    caplog.clear()


def test_a_copy_of_a_program_that_died_is_offered(window: Window, qtbot: QtBot, home: Path) -> None:
    lost = document_of("this was never saved", hidden=3)
    copy = rescue_folder() / "999999999.unrolled"
    copy.parent.mkdir(parents=True, exist_ok=True)
    lost.save(copy)
    window.panels.offer_rescued()
    assert "this was never saved" in window.banner.words.text()
    window.banner.button.click()
    assert window.stage.run.experiment.hidden == 3
    assert window.isWindowModified() and not copy.exists()


def test_a_copy_waits_until_other_offers_have_gone(window: Window, home: Path) -> None:
    """Whichever comes first, none takes the other away."""
    copy = rescue_folder() / "999999999.unrolled"
    copy.parent.mkdir(parents=True, exist_ok=True)
    document_of("this was never saved", hidden=3).save(copy)
    banner, taken = window.banner, []
    for rescued_first in (False, True):
        if rescued_first:
            window.panels.offer_rescued()
        banner.offer("a model was opened", "Show", lambda: taken.append(1))
        if not rescued_first:
            window.panels.offer_rescued()
        assert banner.words.text() == "a model was opened"
        banner.button.click()
        assert "never saved" in banner.words.text() and copy.exists()
        banner.refuse("hidden must be 1..4096")
        banner.close_button.click()
        assert "never saved" in banner.words.text()
        banner.hide()
    assert taken == [1, 1]
    banner.close_button.click()
    assert not copy.exists() and banner.isHidden()


@pytest.mark.parametrize("width", [1000, 1366, 1700])
def test_a_message_hides_no_name_and_no_number(window: Window, qtbot: QtBot, width: int) -> None:
    """It stays in the strip of the legend, beside it if two lines have room there."""
    window.resize(width, 760)
    window.stage.set("cell", "lstm")
    window.stage.look(level="bands")
    for words in ("Saved a.unrolled", "what was refused and why, " * 4, "word " * 60):
        window.banner.refuse(words)
        qtbot.wait(20)
        banner, graph = window.banner.geometry(), window.canvas.rect()
        overlay = window.canvas.overlay
        assert graph.contains(banner) and not banner.intersects(overlay.geometry())
        assert banner.left() >= overlay.legend_end() or banner.left() <= 10  # all of it or none
        if len(words) < 200:
            assert banner.top() >= graph.height() - 38


def test_declining_a_copy_lets_it_go(window: Window, home: Path) -> None:
    copy = rescue_folder() / "999999999.unrolled"
    copy.parent.mkdir(parents=True, exist_ok=True)
    document_of("some other sentence").save(copy)
    window.panels.offer_rescued()
    window.banner.close_button.click()
    assert not copy.exists() and window.stage.document.title == "I think therefore I am"


@pytest.mark.parametrize(
    "name, data, said",
    [
        ("empty.txt", b"", "empty"),
        ("half.unrolled", b"PK\x03\x04half", "half.unrolled"),
        ("holes.json", b"[1, Infinity, 3]", "Infinity is no JSON number"),
        ("words.csv", b"a,b,c\n1,x,2\n2,3\n", "words.csv"),
        ("other.pdf", b"%PDF", "other.pdf"),
    ],
)
def test_bad_files_become_a_sentence(
    window: Window, tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    before = window.stage.run.recording
    assert not window.files.open_path(path)
    assert said in window.banner.words.text() and "\n" not in window.banner.words.text()
    assert window.stage.run.recording is before


def test_the_export_dialog_says_what_is_wrong(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ExportDialog(window.stage, window)
    qtbot.addWidget(dialog)
    dialog.pixels.setText("huge")
    dialog._draw()
    assert "1600x900" in dialog.trouble.text() and not dialog.save.isEnabled()
    dialog.pixels.setText("320x200")
    dialog._draw()
    assert not dialog.trouble.text() and dialog.save.isEnabled()
    assert not dialog.write(tmp_path / "nowhere" / "f.svg")
    assert dialog.trouble.text() and not list(tmp_path.glob("**/f.svg"))
    for suffix in (".svg", ".pdf", ".png"):
        place = tmp_path / f"figure{suffix}"
        again = ExportDialog(window.stage, window)
        qtbot.addWidget(again)
        again.pixels.setText("320x200")
        assert again.write(place) and place.stat().st_size > 500


def test_a_copy_that_is_long_in_coming_stays_until_it_is_shown(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_work, "FRAME", 0.0)
    monkeypatch.setattr(long_work, "COLD", 0.0)
    copy = rescue_folder() / "999999999.unrolled"
    copy.parent.mkdir(parents=True, exist_ok=True)
    own = document_of(cell="lstm")
    copy.write_bytes(own.pack())
    document = window.stage.document
    window.rescue.find()
    window.rescue.restore()
    assert document.waiting and copy.exists()
    document.give_up()
    assert copy.exists() and document.run.experiment.cell == "elman"
    window.rescue.restore()
    qtbot.waitUntil(lambda: not document.waiting, timeout=30_000)
    assert document.run.experiment.cell == "lstm" and not copy.exists() and document.dirty
