"""Films that the tests of the scene look at; made once, never changed."""

from __future__ import annotations

from functools import cache

import engine
from visualizer.scene.film import Film

SENTENCE = "I think therefore I am"
CELLS = ("elman", "gated", "lstm", "lecture-gru", "gru")
# one shape or two of everything that is not one cell at every step
ARRANGED: tuple[dict[str, object], ...] = (
    {"arrangement": "temporal-convolution"},
    {"arrangement": "temporal-convolution", "taps": 4, "dilation": 2, "layers": 3},
    {"arrangement": "temporal-convolution", "taps": 3, "readout": "last"},
    {"arrangement": "temporal-convolution", "taps": 5, "layers": 2, "dilation": 3},
    {"arrangement": "attention"},
    {"arrangement": "attention", "layers": 2, "readout": "last"},
    {"arrangement": "padded"},
    {"arrangement": "padded", "layers": 2},
)


@cache
def film(cell: str = "elman", text: object = SENTENCE, **settings: object) -> Film:
    """The film of a sentence, or of a sequence; with direction="both" every layer has a chain that
    runs backwards."""
    return Film(engine.run(text, cell=cell, **settings))
