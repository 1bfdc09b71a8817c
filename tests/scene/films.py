"""Films that the tests of the scene look at; made once, never changed."""

from __future__ import annotations

from functools import cache

import engine
from visualizer.scene.film import Film

SENTENCE = "I think therefore I am"
CELLS = ("elman", "gated", "lstm", "lecture-gru", "gru")


@cache
def film(cell: str = "elman", text: object = SENTENCE, **settings: object) -> Film:
    """The film of a sentence, or of a sequence; with direction="both" every layer has a chain that
    runs backwards."""
    return Film(engine.run(text, cell=cell, **settings))
