"""Sentences that name options of the command line, in the words of the window: the engine's errors
are written once, for both.
"""

from __future__ import annotations

import re

from engine.experiment import settings
from engine.training.training import training_settings

ROWS = {row.name: row for row in (*settings(), *training_settings())}
OPTION = re.compile(r"--([a-z][a-z-]*)((?: [\w.,-]*\w)?)")
# a sentence that begins with a setting: "top_k must be 0..57"
SETTING = re.compile(rf"^(?:{'|'.join(ROWS)})(?= (?:must|holds) )")
FIELDS = {"length": "Length", "top-k": "Top k"}  # of the window that are no settings


def in_the_window(words: str) -> str:
    """ "--first 5" is "First step: 5"; an option that has no field is left as it is."""
    words = SETTING.sub(lambda found: ROWS[found[0]].label, words)
    return OPTION.sub(_labelled, words.replace("with --task next", "in the form"))


def _labelled(found: re.Match[str]) -> str:
    value, row = found[2].strip(), ROWS.get(found[1].replace("-", "_"))
    label = FIELDS.get(found[1]) if row is None else row.label
    if label is None:
        return found[0]
    valued = value[:1].isdigit() or (row is not None and value in row.choices)
    return f"{label}: {value}" if valued else f"{label}{found[2]}"
