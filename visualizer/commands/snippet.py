"""`main.py snippet pytorch`: lines that record one batch, to paste into a script."""

from __future__ import annotations

import argparse
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "resources" / "snippets"


def perform(options: argparse.Namespace) -> int:
    print((FOLDER / f"{options.framework}.txt").read_text(encoding="utf-8"), end="")
    return 0
