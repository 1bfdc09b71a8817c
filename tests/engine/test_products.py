"""Products in tiles: the numbers are those of whole products, and of the referee."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine import products
from engine.choices import CELL_CHOICES
from engine.demand import DELTAS
from tests.engine.batches import batch, fitting
from tests.engine.compare import assert_equal
from tests.engine.test_loops import assert_same
from tests.engine.test_plan_tape import VARIANTS, record

MATRIX = (128, 512)


@pytest.fixture(params=["tiles of a step", "whole steps"])
def small(monkeypatch, request):
    """As if kernels took but a few multiplications, or few were worth a call."""
    monkeypatch.setattr(products, "KERNELS", True)
    if request.param == "tiles of a step":
        monkeypatch.setattr(products, "MOST", 300)
    monkeypatch.setattr(products, "LEAST", 1)


def cut(recording):
    """Whether the source has products in tiles."""
    return "_tiles" in recording.plan.source


@pytest.mark.parametrize(("cell", "options"), VARIANTS)
@pytest.mark.parametrize("deltas", DELTAS)
def test_tiles_and_tape_agree_slot_by_slot(cell, options, deltas, small):
    shape = {"sequences": 8, "hidden": 8, "layers": 2, "ragged": "both"}
    run, reference = record(cell, options, deltas=deltas, **shape)
    assert cut(run.recording)
    assert_equal(run.recording, reference)


@pytest.mark.parametrize("cell", [c for c in CELL_CHOICES if not c.startswith("conv")])
@pytest.mark.parametrize("setting", [{"direction": "both"}, {"truncation": 3}])
@pytest.mark.parametrize("sequences", [4, 12])
def test_whatever_is_cut_is_no_other_recording(cell, setting, sequences, monkeypatch):
    given = batch(np.random.default_rng(4), steps=6, sequences=sequences, **fitting(cell))
    runs = []
    for kernels in (False, True):
        monkeypatch.setattr(products, "KERNELS", kernels)
        monkeypatch.setattr(products, "MOST", 600)
        monkeypatch.setattr(products, "LEAST", 1)
        runs.append(engine.run(given, cell=cell, hidden=16, deltas="all", **setting).recording)
    assert not cut(runs[0])
    assert cut(runs[1])
    assert_same(*runs)


@pytest.mark.parametrize("rows", [32, 64, 100, 128])
@pytest.mark.parametrize("matrix", [MATRIX, MATRIX[::-1], (256, 1024), (1024, 256), (96, 384)])
def test_every_tile_is_one_that_the_kernels_take(rows, matrix, monkeypatch):
    monkeypatch.setattr(products, "KERNELS", True)
    down, along = products.parts(rows, matrix, 4)
    assert down * along > 1
    assert rows % down == 0
    assert rows // down * matrix[0] * (matrix[1] // along) <= products.MOST
    assert matrix[1] // along * 4 % products.LINE == 0


@pytest.mark.parametrize(
    ("rows", "matrix", "size", "why"),
    [
        (1, (512, 2048), 4, "a single row is no product of matrices"),
        (8, MATRIX, 4, "small enough as it is"),
        (30, MATRIX, 4, "no whole number of tiles"),
        (32, (512, 2048), 4, "the matrix does not stay in the cache"),
        (32, (400, 100), 4, "rows that end within a line"),
    ],
)
def test_what_stays_whole(rows, matrix, size, why, monkeypatch):
    monkeypatch.setattr(products, "KERNELS", True)
    assert products.parts(rows, matrix, size) == (1, 1), why


def test_without_such_kernels_nothing_is_cut(monkeypatch):
    monkeypatch.setattr(products, "KERNELS", False)
    assert products.parts(32, MATRIX, 4) == (1, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("matrix", [(16, 64), (64, 16)])
def test_pieces_are_views_whose_product_is_the_product(dtype, matrix):
    rng = np.random.default_rng(0)
    left = rng.standard_normal((3, 8, matrix[0])).astype(dtype)
    right = rng.standard_normal(matrix).astype(dtype)
    result = np.zeros((3, 8, matrix[1]), dtype)
    views = [
        products.pieces(array, form, (2, 4))
        for array, form in zip((left, right, result), products.FORMS, strict=True)
    ]
    assert all(map(np.shares_memory, views, (left, right, result)))
    np.matmul(*views[:2], views[2])
    np.testing.assert_allclose(result, left @ right, rtol=1e-5, atol=1e-5)


def test_matrices_of_a_loop_begin_with_a_line():
    given = batch(np.random.default_rng(0), sequences=4)
    for dtype in ("float32", "float64"):
        arrays = engine.run(
            given, cell="lstm", hidden=5, dtype=dtype
        ).recording.plan.workspace.arrays
        own = [array for key, array in arrays.items() if key[0] in ("wt", "wc")]
        assert len(own) == 2
        assert not any(array.ctypes.data % products.LINE for array in own)
