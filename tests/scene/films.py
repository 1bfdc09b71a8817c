"""Films that the tests of the scene look at; made once, never changed."""

from __future__ import annotations

from functools import cache

import engine
from engine.sequences import Sequence
from visualizer.scene.film import Film

SENTENCE = "I think therefore I am"
CELLS = ("elman", "gated", "lstm", "lecture-gru", "gru")
PAIR = "I think → je pense"
PAIRS = "I think → je pense donc\nI → je suis\nI think I am → je"
RAGGED = Sequence("text", ("I think therefore I am", "I am", "I think I am"))
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
    {"arrangement": "per-layer"},
    {"arrangement": "per-layer", "text": RAGGED, "readout": "last"},
    {"arrangement": "encoder-decoder", "text": PAIR},
    {"arrangement": "encoder-decoder", "text": PAIRS, "cell": "lstm", "layers": 2},
    {"readout": "after", "text": PAIR, "cell": "gru"},
    {"readout": "after", "text": PAIRS, "cell": "lstm", "layers": 2},
    {"reads": "first", "cell": "gated"},
    {"reads": "first", "layers": 2, "cell": "gru", "reset": "before"},
    {"truncation": 2},
    {"truncation": 2, "cell": "lstm", "layers": 2},
    {"truncation": 3, "cell": "gru", "direction": "both"},
    {"padding": "mask", "text": RAGGED},
    {"padding": "mask", "text": RAGGED, "cell": "lstm", "readout": "last"},
    {"padding": "mask", "text": RAGGED, "cell": "gru", "layers": 2, "truncation": 2},
    {"padding": "pad", "text": RAGGED, "readout": "last"},
)


@cache
def film(cell: str = "elman", text: object = SENTENCE, **settings: object) -> Film:
    """The film of a sentence, or of a sequence; with direction="both" every layer has a chain that
    runs backwards."""
    return Film(engine.run(text, cell=cell, **settings))
