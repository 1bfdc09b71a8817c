"""A film that races shows, until there is time to paint it as always, nearly the same picture."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from tests.widgets.conftest import document_of
from tests.widgets.test_tiles import SENTENCE, Walk
from visualizer.scene import racing
from visualizer.widgets.parts.painted import Painted
from visualizer.widgets.parts.pixels import Pixels

WORDS = " ".join([SENTENCE] * 12)
PHASES = (0.2, 0.5)  # forward, backward


def raced(settings: dict[str, object], moment: float) -> Walk:
    """A canvas that was at one page, and now is at another one a hundred events later."""
    walk = Walk(document_of(WORDS, hidden=6, **settings), "tensors", 1, 3)
    for events in (0, 900):
        walk.stage.move_to_event(round(walk.stage.events * moment) + events)
        walk.stage.bring(walk.stage.frame.step - 3.0, walk.size.width(), walk.size.height())
        walk.pixels(walk.painted)
    return walk


@pytest.mark.parametrize("moment", PHASES)
@pytest.mark.parametrize("settings", [{"cell": "lstm"}, {"cell": "elman", "layers": 2}], ids=str)
def test_a_page_of_a_race_is_nearly_the_picture_and_soon_is(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], moment: float
) -> None:
    painted = []
    keep, page = Pixels.draw, racing.numbers
    monkeypatch.setattr(Pixels, "draw", lambda *a, **k: (painted.append(1), keep(*a, **k))[1])
    monkeypatch.setattr(racing, "numbers", lambda *a: (painted.append(2), page(*a))[1])
    walk = raced(settings, moment)
    assert painted == [1, 2]  # the first as always, the second as a page of a race
    here, there = walk.pixels(walk.painted), walk.pixels(Painted(walk.stage))
    assert 0.0 < (here != there).mean() < 0.2
    close = np.abs(here.view(np.uint8).astype(int) - there.view(np.uint8)) < 40
    assert close.mean() > 0.985
    assert walk.differ() == ""


@pytest.mark.parametrize(
    "settings", [{"arrangement": "per-layer", "cell": "elman"}, {"direction": "both"}], ids=str
)
def test_only_steps_that_are_alike_race(qapp: QApplication, settings: dict[str, object]) -> None:
    walk = Walk(document_of(SENTENCE, **settings), "tensors", 1, 3)
    walk.pixels(walk.painted)
    stage = walk.painted._tiles._stage
    assert stage is not None
    assert racing.alike(stage) == ("direction" in settings)


def test_every_look_of_a_step_has_a_sample_that_has_it(qapp: QApplication) -> None:
    walk = raced({"cell": "lstm"}, 0.5)
    stage = walk.painted._tiles._stage
    assert stage is not None
    seen = {(True, False), (True, True)}
    for look in seen:
        t = racing.sample(stage, look)
        assert t is not None
        for mark in (mark for mark in stage.layout.marks if mark.kind != "pill"):
            key = (mark.segment, mark.slot)
            assert (stage.frame.valued(*key)[0] <= t < stage.frame.valued(*key)[1]) == look[0]
            assert (stage.frame.complete(*key)[0] <= t < stage.frame.complete(*key)[1]) == look[1]
    assert racing.sample(stage, (False, True)) is None
