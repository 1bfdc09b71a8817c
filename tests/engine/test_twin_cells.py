"""Truth 18: what reaches back fifty steps in twin cells on one sequence. The start decides, so it
is said: small recurrent matrices, of spectral radius ρ, or an orthogonal one; 20 units, a readout
and a loss at the last step only. The figure is the geometric mean over seeds, for single starts
differ by a decade."""

from __future__ import annotations

import numpy as np
import pytest

import engine

LAG, SEEDS = 50, range(1, 9)
HIDDEN = 20
SMALL = {"elman": 0.69, "gated": 0.5, "lstm": 0.5, "gru": 0.5}  # ρ


def sequence() -> str:
    letters = np.random.default_rng(0).choice(list("abcdefgh"), size=60)
    return " ".join(letters)


def reaching_back(cell: str, **settings: object) -> float:
    """‖δ(h)‖ at lag 50."""
    found = []
    for seed in SEEDS:
        run = engine.run(
            sequence(), cell=cell, hidden=HIDDEN, readout="last", seed=seed, **settings
        )
        found.append(np.asarray(run.norms("h"))[-1 - LAG])
    return float(np.exp(np.mean(np.log(found))))


@pytest.mark.parametrize(
    ("cell", "settings", "truth"),
    [
        ("lstm", {"radius": SMALL["lstm"], "forget_bias": 0}, 1e-12),
        ("elman", {"radius": SMALL["elman"]}, 1e-10),
        ("elman", {"initialisation": "orthogonal"}, 3e-4),
        ("lstm", {"radius": SMALL["lstm"], "forget_bias": 3}, 0.2),
    ],
)
def test_what_is_left_at_lag_50(cell: str, settings: dict[str, object], truth: float) -> None:
    start = settings if "initialisation" in settings else {"initialisation": "gaussian", **settings}
    assert abs(np.log10(reaching_back(cell, **start) / truth)) < 0.5


def test_the_gate_decides_in_every_cell_that_has_one() -> None:
    for cell in ("gated", "lstm", "gru"):
        small = {"initialisation": "gaussian", "radius": SMALL[cell]}
        shut, open_ = (reaching_back(cell, forget_bias=b, **small) for b in (0, 3))
        assert shut < 1e-10 and open_ > 1e-2
