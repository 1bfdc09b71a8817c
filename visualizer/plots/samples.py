"""What a network wrote while it learnt: a line a sample, the one nearest to what is shown lit.

Whoever clicks a line goes to its update. How samples are written is in `engine.training`.
"""

from __future__ import annotations

import re

import numpy as np

from visualizer.plots import axes as frames
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Picture, Rects, Texts
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View
from visualizer.styles import STYLES
from visualizer.typeset import width_of

TOP, ROW, FOOT = 50.0, 22.0, 8.0
LEFT, RIGHT = 164.0, 16.0  # px of the words of a sample
SLACK = 1.06  # a screen draws letters of 11.5 px at 12
NONE = "no samples: train a model over tokens, with Sample every above 0"
TITLE = "Samples while learning"
MARKUP = re.compile(r"(?<=[_^])(?=\{)")
Samples = tuple[tuple[int, str], ...]


def samples_picture(
    sheet: Sheet, shown: tuple[Frame, ...], view: View, width: float, height: float, scale: str
) -> Picture:
    """As many samples as have room, around the one of the update that is shown."""
    samples = _samples(sheet)
    if not samples:
        items = [*frames.heading(TITLE, ""), frames.note(width, NONE)]
        return Picture(width, height, tuple(items), background="plot", title=TITLE)
    first, count, lit = _in_sight(sheet, samples, height)
    items = frames.heading(TITLE, _words(sheet, samples))
    box = [92.0, TOP + (lit - first) * ROW, width - 92.0 - RIGHT + 6.0, ROW]
    items.append(Rects("column-current", np.array([box]), radius=5.0))
    y = TOP + ROW * (np.arange(count) + 0.5)
    some = range(first, first + count)
    letter = width_of("0" * 100, STYLES["value-text"]) / 100
    room = int((width - LEFT - RIGHT) / (letter * SLACK))
    parts = [(at, y[n - first], s) for n in some for at, s in _parts(samples[n][1], room)]
    places = np.array([[LEFT + at * letter, height] for at, height, _ in parts])
    items.append(Texts("value-text", places, tuple(s for _, _, s in parts)))
    for style, rows in (
        ("axis-text", [n for n in some if n != lit]),
        ("axis-text-current", [lit]),
    ):
        places = np.array([[LEFT - 14.0, y[n - first]] for n in rows]).reshape(-1, 2)
        items.append(Texts(style, places, tuple(f"{samples[n][0]:,}" for n in rows), "end"))
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def update_at(sheet: Sheet, x: float, y: float, width: float, height: float) -> int | None:
    """The update, told by how many are behind it, after which the sample at a pixel was written."""
    samples = _samples(sheet)
    if not samples:
        return None
    first, count, _ = _in_sight(sheet, samples, height)
    return samples[first + min(max(int((y - TOP) // ROW), 0), count - 1)][0]


def _samples(sheet: Sheet) -> Samples:
    """(updates behind it, words) of every sample."""
    learnt = sheet.learnt[sheet.hand]
    history = () if learnt is None else learnt.trained.history.samples
    return tuple((update + 1, words) for update, words in history)


def _in_sight(sheet: Sheet, samples: Samples, height: float) -> tuple[int, int, int]:
    """The first one in sight, how many are, and which belongs to the update that is shown."""
    learnt = sheet.learnt[sheet.hand]
    at = None if learnt is None else learnt.update
    behind = np.array([update for update, _ in samples])
    lit = len(samples) - 1 if at is None else int(np.abs(behind - at).argmin())
    count = min(max(int((height - TOP - FOOT) // ROW), 1), len(samples))
    page = (len(samples) - 1 - lit) // count  # from the end; a click turns no page under the hand
    return max(len(samples) - (page + 1) * count, 0), count, lit


def _words(sheet: Sheet, samples: Samples) -> str:
    every = f", every {samples[0][0]:,} updates" if len(samples) > 1 else ""
    return f"{len(samples):,} samples{every}; click one to go to its update"


def _parts(words: str, room: int) -> list[tuple[int, str]]:
    """A sample in one line of so many letters, cut where it would be read as markup (`typeset`);
    each part with the place of its first letter."""
    line = words.replace("\n", "↵")
    line = line if len(line) <= room else line[: max(room - 1, 1)] + "…"
    found, at = [], 0
    for part in MARKUP.split(line):
        found.append((at, part))
        at += len(part)
    return found
