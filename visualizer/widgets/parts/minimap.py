"""The strip that shows where one is: dragged, clicked, wheeled and walked with the keys.

It is there while a part of the graph is out of sight. What it shows is the scene's (`minimap`).
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.paint import qt as paint
from visualizer.scene import minimap, whereabouts
from visualizer.scene.minimap import Track
from visualizer.scene.picture import Item, Picture
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.stage import Stage

TO_END = 2.0  # more than any page
STEP, PAGE = 0.1, 0.9  # of what is in sight, for an arrow and for a page
KEYS = {
    Qt.Key.Key_Left: -STEP, Qt.Key.Key_Right: STEP,
    Qt.Key.Key_PageUp: -PAGE, Qt.Key.Key_PageDown: PAGE,
    Qt.Key.Key_Home: -TO_END, Qt.Key.Key_End: TO_END,
}  # fmt: skip


class Minimap(QWidget):
    """One below a canvas (`graph`), whose size decides what is in sight."""

    def __init__(self, stage: Stage, graph: QWidget) -> None:
        super().__init__()
        self._stage = stage
        self._graph = graph
        self._kept: QPixmap | None = None
        self._reached: tuple[object, ...] = ()
        self._over: tuple[object, ...] = ()
        self._told = ""
        self._held: float | None = None  # steps from the left edge of the frame to the hand
        self.setAccessibleName("Where in the sequence")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(round(minimap.HEIGHT))
        self.setToolTip("What is in sight: drag it, or click where to go")
        self.hide()
        self._soon = QTimer(self)  # coming and going moves everything: when all else is settled
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._show_if_needed)
        stage.ran.connect(self._soon.start)
        stage.looked.connect(self._soon.start)  # the graph is painted first
        stage.moved.connect(self._soon.start)
        look().changed.connect(self.update)

    # ---- showing

    @property
    def track(self) -> Track:
        return Track(self._stage.sheet.steps, float(self.width()))

    def in_sight(self, more: int = 0) -> tuple[float, float]:
        """The steps [low, high) in sight, were the graph `more` pixels higher."""
        stage, graph = self._stage, self._graph
        view, size = stage.view, (graph.width(), graph.height() + more)
        if more and stage.fitted:  # it would have been fitted then
            sheet, step = stage.sheet, stage.frame.step
            fitting = sheet.fitted(*size, view.level, view.sequence, step, view.wrap)
            view = replace(fitting, level=view.level, fold=view.fold)
        return whereabouts.in_sight(stage.sheet, view, *size)

    def words(self) -> str:
        """What is in sight, in words."""
        stage, graph = self._stage, self._graph
        seen = whereabouts.steps_seen(stage.sheet, stage.view, graph.width(), graph.height())
        return minimap.words(*seen, self.track.steps)

    def _show_if_needed(self) -> None:
        """There where something is out of sight: with the strip, and without it as well, or it
        would come and go."""
        sheet = self._stage.sheet
        more = 0 if self.isHidden() else self.height()
        needed = not sheet.timeless and not minimap.all_in_sight(*self.in_sight(more), sheet.steps)
        if needed == self.isHidden():
            self.setVisible(needed)
        self._refresh()

    def _refresh(self) -> None:
        """Repaint, if anything is elsewhere by a pixel."""
        if self.isHidden():
            return
        track, now = self.track, self._stage.frame.step
        left, wide = track.box(*self.in_sight())
        at = None if now is None else round(track.x(now + 0.5))
        said = self.words()
        over = (round(left), round(wide), at, said)
        if over != self._over or self._reached != self._comes():
            self._over = over
            self.update()
        if (told := f"steps {said} of {track.steps} in sight") != self._told:
            self._told = told
            self.setAccessibleDescription(told)

    def _comes(self) -> tuple[object, ...]:
        """All that the strip without its frame depends on."""
        stage = self._stage
        b = stage.shown_sequence
        far = minimap.reached(stage.film, stage.frame, b, self.track)
        ratio = self.devicePixelRatioF()
        return (stage.film, far, b, stage.sheet.steps, self.size(), ratio, look().theme.name)

    def _strip(self) -> QPixmap:
        comes = self._comes()
        if self._kept is None or comes != self._reached:
            stage, ratio = self._stage, self.devicePixelRatioF()
            kept = QPixmap(self.size() * ratio)
            kept.setDevicePixelRatio(ratio)
            items = minimap.draw(stage.film, stage.frame, stage.shown_sequence, self.track)
            with QPainter(kept) as painter:
                paint.draw(painter, self._picture(items, "plot"), look().theme)
            self._kept, self._reached = kept, comes
        return self._kept

    def _picture(self, items: list[Item], background: str) -> Picture:
        return Picture(self.width(), self.height(), tuple(items), background=background)

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        stage = self._stage
        over = minimap.over(self.track, *self.in_sight(), stage.frame.step, self.words())
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._strip())
            paint.draw(painter, self._picture(over, ""), look().theme)
            if self.hasFocus():
                painter.setPen(look().colour("accent"))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    @guarded(neutral=lambda: QSize(600, round(minimap.HEIGHT)))
    def sizeHint(self) -> QSize:
        return QSize(600, round(minimap.HEIGHT))

    # ---- the hand

    def _go(self, low: float) -> None:
        self._stage.bring(low, self._graph.width(), self._graph.height())

    @guarded()
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Inside the frame the hand takes hold of it; elsewhere the frame comes to the hand."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        t, (low, high) = self.track.t(event.position().x()), self.in_sight()
        left, wide = self.track.box(low, high)
        if not left <= event.position().x() <= left + wide:
            low = t - (high - low) / 2
            self._go(low)
        self._held = t - low

    @guarded()
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._go(self.track.t(event.position().x()) - self._held)

    @guarded()
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    @guarded()
    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        self._walk(-(turned.y() or turned.x()) / 120 * STEP)
        event.accept()

    def _walk(self, share: float) -> None:
        low, high = self.in_sight()
        self._go(low + share * (high - low))

    # ---- the keys

    @guarded(neutral=False)
    def event(self, event: QEvent) -> bool:
        """Its own keys are not those of the film while it has the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if plain and event.key() in KEYS:
                event.accept()
                return True
        return super().event(event)

    @guarded()
    def keyPressEvent(self, event: QKeyEvent) -> None:
        share = KEYS.get(Qt.Key(event.key()))
        if share is None:
            super().keyPressEvent(event)
        elif share in (-TO_END, TO_END):
            self._go(0.0 if share < 0 else float(self.track.steps))
        else:
            self._walk(share)
