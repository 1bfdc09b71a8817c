"""The window on a screen, or the sentence why there is none. The only door to Qt.

Qt is imported when a window is to be shown and not before; where it cannot load, or there is no
screen, `NoScreen` says so and a command may do something else instead.
"""

from __future__ import annotations

import builtins
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence as Several
from pathlib import Path

from engine.errors import Unusable
from visualizer.document.document import Document

NO_SCREEN = 69


class NoScreen(Unusable):
    """Nothing is wrong with what was given; there is nowhere to show it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, exit=NO_SCREEN)


def show(document: Document, play: bool = False, opening: Several[Path] = ()) -> int:
    """Open the window on a document, or on files that take its place as soon as they are read, and
    stay until it is closed; or raise `NoScreen`."""
    _expect_screen()
    try:
        _import_plainly()
        from visualizer.widgets.application import make_application
        from visualizer.widgets.window import Window
    except ImportError as error:
        raise NoScreen(
            f"Qt cannot be loaded ({error}); main.py doctor says what is lacking"
        ) from error
    _log_errors_only()
    application = make_application()
    if application.platformName() == "offscreen":
        raise NoScreen(
            "Qt found no screen that it can open; run main.py doctor, or one of demo, run, "
            "export, check, which need none"
        )
    # Ctrl-C in the terminal ends the program; what was unsaved has its copy
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window = Window(document, opening)
    window.show()
    gc.freeze()  # all this lives as long as the window; no frame has to wait while it is searched
    gc.set_threshold(50_000, 10, 10)
    if play:
        window.player.play()
    return int(application.exec())


def _import_plainly() -> None:
    """PySide6 reads the source of every module that is imported after it, in search of a feature
    that only `from __feature__ import …` uses; that is a tenth of the start. Python's own import
    is kept under this name."""
    import PySide6.QtCore  # noqa: F401

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


def _log_errors_only() -> None:
    """What Qt warns of is no news for a terminal; a failure of ours is."""
    to_terminal = logging.StreamHandler()
    to_terminal.setLevel(logging.ERROR)
    logging.getLogger("unrolled").addHandler(to_terminal)


def _expect_screen() -> None:
    """Without Qt: on Linux a session without any display server needs no further question."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise NoScreen(
            "there is no screen (neither DISPLAY nor WAYLAND_DISPLAY is set); use demo, run, "
            "export or check, or start the window with xvfb-run"
        )
