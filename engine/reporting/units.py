"""Units that do not take part: saturated gates, dead relu units; numbers that are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.measures import CLOSED, OPEN
from engine.reporting.case import Case, Floats
from engine.reporting.charts import by_step
from engine.reporting.finding import Bar, Chart, Line, Place, Quantity, Said, Seen, numbers, spread
from engine.reporting.rerun import rerun
from engine.reporting.words import count, listed, percent, short

MUCH, NEARLY_ALL = 0.75, 0.95  # of a gate’s values: a network that has learnt opens half of them
HALF = 0.5  # of the units
FLAT = 0.95  # |tanh| above: saturated
LARGEST = {"float16": 65504.0, "bfloat16": 3.39e38, "float32": 3.4028235e38}
MOST_BARS = 16
APART = 0.01  # relative difference of gradients in two kinds of numbers


# ------------------------------------------------------------------ saturated gates


@dataclass(frozen=True, slots=True)
class Gate:
    """Shares of the values of one gate, or of one tanh, of every sequence (B,); `steps` (T, B)."""

    segment: int
    slot: int
    name: str
    closed: Floats
    open: Floats
    steps: Floats
    squashed: bool = False

    @property
    def share(self) -> float:
        return float(np.mean(self.closed) + np.mean(self.open))


def gates_of(case: Case) -> list[Gate]:
    """Every gate and every tanh of the layers."""
    found = []
    segments = case.run.network.segments
    several = len({s.name for s in segments if s.kind == "layer"}) > 1
    for g, segment in enumerate(segments):
        for k, slot in enumerate(segment.slots):
            gate = slot.role == "gate" and slot.op != "scale"
            if not gate and not (slot.op == "tanh" and segment.kind == "layer"):
                continue
            value = case.recording.value(g, k)
            low, high = (CLOSED, OPEN) if gate else (-FLAT, FLAT)
            inside = case.recording.inside_of(g)
            own = np.maximum(inside.sum(0), 1)
            closed = ((value < low).mean(-1) * inside).sum(0) / own
            opened = ((value > high).mean(-1) * inside).sum(0) / own
            steps = np.zeros((case.steps, case.sequences))
            both = ((value < low) | (value > high)).mean(-1)
            steps[case.recording.global_steps(g)] = both
            name = slot.name if gate else f"{slot.name} (tanh)"
            name = f"{name} of {segment.name}" if several else name
            found.append(Gate(g, k, name, closed, opened, steps, not gate))
    return found


def saturated(case: Case) -> Said:
    """The share of gate values below 0.05 or above 0.95, of tanh beyond ±0.95."""
    gates = gates_of(case)
    fresh = [gates_of(twin) for twin in case.fresh]
    quantities, bars = [], []
    for n, gate in sorted(enumerate(gates), key=lambda each: -each[1].share):
        begun = np.concatenate([f[n].closed + f[n].open for f in fresh] or [np.zeros(0)])
        own = gate.closed + gate.open
        what = "beyond ±0.95" if gate.squashed else "below 0.05 or above 0.95"
        quantities.append(
            Quantity(f"{gate.name}: {what}", gate.share, "share", spread(own), spread(begun))
        )
        if not gate.squashed:
            quantities.append(Quantity(f"{gate.name}: open", float(gate.open.mean()), "share"))
        bars.append(Bar(gate.name, gate.share, float(begun.mean()) if begun.size else np.nan))
    chart = Chart(
        "Share of saturated values",
        "",
        "share",
        bars=tuple(bars[:MOST_BARS]),
        level=MUCH,
        level_words="three quarters",
    )
    worst = max(gates, key=lambda gate: gate.share)
    seen = Seen(tuple(quantities), chart)
    if worst.share < MUCH:
        said = f"Gates and units move: at most {percent(worst.share)} of {worst.name} is saturated."
        return seen.good(said)
    place = _worst_step(case, worst)
    stuck = [gate.name for gate in gates if gate.share >= MUCH]
    said = (
        f"{listed(stuck)} {'is' if len(stuck) == 1 else 'are'} saturated: {_how(worst)}. What"
        " is stuck at an end hardly learns: its own gradient is next to nothing."
    )
    bad = worst.share >= NEARLY_ALL
    advice = _gate_advice(worst)
    return Seen(tuple(quantities), chart, (place,)).told("bad" if bad else "look", said, advice)


def _how(gate: Gate) -> str:
    closed, opened = float(gate.closed.mean()), float(gate.open.mean())
    if gate.squashed:
        return f"{percent(gate.share)} of {gate.name} lies beyond ±0.95"
    if opened >= closed:
        return f"{percent(opened)} of {gate.name} stands above 0.95 (open)"
    return f"{percent(closed)} of {gate.name} stands below 0.05 (closed)"


def _gate_advice(gate: Gate) -> str:
    base = "Standardise the inputs, start with smaller weights and biases, lower the learning rate."
    if not gate.squashed and gate.open.mean() > gate.closed.mean() and gate.name.startswith("f"):
        return f"A forget gate that is open remembers, but cannot learn to forget. {base}"
    return base


def _worst_step(case: Case, gate: Gate) -> Place:
    owned = np.where(case.inside, gate.steps, -1.0)
    t, b = np.unravel_index(int(owned.argmax()), owned.shape)
    return Place(
        case.label(gate.segment, gate.slot, int(t)), gate.segment, gate.slot, int(t) + 1, int(b)
    )


# ------------------------------------------------------------------ dead units


def dead_units(case: Case) -> Said:
    """Relu units that are 0 at every step of every sequence."""
    rows = [(g, k, _alive(case, g, k)) for g, k in relus(case)]
    fresh = [np.concatenate([_alive(twin, g, k) for g, k, _ in rows]) for twin in case.fresh]
    alive = np.concatenate([each for _, _, each in rows])
    share = float((alive == 0).mean())
    begun = float(np.mean([(f == 0).mean() for f in fresh])) if fresh else np.nan
    chart = _units(alive)
    quantities = (
        Quantity("dead units", share, "share"),
        Quantity("dead units of a fresh start", begun, "share"),
        Quantity("units", float(len(alive))),
    )
    seen = Seen(quantities, chart)
    if not share:
        said = f"All of {count(len(alive), 'relu unit')} are above 0 at some step."
        return seen.good(said)
    g, k, each = max(rows, key=lambda row: float((row[2] == 0).mean()))
    dead = np.flatnonzero(each == 0)
    said = (
        f"{percent(share)} of the relu units are 0 at every step of every sequence"
        f" ({listed([f'unit {n + 1}' for n in dead])}): they have no gradient and never come back."
    )
    advice = "Smaller learning rate, biases that start above 0, a leaky relu, or tanh."
    place = Place(case.label(g, k, 0), g, k, case.run.network.segments[g].offset + 1, 0)
    return Seen(quantities, chart, (place,)).told("bad" if share >= HALF else "look", said, advice)


def _units(alive: Floats) -> Chart:
    """How often each unit is above 0: bars of few, a line of many."""
    title, y = "How often each unit is above 0", "share of steps"
    if len(alive) <= MOST_BARS:
        bars = tuple(Bar(f"{n + 1}", share) for n, share in enumerate(numbers(alive)))
        return Chart(title, "", y, bars=bars)
    line = Line("units", numbers(np.arange(len(alive)) + 1), numbers(alive))
    return Chart(title, "unit", y, (line,))


def relus(case: Case) -> list[tuple[int, int]]:
    """Places of relus with a width of units."""
    return [
        (g, k)
        for g, segment in enumerate(case.run.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.op == "relu"
    ]


def _alive(case: Case, g: int, k: int) -> Floats:
    """The share of steps at which each unit is above 0, (width,)."""
    inside = case.recording.inside_of(g)
    return np.asarray((case.recording.value(g, k) > 0)[inside].mean(0))


# ------------------------------------------------------------------ numbers that are none


def first_not_finite(case: Case) -> Said:
    """The first parameter, value or delta that is not finite, or that the numbers of the source
    could not hold."""
    recording, kind = case.recording, case.kind or case.recording.dtype.name
    limit = LARGEST.get(kind, np.inf)
    largest = _largest(case)
    quantities = (Quantity(f"largest value (a {kind} holds {short(limit)})", float(largest.max())),)
    chart = by_step(
        case,
        "Largest value of every step",
        "max |value|",
        np.broadcast_to(largest[:, None], case.inside.shape),
    )
    seen = Seen(quantities, chart)
    for name, array in recording.parameters.items():
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            where = ", ".join(str(int(n) + 1) for n in bad[0])
            said = (
                f"{name}[{where}] is {array[tuple(bad[0])]}"
                f" ({count(len(bad), 'entry').replace('entrys', 'entries')} of it in all): the"
                " parameters themselves are broken."
            )
            advice = "Go back to an earlier checkpoint; then clip, or lower the learning rate."
            return seen.bad(said, advice)
    found = _first(case, "v", limit) or _first(case, "d", np.inf)
    if found is None:
        said = f"Every value, delta and gradient is finite, in {kind} too."
        return seen.good(said)
    place, value, delta = found
    name = f"δ({place.label})" if delta else place.label
    what = f"is {value}" if not np.isfinite(value) else f"is {short(value)}, too large for {kind}"
    said = f"{name} is the first node that is not finite: at step {place.step} it {what}."
    advice = "Look at what goes into it; clip, lower the learning rate, or compute in float32."
    return Seen(quantities, chart, (place,)).bad(said, advice)


def _first(case: Case, way: str, limit: float) -> tuple[Place, float, bool] | None:
    """The first node in the order of the film that is not finite, or beyond the limit."""
    best: tuple[tuple[int, int, int], Place, float] | None = None
    sign = 1 if way == "v" else -1
    for g, segment in enumerate(case.run.network.segments):
        for k in range(len(segment.slots)):
            rows = np.asarray(
                case.recording.value(g, k) if way == "v" else case.recording.delta(g, k)
            )
            with np.errstate(invalid="ignore"):
                wrong = ~np.isfinite(rows) | (np.abs(rows) > limit)
            steps = np.flatnonzero(wrong.any((1, 2)))
            if not steps.size:
                continue
            t = int(steps[0] if sign > 0 else steps[-1])
            key = (sign * (t + segment.offset), sign * g, sign * k)
            if best is None or key < best[0]:
                b, unit = (int(n) for n in np.argwhere(wrong[t])[0])
                step = t + segment.offset
                place = Place(case.label(g, k, step), g, k, step + 1, b)
                best = key, place, float(rows[t, b, unit])
    return None if best is None else (best[1], best[2], sign < 0)


def _largest(case: Case) -> Floats:
    """max |value| over all slots of every step, (T,)."""
    found = np.zeros(case.steps)
    for g, segment in enumerate(case.run.network.segments):
        part = case.recording.global_steps(g)
        for k in range(len(segment.slots)):
            rows = np.abs(np.asarray(case.recording.value(g, k), float)).max((1, 2), initial=0)
            found[part] = np.maximum(found[part], rows)
    return found


# ------------------------------------------------------------------ precision


def precision(case: Case) -> Said:
    """The same in float64: how far loss and gradients are from those of float32."""
    exact = rerun(case.recording, dtype=np.float64)
    errors = {}
    for name, wanted in exact.gradients.items():
        size = float(np.abs(wanted).max(initial=0.0))
        apart = float(np.abs(case.recording.gradients[name] - wanted).max(initial=0.0))
        errors[name] = apart / size if size else 0.0
    loss = abs(case.recording.loss - exact.loss) / (abs(exact.loss) or 1.0)
    worst = max(errors, key=lambda name: np.nan_to_num(errors[name], nan=np.inf))
    bars = tuple(Bar(name, error) for name, error in list(errors.items())[:MOST_BARS])
    chart = Chart(
        "Gradient in float32 against float64",
        "",
        "largest error, of the largest entry",
        bars=bars,
        log=True,
    )
    quantities = (
        Quantity("relative difference of the loss", loss),
        *(Quantity(f"relative difference of ∂ℒ/∂{n}", e) for n, e in errors.items()),
    )
    said = f"In float64 the gradient differs by {short(errors[worst])} of its largest ({worst})"
    seen = Seen(quantities, chart)
    if errors[worst] < APART and loss < APART:
        said = f"{said}, the loss by {short(loss)}: float32 is enough."
        return seen.good(said)
    said = f"{said}, the loss by {short(loss)}: rounding decides what is learnt."
    advice = "Large logits or long products amplify rounding: smaller weights, or float64."
    return seen.look(said, advice)
