"""“Naïve RNNs almost never work”: which settings of a small grid solve delayed recall, filled in as
they are tried, one by one. It is of no film: what was tried once is known for all.
"""

from __future__ import annotations

import math
from itertools import groupby

import numpy as np

from engine.training.grid import GATED, RATES, STEPS, UPDATES, Piece, pieces, solves, tried
from visualizer.plots import axes as frames
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers.columns import fitted
from visualizer.scene.picture import Item, Picture, Rects, Texts
from visualizer.scene.view import View

TITLE = "Naïve RNNs almost never work"
NAMES = {
    "elman": "RNN",
    "gated": "gated",
    "lstm": "LSTM",
    "gru": "GRU",
    "": "padded",
}  # the last a feed-forward net
LEFT, RIGHT, TOP, BOTTOM = 124.0, 24.0, 96.0, 10.0
GAP = 14.0  # between two cells
WIDE = 52.0  # px of a column in which a loss has room
EACH = 1.0  # seconds of a setting, about
_known: dict[Piece, float] = {}  # what was tried, whichever film was shown


def grid_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "linear"
) -> Picture:
    """A column for each cell, gate bias and clipping, a row for each learning rate."""
    found = known(film)
    solved = sum(map(solves, found.values()))
    words = f"delayed recall over {STEPS} steps, {UPDATES} updates each: "
    words += f"{len(found)} of {len(pieces())} tried, {solved} solved"
    items = frames.heading(TITLE, words)
    columns = _columns()
    wide = max(width - LEFT - RIGHT - GAP * (len({c[0] for c in columns}) - 1), 1.0)
    across = wide / len(columns)
    down = max((height - TOP - BOTTOM) / len(RATES), 4.0)
    x = LEFT
    for cell, some in groupby(columns, key=lambda column: column[0]):
        own = list(some)
        items += _head(cell, found, x, across * len(own))
        for column in own:
            items += _column(column, found, x, across, down)
            x += across
        x += GAP
    y = [TOP + (n + 0.5) * down for n in range(len(RATES))]
    places = np.column_stack([np.full(len(y), LEFT - 9.0), y])
    items.append(Texts("axis-text", places, tuple(f"rate {r:g}" for r in RATES), "end"))
    entries = [("grid-solved", "solved"), ("grid-not", "not solved"), ("bar-pending", "to come")]
    items += frames.legend(width, entries)
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def _columns() -> list[tuple[str, bool, float]]:
    return list(dict.fromkeys((p.cell, p.clipped, p.bias) for p in pieces()))


def _head(cell: str, found: dict[Piece, float], x: float, wide: float) -> list[Item]:
    own = [loss for piece, loss in found.items() if piece.cell == cell]
    count = sum(piece.cell == cell for piece in pieces())
    words = fitted(
        f"{NAMES[cell]} {sum(map(solves, own))}/{count}", wide + GAP - 4.0, "legend-text"
    )
    return [Texts("bar-label", np.array([[x + 2.0, 54.0]]), (words,))]


def _column(
    column: tuple[str, bool, float],
    found: dict[Piece, float],
    x: float,
    across: float,
    down: float,
) -> list[Item]:
    cell, clipped, bias = column
    said = (f"b {bias:g}" if cell in GATED else "", "clip" if clipped else "")
    above = np.array([[x + 3.0, 72.0], [x + 3.0, 87.0]])
    items: list[Item] = [Texts("legend-text", above, said, scale=min(across / 30.0, 1.0))]
    for n, rate in enumerate(RATES):
        loss = found.get(Piece(cell, clipped, bias, rate))
        box = np.array([[x + 1.5, TOP + n * down + 1.5, across - 3.0, down - 3.0]])
        if loss is None:
            items.append(Rects("bar-pending", box, radius=3.0))
            continue
        good = solves(loss)
        number = f"{loss:.2f}" if math.isfinite(loss) else "∞"
        mark = ("✓ " if good else "") + number if across > WIDE else "✓" * good
        items.append(Rects("grid-solved" if good else "grid-not", box, radius=3.0))
        middle = box[:, :2] + box[:, 2:] / 2
        items.append(Texts("bar-label", middle, (mark,), "middle", scale=0.85))
    return items


def known(film: Film) -> dict[Piece, float]:
    """What was tried so far, here or for this film elsewhere."""
    for key, loss in film.kept_so_far().items():
        if isinstance(key, tuple) and key[:1] == ("grid",):
            _known[key[1]] = loss
    return {piece: _known[piece] for piece in pieces() if piece in _known}


def left(film: Film, view: View) -> int:
    """How many settings are to be tried yet."""
    return len(pieces()) - len(known(film))


def ahead(film: Film, view: View, rest: int) -> None:
    """Try the next setting, `rest` of all being left."""
    piece = pieces()[-rest]
    film.kept(("grid", piece), lambda: tried(piece))


def seconds(film: Film, view: View) -> float:
    """About how long the next setting takes."""
    return EACH if left(film, view) else 0.0
