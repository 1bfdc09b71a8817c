"""The numbers behind plots: as many as there are steps, and those of the run."""

from __future__ import annotations

import numpy as np
import pytest

from engine.cost import cost_of
from tests.scene.films import CELLS, film
from visualizer.plots.columns import COLUMNS
from visualizer.plots.table import PLOTS


def test_every_table_is_of_a_plot() -> None:
    assert set(COLUMNS) <= set(PLOTS)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("kind", [k for k in COLUMNS if k not in ("cost", "verify")])
def test_a_row_for_every_step(cell: str, kind: str) -> None:
    found = COLUMNS[kind](film(cell, layers=2))
    assert next(iter(found)) == "step" and list(found["step"]) == [1, 2, 3, 4, 5]
    assert all(len(column) == 5 for column in found.values())


def test_numbers_are_those_of_the_run() -> None:
    movie = film("lstm")
    found = COLUMNS["norms"](movie)
    np.testing.assert_allclose(found["norm"], movie.run.norms("h"), rtol=1e-12)
    shares = np.add(found["own"], found["later"])  # type: ignore[arg-type]
    np.testing.assert_allclose(shares, movie.run.norms("h"), rtol=1e-12)
    assert sum(COLUMNS["losses"](movie)["loss"]) == pytest.approx(movie.recording.loss)  # type: ignore[arg-type]
    assert set(COLUMNS["layers"](movie)) == {"step", *movie.network.parameters}
    errors = COLUMNS["verify"](movie)
    assert list(errors) == ["h", "central", "forward", "complex step"]
    assert min(errors["central"]) < 1e-8 < max(errors["central"])  # type: ignore[type-var]
    costs = COLUMNS["cost"](movie)
    assert costs["network"][-1] == "LSTM" and costs["forward"][-1] == cost_of(movie.run).forward
    jacobian = COLUMNS["jacobian"](film("elman"))
    assert list(jacobian) == ["step", "sigma", "rho", "log10 product", "log10 bound"]
    assert jacobian["log10 product"][-1] == 0
