"""Seeded clicks, drags, keys, wheel, resizes and changes: no fault, no warning of Qt."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.arrangements import ARRANGEMENTS
from engine.choices import CELL_CHOICES
from engine.sequences import typed
from visualizer.widgets.actions import ACTIONS
from visualizer.widgets.window import Window

pytestmark = pytest.mark.window
ACTS = 250
MODAL = {"open", "save", "save-as", "export", "quit", "keys", "menu", "paste", "theme"}
KEYS = ("Left", "Right", "Up", "Down", "Space", "Home", "End", "Escape", "Return", "Tab", "F", "L")
WORDS = ("one", "two", "I", "am", "not", "a", "number")


class Hand:
    """One who does not know what she wants."""

    def __init__(self, window: Window, bot: QtBot, seed: int) -> None:
        self.window, self.bot, self.chance = window, bot, random.Random(seed)

    def point(self) -> QPoint:
        size = self.window.canvas.size()
        return QPoint(self.chance.randrange(size.width()), self.chance.randrange(size.height()))

    def click(self) -> None:
        self.bot.mouseClick(self.window.canvas, Qt.MouseButton.LeftButton, pos=self.point())

    def drag(self) -> None:
        canvas, button = self.window.canvas, Qt.MouseButton.LeftButton
        self.bot.mousePress(canvas, button, pos=self.point())
        self.bot.mouseMove(canvas, self.point())
        self.bot.mouseRelease(canvas, button, pos=self.point())

    def key(self) -> None:
        key = getattr(Qt.Key, f"Key_{self.chance.choice(KEYS)}")
        self.bot.keyClick(self.window.canvas, key)

    def wheel(self) -> None:
        at = QPointF(self.point())
        turn = QPoint(0, self.chance.choice((-480, -120, 120, 480)))
        held = self.chance.choice(
            (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier)
        )
        event = QWheelEvent(
            at,
            self.window.canvas.mapToGlobal(at),
            QPoint(),
            turn,
            Qt.MouseButton.NoButton,
            held,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.window.canvas, event)

    def scrub(self) -> None:
        line = self.window.transport.timeline
        spot = QPoint(self.chance.randrange(line.width()), 10)
        self.bot.mouseClick(line, Qt.MouseButton.LeftButton, pos=spot)

    def act(self) -> None:
        row = self.chance.choice([a for a in ACTIONS if a.id not in MODAL])
        self.window.actions_by_id[row.id].trigger()

    def resize(self) -> None:
        self.window.resize(self.chance.randrange(900, 1700), self.chance.randrange(560, 1050))

    def change(self) -> None:
        stage, chance = self.window.stage, self.chance
        name, value = chance.choice(
            (
                ("arrangement", chance.choice(tuple(ARRANGEMENTS))),
                ("cell", chance.choice(CELL_CHOICES)),
                ("hidden", chance.randrange(1, 12)),
                ("layers", chance.randrange(1, 4)),
                ("taps", chance.randrange(2, 6)),
                ("dilation", chance.randrange(1, 4)),
                ("direction", chance.choice(("forward", "both"))),
                ("readout", chance.choice(("every", "last", "after"))),
                ("reads", chance.choice(("every", "first"))),
                ("padding", chance.choice(("pack", "mask", "pad"))),
                ("truncation", chance.randrange(4)),
                ("decoder", chance.choice(("linear", "feed-forward"))),
                ("rule", chance.choice(("accumulate", "overwrite"))),
                ("clip", chance.choice(("off", "norm", "value"))),
                ("zeroing", chance.choice((True, False))),
            )
        )
        stage.set_soon(name, value)

    def say(self) -> None:
        lines = [
            " ".join(self.chance.choices(WORDS, k=self.chance.randrange(2, 9)))
            for _ in range(self.chance.randrange(1, 4))
        ]
        self.window.stage.show_sequence(typed(lines))

    def edit(self) -> None:
        parameters = self.window.stage.run.recording.parameters
        if not parameters:  # a formula
            return
        name = self.chance.choice(list(parameters))
        index = tuple(self.chance.randrange(n) for n in parameters[name].shape)
        self.window.stage.edit(name, index, self.chance.uniform(-3, 3))


@pytest.mark.parametrize("seed", range(3))
def test_random_use(window: Window, qtbot: QtBot, faults: list[BaseException], seed: int) -> None:
    hand = Hand(window, qtbot, seed)
    acts = (hand.click, hand.click, hand.drag, hand.key, hand.key, hand.wheel, hand.scrub)
    acts += (hand.act, hand.act, hand.resize, hand.change, hand.say, hand.edit)
    for n in range(ACTS):
        act = hand.chance.choice(acts)
        act()
        if n % 10 == 0:
            qtbot.wait(1)
        assert not faults, f"act {n}, {act.__name__}: {faults[0]!r}"
    window.player.stop()
    qtbot.wait(150)
    assert not faults


def test_random_use_of_two(window: Window, qtbot: QtBot, faults: list[BaseException]) -> None:
    """Two experiments, either in hand: whatever they are changed into, they stand together."""
    hand = Hand(window, qtbot, 41)
    acts = (hand.click, hand.click, hand.drag, hand.key, hand.wheel, hand.scrub, hand.act)
    acts += (hand.resize, hand.change, hand.change, hand.say, hand.edit, window.stage.turn)
    for n in range(ACTS):
        if not window.stage.comparing:
            window.stage.compare()
        hand.chance.choice(acts)()
        if n % 10 == 0:
            qtbot.wait(1)
        assert not faults, f"act {n}: {faults[0]!r}"
    window.player.stop()
