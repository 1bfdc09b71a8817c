"""Steps that are only half in sight: their marks end at the axis, and their labels are left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.scene.films import film
from visualizer.plots.axes import axes_of, inside, step_labels
from visualizer.scene.compose import fit
from visualizer.scene.picture import Clip, Rects, Texts, Unclip

LONG = " ".join(f"w{n % 7}" for n in range(120))


def test_no_label_is_cut_by_an_edge() -> None:
    here = film("elman", LONG)
    for shift in np.linspace(20.0, 21.0, 11).tolist():
        view = replace(fit(here, 900.0, 600.0, "steps"), origin=(shift, 0.0))
        axes = axes_of(here, view, 900.0, 196.0, 0.0, 1.0)
        labels = [i for i in step_labels(axes, here.frame_at(1.0), here) if isinstance(i, Texts)]
        x = np.concatenate([label.positions[:, 0] for label in labels])
        assert len(x) > 3 and x.min() >= axes.left and x.max() <= axes.right
        assert np.diff(np.sort(x)).min() > 40.0


def test_words_may_reach_over_the_axis_and_marks_may_not() -> None:
    here = film("elman", LONG)
    view = fit(here, 900.0, 600.0, "steps")
    axes = axes_of(here, view, 900.0, 196.0, 0.0, 1.0)
    box = Rects("bar-own", np.array([[axes.left - 9.0, 10.0, 20.0, 20.0]]))
    word = Texts("bar-label", np.array([[axes.left, 8.0]]), ("1.5",), "middle")
    found = inside(axes, [box, word])
    assert [type(item) for item in found] == [Clip, Rects, Unclip, Clip, Texts, Unclip]
    clips = [item.box[0] for item in found if isinstance(item, Clip)]
    assert clips[0] >= axes.left - 1.0 and clips[1] < axes.left - 20.0
