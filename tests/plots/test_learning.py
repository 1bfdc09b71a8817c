"""Curves of a training: what is not trained says so, and every update has its place."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from engine.training.trained import Trained
from engine.training.trainer import train
from visualizer.document.derive import derive, sheet_of
from visualizer.document.learning import snapshot_of
from visualizer.document.snapshot import Snapshot
from visualizer.plots.table import PLOTS, plot_picture
from visualizer.scene.picture import Heat, Picture, Polylines, Texts
from visualizer.scene.view import View


@cache
def learnt() -> Trained:
    return train("adding", updates=30, hidden=4, length=12, clip="norm", clip_at=0.5)


def picture(kind: str, trained: Trained | None, scale: str = "log") -> Picture:
    snapshot = snapshot_of(trained or learnt())
    if trained is None:
        snapshot = Snapshot(snapshot.sequence, snapshot.experiment)
    sheet = sheet_of(derive(snapshot))
    return plot_picture(PLOTS[kind], sheet, sheet.frames_at(1.0), View(), 900.0, 300.0, scale)


def words(picture: Picture) -> str:
    return " ".join(s for item in picture.items if isinstance(item, Texts) for s in item.strings)


@pytest.mark.parametrize("kind", ["learning", "updates"])
def test_what_is_not_trained_says_so(kind: str) -> None:
    assert "not trained yet: press Train" in words(picture(kind, None))


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_the_curve_goes_through_every_loss(scale: str) -> None:
    made = picture("learning", learnt(), scale)
    lines = [i for i in made.items if isinstance(i, Polylines) and i.style == "line-1"]
    curve = max((p for line in lines for p in line.points), key=len)
    loss = learnt().history.curves["mean"]
    assert len(curve) == len(loss) == 30
    # down on the screen is up in the loss, whatever the scale
    np.testing.assert_array_equal(np.argsort(-curve[:, 1], kind="stable"),
                                  np.argsort(loss, kind="stable"))  # fmt: skip
    assert "knowing nothing" in words(made) and "clipped" in words(made)


def test_the_heat_has_a_row_for_every_step_and_its_darkest_is_the_largest() -> None:
    made = picture("updates", learnt())
    heat = next(item for item in made.items if isinstance(item, Heat))
    norms = learnt().history.norms
    rows, columns = heat.levels.shape
    assert rows % norms.shape[1] == 0 and columns % norms.shape[0] == 0
    cells = heat.levels[:: rows // norms.shape[1], :: columns // norms.shape[0]]
    update, step = np.unravel_index(norms.argmax(), norms.shape)
    assert cells[step, update] == cells.max() == 255
