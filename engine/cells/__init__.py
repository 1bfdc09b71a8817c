"""CELLS: one row a recurrent cell, one step each. The loop belongs to the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.cells.conv import conv_lstm, conv_rnn
from engine.cells.elman import elman
from engine.cells.gated import gated
from engine.cells.gru import gru
from engine.cells.lstm import lecture_gru, lstm
from engine.experiment import Experiment
from engine.trace import Ref, Trace


@dataclass(frozen=True, slots=True)
class Cell:
    """`step(trace, x, hidden, experiment)` traces one step and returns what goes up, h. What
    comes from below, `x`, may be several slots (both directions of the layer below).

    `gate`: (bias, index of its block, number of blocks) of the gate that remembers; the GRU
    of PyTorch remembers where z is large.
    """

    id: str
    title: str
    step: Callable[[Trace, tuple[Ref, ...], int, Experiment], Ref]
    gate: tuple[str, int, int] | None = None


CELLS: dict[str, Cell] = {
    "elman": Cell("elman", "RNN", elman),
    "gated": Cell("gated", "Gated", gated, ("b", 0, 2)),
    "lstm": Cell("lstm", "LSTM", lstm, ("b", 0, 4)),
    "lecture-gru": Cell("lecture-gru", "Lecture GRU", lecture_gru, ("b", 0, 3)),
    "gru": Cell("gru", "GRU", gru, ("b_x", 1, 3)),
    "conv-rnn": Cell("conv-rnn", "Conv RNN", conv_rnn),
    "conv-lstm": Cell("conv-lstm", "Conv LSTM", conv_lstm, ("b", 0, 4)),
}
