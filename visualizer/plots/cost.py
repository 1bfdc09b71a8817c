"""Cost: parameters, multiply–adds and bytes kept, with what is multiplied by zero, of padded,
per-layer and shared beside each other on the batch that is open, and of the run itself. A table
with one bar a row; it has no time axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrangements import ARRANGEMENTS
from engine.cells import CELLS
from engine.cost import BESIDE, FORMULAS, Cost, beside, cost_of
from visualizer.plots import axes as frames
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Item, Picture, Rects, Texts
from visualizer.scene.view import View

PER_NUMBER = 2.5e-8  # seconds
TITLE = "Cost"
LEFT, RIGHT = 124.0, 20.0
HEAD = 60.0
PITCH = 27.0
NUMBERS = 196.0  # px from the names to the end of the first number
FORMULA = 158.0
ROOMY = 860.0  # px of the whole below which formulas go
BARRED = 640.0  # below which bars go
HEADS = ("forward", "by zero", "backward", "kept")


@dataclass(frozen=True, slots=True)
class Row:
    """`formula`: of the parameters below the readout; `here`: the run that is open."""

    name: str
    cost: Cost
    formula: str = ""
    here: bool = False


def cost_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "linear"
) -> Picture:
    """The table in a window of width by height; the same at every moment."""
    rows: tuple[Row, ...] = film.kept(("cost",), lambda: rows_of(film))
    pitch = min(PITCH, (height - HEAD - 14.0) / max(len(rows), 1))
    items = frames.heading(TITLE, _subtitle(film, rows))
    items += _heads(width)
    for n, row in enumerate(rows):
        items += _row(row, rows, width, HEAD + (n + 1) * pitch - 4.0, pitch)
    if width >= BARRED:
        entries = [
            ("bar-own", "multiply–adds"),
            ("bar-later", "by a zero of the sequence"),
            ("bar-hollow", "by a zero of the padding"),
        ]
        items += frames.legend(width, frames.fitting(entries, width - 90.0))
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def seconds(film: Film, view: View) -> float:
    """About how long it takes: beside others stands one with weights of its own at every step."""
    if film.keeps(("cost",)):
        return 0.0
    numbers = sum(p.size for p in film.recording.parameters.values())
    return float(film.steps * numbers * PER_NUMBER)


def rows_of(film: Film) -> tuple[Row, ...]:
    """Padded, per-layer, shared; the run itself among them, or below."""
    own, experiment = cost_of(film.run), film.run.experiment
    rows = []
    for name, cost in beside(film.run).items():
        here = cost == own and experiment.arrangement in (name, "recurrent")
        rows.append(Row(name, cost, FORMULAS[name][0], here))
    if not any(row.here for row in rows):
        rows.append(Row(_name(film), own, here=True))
    return tuple(rows)


def _name(film: Film) -> str:
    """What is open, in a word: its cell, or its arrangement."""
    experiment = film.run.experiment
    title = ARRANGEMENTS[experiment.arrangement].title
    return CELLS[experiment.cell].title if experiment.arrangement == "recurrent" else title


def _subtitle(film: Film, rows: tuple[Row, ...]) -> str:
    batch = film.run.batch
    if film.network.timeless:
        return "of the formula"
    lengths = [int(n) for n in batch.stop - batch.start]
    steps = f"{min(lengths)} to {max(lengths)}" if len(set(lengths)) > 1 else f"{lengths[0]}"
    many = f"{batch.size} sequences" if batch.size > 1 else "1 sequence"
    inputs, units = batch.x.shape[-1], film.run.experiment.hidden
    told = f"{many} of {steps} step{'s' * (max(lengths) > 1)}, {inputs} input{'s' * (inputs > 1)}"
    told += f", {units} unit{'s' * (units > 1)}"
    three = [row.name for row in rows if row.name in BESIDE]
    return f"{told}; {', '.join(three)} with one loss at the end" if three else told


def _columns(width: float) -> tuple[float, ...]:
    """Right ends of the four numbers behind the bar."""
    right = width - RIGHT
    return right - 232.0, right - 160.0, right - 76.0, right


def _heads(width: float) -> list[Item]:
    y = HEAD + 2.0
    middle = LEFT + NUMBERS
    places = np.array([[middle, y], *[[x, y] for x in _columns(width)]])
    return [Texts("legend-text", places, ("parameters", *HEADS), "end")]


def _row(row: Row, rows: tuple[Row, ...], width: float, y: float, pitch: float) -> list[Item]:
    cost = row.cost
    text = "bar-label" if row.here else "axis-text"
    items: list[Item] = []
    if row.here:
        ground = np.array([[LEFT - 10.0, y - pitch / 2, width - LEFT - RIGHT + 18.0, pitch - 1.0]])
        items.append(Rects("table-row", ground))
    items.append(Texts(text, np.array([[LEFT, y]]), (row.name,)))
    numbers = (
        f"{cost.parameters:,}",
        f"{cost.forward:,}",
        f"{100 * cost.by_zero:.0f} %",
        f"{cost.backward:,}",
        size_words(cost.bytes),
    )
    middle = LEFT + NUMBERS
    places = np.array([[middle, y], *[[x, y] for x in _columns(width)]])
    items.append(Texts(text, places, numbers, "end"))
    left = middle + 14.0
    if row.formula and width >= ROOMY:
        items.append(Texts("legend-text", np.array([[left, y]]), (f"{row.formula} + readout",)))
    if width >= BARRED:
        low = left + (FORMULA if width >= ROOMY else 6.0)
        most = max(r.cost.forward for r in rows)
        items += _bar(cost, most, low, _columns(width)[0] - 70.0, y)
    return items


def _bar(cost: Cost, most: int, left: float, right: float, y: float) -> list[Item]:
    """Multiply–adds forward: what counts, then what is multiplied by zero."""
    parts = (cost.forward - cost.padding - cost.zeros, cost.zeros, cost.padding)
    items: list[Item] = []
    x = left
    for style, part in zip(("bar-own", "bar-later", "bar-hollow"), parts, strict=True):
        wide = (right - left) * part / max(most, 1)
        if wide > 0.5:
            items.append(Rects(style, np.array([[x, y - 6.0, max(wide - 1.0, 0.5), 12.0]])))
        x += wide
    return items


def cost_words(cost: Cost) -> str:
    """One line: "720 multiply–adds forward (22 % by zero), 1,480 backward, 7.48 kB kept"."""
    by_zero = f" ({100 * cost.by_zero:.0f} % by zero)" if cost.by_zero else ""
    return (
        f"{cost.forward:,} multiply–adds forward{by_zero}, {cost.backward:,} backward, "
        f"{size_words(cost.bytes)} kept"
    )


def size_words(count: int) -> str:
    """Bytes in a word: 7.5 kB."""
    for unit, power in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= power:
            return f"{count / power:.3g} {unit}"
    return f"{count} B"
