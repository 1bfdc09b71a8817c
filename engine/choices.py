"""Ids of arrangements and cells, and with which of them a setting has a meaning.

What they are stands in `engine.arrangements` and `engine.cells`; these are words only, so that the
command line can name them at once.
"""

from __future__ import annotations

ARRANGEMENT_CHOICES = (
    "recurrent",
    "padded",
    "per-layer",
    "temporal-convolution",
    "attention",
    "encoder-decoder",
    "expression",
)
VECTOR_CELLS = ("elman", "gated", "lstm", "lecture-gru", "gru")
UPDATES = ("clip", "clip_at", "learning_rate")  # an expression has no parameters to update
OWN = ("arrangement", ("per-layer",))
PICTURES = ("conv-rnn", "conv-lstm")
CELL_CHOICES = (*VECTOR_CELLS, *PICTURES)
# pairs of a field of `Experiment` and its values, for the `when` of settings
NETWORK = ("arrangement", ARRANGEMENT_CHOICES[:-1])
PARTED = ("arrangement", ARRANGEMENT_CHOICES[:-2])  # of which a window can be recorded
RECURRENT = ("arrangement", ("recurrent",))
CHAIN = ("arrangement", ("recurrent", "encoder-decoder"))
SQUARE = ("arrangement", ("recurrent", "encoder-decoder", "per-layer"))
FEED_FORWARD = ("arrangement", ("padded", "per-layer", "temporal-convolution", "attention"))
READOUTS = {"padded": "last", "encoder-decoder": "after"}  # where there is no choice
# settings that mean something for one kind of sequence only
KIND_OF = {"tokens": "text", "standardise": "numbers"}
