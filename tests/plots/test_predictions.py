"""Predictions beside their targets: the numbers themselves, where and when they exist."""

from __future__ import annotations

import numpy as np

from visualizer.document.derive import derive, sheet_of
from visualizer.document.learning import of_sample
from visualizer.plots.table import PLOTS, plot_picture
from visualizer.scene.picture import Dots, Picture, Polylines, Texts
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View


def shown(name: str) -> Sheet:
    return sheet_of(derive(of_sample(name)))


def picture(sheet: Sheet, moment: float) -> Picture:
    row = PLOTS["targets"]
    return plot_picture(row, sheet, sheet.frames_at(moment), View(), 1200.0, 300.0, "linear")


def heights(made: Picture, style: str) -> np.ndarray:
    lines = [i for i in made.items if isinstance(i, Polylines) and i.style == style]
    return max((p for line in lines for p in line.points), key=len)[:, 1]


def test_the_lines_are_prediction_and_target_of_every_step() -> None:
    sheet = shown("sine")
    recording, batch = sheet.film.recording, sheet.film.run.batch
    made = picture(sheet, 1.0)
    g, k = next(
        (g, k)
        for g, segment in enumerate(sheet.film.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.role == "logit"
    )
    both = np.concatenate([recording.value(g, k)[:, 0, 0], batch.targets[:, 0, 0]])
    drawn = np.concatenate([heights(made, "line-1"), heights(made, "line-4")])
    slope, start = np.polyfit(both, drawn, 1)  # one axis for both, upwards
    np.testing.assert_allclose(drawn, slope * both + start, atol=1e-6)
    assert slope < 0


def test_nothing_is_predicted_before_forward_has_come_there() -> None:
    sheet = shown("sine")
    before = [i for i in picture(sheet, 0.0).items if isinstance(i, Polylines)]
    assert not any(i.style == "line-1" and len(i.points[0]) > 2 for i in before)
    one_each = shown("adding")
    assert not any(len(i.centres) for i in picture(one_each, 0.0).items if isinstance(i, Dots))


def test_where_every_sequence_has_one_each_has_a_dot_over_its_target() -> None:
    sheet = shown("adding")
    made = picture(sheet, 1.0)
    (dots,) = [i for i in made.items if isinstance(i, Dots)]
    targets = sheet.film.run.batch.targets[-1, :, 0]
    places = np.asarray(dots.centres)
    assert len(places) == len(targets) == 4
    assert (np.argsort(places[:, 0]) == np.argsort(targets)).all()


def test_classes_are_no_numbers() -> None:
    made = picture(shown("parity"), 1.0)
    said = " ".join(s for i in made.items if isinstance(i, Texts) for s in i.strings)
    assert "targets here are no numbers" in said
