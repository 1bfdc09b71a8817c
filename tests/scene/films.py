"""Films that the tests of the scene look at; made once, never changed."""

from __future__ import annotations

from functools import cache, partial
from unittest.mock import patch

import engine
from engine.arrangements import ARRANGEMENTS
from engine.arrangements.recurrent import recurrent
from engine.experiment import Experiment
from visualizer.scene.film import Film

SENTENCE = "I think therefore I am"
CELLS = ("elman", "gated", "lstm", "lecture-gru", "gru")


@cache
def film(cell: str = "elman", text: object = SENTENCE, **settings: object) -> Film:
    """The film of a sentence, or of a sequence; with direction="both" every layer has a chain that
    runs backwards."""
    if settings.get("direction") == "both" and "direction" not in Experiment.__slots__:
        del settings["direction"]
        both = partial(recurrent, directions=(1, -1))
        with patch.dict(ARRANGEMENTS, recurrent=both):
            return Film(engine.run(text, cell=cell, **settings))
    return Film(engine.run(text, cell=cell, **settings))
