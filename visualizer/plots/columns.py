"""COLUMNS: the numbers behind a plot as named columns, for a spreadsheet or a program. One row a
step, counted from 1 (of `cost` one a network); of the first sequence where a plot is of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from engine.measures import relative_change
from visualizer.plots import change, cost, jacobian, layers, norms
from visualizer.scene.film import Film
from visualizer.scene.symbols import name_of
from visualizer.scene.view import View

Columns = Mapping[str, Sequence[object]]


def norm_columns(film: Film) -> Columns:
    """‖δ‖ of the state of the top layer, and its two signed shares."""
    slot = norms.shown_slot(film, View())
    found = np.sqrt(np.square(film.delta_norms(*slot)).sum(1))
    first = 1 + film.network.segments[slot[0]].offset
    own, later = norms.shares_of(film, slot)
    return {
        "step": [*range(first, first + len(found))],
        "norm": found.tolist(),
        "own": own.tolist(),
        "later": later.tolist(),
    }


def loss_columns(film: Film) -> Columns:
    """The loss of every step, as it counts in the total."""
    weighed = film.recording.losses * film.recording.loss_weights
    return {"step": [*range(1, film.steps + 1)], "loss": weighed.sum(1).tolist()}


def change_columns(film: Film) -> Columns:
    """Relative change of the memory and of the state of the top layer."""
    found: dict[str, Sequence[object]] = {}
    for g, k in change.slots_of(film, View()):
        values = relative_change(film.recording, g, k, 0)
        first = 1 + film.network.segments[g].offset
        found["step"] = [*range(first, first + len(values))]
        found[name_of(film.network, g, k)] = values.tolist()
    return found


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
    found: dict[str, Sequence[object]] = {"step": [*range(1, film.steps + 1)]}
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


COLUMNS: dict[str, Callable[[Film], Columns]] = {
    "norms": norm_columns,
    "losses": loss_columns,
    "change": change_columns,
    "jacobian": jacobian_columns,
    "layers": term_columns,
    "cost": cost_columns,
}
