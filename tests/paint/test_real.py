"""Real pictures of real runs: every style they name is there, in both backends and all themes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import cache

import pytest

from engine.door import run
from engine.experiment import Experiment
from engine.sequences import typed
from visualizer.export.png import image_of
from visualizer.paint.svg import to_svg
from visualizer.scene.compose import compose, fit
from visualizer.scene.film import Film
from visualizer.styles import STYLES
from visualizer.theme import THEMES

LEVELS = ("numbers", "ops", "tensors", "steps", "bands")


@cache
def film(cell: str) -> Film:
    return Film(run(typed("I think therefore I am"), Experiment(cell=cell, hidden=3)))


@pytest.mark.parametrize("cell", ["elman", "gated", "lstm", "lecture-gru", "gru"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("moment", [0.0, 0.3, 0.7, 1.0])
def test_every_level_and_moment(cell: str, level: str, moment: float, qapp: object) -> None:
    own = film(cell)
    picture = compose(own, own.frame_at(moment), fit(own, 900, 600, level), 900, 600)
    named = {style for item in picture.items if (style := getattr(item, "style", None))}
    assert named <= set(STYLES)
    text = to_svg(picture, THEMES["print"])
    ET.fromstring(text)
    assert text == to_svg(picture, THEMES["print"])
    image = image_of(picture, THEMES["dark"], 1.0)
    assert len({image.pixel(x, y) for x in range(5, 900, 7) for y in range(5, 600, 11)}) > 8
