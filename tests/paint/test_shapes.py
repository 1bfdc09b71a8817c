"""The geometry of cells, arrows, rings and hatches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualizer.paint import shapes
from visualizer.scene.picture import Curves, Polylines, Rings, Strips, level_of


@given(
    x=st.floats(-50, 900),
    width=st.floats(1, 500),
    count=st.integers(1, 60),
    snap=st.sampled_from([None, 1.0, 1.25, 1.5, 2.0]),
)
def test_cells_fill_their_box(x: float, width: float, count: int, snap: float | None) -> None:
    strip = Strips(
        "gate", np.array([[x, 5, width, 10]]), np.array([count]), np.full(count, 7, np.uint8)
    )
    boxes, levels, _ = shapes.cells_of(strip, snap)
    assert len(boxes) == len(levels) == count
    slack = 1e-9 if snap is None else 0.5 / snap + 1e-9
    assert abs(boxes[0, 0] - x) <= slack
    assert abs(boxes[-1, 0] + boxes[-1, 2] - (x + width)) <= 2 * slack
    assert (boxes[1:, 0] >= boxes[:-1, 0] + boxes[:-1, 2] - 1e-9).all()
    if snap is not None:
        edges = np.concatenate([boxes[:, 0], boxes[:, 0] + boxes[:, 2]]) * snap
        assert np.allclose(edges, np.rint(edges), atol=1e-6)


def test_the_sign_of_a_cell_shows_without_colour() -> None:
    strip = Strips(
        "value", np.array([[0, 0, 40, 10.0]]), np.array([3]), level_of([1.0, 0.0, -1.0], 1.0)
    )
    boxes, _, _ = shapes.cells_of(strip)
    tops, bottoms = boxes[:, 1], boxes[:, 1] + boxes[:, 3]
    assert tops.tolist() == [0, 0, shapes.SLIVER]
    assert bottoms.tolist() == [10 - shapes.SLIVER, 10, 10]


@pytest.mark.parametrize("width", [0.5, 1.3, 5.0])
def test_arrowheads_touch_the_end(width: float) -> None:
    line = Polylines("edge", (np.array([[0, 0], [0, 90.0]]),), arrows="end")
    curve = Curves("edge", np.array([[0, 0, 50, 0, 50, 90, 100, 90.0]]), arrows="end")
    for item, end in ((line, (0.0, 90.0)), (curve, (100.0, 90.0))):
        (_, path, tip, wide), *more = shapes.arrows_of(item, width)
        assert not more and tip is not None and wide == width
        assert tip[0] == end
        stop = path[-1][-2:]
        length = shapes.head_size(width)[0]
        assert np.hypot(stop[0] - end[0], stop[1] - end[1]) == pytest.approx(length, abs=0.6)


def test_corners_are_rounded() -> None:
    item = Polylines("edge", (np.array([[0, 0], [50, 0], [50, 4], [90, 4.0]]),), radius=8)
    ((_, path, _, _),) = shapes.arrows_of(item, 1.0)
    assert [step[0] for step in path] == ["M", "L", "Q", "L", "Q", "L"]
    assert path[1] == ("L", 48.0, 0.0)  # no corner takes more than half of a side


def test_rings() -> None:
    rings = Rings("ring", np.zeros((4, 2)), 11, np.array([2, 3, 20, 1]), np.array([1, 3, 5, 1]))
    arcs = [arcs for _, _, _, arcs in shapes.arcs_of(rings)]
    assert [lit for _, _, lit in arcs[0]] == [True, False]
    assert all(lit for _, _, lit in arcs[1])
    assert arcs[2][0][1] == 90.0  # 5 of 20 as one arc
    assert arcs[3][0][1] == 360.0


@given(x=st.floats(0, 99), y=st.floats(0, 99), width=st.floats(0, 80), height=st.floats(0, 80))
def test_hatches_stay_in_their_boxes(x: float, y: float, width: float, height: float) -> None:
    lines = shapes.hatch_lines((x, y, width, height))
    xs, ys = lines[:, [0, 2]], lines[:, [1, 3]]
    assert ((xs >= x - 1e-6) & (xs <= x + width + 1e-6)).all()
    assert ((ys >= y - 1e-6) & (ys <= y + height + 1e-6)).all()
