"""`main.py snippet pytorch` and `snippet change SESSION`: lines to paste into a training script."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.errors import BAD_SETTINGS, Unusable
from visualizer.commands.given import one
from visualizer.document.modelled import pytorch_words

FOLDER = Path(__file__).parents[2] / "resources" / "snippets"


def perform(options: argparse.Namespace) -> int:
    if options.which == "change":
        print(_change(options), end="")
        return 0
    if options.what is not None:
        raise Unusable(
            f"snippet {options.which} takes nothing more; leave {options.what} out",
            exit=BAD_SETTINGS,
        )
    print((FOLDER / f"{options.which}.txt").read_text(encoding="utf-8"), end="")
    return 0


def _change(options: argparse.Namespace) -> str:
    """What was changed in a session, as lines of PyTorch."""
    if options.what is None:
        raise Unusable(
            "snippet change needs a session or a model; give its file", exit=BAD_SETTINGS
        )
    derived = one(options, {})
    return pytorch_words(derived.snapshot, derived.run)
