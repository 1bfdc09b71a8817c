"""How long a frame takes while a long recording is dragged, zoomed and played: the real window,
from the event of the mouse or the clock until the graph is painted, in CPU time.

The recording is an LSTM of 16 units; three views of it: near (the level that fits), the steps of a
pinned level from afar, and bands. What is made between two events, ahead of the hand, has a row
of its own: the next event waits for it.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from tests.benchmarks.limit import against, fill_and_blit
from tests.benchmarks.timing import Figure, percentile, spelt
from tests.benchmarks.window import Shown, document
from visualizer.scene.view import View
from visualizer.widgets.parts.player import TICK

LENGTHS = ((7_700, 0.003, 0.008), (77_000, 0.006, 0.016))  # steps, bars of median and p95
TIMES = 200
Act: TypeAlias = "Callable[[Shown, _Watch, int], None]"
PAUSE = 4  # rounds of the loop between two events
PATIENCE = 400  # rounds of events after which a picture is taken as it is
VIEWS: tuple[tuple[str, str, float], ...] = (  # name, level, px of a step
    ("near", "auto", 110.0),
    ("afar, pinned", "tensors", 12.0),
    ("bands", "auto", 0.0),
)


def figures(times: int = TIMES) -> Iterator[Figure]:
    for steps, *bars in LENGTHS:
        screen = Shown(document(steps, cell="lstm", hidden=16))
        nodes = sum(len(g.slots) * g.steps for g in screen.window.stage.film.network.segments)
        for name, level, step in VIEWS:
            for deed, act in (("pan", _dragged), ("zoom", _wheeled), ("play", _played)):
                _look(screen, level, step)
                yield from _rows(screen, f"{deed}, {nodes:,} nodes, {name}", act, times, bars)
        screen.close()


def _rows(screen: Shown, what: str, act: Act, times: int, bars: list[float]) -> Iterator[Figure]:
    """The graph alone, what one event may have to wait for, and the whole window."""
    with _Watch(screen, alone=True) as watch:
        act(screen, watch, times)
    limit, late = fill_and_blit(), percentile(watch.painted, 0.95)
    said = against(limit, watch.painted) + "; "
    said += f"p95 {spelt(late)} of {spelt(bars[1])}: {'met' if late <= bars[1] else 'NOT met'}"
    yield Figure(what, bars[0], watch.painted, watch.painted, note=said)
    yield Figure("    longest work between two events", None, watch.between, watch.between)
    with _Watch(screen, alone=False) as watch:
        act(screen, watch, times // 2)
    yield Figure("    with all that follows it in the window", None, watch.painted, watch.painted)


def _look(screen: Shown, level: str, step: float) -> None:
    """The middle of the recording; without a width of step all of it."""
    stage, canvas = screen.window.stage, screen.window.canvas
    stage.move_to(0.3)
    film = stage.film
    wide = step or (canvas.width() - 150) / film.steps
    zoom = min(wide / film.base, 0.55)
    view = View(level=level, zoom=zoom, stretch=wide / film.base / zoom)
    view = replace(
        view, origin=(film.steps / 2 if step else 0.0, 0.0), selected=stage.view.selected
    )
    stage.fitted = False
    stage.document.look(view=view)
    for _ in range(PATIENCE):
        screen.application.processEvents()


@dataclass
class _Watch:
    """CPU seconds of each event until what is to be painted is; and of the longest piece of work
    afterwards, for which the next event would have to wait. `alone`: of the graph without the plot
    and all else that follows it."""

    screen: Shown
    alone: bool
    painted: list[float] = field(default_factory=list)
    between: list[float] = field(default_factory=list)

    def __enter__(self) -> _Watch:
        self._others(not self.alone)
        return self

    def __exit__(self, *_: object) -> None:
        self._others(True)
        self.screen.settle()

    def _others(self, on: bool) -> None:
        window = self.screen.window
        for widget in (window.plot, window.transport, window.inspector, window.form):
            widget.setUpdatesEnabled(on)

    def event(self, act: Callable[[], object]) -> None:
        """`act`, then what is painted because of it, then rounds without another event."""
        run = self.screen.application.processEvents
        then = time.process_time()
        act()
        self.screen.window.canvas.repaint()
        if not self.alone:
            run()  # the minimap and others come a timer later
        self.painted.append(time.process_time() - then)
        slow = 0.0
        for _ in range(PAUSE):
            then = time.process_time()
            run()
            slow = max(slow, time.process_time() - then)
        self.between.append(slow)


def _dragged(screen: Shown, watch: _Watch, times: int) -> None:
    """A hand that draws the graph along, at times slowly, at times with a flick."""
    hand = random.Random(7)
    canvas = screen.window.canvas
    x, y, speed = canvas.width() * 0.8, canvas.height() * 0.4, 0.0
    _mouse(screen, QEvent.Type.MouseButtonPress, x, y)
    for n in range(times):
        if n % 40 == 0:  # it takes hold again
            _mouse(screen, QEvent.Type.MouseButtonRelease, x, y)
            x, way = canvas.width() * 0.5, hand.choice([-1, 1])
            _mouse(screen, QEvent.Type.MouseButtonPress, x, y)
            flick = hand.random() < 0.4
        rise = math.sin(math.pi * (n % 40 + 1) / 41)
        speed = way * (50.0 if flick else 14.0) * rise + hand.uniform(-1, 1)
        x, y = x + speed, y + hand.uniform(-0.6, 0.6)
        watch.event(partial(_mouse, screen, QEvent.Type.MouseMove, x, y))
    _mouse(screen, QEvent.Type.MouseButtonRelease, x, y)


def _wheeled(screen: Shown, watch: _Watch, times: int) -> None:
    """Notches in and out again about the middle."""
    for n in range(times):
        watch.event(partial(_wheel, screen, 120 if n // 10 % 2 == 0 else -120))


def _played(screen: Shown, watch: _Watch, times: int) -> None:
    """Ticks of the clock at speed 1, from where the frontier enters the picture."""
    stage = screen.window.stage
    first = stage.view.origin[0] / max(stage.film.steps, 1)
    start, stop = stage.film.phases[0]
    stage.move_to((start + (stop - start) * first) / stage.events)
    tick = TICK / 1_000 / screen.window.player.seconds
    for _ in range(times):
        watch.event(lambda: stage.move_to(stage.position + tick))


def _mouse(screen: Shown, kind: QEvent.Type, x: float, y: float) -> None:
    canvas, left = screen.window.canvas, Qt.MouseButton.LeftButton
    at = QPointF(x, y)
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else left
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else left
    event = QMouseEvent(
        kind, at, QPointF(canvas.mapToGlobal(at)), button, held, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(canvas, event)


def _wheel(screen: Shown, turned: int) -> None:
    canvas = screen.window.canvas
    at = QPointF(canvas.width() * 0.6, canvas.height() * 0.4)
    event = QWheelEvent(
        at, QPointF(canvas.mapToGlobal(at)), QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)
