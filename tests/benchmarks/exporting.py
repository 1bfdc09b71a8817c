"""The whole of a long recording as an SVG, every step of it legible: how long the picture and its
text take, from a recording that is there, and how large the file is.

Nodes are counted as `run` counts them, every slot of every step; those that are drawn as blocks of
a step are a third of them for an LSTM.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from engine.experiment import Experiment
from engine.sequences import typed
from tests.benchmarks.timing import Figure, clocked
from visualizer.document.derive import derive, sheet_of
from visualizer.document.snapshot import Snapshot
from visualizer.export.figures import figure
from visualizer.paint.svg import to_svg
from visualizer.scene.sheet import Sheet
from visualizer.theme import THEMES

# steps, of a cell, and the bars: seconds, MB
ROWS = (
    (770, "lstm", 0.2, 3.0),
    (2_000, "elman", 0.2, 3.0),
    (7_700, "lstm", 2.5, 30.0),
    (20_000, "elman", 2.5, 30.0),
)
WORDS = 9


def figures(times: int = 5) -> Iterator[Figure]:
    for steps, cell, bar, size in ROWS:
        sheet = recorded(steps, cell)
        nodes = sheet.films[0].recording.nodes
        name = f"SVG, {cell}, {steps:,} steps, {nodes:,} nodes, level steps"
        yield Figure(name, bar, *clocked(lambda _: None, partial(_write, sheet), times, 1))
        held = [len(_write(sheet).encode()) / 1e6]
        yield Figure(f"    bytes of it, {size:g} MB allowed", size, held, held, unit="MB")


def recorded(steps: int, cell: str) -> Sheet:
    """A sheet of so many words."""
    text = " ".join(f"w{k % WORDS}" for k in range(steps))
    snapshot = Snapshot(typed(text), Experiment(cell=cell, hidden=16))
    return sheet_of(derive(snapshot, None))


def _write(sheet: Sheet, _: int = 0) -> str:
    return to_svg(figure(sheet, level="steps", whole=True), THEMES["print"])
