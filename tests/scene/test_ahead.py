"""What makes the inputs of a model that was opened is said below them, in room of its own."""

from __future__ import annotations

import numpy as np
import pytest

from tests.scene.films import film
from tests.scene.marks import of
from visualizer.scene.compose import compose, fit
from visualizer.scene.film import Film
from visualizer.scene.picture import Rects, Texts
from visualizer.styles import STYLES
from visualizer.typeset import width_of

SIZE = (1100.0, 760.0)


@pytest.mark.parametrize("level", ["ops", "tensors", "steps"])
@pytest.mark.parametrize("ahead", [("embed",), ("encoder.conv1", "encoder.conv2")])
def test_a_box_stands_below_each_input(level: str, ahead: tuple[str, ...]) -> None:
    run = film("lstm").run
    here, plain = Film(run, ahead), Film(run)
    assert here.layout(level).height > plain.layout(level).height
    picture = compose(here, here.frame_at(1.0), fit(here, *SIZE, level), *SIZE)
    (boxes,) = of(picture, Rects, "graph-ahead")
    (names,) = of(picture, Texts, "graph-ahead-text")
    (tokens,) = of(picture, Texts, "token")
    assert len(boxes.boxes) == len(tokens.strings) == len(names.strings) >= 4
    assert " → ".join(ahead).startswith(names.strings[0].rstrip("…"))
    wide = width_of(names.strings[0], STYLES["graph-ahead-text"]) * names.scale
    assert wide < boxes.boxes[0, 2]
    below = boxes.boxes[:, 1] + boxes.boxes[:, 3]
    assert np.all(tokens.positions[:, 1] > below + 6.0 * tokens.scale)
    bare = compose(plain, plain.frame_at(1.0), fit(plain, *SIZE, level), *SIZE)
    assert not of(bare, Rects, "graph-ahead")
