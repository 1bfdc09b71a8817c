"""A program: `main.py` without words, until its first paint; then it tells how long that took.

    python tests/benchmarks/first_paint.py STARTED MODULE …

STARTED is the monotonic clock just before this process was started, MODULE what must not have
been imported. Everything between is what `main.py` does, through the same door.
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


def start(started: float, later: list[str]) -> int:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from visualizer.widgets.canvas import Canvas

    told: dict[str, Any] = {}
    paint = Canvas.paintEvent

    def note(moment: str) -> None:
        told[f"{moment} wall"] = time.monotonic() - started
        told[f"{moment} CPU"] = time.process_time()

    def painted(canvas: Canvas, event: Any) -> None:
        paint(canvas, event)
        if told:
            return
        note("first")
        told["imported"] = [module for module in later if module in sys.modules]
        QTimer.singleShot(0, whole)

    def whole() -> None:
        note("whole")
        print(json.dumps(told), flush=True)
        os._exit(0)

    Canvas.paintEvent = painted  # type: ignore[assignment, method-assign]
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        # the program refuses to open a window where nobody sees it; here that is what we want
        QApplication.platformName = staticmethod(lambda: "seen")  # type: ignore[method-assign]
    return main.enter([])  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(start(float(sys.argv[1]), sys.argv[2:]))
