"""Where the program keeps its own small files: settings, and copies rescued from a crash.

What is in them is said by `recent` and `autosave`. Folders are made when something is written.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_NAME = "unrolled"


def settings_folder() -> Path:
    """Small choices that outlive a session."""
    return _folder("XDG_CONFIG_HOME", ".config", "Preferences")


def rescue_folder() -> Path:
    """Copies of unsaved documents."""
    return _folder("XDG_STATE_HOME", ".local/state", "Application Support") / "rescued"


def _folder(variable: str, linux: str, mac: str) -> Path:
    if os.environ.get(variable):
        return Path(os.environ[variable]) / _NAME
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / _NAME
    if sys.platform == "darwin":
        return Path.home() / "Library" / mac / _NAME
    return Path.home() / linux / _NAME
