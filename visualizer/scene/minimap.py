"""The whole sequence as one slim strip: values and δ of the state on top, the steps that have a
loss as ticks, the part that is in sight as a frame, the playhead as a line.

Here stands what it shows and where; what a hand does with it is the widget's. Every column of
pixels is the strongest of its steps (`extremes`), so it costs the same for any number of steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from visualizer.scene.extremes import Columns, columns_of, gathered, levels_of
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import band_cells, bands
from visualizer.scene.layers.band_cells import KINDS, Key, Kind
from visualizer.scene.picture import Heat, Item, Polylines, Rects, Texts

HEIGHT = 36.0
LEFT, RIGHT = bands.RAIL, bands.TAIL  # as bands have them, so that both are one axis in time
TOP, BOTTOM = 5.0, 6.0  # outside the box
INSIDE = 3.0  # from the box to the cells
BETWEEN = 1.0  # values and δ
UNITS = 4  # rows of them, in each half
LEAST = 8.0  # px of the frame: there must be something to take hold of
TICK = 4.0  # height of a loss
APART = 6.0  # px from loss to loss, on average, from which on they are ticks
SLACK = 0.02  # steps out of sight that do not count


@dataclass(frozen=True, slots=True)
class Track:
    """Where `steps` steps lie in a strip `width` px wide."""

    steps: int
    width: float

    @property
    def inner(self) -> float:
        return max(self.width - LEFT - RIGHT, 1.0)

    @property
    def step(self) -> float:
        """Pixels of a step."""
        return self.inner / max(self.steps, 1)

    def x(self, t: float) -> float:
        """Pixel of the left edge of step t, kept on the strip."""
        return LEFT + min(max(t, 0.0), self.steps) * self.step

    def t(self, x: float) -> float:
        """The step, and how far into it, at a pixel."""
        return (x - LEFT) / self.step

    def box(self, low: float, high: float) -> tuple[float, float]:
        """Left edge and width of the frame round the steps [low, high)."""
        a, z = self.x(low), self.x(high)
        missing = max(LEAST - (z - a), 0.0) / 2
        a = min(max(a - missing, LEFT), LEFT + self.inner - LEAST)
        return a, max(z - a, LEAST)


def all_in_sight(low: float, high: float, steps: int) -> bool:
    """Whether the steps [low, high) are all that there are."""
    return low <= SLACK and high >= steps - SLACK


def shown(film: Film) -> tuple[Key, ...]:
    """The slots of the strip: the state of the top layer, in every part of time."""
    every = bands.shown(film)
    state = [band for band in every if film.network.slot(*band[0]).role == "state"]
    return (state or every)[0]


def reached(film: Film, frame: Frame, b: int, track: Track) -> tuple[tuple[int, int], ...]:
    """How far everything has come, in columns: where this stays, so does the strip."""
    return tuple(
        _columns(film, frame, key, kind, b, track)[1] for key in shown(film) for kind in KINDS
    )


def draw(film: Film, frame: Frame, b: int, track: Track) -> list[Item]:
    """The strip without frame and playhead."""
    box = np.array([[LEFT - INSIDE, TOP, track.inner + 2 * INSIDE, HEIGHT - TOP - BOTTOM]])
    items: list[Item] = [Rects("minimap", box)]
    tall = (HEIGHT - TOP - BOTTOM - 2 * INSIDE - BETWEEN) / 2
    for key in shown(film):
        for place, kind in enumerate(KINDS):
            y = TOP + INSIDE + place * (tall + BETWEEN)
            items += _cells(film, frame, key, kind, b, track, (y, tall))
    return items + _losses(film, b, track)


def _columns(
    film: Film, frame: Frame, key: Key, kind: Kind, b: int, track: Track
) -> tuple[Columns, tuple[int, int]]:
    """The columns of a slot, a pixel or, where steps are wider, a step each; and which of them
    [a, z) are there."""
    held: dict[tuple[Track, int], Columns] = film.kept(("columns of the strip", b), dict)
    asked = (track, key[0])
    if asked not in held:
        if all(other != track for other, _ in held):  # the window has another width
            held.clear()
        wide = min(track.step, 1.0)
        steps, begin = band_cells.steps(film, key, b), band_cells.begin(film, key, b)
        held[asked] = columns_of(wide, begin, steps, 0, math.ceil(track.steps * wide))
    found = held[asked]
    return found, found.inside(*band_cells.there(film, frame, key, kind, b))


def _cells(
    film: Film, frame: Frame, key: Key, kind: Kind, b: int, track: Track,
    place: tuple[float, float],
) -> list[Item]:  # fmt: skip
    """The cells of one kind that exist, hatched where they do not yet."""
    columns, (a, z) = _columns(film, frame, key, kind, b, track)
    size, (y, tall) = max(track.step, 1.0), place
    right = LEFT + track.inner
    items: list[Item] = []
    if kind == "value" or film.recording.has_gradients:
        spans = ((columns.first, a), (z, columns.last))
        boxes = [
            (LEFT + low * size, y, min(LEFT + high * size, right) - LEFT - low * size, tall)
            for low, high in spans
            if high > low
        ]
        items += [Rects("band-pending", np.array(boxes))] if boxes else []
    if z > a:
        found = band_cells.extremes(film, key, kind, b).strongest(columns.cut(a, z))
        name = band_cells.colours(film, key, kind)
        levels = levels_of(gathered(found, UNITS), name != "gate")
        across = int(np.clip(size, 1, 24))  # edges of wide cells stay sharp where they are smoothed
        levels = np.repeat(np.repeat(levels, across, axis=1), 3, axis=0)
        end = min(LEFT + z * size, right)
        items.append(Heat(name, (LEFT + a * size, y, end - LEFT - a * size, tall), levels))
    return items


def _losses(film: Film, b: int, track: Track) -> list[Item]:
    """A tick for each loss that counts, unless they stand too close to be told apart."""
    if not band_cells.losses(film):
        return []
    steps = film.kept(("steps of losses", b), lambda: _loss_steps(film, b))
    if not len(steps) or track.inner / len(steps) < APART:
        return []
    x = LEFT + (steps + 0.5) * track.step
    boxes = np.column_stack([x - 0.75, np.full(len(x), TOP - TICK / 2)])
    sizes = np.broadcast_to([1.5, TICK], boxes.shape)
    return [Rects("minimap-loss", np.column_stack([boxes, sizes]), radius=0.7)]


def _loss_steps(film: Film, b: int) -> np.ndarray:
    return np.flatnonzero(film.recording.loss_weights[:, b])


def over(track: Track, low: float, high: float, now: int | None, said: str = "") -> list[Item]:
    """What moves on the strip: the frame round the steps [low, high), the playhead in step `now`,
    and what is in sight in words, unless they are those that are `said`."""
    x, wide = track.box(low, high)
    tall = HEIGHT - TOP - BOTTOM
    y, deep = TOP + INSIDE, tall - 2 * INSIDE
    sides = [(LEFT, y, x - LEFT, deep), (x + wide, y, LEFT + track.inner - x - wide, deep)]
    items: list[Item] = [Rects("minimap-veil", np.array(sides), radius=0.0)]
    if now is not None:
        at = track.x(now + 0.5)
        items.append(Polylines("playhead", (np.array([[at, TOP - 2.0], [at, TOP + tall + 2.0]]),)))
    frame = np.array([[x - INSIDE, TOP - 1.0, wide + 2 * INSIDE, tall + 2.0]])
    items.append(Rects("minimap-view", frame))
    place = np.array([[LEFT - INSIDE - 10.0, TOP + tall / 2]])
    return [*items, Texts("axis-text", place, (said or words(low, high, track.steps),), "end")]


def words(low: float, high: float, steps: int) -> str:
    """The steps that are at least half in sight, counted from 1."""
    first = min(max(round(low), 0), steps - 1)
    last = min(max(round(high), first + 1), steps)
    return f"{first + 1}–{last}" if last > first + 1 else f"{first + 1}"
