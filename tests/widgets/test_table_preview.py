"""How a table is read is shown before it is opened, and can be changed then and later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from engine.sequences import preview
from visualizer.commands.window import can_be_asked, first
from visualizer.document import session
from visualizer.widgets.table_preview import TablePreview
from visualizer.widgets.window import Window

WEATHER = "date,temp,wind,sky\n1,3.5,12,sun\n2,,14,rain\n3,2.1,9,sun\n4,1,11,sun\n5,7,8,rain\n"


def asked(window: Window) -> TablePreview:
    found = window.files.sequences.asked
    assert isinstance(found, TablePreview)
    return found


def dropped(window: Window, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.files.drop(data)


def table(folder: Path, text: str = WEATHER, name: str = "weather.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_missing_values_are_asked_about_and_roles_chosen(window: Window, tmp_path: Path) -> None:
    before = window.stage.document.wanted
    dropped(window, table(tmp_path))
    shown = asked(window)
    assert {key: role.currentText() for key, role in shown.roles.items()} == {
        "date": "time", "temp": "input", "wind": "input", "sky": "label",
    }  # fmt: skip
    assert shown.hole.text() == "1 value is missing:" and not shown.accept_button.isEnabled()
    assert window.stage.document.wanted is before
    shown.roles["wind"].setCurrentText("target")
    shown.roles["sky"].setCurrentText("ignore")
    shown.missing.setCurrentIndex(shown.missing.findData("interpolate"))
    shown.standardise.setChecked(False)
    shown.accept_button.click()
    document = window.stage.document
    sequence = document.wanted.sequence
    assert (sequence.columns, sequence.roles) == (("temp", "wind"), ("input", "target"))
    assert sequence.times and not sequence.labels and sequence.stored()[0][1, 0] == 2.8
    assert not document.wanted.experiment.standardise
    place = tmp_path / "a.unrolled"
    document.save(place)
    assert session.load(place).snapshot.sequence.roles == ("input", "target")
    document.undo()
    assert document.wanted.sequence == before.sequence and document.wanted.experiment.standardise


def test_a_choice_without_an_input_cannot_be_taken(window: Window, tmp_path: Path) -> None:
    dropped(window, table(tmp_path, "a,b\n1,2\n3,4\n"))
    shown = asked(window)
    assert shown.accept_button.isEnabled() and shown.hole.isHidden()
    for role in shown.roles.values():
        role.setCurrentText("time")
    assert shown.trouble.text() == "no column is an input; at least one is needed"
    assert not shown.accept_button.isEnabled()
    shown.reject()


def test_the_first_line_can_be_numbers(window: Window, tmp_path: Path) -> None:
    dropped(window, table(tmp_path, "1,2\n3,4\n5,6\n"))
    shown = asked(window)
    assert not shown.headed.isChecked() and list(shown.roles) == ["column 1", "column 2"]
    shown.headed.setChecked(True)
    assert list(shown.roles) == ["1", "2"] and shown.preview.rows == 2
    shown.accept_button.click()
    assert window.stage.document.wanted.sequence.columns == ("1", "2")


def test_what_reading_refuses_is_said_there(window: Window, tmp_path: Path) -> None:
    path = table(tmp_path, "a,b\n1,2\n3,4\n")
    dropped(window, path)
    shown = asked(window)
    path.write_text("a,b\n1,2\n3\n")  # it was changed meanwhile
    shown.accept_button.click()
    assert shown.trouble.text().startswith("weather.csv: line 3 has 1 cell") and shown.isVisible()
    shown.reject()


def test_of_a_long_table_a_part_is_looked_at(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "MOST", 40)
    dropped(window, table(tmp_path, "a,b\n" + "1,2\n" * 20 + ",3\n4,5\n"))
    shown = asked(window)
    assert shown.about.text() == "9 rows were looked at, 2 columns"
    assert shown.hole.text() == "If values are missing further down:"
    shown.accept_button.click()  # nothing was chosen
    assert "line 22, column a: the value is missing" in shown.trouble.text()
    shown.missing.setCurrentIndex(shown.missing.findData("drop"))
    shown.accept_button.click()
    assert window.stage.document.wanted.sequence.lengths() == [21]


def test_roles_are_changed_later(window: Window, tmp_path: Path) -> None:
    window.stage.show_sample("nile")
    dropped(window, table(tmp_path, "a,b\n1,2\n3,4\n5,6\n"))
    asked(window).accept_button.click()
    window.files.show_columns()
    shown = asked(window)
    assert shown.accept_button.text() == "Apply" and shown.headed.isHidden()
    shown.roles["b"].setCurrentText("target")
    shown.accept_button.click()
    assert window.stage.document.wanted.sequence.roles == ("input", "target")


def test_labels_and_times_are_changed_later(window: Window, tmp_path: Path) -> None:
    document = window.stage.document
    dropped(window, table(tmp_path, WEATHER.replace(",,", ",2,")))
    asked(window).accept_button.click()
    read = document.wanted.sequence
    window.files.show_columns()
    shown = asked(window)
    assert list(shown.roles) == ["temp", "wind", "(label)", "(time)"]
    shown.roles["wind"].setCurrentText("label")
    assert shown.trouble.text() == "2 columns are label; one can be"
    shown.roles["(label)"].setCurrentText("ignore")
    shown.roles["(time)"].setCurrentText("input")
    shown.accept_button.click()
    sequence = document.wanted.sequence
    assert (sequence.columns, sequence.roles) == (("temp", "time"), ("input", "input"))
    assert sequence.labels == (("12", "14", "9", "11", "8"),) and not sequence.times
    assert "The label went; undo brings it back" in window.banner.words.text()
    document.undo()
    assert document.wanted.sequence == read


def test_single_columns_are_not_standardised(window: Window, tmp_path: Path) -> None:
    document = window.stage.document
    dropped(window, table(tmp_path, WEATHER.replace(",,", ",2,")))
    shown = asked(window)
    assert list(shown.scaled) == ["date", "temp", "wind"] and shown.scaled["date"].isHidden()
    shown.scaled["wind"].click()
    shown.roles["temp"].setCurrentText("label")
    shown.roles["sky"].setCurrentText("ignore")
    assert shown.scaled["temp"].isHidden() and not shown.scaled["wind"].isHidden()
    shown.accept_button.click()
    assert document.wanted.sequence.as_is == ("wind",)
    assert document.run.batch.x[:, 0, 0].tolist() == [12, 14, 9, 11, 8]
    place = document.save(tmp_path / "a.unrolled")
    assert session.load(place).snapshot.sequence.as_is == ("wind",)
    window.files.show_columns()
    shown = asked(window)
    assert not shown.scaled["wind"].isChecked()
    shown.standardise.setChecked(False)
    assert not shown.scaled["wind"].isEnabled()
    shown.standardise.setChecked(True)
    shown.scaled["wind"].click()
    shown.accept_button.click()
    assert document.wanted.sequence.as_is == ()


def test_several_files_are_one_batch(window: Window, tmp_path: Path) -> None:
    paths = [table(tmp_path, "a,b\n" + "1,2\n" * n, f"s{n}.csv") for n in (3, 4, 5)]
    dropped(window, *paths)
    shown = asked(window)
    assert shown.windowTitle() == "s3.csv and 2 more"
    shown.accept_button.click()
    assert window.stage.document.wanted.sequence.lengths() == [3, 4, 5]
    other = tmp_path / "a.unrolled"
    other.write_bytes(b"PK")
    dropped(window, paths[0], other)
    assert "a.unrolled is not a session" in window.banner.words.text()
    dropped(window, paths[0], tmp_path / "a.docx")
    assert "and a.docx is none; leave it out" in window.banner.words.text()


def test_what_is_pasted(window: Window) -> None:
    for text, lengths, columns in (
        ("1 2 3 4", [4], ("column 1",)),
        ("a\tb\n1\t2\n3\t4\n5\t6\n", [3], ("a", "b")),
        ("1,5;2\n3,5;4\n", [2], ("column 1", "column 2")),
        ("I think\nso do I, 2 of us\n", [2, 6], ()),
    ):
        QGuiApplication.clipboard().setText(text)
        window.files.paste()
        sequence = window.stage.document.wanted.sequence
        assert (sequence.lengths(), sequence.columns) == (lengths, columns), text


def test_a_window_that_was_started_with_a_table_asks_and_can_be_told_no(
    qtbot: QtBot, tmp_path: Path
) -> None:
    path = table(tmp_path)
    assert can_be_asked(path)
    assert not can_be_asked(table(tmp_path, "a,b\n1,2\n3\n", "ragged.csv"))
    window = Window(first(), [path])
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.files.sequences.asked is not None)
    assert window.cover.isVisible()
    asked(window).reject()
    assert not window.cover.isVisible() and not window.stage.opening
    assert window.banner.words.text() == "Nothing was opened"


@pytest.mark.parametrize("name", ["holes.npy", "holes.npz"])
def test_missing_values_of_an_array_are_asked_about_too(
    window: Window, tmp_path: Path, name: str
) -> None:
    path, numbers = tmp_path / name, np.array([[1, 2], [np.nan, 4], [3, 6]])
    if name.endswith("z"):
        np.savez(path, series=numbers)
    else:
        np.save(path, numbers)
    dropped(window, path)
    shown = asked(window)
    assert shown.hole.text() == "1 value is missing:" and list(shown.roles) == ["x1", "x2"]
    shown.roles["x2"].setCurrentText("target")
    shown.missing.setCurrentIndex(shown.missing.findData("drop"))
    shown.accept_button.click()
    sequence = window.stage.document.wanted.sequence
    assert (sequence.lengths(), sequence.roles) == ([2], ("input", "target"))
