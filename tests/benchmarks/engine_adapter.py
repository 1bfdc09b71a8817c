"""`engine(problem) -> call` for the peers' benchmark: everything recorded, as a user sees it."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrangements.building import Shape
from engine.arrangements.recurrent import recurrent
from engine.door import fill_in
from engine.experiment import Experiment
from engine.plan import Plan
from engine.recording import seed


def engine(problem: Any, deltas: str = "all") -> Any:
    """Forward and backward of the benchmark's network, with every delta and contribution kept."""
    p, lstm = problem, problem.kind == "lstm"
    experiment = Experiment(cell="lstm" if lstm else "elman", hidden=p.n, dtype=str(p.dt))
    network = recurrent(experiment, Shape(p.T, p.m, p.V, "cross-entropy"))
    plan = Plan(network, p.B, p.dt, {f"y_{len(network.segments) - 1}": p.Y}, deltas=deltas)
    given = {"V": p.P["Wo"], "c": p.P["bo"], "b": p.P["b"]}
    if lstm:
        given["W"] = p.P["W"]
    else:
        given |= {"W_hh": p.P["W"][:, : p.n], "W_xh": p.P["W"][:, p.n :]}
    plan.workspace.rows(("v", 0, 0))[...] = p.X
    fill_in(plan, given, {})
    seed(plan, np.full((p.T, p.B), 1 / (p.T * p.B), p.dt))
    losses = plan.workspace.rows(("v", 1, 1))
    found = plan.workspace.gradients

    def call() -> tuple[float, dict[str, Any]]:
        plan.forward()
        plan.backward()
        w = found["W"] if lstm else np.concatenate([found["W_hh"], found["W_xh"]], 1)
        gradients = {"W": w, "b": found["b"], "Wo": found["V"], "bo": found["c"]}
        return float(losses.sum()) / (p.T * p.B), gradients

    return call
