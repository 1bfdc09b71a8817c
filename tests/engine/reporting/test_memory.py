"""Horizon and growth agree with what is known of scaled orthogonal matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.reporting.case import Case
from engine.reporting.memory import exploding_steps, memory_horizon
from tests.engine.reporting import faults


@pytest.mark.parametrize("rho", [0.3, 0.5, 0.8, 0.9])
def test_the_horizon_of_a_scaled_orthogonal_matrix(rho: float) -> None:
    said = memory_horizon(Case(faults.linear(rho, steps=60)))
    lag = math.ceil(math.log(0.01) / math.log(rho))
    assert said.quantities[0].value == lag
    assert f"falls below 1 % after {lag} steps" in said.sentence
    assert said.verdict == ("bad" if lag < 15 else "look")


def test_lag_seven_at_one_half() -> None:
    case = Case(faults.linear(0.5))
    lags = case.lags(case.chains[0])
    assert lags[7] == pytest.approx(0.5**7, rel=1e-4)  # 0.78 %
    assert memory_horizon(case).quantities[0].value == 7


@pytest.mark.parametrize("rho, verdict", [(0.9, "bad"), (0.2, "look")])
def test_what_reaches_farther_than_it_began_is_no_fault(rho: float, verdict: str) -> None:
    began = Case(faults.linear(rho, steps=60))
    assert memory_horizon(Case(faults.linear(0.5, steps=60), fresh=(began,))).verdict == verdict


@pytest.mark.parametrize("rho", [1.3, 2.0])
def test_growth_is_that_of_the_matrix(rho: float) -> None:
    said = exploding_steps(Case(faults.linear(rho, steps=30, nonlinearity="identity")))
    peak = said.quantities[0].value
    assert peak == pytest.approx(rho**29, rel=1e-6)
    assert said.verdict == "bad" and f"× {rho:g} a step" in said.sentence
    assert said.places


def test_each_sequence_counts_from_its_own_end() -> None:
    case = Case(faults.ragged(cell="gru"))
    lags = case.lags(case.chains[0])
    assert np.isfinite(lags).sum(0).tolist() == np.asarray(case.recording.stop).tolist()
    assert (lags[0] == 1).all()


def test_a_chain_that_runs_backwards_counts_from_the_first_loss() -> None:
    case = Case(faults.regression(direction="both"))
    for chain in case.chains:
        lags = case.lags(chain)
        assert len(lags) == case.steps and (lags[0] == 1).all()
