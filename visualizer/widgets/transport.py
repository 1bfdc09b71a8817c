"""The transport: home, step, play, loop, speed, the timeline in four phases, and the counter.

While playing nothing here moves but the knob: counter and caption have room for the longest.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QActionGroup, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.scene.picture import Picture, Texts
from visualizer.widgets.parts.buttons import PlayButton, tool_button
from visualizer.widgets.parts.choices import TickedMenu
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.pictured import Pictured
from visualizer.widgets.parts.player import SPEEDS, Player
from visualizer.widgets.parts.stage import Stage

PHASES = ("forward", "loss", "backward", "update")
LABEL_TOKENS = ("accent-text", "muted", "backward-text", "parameter-text")
NARROWEST = (60.0, 36.0, 74.0, 54.0)  # px a phase needs for its name
GAP = 4.0
BAR = 9.0
KNOB = 7.5
HEIGHT = 76
LABEL_Y = 26.0
CAPTION_WIDTH = 178


def phase_boxes(phases: tuple[tuple[int, int], ...], width: float) -> list[tuple[float, float]]:
    """(x, width) of the bar of every phase: by its events, but never too narrow for its name."""
    counts = [max(stop - start, 0) for start, stop in phases]
    room = max(width - GAP * (len(counts) - 1), 1.0)
    least = [n if count else 0.0 for n, count in zip(NARROWEST, counts)]
    if sum(least) > room:
        least = [n * room / sum(least) for n in least]
    spare, total = room - sum(least), max(sum(counts), 1)
    boxes, x = [], 0.0
    for n, count in zip(least, counts):
        wide = n + spare * count / total
        boxes.append((x, wide))
        x += wide + GAP
    return boxes


class Timeline(QWidget):
    """The four phases as one bar that scrubs: click and drag in both directions, or arrow keys."""

    def __init__(self, stage: Stage, player: Player) -> None:
        super().__init__()
        self._stage = stage
        self._player = player
        self.setAccessibleName("Timeline")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(44)
        self.setMinimumWidth(232)
        stage.ran.connect(self.update)
        stage.moved.connect(self.update)
        look().changed.connect(self.update)

    def boxes(self) -> list[tuple[float, float]]:
        """(x, width) of every phase in this widget."""
        inside = self.width() - 2 * KNOB
        return [(x + KNOB, w) for x, w in phase_boxes(self._stage.sheet.phases, inside)]

    def x_of(self, position: float) -> float:
        """Where a moment stands."""
        at = position * self._stage.events
        for (x, w), (start, stop) in zip(self.boxes(), self._stage.sheet.phases):
            if at <= stop and stop > start:
                return x + w * (at - start) / (stop - start)
        return self.width() - KNOB

    def position_at(self, x: float) -> float:
        """Which moment stands there."""
        events = max(self._stage.events, 1)
        for (left, w), (start, stop) in zip(self.boxes(), self._stage.sheet.phases):
            if stop > start and x <= left + w + GAP:
                part = min(max((x - left) / w, 0.0), 1.0)
                return (start + part * (stop - start)) / events
        return 1.0

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        knob = self.x_of(self._stage.position)
        phase = self._stage.frame.phase
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for k, (x, w) in enumerate(self.boxes()):
                self._paint_phase(painter, k, x, w, knob)
            self._paint_knob(painter, knob, phase)

    def _paint_phase(self, painter: QPainter, k: int, x: float, w: float, knob: float) -> None:
        start, stop = self._stage.sheet.phases[k]
        if stop <= start:
            return
        y = 6.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look().colour(f"{PHASES[k]}/22"))
        painter.drawRoundedRect(QRectF(x, y, w, BAR), 2.5, 2.5)
        if knob > x:
            painter.save()
            painter.setClipRect(QRectF(x, y, min(knob - x, w), BAR))
            painter.setBrush(look().colour(f"{PHASES[k]}/90"))
            painter.drawRoundedRect(QRectF(x, y, w, BAR), 2.5, 2.5)
            painter.restore()
        font = QFont(self.font())
        font.setPixelSize(11)
        font.setWeight(QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(look().colour(LABEL_TOKENS[k]))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(x + 1, LABEL_Y - 6, w + GAP, 16), left, self._phase_name(k))

    def _phase_name(self, k: int) -> str:
        """A formula has an output where a network has a loss."""
        formula = self._stage.film.timeless and PHASES[k] == "loss"
        return "output" if formula else PHASES[k]

    def _paint_knob(self, painter: QPainter, x: float, phase: str) -> None:
        painter.setBrush(look().colour("surface"))
        pen = QPen(look().colour("accent" if self.hasFocus() else phase))
        pen.setWidthF(2.2)
        painter.setPen(pen)
        painter.drawEllipse(QPointF(x, 6.0 + BAR / 2), KNOB - 1.1, KNOB - 1.1)

    @guarded()
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._player.stop()
            self._stage.move_to(self.position_at(event.position().x()))

    @guarded()
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._stage.move_to(self.position_at(event.position().x()))


class Transport(QWidget):
    """One line: buttons, speed, timeline, counter."""

    def __init__(self, stage: Stage, player: Player) -> None:
        super().__init__()
        self.setObjectName("transport")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self._stage = stage
        self._player = player
        self._told: tuple[object, ...] = ()
        self._caption = ("", "")  # words and style
        self.timeline = Timeline(stage, player)
        line = QHBoxLayout(self)
        line.setContentsMargins(18, 0, 12, 0)
        line.setSpacing(2)
        self._add_buttons(line)
        line.addSpacing(8)
        line.addWidget(self.timeline, 1)
        line.addSpacing(10)
        line.addLayout(self._make_counter())
        stage.ran.connect(self._show_moment)
        stage.moved.connect(self._show_moment)
        stage.looked.connect(self._show_moment)
        stage.looked.connect(self._show_follow)
        player.changed.connect(self._show_player)
        look().changed.connect(self._show_player)
        self._show_player()
        self._show_moment()
        self._show_follow()

    def _add_buttons(self, line: QHBoxLayout) -> None:
        player = self._player
        self.home = tool_button("skip-back", "To the start (Home)", player.to_start)
        self.back = tool_button("step-back", "Event before (←)", player.previous_event)
        self.play = PlayButton()
        self.play.clicked.connect(player.toggle)
        self.forward = tool_button("step-forward", "Next event (→)", player.next_event)
        self.loop = tool_button("repeat", "Loop (L)", player.toggle_loop)
        self.loop.setCheckable(True)
        self.follow = tool_button(
            "locate-fixed", "Follow the playhead (Shift+F)", self._stage.toggle_follow
        )
        self.follow.setCheckable(True)
        self.speed = QToolButton()
        self.speed.setProperty("tone", "mono")
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.speed.setToolTip("Speed ([ slower, ] faster)")
        self.speed.setFixedSize(QSize(50, 28))
        menu = TickedMenu(self.speed)
        self._speeds = QActionGroup(menu)
        for speed in SPEEDS:
            action = menu.addAction(f"{speed:g}×")
            action.setData(speed)
            action.setCheckable(True)
            self._speeds.addAction(action)
        self._speeds.triggered.connect(self._pick_speed)
        self.speed.setMenu(menu)
        buttons = (self.home, self.back, self.play, self.forward, self.loop, self.follow)
        for widget in (*buttons, self.speed):
            line.addWidget(widget)

    def _make_counter(self) -> QVBoxLayout:
        self.counter = QLabel()
        self.counter.setProperty("tone", "mono")
        self.counter.setAccessibleName("Event")
        self.counter.setFixedWidth(CAPTION_WIDTH)
        self.caption = Pictured("What happens", 20)
        self.caption.setFixedWidth(CAPTION_WIDTH)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addStretch()
        column.addWidget(self.counter)
        column.addWidget(self.caption)
        column.addStretch()
        return column

    def _pick_speed(self) -> None:
        action = self._speeds.checkedAction()
        if action is not None:
            self._player.set_speed(float(action.data()))

    def _show_player(self) -> None:
        self.play.show_playing(self._player.playing)
        self.loop.setChecked(self._player.loop)
        self.speed.setText(f"{self._player.speed:g}×")
        for action in self._speeds.actions():
            action.setChecked(action.data() == self._player.speed)

    def _show_follow(self) -> None:
        self.follow.setChecked(self._stage.follows)

    def _show_moment(self) -> None:
        events, done = self._stage.events, self._stage.done
        told = (self._stage.film, events, done, self._stage.frame.done, self._stage.view.symbols)
        if told == self._told:  # every look at the graph comes by here
            return
        self._told = told
        digits = len(str(events))
        self.counter.setText(f"event {done:>{digits}} / {events}")
        symbols = self._stage.view.symbols
        last = self._stage.frame.done - 1
        text = self._stage.film.caption(last, symbols) if last >= 0 else "nothing has happened yet"
        style = "caption" if done else "subtitle"
        if (text, style) == self._caption:
            return
        self._caption = text, style
        words = Texts(style, np.array([[0.0, 10.0]]), (text,))
        self.caption.show_picture(Picture(CAPTION_WIDTH, 20, (words,), background=""))
        self.caption.setAccessibleDescription(text)
