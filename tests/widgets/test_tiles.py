"""Whichever way one came (drags, zooms, events, another theme, another size), once everything is
made the pixels are those of painting all that is in sight in one go.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from engine.template import Node
from tests.widgets.conftest import document_of
from visualizer.document.document import Document
from visualizer.paint import stamps
from visualizer.scene.compose import fit
from visualizer.scene.levels import LEVELS
from visualizer.scene.view import View, moved, zoomed
from visualizer.theme import THEMES
from visualizer.widgets.parts import columns
from visualizer.widgets.parts.painted import Painted
from visualizer.widgets.parts.stage import Stage

SENTENCE = "I think therefore I am and what I am is a thing that doubts affirms denies and feels"
SIZES = ((900, 600), (760, 560), (1100, 700))
WALKS: tuple[tuple[dict[str, object], str, int], ...] = (
    ({"cell": "lstm", "hidden": 6}, "ops", 1),
    ({"cell": "lstm", "hidden": 6}, "tensors", 2),
    ({"cell": "elman", "hidden": 4, "layers": 2}, "steps", 1),
    ({"cell": "gru", "hidden": 3}, "numbers", 1),
    ({"cell": "gated", "hidden": 4}, "auto", 2),
    ({"cell": "lstm", "hidden": 4, "direction": "both"}, "tensors", 1),
    ({"arrangement": "per-layer", "cell": "elman"}, "ops", 1),
    ({"arrangement": "attention"}, "tensors", 1),
    ({"cell": "lstm", "hidden": 5}, "bands", 1),
    ({"cell": "gru", "hidden": 3, "layers": 2}, "bands", 2),
    ({"cell": "lstm", "hidden": 5}, "tensors from afar", 1),
    ({"cell": "gru", "hidden": 3}, "ops from afar", 2),
)


class Walk:
    """One canvas without its window, and what happens to it."""

    def __init__(self, document: Document, level: str, ratio: int, seed: int) -> None:
        self.stage = Stage(document)
        self.painted = Painted(self.stage)
        self.random, self.hand = random.Random(seed), random.Random(seed)
        self.ratio, self.theme = ratio, THEMES["light"]
        self.size = QSize(*SIZES[0])
        level, *far = level.split(" from ")
        view = fit(self.stage.film, *SIZES[0], level)
        self.stage.document.look(view=replace(view, zoom=0.04) if far else view)

    @property
    def view(self) -> View:
        return self.stage.view

    def pixels(self, painted: Painted) -> np.ndarray:  # type: ignore[type-arg]
        image = QImage(self.size * self.ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(self.ratio)
        image.fill(0x00FF00)
        with QPainter(image) as painter:
            painted.show(painter, self.size, self.ratio, self.theme)
        return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1).copy()

    def differ(self) -> str:
        """Where what is shown is not what a canvas shows that has seen nothing before."""
        self.pixels(self.painted)
        while self.painted.wanting:
            self.painted.make(self.hand.uniform(0, self.size.width()))
        here, there = self.pixels(self.painted), self.pixels(Painted(self.stage))
        rows, columns = np.nonzero(here != there)
        if not len(rows):
            return ""
        return f"{len(rows)} pixels, x {columns.min()}…{columns.max()}, y {rows.min()}…{rows.max()}"

    # ---- what may happen

    def drag(self) -> None:
        sheet, wide = self.stage.sheet, self.size.width()
        dx, dy = self.random.uniform(-wide, wide) * self.random.random(), 0.0
        if self.random.random() < 0.4:
            dy = self.random.uniform(-300, 300)
        new = moved(self.view, sheet.base, sheet.steps, dx, dy, self.size.height())
        self.stage.document.look(view=new)

    def zoom(self) -> None:
        sheet, time = self.stage.sheet, self.random.random() < 0.4
        factor = 1.15 ** self.random.choice([-3, -1, 1, 2])
        x = self.random.uniform(0, self.size.width())
        new = zoomed(self.view, sheet.base, sheet.steps, x, factor, time=time)
        self.stage.document.look(view=new)

    def event(self) -> None:
        self.stage.move_to_event(self.stage.done + self.random.choice([1, 1, 1, 2, -1, 9]))

    def scrub(self) -> None:
        self.stage.move_to(self.random.random())

    def race(self) -> None:
        """On to another page, as a long film that plays does."""
        done = self.stage.done + self.random.choice([-1, 1]) * self.random.randint(13, 200)
        self.stage.move_to_event(done)
        wide = self.size.width()
        self.stage.bring(max((self.stage.frame.step or 0) - 1.0, 0.0), wide, self.size.height())

    def between(self) -> None:
        self.stage.move_to(self.stage.position + 0.4 / self.stage.events)

    def hover(self) -> None:
        self.stage.look(hover=self.random.choice([None, self._node()]))

    def select(self) -> None:
        self.stage.select(self._node())

    def _node(self) -> Node:
        g = self.random.randrange(len(self.stage.film.network.segments))
        segment = self.stage.film.network.segments[g]
        t, k = self.random.randrange(segment.steps), self.random.randrange(len(segment.slots))
        return Node(g, t, k)

    def dress(self) -> None:
        self.theme = THEMES["dark" if self.theme is THEMES["light"] else "light"]

    def resize(self) -> None:
        self.size = QSize(*self.random.choice(SIZES))


DEEDS = (
    *(Walk.drag,) * 4, *(Walk.zoom,) * 2, *(Walk.event,) * 6, *(Walk.race,) * 2, Walk.scrub,
    Walk.between,
    Walk.hover, Walk.select, Walk.dress, Walk.resize,
)  # fmt: skip


@pytest.mark.parametrize("settings, level, ratio", WALKS)
def test_any_way_leads_to_the_same_pixels(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], level: str,
    ratio: int,
) -> None:  # fmt: skip
    if level == "ops":  # what was kept is drawn again: by whatever comes first, it comes out alike
        monkeypatch.setattr(stamps, "MOST_BYTES", 1_500_000)
    words = SENTENCE if level in LEVELS[:4] else " ".join([SENTENCE] * 12)
    walk = Walk(document_of(words, **settings), level, ratio, seed=len(level))
    walk.stage.move_to(0.5)
    for n in range(60 if ratio == 1 else 30):
        deed = walk.random.choice(DEEDS)
        deed(walk)
        if walk.random.random() < 0.7:
            found = walk.differ()
            assert not found, f"after {n}, {deed.__name__}: {found}, {walk.view}, {walk.stage.done}"


def test_of_a_long_film_the_ground_is_shown_until_there_can_be_more(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A painting never waits for all of it; then there is the picture that it would have made."""
    monkeypatch.setattr(columns, "PATIENCE", 0.0)
    walk = Walk(document_of(SENTENCE, cell="lstm", hidden=5), "bands", 1, 0)
    empty, calls = walk.pixels(walk.painted), 0
    while walk.painted.wanting and calls < 500:
        calls += 1
        walk.painted.make(0.0)
    seen = [
        len(np.unique(pixels[60:500, 200:800])) for pixels in (empty, walk.pixels(walk.painted))
    ]
    assert 3 < calls < 500 and seen[1] > 2 * seen[0]
    assert walk.differ() == ""
