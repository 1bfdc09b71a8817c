"""The graph: paints the film at the playhead, and is zoomed, moved, clicked and walked.

What stands where is the scene's; here are the hand and the keys.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.template import Node
from visualizer.scene.picture import Picture
from visualizer.scene.pointed import told
from visualizer.scene.view import View
from visualizer.scene.whereabouts import about, nearer, pushed, revealed
from visualizer.typeset import plain
from visualizer.widgets.parts.folding import Folding
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.overlay import Overlay
from visualizer.widgets.parts.painted import Painted
from visualizer.widgets.parts.selection import Parameter, Selection, beside, name_of
from visualizer.widgets.parts.stage import Stage
from visualizer.widgets.parts.walking import Walking
from visualizer.widgets.parts.wrapping import Wrapping

NOTCH = 1.15  # zoom of one notch of the wheel
KEY_ZOOM, DRAG_BEGINS = 1.25, 4  # times, px


class Canvas(QWidget):
    """The unrolled graph."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._painted = Painted(stage)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._make)
        self._hand = 0.0  # px; where the mouse was last
        self._walking = Walking()
        self._said = -1
        self._arrangement = stage.document.snapshot.experiment.arrangement
        self._press: QPointF | None = None
        self._dragged = False
        self._origin_view = stage.view
        self.setAccessibleName("Unrolled graph")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(320, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.overlay = Overlay(self, stage)
        self.overlay.fit.clicked.connect(self.fit)
        self.folding = Folding(stage, self, self.fit)
        self.folding.changed.connect(self.update)
        self.wrapping = Wrapping(stage, self, self.fit)
        stage.ran.connect(self._ran)
        stage.moved.connect(self._moved)
        stage.looked.connect(self.update)
        look().changed.connect(self.update)

    # ---- showing

    def picture(self) -> Picture:
        """What is here now, whole."""
        stage = self._stage
        return stage.sheet.compose(stage.frames, stage.view, self.width(), self.height())

    def _moved(self) -> None:
        """Repaint; and say in words what happened, for who cannot see it."""
        self.update()
        done = self._stage.done
        if done != self._said:
            self._said = done
            last, symbols = self._stage.frame.done - 1, self._stage.view.symbols
            words = plain(self._stage.film.caption(last, symbols)) if last >= 0 else "the start"
            self.setAccessibleDescription(f"event {done}: {words}")

    def _ran(self) -> None:
        arrangement = self._stage.document.snapshot.experiment.arrangement
        if self._stage.fitted or arrangement != self._arrangement:  # another has another shape
            self.fit()
        self._arrangement = arrangement
        self.update()

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            self._painted.moving = self.folding.moving
            self._painted.show(painter, self.size(), self.devicePixelRatioF(), look().theme)
            if self._walking.ringed:
                painter.setPen(QPen(look().colour("accent"), 2))
                painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        if self._painted.wanting:
            self._idle.start()

    def _make(self) -> None:
        """Between two events: paint a little of what will be needed."""
        if self._painted.make(self._hand):
            self.update()
        elif self._painted.wanting:
            self._idle.start()

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._stage.fitted:
            self.fit()
        if self._stage.work is not None:
            self._stage.work.size = (self.width(), self.height())
        self.overlay.place()
        self.update()

    @guarded()
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._walking.focused(event.reason())
        super().focusInEvent(event)

    @guarded()
    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._walking.ringed = False
        super().focusOutEvent(event)

    @guarded(neutral=lambda: QSize(1050, 680))
    def sizeHint(self) -> QSize:
        return QSize(1050, 680)

    # ---- zoom

    def fit(self) -> None:
        """The whole graph, or as many of its first steps as can be read."""
        stage, view = self._stage, self._stage.view
        fitting = stage.sheet.fitted(
            self.width(), self.height(), view.level, view.sequence, stage.frame.step, view.wrap
        )
        self._look(replace(view, zoom=fitting.zoom, stretch=fitting.stretch, origin=fitting.origin))
        self._stage.fitted = True

    def zoom_in(self) -> None:
        self._zoom(KEY_ZOOM, None, time=False)

    def zoom_out(self) -> None:
        self._zoom(1 / KEY_ZOOM, None, time=False)

    def stretch(self) -> None:
        self._zoom(KEY_ZOOM, None, time=True)

    def shrink(self) -> None:
        self._zoom(1 / KEY_ZOOM, None, time=True)

    def _zoom(self, factor: float, x: float | None, *, time: bool) -> None:
        """About the hand, or about the playhead and what is selected."""
        stage = self._stage
        here = (stage.sheet, stage.view, self.width(), self.height())
        stage.fitted = False
        if x is None:
            steps = (stage.frame.step if stage.follows else None, stage.node_step)
            self._look(about(*here, steps, factor, time=time))
        else:
            self._look(nearer(*here, x, factor, time=time))

    def _look(self, view: View) -> None:
        self._stage.document.look(view=view)

    @guarded()
    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        self._hand = event.position().x()
        modifiers = event.modifiers()
        if modifiers & Qt.KeyboardModifier.AltModifier:  # with it some systems turn the wheel aside
            self.folding.wind((turned.y() or turned.x()) / 120)
        elif modifiers & Qt.KeyboardModifier.ShiftModifier or abs(turned.x()) > abs(turned.y()):
            self._move_by(turned.x() or turned.y(), 0)
        elif turned.y():
            factor = NOTCH ** (turned.y() / 120)
            along_time = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
            self._zoom(factor, event.position().x(), time=along_time)
        event.accept()

    def _move_by(self, dx: float, dy: float) -> None:
        self._stage.fitted = False
        self._look(self._pushed(self._stage.view, dx, dy))

    def _pushed(self, view: View, dx: float, dy: float) -> View:
        """The view after a drag."""
        return pushed(self._stage.sheet, view, self.width(), self.height(), dx, dy)

    # ---- the hand

    @guarded()
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._press, self._dragged = event.position(), False
            self._walking.on = True
            self._origin_view = self._stage.view

    @guarded()
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            self._hover(event.position())
            return
        self._hand = event.position().x()
        way = event.position() - self._press
        if not self._dragged and way.manhattanLength() < DRAG_BEGINS:
            return
        self._dragged, self._stage.fitted = True, False
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        pushed = self._pushed(self._origin_view, way.x(), way.y())
        self._look(replace(pushed, selected=self._stage.view.selected))

    @guarded()
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        clicked = self._press is not None and not self._dragged
        self._press = None
        self.unsetCursor()
        if clicked and event.button() == Qt.MouseButton.LeftButton:
            self._click(*self._at(event.position()))

    @guarded()
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._press = None  # the first click has done it; the second must not undo it

    def _at(self, point: QPointF) -> tuple[int, Any]:
        """Which graph it is, and what of it."""
        stage = self._stage
        x, y, view = point.x(), point.y(), stage.view
        return stage.sheet.pick(view, self.width(), self.height(), x, y, stage.frames)

    def _click(self, place: int, found: Any) -> None:
        if place != self._stage.sheet.hand:
            self._stage.turn()
        if isinstance(found, Node):
            self._stage.select(found)
        elif found is None:
            return  # beside everything: what is selected stays; Esc lets it go
        elif found[0] == "parameter":
            self._stage.select(Parameter(found[1]))
        elif found[0] == "loss":
            self._stage.toggle_loss(int(found[1]))
        elif found[0] == "use":
            _, use, t = found  # its source: the node to whose δ the edge contributes
            self._stage.select(Node(use.segment, t, use.slot))

    def _hover(self, point: QPointF) -> None:
        place, found = self._at(point)
        hand = Qt.CursorShape.PointingHandCursor
        mine = place == self._stage.sheet.hand
        if found is None and mine:
            self.unsetCursor()
        else:
            self.setCursor(hand)
        node = found if isinstance(found, Node) and mine else None
        if node != self._stage.view.hover:
            self._stage.look(hover=node)

    @guarded()
    def leaveEvent(self, event: QEvent) -> None:
        if self._stage.view.hover is not None:
            self._stage.look(hover=None)

    @guarded(neutral=False)
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._told(QPointF(event.pos())), self)
            return True
        asked = event.type() == QEvent.Type.ShortcutOverride and self._stage.node is not None
        if asked and isinstance(event, QKeyEvent) and self._walking.way(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def _told(self, point: QPointF) -> str:
        """What is under the mouse, in words."""
        stage, place = self._stage, (point.x(), point.y())
        size = (self.width(), self.height())
        cell = told(stage.sheet, stage.frames, stage.view, *size, *place)
        return cell or self._words(*self._at(point))

    def _words(self, place: int, found: Any) -> str:
        sheet = self._stage.sheet
        network = sheet.films[place].network
        if isinstance(found, Node):
            slot = network.slot(found.segment, found.slot)
            name = name_of(network, found, self._stage.view.symbols)
            return f"{name}   {slot.op}, {slot.width} units"
        if found is None:
            return "" if place == sheet.hand else f"{sheet.titles[place]}: click to take it in hand"
        if found[0] == "loss" and place != sheet.hand:
            return f"L{found[1] + 1}"
        if found[0] == "loss":
            off = (int(found[1]), self._stage.view.sequence) in (
                self._stage.document.snapshot.losses_off
            )
            return f"L{found[1] + 1}: click to switch it {'on' if off else 'off'}"
        if found[0] == "parameter":
            return f"{found[1]}: click to see its numbers and type over them"
        return "edge: click to see what it contributes"

    # ---- the keys

    @guarded()
    def keyPressEvent(self, event: QKeyEvent) -> None:
        way, node = self._walking.way(event), self._stage.node
        if way is not None and node is not None:
            there = beside(self._stage.run.recording.network, node, *way)
            if there is not None:
                self.reveal(there)
        elif event.key() == Qt.Key.Key_Escape:
            if not self.folding.stop():
                self._stage.select(None)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and node is not None:
            slot = self._stage.run.recording.network.slot(node.segment, node.slot)
            if slot.role == "loss":
                offset = self._stage.run.recording.network.segments[node.segment].offset
                self._stage.toggle_loss(node.t + offset)
        else:
            super().keyPressEvent(event)

    def reveal(self, selection: Selection) -> None:
        """Select it, and move the graph if it is out of sight."""
        stage = self._stage
        stage.select(selection)
        if (t := stage.node_step) is None:
            return
        seen = revealed(stage.sheet, stage.view, self.width(), self.height(), t)
        if seen != stage.view:
            stage.fitted = False
            self._look(seen)
