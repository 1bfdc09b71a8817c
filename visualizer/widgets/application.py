"""The QApplication: platform, fonts, look, and where failures and Qt's messages go.

Windows are made in `window`. Nothing here knows the document.
"""

from __future__ import annotations

import logging
import os
import sys
from types import TracebackType

from PySide6.QtCore import (
    QMessageLogContext,
    QSettings,
    QSize,
    Qt,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from visualizer.paint.fonts import load_fonts
from visualizer.typeset import FAMILIES
from visualizer.widgets.parts.guard import report
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.sheet import UI_SIZE, style_sheet

NAME = "Unrolled"
FRAME = QSize(0, 32)  # px of a title bar
LOW = 600  # px; a window that is lower has no room for a plot, until somebody wants one
log = logging.getLogger("unrolled.qt")
LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def choose_platform() -> None:
    """On Linux let Qt fall back to no screen instead of aborting; before the application exists."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    offered = []
    if os.environ.get("WAYLAND_DISPLAY"):
        offered.append("wayland")
    if os.environ.get("DISPLAY"):
        offered.append("xcb")
    os.environ["QT_QPA_PLATFORM"] = ";".join([*offered, "offscreen"])


def make_application() -> QApplication:
    """The one application, looking as the theme says; made once, then handed on."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        application = existing
    else:
        choose_platform()
        qInstallMessageHandler(_note_message)  # before it looks for a screen, and says much
        # said here, and not by setStyle, which hands the style back: its Python class takes 8 ms
        application = QApplication([*sys.argv[:1], "-style", "Fusion"])
    if application.property("unrolled"):
        return application
    application.setProperty("unrolled", True)
    application.setApplicationName(NAME)
    application.setOrganizationName(NAME)
    _use_fonts()
    sys.excepthook = _report_exception
    look().use("dark" if QSettings().value("theme") == "dark" else "light")
    look().changed.connect(dress)
    return application


def _use_fonts() -> None:
    """The bundled fonts, so that the window is the same on every machine."""
    load_fonts()
    font = QFont(list(FAMILIES["ui"]))
    font.setPixelSize(UI_SIZE)
    QApplication.setFont(font)


def dress() -> None:
    """Put the theme in force on every control. A window is dressed once it is whole: while it is
    built every control would be measured anew with each one that is added."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return
    hints = application.styleHints()
    hints.setColorScheme(Qt.ColorScheme.Dark if look().dark else Qt.ColorScheme.Light)
    application.setPalette(look().palette())
    application.setStyleSheet(style_sheet(look().theme))


def room_for(window: QWidget, wanted: QSize) -> QSize:
    """What the screen has for a window of this size and its frame; one that nobody sees gets it,
    whatever the platform says of a screen."""
    if QGuiApplication.platformName() == "offscreen":
        return wanted
    return wanted.boundedTo(window.screen().availableSize() - FRAME)


def _report_exception(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        QApplication.quit()
        return
    report(error, "a control")


def _note_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    log.log(LEVELS.get(kind, logging.WARNING), "%s", message)
