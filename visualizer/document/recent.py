"""The files opened last, the latest first. A list of paths and nothing about their content."""

from __future__ import annotations

import json
import os
from pathlib import Path

from engine import files, strict_json
from engine.errors import Unusable
from visualizer.document.atomic import replace_file
from visualizer.document.places import settings_folder

KEPT = 10
_FILE = "recent.json"


def recent() -> tuple[Path, ...]:
    """Files that still exist. A damaged list is an empty one: it is only a convenience."""
    place = settings_folder() / _FILE
    try:
        names = strict_json.parse(files.load(place), _FILE)
    except Unusable:
        return ()
    if not isinstance(names, list):
        return ()
    return tuple(Path(name) for name in names if isinstance(name, str) and Path(name).is_file())


def remember(path: str | os.PathLike[str]) -> None:
    """Put a file at the head of the list."""
    newest = Path(path).resolve()
    rest = [other for other in recent() if other != newest]
    _write([newest, *rest][:KEPT])


def forget() -> None:
    """Empty the list."""
    _write([])


def _write(paths: list[Path]) -> None:
    folder = settings_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"{folder} cannot be made ({error.strerror}); check its rights") from None
    replace_file(folder / _FILE, json.dumps([str(path) for path in paths], indent=1).encode())
