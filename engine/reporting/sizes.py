"""Sizes of gradients and of the batch: which steps decide, where to clip, how much is padding."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from engine.recording import run_quietly, seed
from engine.reporting.case import Case, Floats
from engine.reporting.charts import banded
from engine.reporting.finding import Bar, Chart, Line, Place, Quantity, Said, Seen, numbers, spread
from engine.reporting.words import count, percent, short

OFTEN = 4  # steps from which on a parameter is shared
HALF, QUARTER = 0.5, 0.25  # of all terms, by one step
SPIKES, WILD = 5.0, 100.0  # times the median norm
EXPLODED = 1000.0  # times that of a fresh start
MOST = 12  # sequences, or parts of one, whose gradients are looked at alone
MUCH = 0.5  # of the batch


# ------------------------------------------------------------------ steps that decide


def dominating_steps(case: Case) -> Said:
    """The share of each step in the terms that add up to the gradient of a shared parameter."""
    name, terms = _most_uneven(case)
    share = terms / terms.sum() if terms.sum() else terms
    fresh = [_share(twin, name) for twin in case.fresh]
    t = int(np.nan_to_num(share).argmax())
    top, used = float(share[t]), int((terms > 0).sum())
    half = _steps_for_half(share)
    x = np.arange(case.steps) + 1.0
    lines = [Line("this network", numbers(x), numbers(share))]
    if fresh:
        lines.append(Line("fresh start", numbers(x), numbers(np.median(fresh, 0)), twin=True))
    chart = Chart(f"Share of each step in the terms of ∂ℒ/∂{name}", "step", "share", tuple(lines))
    begun = np.array([each.max() for each in fresh])
    quantities = (
        Quantity("share of the largest step", top, "share", None, spread(begun)),
        Quantity("steps that make half of all terms", float(half), "steps"),
        Quantity("steps with a term", float(used), "steps"),
    )
    places = _place_of(case, name, t)
    said = f"Of ‖terms‖ of ∂ℒ/∂{name} step {t + 1} has {percent(top)}"
    if top < QUARTER or used < 2 * OFTEN:
        said += f", and {count(half, 'step')} of {used} make half: no step decides alone."
        return Seen(quantities, chart, places).good(said)
    bad = top >= HALF
    said += (
        f": {'that one step decides' if bad else 'it weighs much in'} what the parameter learns."
    )
    advice = (
        "Look at the input and the loss of that step. If it is the last one and only that has a"
        " loss, earlier steps are out of reach (memory horizon); else clip, or mask an outlier."
    )
    return Seen(quantities, chart, places).told("bad" if bad else "look", said, advice)


def shared_parameters(case: Case) -> list[str]:
    """Parameters that many steps use."""
    found = []
    for name in case.recording.parameters:
        g, k = case.recording.parameter_slots(name)[0]
        shared = not case.recording.slot(g, k).per_step
        if shared and case.run.network.segments[g].steps >= OFTEN:
            found.append(name)
    return found


def _most_uneven(case: Case) -> tuple[str, Floats]:
    every = {n: _terms(case, n) for n in shared_parameters(case)}

    def top(name: str) -> float:
        whole = float(every[name].sum())
        return float(every[name].max()) / whole if whole > 0 else 0.0

    name = max(every, key=top)
    return name, every[name]


def _terms(case: Case, name: str) -> Floats:
    found = np.zeros(case.steps)
    norms = np.asarray(case.recording.parameter_term_norms(name), float)
    found[: len(norms)] = np.nan_to_num(norms)
    return found


def _share(case: Case, name: str) -> Floats:
    terms = _terms(case, name)
    return terms / terms.sum() if terms.sum() else terms


def _steps_for_half(share: Floats) -> int:
    return int(np.searchsorted(np.cumsum(np.sort(share)[::-1]), 0.5) + 1) if share.any() else 0


def _place_of(case: Case, name: str, t: int) -> tuple[Place, ...]:
    for g, k in case.recording.parameter_slots(name):
        here = case.recording.global_steps(g)
        if here.start <= t < here.stop:
            return (Place(case.label(g, k, t), g, k, t + 1, 0),)
    return ()


# ------------------------------------------------------------------ where to clip


def clip_threshold(case: Case) -> Said:
    """Norms of the parameter gradient of the updates of a training, of single sequences or of parts
    of one, and a threshold."""
    norms, begun, what = _observed(case)
    middle, largest = float(np.median(norms)), float(norms.max())
    theta, why = _threshold(norms, begun)
    quantities = (
        Quantity(f"gradient norm of a{'n' * (what[0] == 'u')} {what}", middle, "", spread(norms),
                 spread(begun)),
        Quantity("gradient norm of the batch", float(case.run.gradient_norm)),
        Quantity("clip threshold to try", theta),
    )  # fmt: skip
    seen = Seen(quantities, replace(_each(norms, what), level=theta, level_words="threshold"))
    over = f"{count(len(norms), what)}{MEANT[what]}"
    if not np.isfinite(norms).all():
        said = f"Gradient norms over {over}, are not finite: clipping does not help with that."
        return seen.bad(said, "See the first non-finite node.")
    said = f"Gradient norms over {over}: median {short(middle)}, largest {short(largest)}"
    worst = largest / middle if middle else 1.0
    if worst < SPIKES:
        return seen.good(f"{said}. No spikes; as a guard clip by norm at {short(theta)} ({why}).")
    said = f"{said}, {short(worst)} times the median: single ones overrule the others."
    advice = f"Clip by norm at {short(theta)} ({why}): --clip norm --clip-at {theta:.4g}; in"
    advice += f" PyTorch clip_grad_norm_(parameters, {theta:.4g})."
    return seen.told("bad" if worst >= WILD else "look", said, advice)


MEANT = {
    "update": " of its training",
    "sequence": ", each alone",
    "part": " of the sequence, each with its own losses alone",
}


def _observed(case: Case) -> tuple[Floats, Floats, str]:
    """Norms, those of a fresh start, and what they are of."""
    if case.observed is not None and len(case.observed) >= MOST:
        return case.observed, np.zeros(0), "update"
    weights, what = _parts(case)
    fresh = [_norms(twin, weights[::2]) for twin in case.fresh[:1]]
    return _norms(case, weights), np.concatenate(fresh or [np.zeros(0)]), what


def _each(norms: Floats, what: str) -> Chart:
    title, y = f"Gradient norm of each {what}", "‖∂ℒ/∂θ‖"
    if len(norms) > MOST:
        x = np.arange(len(norms)) + 1.0
        line = banded("this network", x, norms[:, None])
        return Chart(title, what, y, (line,), log=True)
    bars = tuple(Bar(f"{n + 1}", float(v)) for n, v in enumerate(norms))
    return Chart(f"{title} alone", what, y, bars=bars, log=True)


def _threshold(norms: Floats, begun: Floats) -> tuple[float, str]:
    """A threshold to try, and how it was found: one that acts on spikes and on little else."""
    middle = float(np.median(norms)) if np.isfinite(norms).all() else math.inf
    fresh = float(np.median(begun)) if begun.size and np.isfinite(begun).all() else math.inf
    if middle > EXPLODED * fresh:
        return _rounded(2 * fresh), "twice the median of a fresh start, since these have exploded"
    if not math.isfinite(middle):
        return math.nan, ""
    if norms.max() < SPIKES * middle:
        return _rounded(2 * float(norms.max())), "twice the largest of these"
    return _rounded(2 * middle), "twice the median of these"


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")


def _parts(case: Case) -> tuple[list[Floats], str]:
    """Loss weights of single sequences, as if each were the batch; of few sequences, of parts of
    their steps."""
    weights = np.asarray(case.recording.loss_weights, float)
    found = []
    if case.sequences >= OFTEN:
        mean = case.loss == "targets" and case.run.experiment.reduction == "mean"
        for b in range(min(case.sequences, MOST)):
            one = np.zeros_like(weights)
            one[:, b] = weights[:, b] * (case.sequences if mean else 1)
            found.append(one)
        return found, "sequence"
    steps = np.flatnonzero(case.counted.any(1))
    for block in np.array_split(steps, min(MOST, max(len(steps) // 4, 1))):
        one = np.zeros_like(weights)
        t = slice(block[0], block[-1] + 1) if not case.once else slice(None)
        one[t] = weights[t]
        found.append(one)
    return found, "part"


def _norms(case: Case, parts: list[Floats]) -> Floats:
    """‖∂ℒ/∂θ‖ from each of these loss weights, (n,): one plan, backward again and again."""
    plan = case.recording.with_loss_weights(parts[0]).plan
    found = []
    for n, weights in enumerate(parts):
        case.watch(n / len(parts))
        seed(plan, weights)
        run_quietly(plan.backward)
        gradients = plan.workspace.gradients.values()
        found.append(np.sqrt(sum(float(np.square(np.asarray(g, float)).sum()) for g in gradients)))
    return np.array(found)


# ------------------------------------------------------------------ padding


def padded_share(case: Case) -> Said:
    """How much of the batch is padding."""
    lengths = case.real.sum(0)
    share = 1.0 - float(lengths.sum()) / case.real.size
    order = np.sort(lengths)[::-1]
    line = Line("length", numbers(np.arange(len(order)) + 1.0), numbers(order))
    chart = Chart("Lengths of the sequences", "sequence, the longest first", "steps", (line,))
    quantities = (
        Quantity("padded share of the batch", share, "share"),
        Quantity("length", float(np.median(lengths)), "steps", spread(lengths, "high")),
    )
    said = f"{percent(share)} of the batch is padding"
    said += f" (lengths {int(lengths.min())} … {int(lengths.max())})."
    seen = Seen(quantities, chart)
    if share < MUCH:
        return seen.good(said)
    advice = "Sort by length and batch sequences of like length (bucketing), or pack."
    return seen.look(f"{said} Most of the work is for nothing.", advice)
