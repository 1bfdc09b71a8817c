"""Menus and shortcuts from the table of actions. Which methods are called is the window's."""

from __future__ import annotations

import operator
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow, QMenu

from visualizer.widgets.actions import ACTIONS, MENUS, Action, of_menu


def make_actions(window: QMainWindow) -> dict[str, QAction]:
    """One QAction for every row, with its keys, owned by the window."""
    made = {}
    for row in ACTIONS:
        action = QAction(row.text, window)
        action.setShortcuts([QKeySequence(key) for key in row.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setData(row.id)
        action.setCheckable(bool(row.state))
        made[row.id] = action
        window.addAction(action)
    return made


def perform(window: Any, row: Action) -> None:
    """Do what a row says. A focused button keeps its Space."""
    button = QApplication.focusWidget()
    if "Space" in row.keys and isinstance(button, QAbstractButton):
        button.click()
        return
    operator.attrgetter(row.does)(window)()


def fill_menu(
    menu: QMenu, actions: dict[str, QAction], extra: dict[str, tuple[str, QMenu]]
) -> list[QMenu]:
    """A submenu for each menu of the table. `extra`: after an action, a submenu of that name."""
    made = []
    for name in MENUS:
        part = QMenu(name, menu)
        for row in of_menu(name):
            if row.line_before:
                part.addSeparator()
            part.addAction(actions[row.id])
            if row.id in extra:
                title, more = extra[row.id]
                more.setTitle(title)
                part.addMenu(more)
        menu.addMenu(part)
        made.append(part)
    return made
