"""The words of a far view: names of rows at the left, the axis of steps below, the playhead. Cells
and bars beside them are `bands` or pixels.
"""

from __future__ import annotations

import math

import numpy as np

from visualizer.scene.extremes import Columns, columns_of
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import band_cells
from visualizer.scene.layers.band_cells import Key, Kind
from visualizer.scene.layers.columns import fitted, read_until
from visualizer.scene.picture import Item, Polylines, Texts
from visualizer.scene.symbols import layer_mark, name_of
from visualizer.styles import STYLES
from visualizer.typeset import width_of

MARGIN = 12.0  # px right of the last step
RAIL = 132.0
SYMBOL, ROLE = 14.0, RAIL - 14.0  # where the name of a row begins, where its word ends
WORDS = {"input": "sequence", "state": "state", "memory": "memory", "logit": "readout"}
GATES = {"f": "forget", "i": "input", "o": "output", "r": "reset", "z": "update", "g": "candidate",
         "n": "candidate"}  # fmt: skip


class Window:
    """The steps in sight and where they are."""

    def __init__(
        self, film: Film, frame: Frame, b: int, x0: float, step: float, first: int, last: int,
        right: float,
    ) -> None:  # fmt: skip
        self.film, self.frame, self.b = film, frame, b
        self.x0, self.step, self.first, self.last, self.right = x0, step, first, last, right
        self.start, self.stop = film.span(b)
        self.size = max(step, 1.0)  # px of a column

    def x(self, t: float) -> float:
        return float(self.x0 + t * self.step)

    @property
    def owned(self) -> tuple[int, int]:
        """Visible steps of the sequence."""
        low = max(self.first, self.start)
        return low, max(min(self.last, self.stop), low)

    def columns(self, key: Key, kind: Kind) -> tuple[Columns, tuple[int, int]]:
        """The columns of a slot, a pixel or, where steps are wider, a step each; and which of them
        [a, z) are there."""
        film, wide = self.film, self.step / self.size
        steps = band_cells.steps(film, key, self.b)
        begin = band_cells.begin(film, key, self.b)
        first, last = math.floor(self.first * wide), math.ceil(self.last * wide)
        columns = columns_of(wide, begin, steps, first, last)
        return columns, columns.inside(*band_cells.there(film, self.frame, key, kind, self.b))


def role_of(film: Film, key: Key) -> str:
    """What a slot is, in a word."""
    slot = film.network.slot(*key)
    if slot.role in ("gate", "tensor"):
        return GATES.get(slot.name, "gate")
    return WORDS.get(slot.role, "")


def name(film: Film, key: Key, symbols: str) -> str:
    """The symbol of a slot, with its layer."""
    return name_of(film.network, *key, symbols) + layer_mark(film.network, *key)


def named(symbol: str, word: str, y: float) -> list[Item]:
    """A row's name and what it is."""
    return [
        Texts("band-symbol", np.array([[SYMBOL, y]]), (symbol,), scale=0.9),
        Texts("band-role", np.array([[ROLE, y]]), (word,), "end"),
    ]


def axis(window: Window, bottom: float) -> list[Item]:
    """Tokens under the steps where there is room for every one, else the counts of some."""
    batch = window.film.run.batch
    low, high = window.owned
    if window.step >= 13.0 and batch.vocabulary and window.b < len(batch.labels):
        return _tokens(window, low, min(high, len(batch.labels[window.b])), bottom)
    every = nice_step((window.last - window.first) / max((window.right - RAIL) / 90.0, 1.0))
    ticks = [t for t in range(0, window.last + 1, every) if t >= window.first]
    ticks = [t for t in ticks if window.x(max(t - 1, 0) + 0.5) >= RAIL]
    words = tuple(str(max(t, 1)) for t in ticks)
    # the last word ends where the picture does
    ends = [window.right + MARGIN - width_of(w, STYLES["axis-text"]) / 2 for w in words]
    centres = [min(window.x(max(t - 1, 0) + 0.5), end) for t, end in zip(ticks, ends)]
    places = [(x, bottom + 12.0) for x in centres]
    return [Texts("axis-text", np.array(places), words, "middle")] if places else []


def _tokens(window: Window, low: int, high: int, bottom: float) -> list[Item]:
    """Under every step what it reads; what the network said itself in another colour, once it has
    been said."""
    batch, b = window.film.run.batch, window.b
    own = batch.own[:, b] if batch.own is not None else np.zeros(batch.steps, bool)
    read = read_until(window.film, window.frame, b)
    rows: dict[str, list[tuple[float, str]]] = {"axis-text": [], "axis-text-own": []}
    for t in range(low, high):
        if not (own[t] and t >= read):
            word = fitted(str(batch.labels[b][t]), window.step - 3.0, "axis-text")
            rows["axis-text-own" if own[t] else "axis-text"].append((window.x(t + 0.5), word))
    return [
        Texts(style, np.array([[x, bottom + 12.0] for x, _ in some]),
              tuple(word for _, word in some), "middle")
        for style, some in rows.items()
        if some
    ]  # fmt: skip


def playhead(window: Window, top: float, bottom: float) -> list[Item]:
    now, frame = window.frame.step, window.frame
    if now is None or not window.first <= now < window.last or not 0.0 < frame.position < 1.0:
        return []
    x = window.x(now + 0.5)
    if x < RAIL:
        return []
    return [
        Polylines("playhead", (np.array([[x, top - 4.0], [x, bottom + 2.0]]),)),
        Texts("playhead-text", np.array([[x, top - 13.0]]), (f"t = {now + 1}",), "middle"),
    ]


def nice_step(raw: float) -> int:
    """1, 2, 5 times a power of ten, at least `raw`."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if step * power >= raw:
                return step * power
        power *= 10
