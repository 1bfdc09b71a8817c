"""Scales of sliders, the ranking of search, selections, guards: what needs no window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine import run
from engine.experiment import settings
from engine.setting import Setting
from engine.template import Node
from visualizer.scene.bars import shares_picture
from visualizer.scene.cells import matrix_grid, row_grid, shared_exponent, short, strip_words
from visualizer.scene.inspection import Arrival
from visualizer.scene.picture import Strips, Texts
from visualizer.scene.tiles import tiles_of
from visualizer.styles import STYLES
from visualizer.typeset import width_of
from visualizer.widgets.actions import ACTIONS, MENUS
from visualizer.widgets.parts import guard
from visualizer.widgets.parts.finder import Found, rank
from visualizer.widgets.parts.ledger_rows import LedgerRow
from visualizer.widgets.parts.numbers import NumberCells
from visualizer.widgets.parts.scales import scale_of, spell
from visualizer.widgets.parts.selection import (
    Parameter,
    find,
    first_selection,
    fitting,
    name_of,
    neighbours,
    written,
)
from visualizer.widgets.transport import phase_boxes

NUMBERS = [s for s in settings() if s.kind in ("int", "float")]


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda s: s.name)
def test_every_place_of_a_slider_is_an_allowed_value(setting: Setting) -> None:
    scale = scale_of(setting, setting.default)
    if scale is None:
        return
    for place in range(0, scale.places + 1, max(1, scale.places // 97)):
        value = scale.value(place)
        assert setting.clean(value) == pytest.approx(value)
        assert abs(scale.place(value) - place) <= max(2, scale.places // 100)


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda s: s.name)
def test_a_value_beyond_the_slider_stretches_it(setting: Setting) -> None:
    assert spell(setting, setting.default)
    if setting.name == "hidden":
        scale = scale_of(setting, 100)
        assert scale is not None and scale.value(scale.places) == 100


def test_search_puts_what_begins_with_the_words_first() -> None:
    rows = [Found(t, "", lambda: None) for t in ("Zoom in", "Export…", "Next zoom")]
    assert [r.text for r in rank(rows, "zoom")] == ["Zoom in", "Next zoom"]


def test_nodes_and_parameters_are_found_by_name() -> None:
    network = run("I think therefore I am", cell="lstm").recording.network
    found = find(network, "h3")
    assert isinstance(found[0], Node) and name_of(network, found[0]) == "h₃"
    assert find(network, "a_2")[0].t == 1  # type: ignore[union-attr]
    assert find(network, "W") == [Parameter("W")]
    assert find(network, "h99") == []


def test_a_selection_survives_another_cell_and_a_shorter_sentence() -> None:
    long, short = (
        run(text, cell=cell).recording.network
        for text, cell in (("one two three four five six", "elman"), ("one two three", "lstm"))
    )
    chosen = first_selection(long)
    assert chosen is not None
    found = fitting(chosen._replace(t=5), long, short)
    assert isinstance(found, Node) and name_of(short, found) == "h₃"
    assert fitting(Parameter("W_hh"), long, short) == first_selection(short)


def test_neighbours_lie_along_edges() -> None:
    network = run("I think therefore I am").recording.network
    h3 = first_selection(network)
    assert h3 is not None
    inputs, consumers = neighbours(network, h3)
    assert [name_of(network, n) for n in inputs] == ["z₃"]
    assert [name_of(network, n) for n in consumers] == ["s₃", "z₄"]
    inputs, _ = neighbours(network, Node(h3.segment, 0, inputs[0].slot))
    assert [name_of(network, n) for n in inputs] == ["h₀", "x₁"]


def test_phases_share_the_timeline_and_keep_room_for_their_names() -> None:
    boxes = phase_boxes(((0, 20), (20, 26), (26, 80), (80, 85)), 600)
    assert boxes[0][0] == 0 and sum(boxes[-1]) == pytest.approx(600)
    assert all(w >= 30 for _, w in boxes)
    assert phase_boxes(((0, 20), (20, 20), (20, 20), (20, 20)), 600)[0][1] > 500


def test_actions_have_names_menus_and_their_own_keys() -> None:
    keys = [key for row in ACTIONS for key in row.keys]
    assert len(set(keys)) == len(keys)
    assert len({row.id for row in ACTIONS}) == len(ACTIONS)
    assert {row.menu for row in ACTIONS} == set(MENUS)


class Broken(QWidget):
    @guard.guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        raise RuntimeError("no")


def test_a_failing_paint_is_reported_once_and_kills_nothing(qtbot: QtBot) -> None:
    heard: list[BaseException] = []
    guard.listen(heard.append)
    widget = Broken()
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    for _ in range(3):
        widget.repaint()
    assert [repr(e) for e in heard] == ["RuntimeError('no')"]


@pytest.mark.parametrize("value", (0.0, 0.002, -0.0456, 0.5, -3.14159, 12.5, 345.6, 1e-7, -2e9))
def test_numbers_under_cells_are_short(value: float) -> None:
    text = short(value, signed=True)
    number = float(text.replace("−", "-"))
    assert len(text) <= 6 and (value == 0 or number == pytest.approx(value, rel=0.6))


STRIPS = (
    ((0.74, -0.46, 0.07), ("+0.74", "−0.46", "+0.07"), 0),
    ((0.002, 0.09, -0.18), ("+.002", "+.090", "−.180"), 0),
    ((1e-15, -2e-15, 0.0), ("+1.00", "−2.00", "0"), -15),
    ((7629394531250.0, 0.5), ("+7.63", "+0.00"), 12),
    ((12.5, -3.0), ("+12.5", "−3.0"), 0),
    ((345.6, 2.0), ("+346", "+2"), 0),
    ((0.9996, 0.003), ("+1.00", "+0.00"), 0),
    ((0.0, 0.0), ("0", "0"), 0),
)


@pytest.mark.parametrize("values, words, exponent", list(STRIPS))
def test_a_strip_has_one_format(
    values: tuple[float, ...], words: tuple[str, ...], exponent: int
) -> None:
    numbers = np.array(values)
    assert strip_words(numbers, signed=True) == words
    assert shared_exponent(numbers) == exponent


def test_strips_never_run_into_one_another() -> None:
    drawn = np.random.default_rng(0)
    for power in range(-20, 20):
        words = strip_words(drawn.normal(size=8) * 10.0**power, signed=True)
        assert max(map(len, words)) <= 5 and not any("-" in word for word in words)


@pytest.mark.parametrize("share, words", [(7.6e-6, "+8e−6"), (7629394531250.0, "+8e12")])
def test_shares_are_told_like_other_numbers(share: float, words: str) -> None:
    texts = [i for i in shares_picture([share], ["L"], 200, 132).items if isinstance(i, Texts)]
    assert texts[0].strings == (words,)


def test_cells_of_pictures_and_matrices_are_equally_far_apart() -> None:
    for grid in (tiles_of((2, 8, 8), 281.0, 200.0), matrix_grid(7, 7, 133.0, 133.0)):
        assert (grid.width + grid.gap) % 1 == 0 and grid.gap == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [("W_hh", "W_hh"), ("W_hh^e", "W_hhᵉ"), ("b^d2", "bᵈ²"), ("W_xh^1^b", "W_xh¹←"), ("V1", "V1")],
)
def test_parameters_are_written_with_what_stands_raised(name: str, words: str) -> None:
    assert written(name) == words


def test_a_thousand_contributions_are_no_higher_than_as_many_values() -> None:
    for count in (8, 40, 100, 768):
        values = row_grid(count, 280.0)
        assert row_grid(count, 280.0, numbers=False, height=14.0).total <= values.total


def test_cells_keep_to_their_width_when_it_changes(qtbot: QtBot) -> None:
    """As when the bar appears that scrolls a panel: nobody shows the numbers again."""
    cells = NumberCells("Values")
    qtbot.addWidget(cells)
    cells.resize(300, 40)
    cells.show()
    cells.show_vector(np.linspace(-1, 1, 10), 10, "value", 1.0)
    for width in (276, 240, 310):
        cells.resize(width, cells.height())
        (strips,) = [item for item in cells.picture.items if isinstance(item, Strips)]
        right = strips.boxes[:, 0] + strips.boxes[:, 2]
        assert width - 2.0 <= right.max() <= width


def test_a_term_of_a_delta_is_never_cut(qtbot: QtBot) -> None:
    """Its norm stands below where there is no room beside it, and words shrink before they end."""
    row = LedgerRow()
    qtbot.addWidget(row)
    row.resize(262, 80)
    row.show()
    places = []
    for words in (
        "δ(s_{3})",
        "W_{h}^{⊤}δ(u_{3}) + δ(k_{3}) ⊙ z_{3}",
        3 * "W_{h}^{1⊤}δ(u_{2}^{1}) ",
    ):
        vector = np.array([0.1, 0.2])
        row.show_arrival(
            Arrival(Node(0, 0, 0), "h_{3}", words, vector, 0.22, "arrived", 2, None), 2, 1.0, False
        )
        row.layout().activate()
        items = [
            i for i in row.head.picture.items if isinstance(i, Texts) and i.style != "lead-word"
        ]
        (text,) = items
        wide = width_of(text.strings[0], STYLES["ledger-symbol"]) * text.scale
        assert text.positions[0, 0] + wide <= row.head.width() + 1.0
        assert not row.norm.geometry().intersects(row.head.geometry())
        places.append(row.norm.y() > row.cells.y())
    assert places == [False, True, True]


def test_a_long_row_can_be_seen() -> None:
    long, square = matrix_grid(1, 256, 281.0, 200.0), matrix_grid(8, 8, 281.0, 200.0)
    assert long.total >= 14 and long.width < 2
    assert square.width == square.height
