"""Columns of the input of an odd size, and parameters whose gradient is nothing."""

from __future__ import annotations

import numpy as np

from engine.reporting.case import Case, Floats
from engine.reporting.finding import Bar, Chart, Quantity, Said, Seen
from engine.reporting.words import count, listed, short

FAR, WIDE, THIN = 3.0, 30.0, 0.01  # a mean in deviations; a deviation that is large, or small
MOST = 12  # columns with a bar
MOST_BARS = 16  # parameters


# ------------------------------------------------------------------ the size of the inputs


def input_scale(case: Case) -> Said:
    """Mean, deviation and range of every column as the network reads it."""
    x = np.asarray(case.run.batch.x, float)[case.inside[: len(case.run.batch.x)]]
    names = case.run.batch.input_names or tuple(f"x{n + 1}" for n in range(x.shape[1]))
    means, sizes = x.mean(0), x.std(0)
    wide = (sizes > WIDE) | (np.abs(means) > WIDE)
    still = (sizes == 0) & (len(names) <= MOST)  # of many columns, pixels say, some may stand still
    moves = sizes > 0
    faults = (
        (wide, "has large numbers, which saturate gates"),
        (still, "never changes, so nothing can be learnt from it"),
        (
            (np.abs(means) > FAR * sizes) & (sizes > 0),
            f"lies more than {FAR:g} deviations away from 0",
        ),
        ((sizes < THIN) & moves, "hardly moves, so that its weights learn slowly"),
    )
    seen = _scales([str(name) for name in names], x)
    for which, what in faults:
        if which.any():
            named = listed([str(names[n]) for n in np.flatnonzero(which)])
            said = f"{named}: {what} (mean {short(means[which][0])}, deviation"
            advice = "Standardise each column with the mean and deviation of the training set."
            return seen.look(f"{said} {short(sizes[which][0])}).", advice)
    said = f"{count(len(names), 'column')}: means {short(means.min())} … {short(means.max())},"
    said += f" deviations {short(sizes.min())} … {short(sizes.max())}. Sizes that gates can take."
    return seen.good(said)


def _scales(names: list[str], x: Floats) -> Seen:
    """What was measured of the columns of x (n, I)."""
    rows = (
        ("mean", x.mean(0)),
        ("deviation", x.std(0)),
        ("lowest", x.min(0)),
        ("highest", x.max(0)),
    )
    shown = list(enumerate(names))[:MOST]
    quantities = tuple(
        Quantity(f"{name}: {what}", float(row[n])) for n, name in shown for what, row in rows
    )
    bars = tuple(Bar(name, float(x[:, n].std())) for n, name in shown)
    title, words = "Deviation of each input column", "standardised"
    return Seen(quantities, Chart(title, "", "deviation", bars=bars, level=1.0, level_words=words))


# ------------------------------------------------------------------ parameters that stand still


def idle_parameters(case: Case) -> Said:
    """Parameters whose gradient is exactly zero."""
    norms = {n: float(np.linalg.norm(g)) for n, g in case.recording.gradients.items()}
    fresh = [
        {n: float(np.linalg.norm(g)) for n, g in twin.recording.gradients.items()}
        for twin in case.fresh
    ]
    idle = [n for n, norm in norms.items() if norm == 0]
    bars = tuple(
        Bar(n, norm, float(np.median([f[n] for f in fresh])) if fresh else np.nan)
        for n, norm in list(norms.items())[:MOST_BARS]
    )
    chart = Chart("Gradient norm of each parameter", "", "‖∂ℒ/∂p‖", bars=bars, log=True)
    quantities = tuple(Quantity(f"‖∂ℒ/∂{n}‖", norm) for n, norm in norms.items())
    seen = Seen(quantities, chart)
    if not idle:
        said = f"Every one of {count(len(norms), 'parameter')} has a gradient."
        return seen.good(said)
    said = f"{listed(idle)} {'has' if len(idle) == 1 else 'have'} no gradient: exactly 0."
    if all(_once(case, name) for name in idle):
        said += " It is used at one step alone, after a state of 0; longer sequences teach it."
        return seen.look(said, "Give a sequence of several steps.")
    if case.recording.rule == "overwrite":
        said += " Gradients are overwritten, not added up: one step is left of each."
    advice = (
        "Nothing that is trained reads it, it is cut off (detach, no_grad, truncation of 1), or"
        " what follows is saturated or dead. Check that it stands in the optimiser."
    )
    return seen.bad(said, advice)


def _once(case: Case, name: str) -> bool:
    """Whether a parameter is used at one step of the sequence."""
    places = case.recording.parameter_slots(name)
    return all(case.run.network.segments[g].steps == 1 for g, _ in places)
