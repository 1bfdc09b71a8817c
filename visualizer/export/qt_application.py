"""Qt for files, without a window: an application object if there is none."""

from __future__ import annotations

import os

from PySide6.QtGui import QGuiApplication

_kept: list[QGuiApplication] = []  # Qt wants its application to live as long as the process


def need_application() -> None:
    """An application object, which fonts need; without a screen where the user chose none."""
    if QGuiApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _kept.append(QGuiApplication(["unrolled"]))
