"""COLUMNS: the numbers behind a plot as named columns, for a spreadsheet or a program. One row a
step, counted from 1 (of `cost` one a network, of `verify` one a step size); of the first sequence
where a plot is of one. Those of a training are in `columns_learnt`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from visualizer.plots import change, cost, differences, jacobian, joined, layers, norms
from visualizer.scene.film import Film
from visualizer.scene.symbols import name_of
from visualizer.scene.view import View

Columns = Mapping[str, Sequence[object]]


def norm_columns(film: Film) -> Columns:
    """‖δ‖ of the state of the top layer, and its two signed shares."""
    g, k = norms.shown_slot(film, View())
    places = joined.sections(film.network, g, k)
    own, later = (_shares(film, places, n) for n in (0, 1))
    found = joined.on_axis(
        film, places, 0, lambda g, k: np.sqrt(np.square(film.delta_norms(g, k)).sum(1))
    )
    return {"step": _steps(film), "norm": found.tolist(), "own": own, "later": later}


def _shares(film: Film, places: joined.Places, which: int) -> list[float]:
    found = joined.on_axis(film, places, 0, lambda g, k: norms.shares_of(film, (g, k))[which])
    return list(found.tolist())


def _steps(film: Film) -> list[int]:
    return [*range(1, film.steps + 1)]


def loss_columns(film: Film) -> Columns:
    """The loss of every step, as it counts in the total."""
    weighed = film.recording.losses * film.recording.loss_weights
    return {"step": _steps(film), "loss": weighed.sum(1).tolist()}


def change_columns(film: Film) -> Columns:
    """Relative change of the memory and of the state of the top layer."""
    found: dict[str, Sequence[object]] = {"step": _steps(film)}
    for g, k in change.slots_of(film, View()):
        found[name_of(film.network, g, k)] = change.line_of(film, g, k, 0).tolist()
    return found if len(found) > 1 else {}


def jacobian_columns(film: Film) -> Columns:
    """Of every step σ₁, ρ (where it was computed), log₁₀ of the product and of its bound."""
    g, state = jacobian.chain_of(film, View())
    if g < 0 or jacobian.too_much(film, g, 0):
        return {}
    lens = jacobian.lens_of(film, g, 0, state)
    rho = dict(zip(lens.rho_steps.tolist(), (10.0**lens.rho).tolist(), strict=True))
    found: dict[str, Sequence[object]] = {
        "step": (lens.steps + 1).tolist(),
        "sigma": (10.0**lens.sigma).tolist(),
        "rho": [rho.get(t, "") for t in lens.steps.tolist()],
        "log10 product": lens.product.tolist(),
    }
    return found if lens.bound is None else {**found, "log10 bound": lens.bound.tolist()}


def term_columns(film: Film) -> Columns:
    """What every step adds to the gradient of every parameter, by its norm."""
    found: dict[str, Sequence[object]] = {"step": _steps(film)}
    for name in film.network.parameters:
        terms = layers.terms_of(film, View(parameter=name))
        if terms is not None:
            found[name] = terms.norms.tolist()
    return found


def cost_columns(film: Film) -> Columns:
    """Padded, per-layer, shared and the run itself."""
    rows = cost.rows_of(film)
    facts = [row.cost.facts() for row in rows]
    return {
        "network": [row.name for row in rows],
        **{name: [each[name] for each in facts] for name in facts[0]},
    }


def difference_columns(film: Film) -> Columns:
    """Relative errors of a gradient by step size; none where the plot cannot be shown."""
    if differences.lacks(film, View()):
        return {}
    found = differences.found_of(film, View())
    return {
        "h": found.h.tolist(),
        "central": found.central.tolist(),
        "forward": found.forward.tolist(),
        "complex step": found.complex_step.tolist(),
    }


COLUMNS: dict[str, Callable[[Film], Columns]] = {
    "norms": norm_columns,
    "losses": loss_columns,
    "change": change_columns,
    "jacobian": jacobian_columns,
    "layers": term_columns,
    "cost": cost_columns,
    "verify": difference_columns,
}
