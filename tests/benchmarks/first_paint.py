"""A program: `main.py` without words until all of it is there; then it tells how long that took.

    python tests/benchmarks/first_paint.py STARTED MODULE …

STARTED is the monotonic clock just before this process was started, MODULE what must not have
been imported by the first paint. Everything between is what `main.py` does, through the same door.
`first`: the window with the graph is on the screen (painted and flushed) and the program takes
input. `whole`: form, plot, inspector and the equation in it have been painted too.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])  # as if main.py were the script

# in the order of main.py: all that needs no Qt before it; what comes after is read by Qt once more
import main  # noqa: E402
import visualizer.commands.window  # noqa: E402, F401

MEASURES = {"Rss": "RSS", "Pss": "PSS", "Private_Clean": "USS", "Private_Dirty": "USS"}


def start(started: float, later: list[str]) -> int:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from visualizer.widgets.window import Window

    told: dict[str, Any] = {}

    def note(moment: str) -> None:
        told[f"{moment} wall"] = time.monotonic() - started
        told[f"{moment} CPU"] = time.process_time()

    def painted() -> None:
        note("first")
        told["imported"] = [module for module in later if module in sys.modules]

    def whole() -> None:
        note("whole")
        told.update(memory())
        print(json.dumps(told), flush=True)
        os._exit(0)

    begin = Window.eventFilter

    def begun(window: Window, watched: Any, event: Any) -> bool:
        """The window's own sign that the graph is being painted for the first time."""
        if not told:
            QTimer.singleShot(0, painted)  # before the window's own, which makes the panels
            watch(window, lambda: QTimer.singleShot(0, whole))
        return begin(window, watched, event)

    Window.eventFilter = begun  # type: ignore[method-assign]
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        # the program refuses to open a window where nobody sees it; here that is what we want
        QApplication.platformName = staticmethod(lambda: "seen")  # type: ignore[method-assign]
    return main.enter([])  # type: ignore[attr-defined]


def watch(window: Any, then: Any) -> None:
    """`then`, when the last of the panels has been painted, the equation with its letters."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    waiting: set[Any] = set()

    class Painted(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            equation = window.inspector.equation
            done = watched in waiting and (watched is not equation or equation.ready)
            if event.type() == QEvent.Type.Paint and done:
                waiting.discard(watched)
                if not waiting:
                    then()
            return False

    def look() -> None:
        waiting.update((window.form, window.plot, window.inspector.equation))
        for each in waiting:
            each.installEventFilter(eye)

    eye = Painted(window)
    QTimer.singleShot(0, lambda: QTimer.singleShot(0, look))


def memory() -> dict[str, float]:
    """Bytes in memory now: resident, its share of what is shared, and what is this program's own;
    nothing where the kernel does not say."""
    found: dict[str, float] = {}
    place = Path("/proc/self/smaps_rollup")
    for line in place.read_text().splitlines()[1:] if place.exists() else ():
        name, count = line.split()[:2]
        key = MEASURES.get(name.rstrip(":"))
        if key:
            found[key] = found.get(key, 0) + int(count) * 1024
    return found


if __name__ == "__main__":
    sys.exit(start(float(sys.argv[1]), sys.argv[2:]))
