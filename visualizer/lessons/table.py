"""Which lessons there are, in the order of the lecture. What each is stands in its file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the lecture, and the ids of its lessons."""

    title: str
    ids: tuple[str, ...]


GROUPS = (
    Group("Why recurrent", ("padded", "per-layer", "shared", "fold")),
    Group("Backpropagation through time", ("expression", "overwrite", "readouts")),
    Group("Vanishing and exploding", ("depth", "clip")),
    Group("Cells", ("gated", "lstm", "lecture-gru", "gru")),
    Group("Other ways", ("temporal-convolution", "attention")),
    Group(
        "Five ways to use",
        ("one-to-one", "one-to-many", "many-to-one", "read-then-write", "many-to-many"),
    ),
    Group(
        "Layers, directions, pictures",
        (
            "encoder-decoder",
            "stacked",
            "bidirectional",
            "conv-encoder",
            "conv-rnn",
            "conv-lstm",
        ),
    ),
    Group("Writing", ("right-odds", "one-wrong-word", "scheduled-sampling", "pages")),
    Group("Practice", ("pad-mask-pack", "truncated", "verify", "naive")),
)

SOURCE = "lesson "  # before the id: where the sequence of a lesson says it is from
IDS = tuple(id for group in GROUPS for id in group.ids)
