"""How far back a loss reaches: the memory horizon, and where gradients grow on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.reporting.case import Case, Chain, Floats
from engine.reporting.charts import banded
from engine.reporting.finding import (
    HIGH,
    LOW,
    Chart,
    Place,
    Quantity,
    Said,
    Seen,
    Verdict,
    spread,
)
from engine.reporting.words import count, percent, short

GONE = 0.01  # of the norm at lag 0: below, a step is out of reach
NEAR = 0.25  # of the sequence: a horizon below is called short
LEAST, AROUND, MOST = 16, 3.0, 10**7  # lags that are drawn; times the horizon
GROWN, EXPLODED = 10.0, 1000.0  # times the norm at lag 0


# ------------------------------------------------------------------ memory horizon


def horizons(lags: Floats) -> tuple[Floats, Floats]:
    """Of every sequence (B,) the lag at which its norm falls below 1 % of lag 0, or how many lags
    there are if it does not; and whether it does."""
    gone = np.nan_to_num(lags, nan=np.inf) < GONE
    there = np.isfinite(lags).sum(0)
    first = np.where(gone.any(0), gone.argmax(0), there)
    return first.astype(float), gone.any(0).astype(float)


def memory_horizon(case: Case) -> Said:
    """The lag at which the gradient of the last loss falls below 1 %, of the chain that keeps it
    longest."""
    chain = max(case.chains, key=lambda c: float(np.median(horizons(case.lags(c))[0])))
    lags = _with_a_loss(case.lags(chain))
    if not lags.size:
        said = "The last loss sends no gradient to the recurrent layer at all."
        return Seen(()).bad(said, "Look for detach or a readout of zeros.")
    found, gone = horizons(lags)
    fresh = [_with_a_loss(twin.lags(chain)) for twin in case.fresh]
    begun = np.concatenate([horizons(each)[0] for each in fresh] or [np.zeros(0)])
    middle, reach = float(np.median(found)), len(lags)
    b = int(found.argmin())
    seen = Seen(
        (
            Quantity("memory horizon", middle, "steps", spread(found, "low"), spread(begun, "low")),
            Quantity("sequences whose gradient falls below 1 %", float(gone.sum())),
            Quantity("lags looked at", float(reach)),
        ),
        replace(
            _by_lag(case, chain, lags[: _looked_at(found, gone)], fresh),
            level=GONE,
            level_words="1 %",
            mark=middle if gone.any() else np.nan,
            mark_words="horizon",
        ),
        _places(case, chain, int(found[b]), b) if gone[b] else (),
    )
    if gone.mean() < 0.5:
        left = f"{percent(float(np.median(_ends(lags))))} of ‖∂ℒ/∂{case.chain_name(chain)}‖"
        steps = count(reach, "step")
        return seen.good(
            f"The gradient of the last loss reaches the first of {steps}: {left} are left there."
        )
    said = f"The gradient of the last loss falls below 1 % after {count(int(middle), 'step')}"
    said += f" ({_exactly(lags, found)}): what came earlier is hardly learnt from."
    said += f" A fresh start reaches {count(int(np.median(begun)), 'step')}." if begun.size else ""
    learnt = bool(begun.size) and middle > float(np.median(begun))  # farther than it began
    bad = middle < NEAR * reach and not learnt
    return seen.told("bad" if bad else "look", said, _advice(case))


def _looked_at(found: Floats, gone: Floats) -> int:
    """How many lags are drawn: a few more than it takes for most to be gone."""
    wide = AROUND if gone.mean() >= 0.5 else np.inf
    return int(np.clip(wide * np.median(found), LEAST, MOST))


def _with_a_loss(lags: Floats) -> Floats:
    """Without the sequences that no loss reads."""
    return np.asarray(lags[:, np.isfinite(lags).any(0)])


def _exactly(lags: Floats, found: Floats) -> str:
    """Of one sequence what is left at its horizon, of several how their horizons spread."""
    if len(found) == 1:
        lag = int(found[0])
        return f"{percent(float(lags[lag, 0]))} at lag {lag}"
    return f"median of {count(len(found), 'sequence')}, {_range(found)}"


def _range(found: Floats) -> str:
    low, high = (int(np.percentile(found, p)) for p in (LOW, HIGH))
    return f"{LOW:g}–{HIGH:g} %: {low} … {high}"


def _ends(lags: Floats) -> Floats:
    """The last lag of every sequence."""
    return np.array([column[np.isfinite(column)][-1] for column in lags.T])


def _advice(case: Case) -> str:
    cell = case.run.experiment.cell
    if case.run.experiment.truncation:
        return "Backpropagation is cut every few steps: raise --truncation to reach further."
    if cell in ("lstm", "gated", "lecture-gru", "gru", "conv-lstm"):
        return (
            "If the task needs more: start the forget gate open (a gate bias of 1 … 3), or shorten"
            " the way with attention or coarser steps."
        )
    return (
        "If the task needs more: an LSTM or GRU with its gate bias at 1 … 3, an orthogonal or"
        " identity start of the recurrent matrix, or a shorter way (attention, coarser steps)."
    )


def _places(case: Case, chain: Chain, lag: int, b: int) -> tuple[Place, ...]:
    forwards = case.direction(chain) > 0
    owned = np.flatnonzero(case.inside[:, b])
    t = int(case.ends[b]) - lag if forwards else int(case.firsts[b]) + lag
    return (case.place(chain, t, b),) if owned.size and owned[0] <= t <= owned[-1] else ()


def _by_lag(case: Case, chain: Chain, lags: Floats, fresh: list[Floats]) -> Chart:
    x = np.arange(len(lags), dtype=float)
    lines = [banded("this network", x, lags)]
    if fresh:
        rows = np.concatenate([_long(each, len(lags)) for each in fresh], 1)
        lines.append(banded("fresh start", x, rows, twin=True))
    y = f"‖∂ℒ/∂{case.chain_name(chain)}‖ relative to lag 0"
    title = "How far back the last loss reaches"
    return Chart(title, "lag, steps back from the loss", y, tuple(lines), log=True)


def _long(lags: Floats, count: int) -> Floats:
    """The first so many rows, with NaN where there are fewer."""
    found = np.full((count, lags.shape[1]), np.nan)
    found[: len(lags)] = lags[:count]
    return found


# ------------------------------------------------------------------ exploding steps


def exploding_steps(case: Case) -> Said:
    """How much the gradient of the last loss grows on its way back, and where most."""
    chain = max(case.chains, key=lambda c: float(_peaks(case.lags(c)).max(initial=0.0)))
    lags = case.lags(chain)
    fresh = [twin.lags(chain) for twin in case.fresh]
    peaks, begun = _peaks(lags), np.concatenate([_peaks(f) for f in fresh] or [np.zeros(0)])
    rates = np.nan_to_num(lags[1:] / np.where(lags[:-1] > 0, lags[:-1], np.inf), posinf=np.inf)
    worst = float(peaks.max(initial=0.0))
    growth = float(rates.max(initial=0.0))
    quantities = (
        Quantity("largest norm, of lag 0", worst, "×", spread(peaks), spread(begun)),
        Quantity("largest growth in one step", growth, "×"),
    )
    chart = _by_lag(case, chain, lags, fresh)
    title = "How the gradient grows on its way back"
    seen = Seen(quantities, replace(chart, title=title, level=GROWN, level_words="10 times"))
    if worst < GROWN:
        grown = f"grows to at most {short(worst)} times" if worst > 1 else "is never larger than"
        return seen.good(f"On its way back the gradient {grown} what it is at the loss.")
    b = int(np.nan_to_num(lags, nan=-1.0, posinf=np.inf).max(0).argmax())
    top = int(np.nan_to_num(lags[:, b], nan=-1.0, posinf=np.inf).argmax())
    places = _places(case, chain, int(rates[:, b].argmax()) + 1, b)
    where = f", most at {places[0].label} (× {short(float(rates[:, b].max()))})" if places else ""
    mean = short(worst ** (1 / max(top, 1)))
    said = f"On its way back the gradient grows {short(worst)} times within {count(top, 'step')}:"
    advice = (
        "Clip the gradient by norm (threshold below), lower the largest singular value of the"
        " recurrent matrix (orthogonal start, gain ≤ 1), or a smaller learning rate."
    )
    verdict: Verdict = "bad" if worst >= EXPLODED else "look"
    found = Seen(quantities, seen.chart, places)
    return found.told(verdict, f"{said} × {mean} a step{where}.", advice)


def _peaks(lags: Floats) -> Floats:
    """The largest norm of every sequence; infinite where one is not finite within its lags."""
    peaks = np.nan_to_num(lags, nan=-1.0, posinf=np.inf).max(0)
    return np.asarray(peaks[peaks >= 0])
