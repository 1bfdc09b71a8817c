"""Films in the window: convolutional cells come with them, pixels and kernels are typed over."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.choices import CELL_CHOICES
from engine.sequences import sample, typed
from engine.template import Node
from visualizer.widgets.parts.numbers import NumberCells
from visualizer.widgets.parts.selection import Parameter
from visualizer.widgets.window import Window


def type_over(cells: NumberCells, cell: int, text: str, qtbot: QtBot) -> None:
    cells.open_editor(cell)
    cells.editor.setText(text)
    qtbot.keyClick(cells.editor, Qt.Key.Key_Return)


def open_film(window: Window, qtbot: QtBot) -> None:
    window.stage.show_sequence(sample("moving-dot"))
    button = window.toolbar.cells.button(CELL_CHOICES.index("conv-rnn"))
    qtbot.waitUntil(button.isVisible)
    button.click()
    qtbot.waitUntil(lambda: window.stage.run.experiment.cell == "conv-rnn")


def test_convolutional_cells_are_offered_with_pictures_only(window: Window, qtbot: QtBot) -> None:
    buttons = [
        window.toolbar.cells.button(CELL_CHOICES.index(c)) for c in ("conv-rnn", "conv-lstm")
    ]
    assert not any(button.isVisible() for button in buttons)
    window.stage.show_sequence(sample("moving-dot"))
    qtbot.waitUntil(lambda: all(button.isVisible() for button in buttons))
    window.stage.show_sequence(typed("I think therefore I am"))
    qtbot.waitUntil(lambda: not any(button.isVisible() for button in buttons))


def test_one_number_of_a_kernel_is_typed_over(window: Window, qtbot: QtBot) -> None:
    open_film(window, qtbot)
    window.stage.select(Parameter("W_xh"))
    page = window.inspector.parameter_page
    qtbot.waitUntil(lambda: page.facts is not None and page.facts.name == "W_xh")
    hidden = window.stage.run.experiment.hidden
    assert page.heads[0].isVisible() and page.facts is not None
    assert page.facts.value.shape == (hidden, 1, 3, 3)
    type_over(page.matrix, 9 + 5, "2.5", qtbot)  # the second kernel, its second row, at the right
    assert window.stage.run.recording.parameters["W_xh"][1, 0, 1, 2] == 2.5
    qtbot.waitUntil(lambda: page.matrix.marked == frozenset({14}))


def test_one_pixel_is_typed_over(window: Window, qtbot: QtBot) -> None:
    open_film(window, qtbot)
    page = window.inspector.node_page
    window.stage.select(Node(0, 2, window.stage.run.network.segments[0].index("x")))
    qtbot.waitUntil(lambda: page.facts is not None and page.facts.node.t == 2)
    qtbot.waitUntil(lambda: page.value.editable)
    type_over(page.value, 8 * 3 + 4, "1.25", qtbot)
    assert window.stage.run.recording.value(0, 0)[2, 0, 28] == 1.25
    assert page.value.place_of(28) == (0, 3, 4)
