"""A report in words: what was examined, how many findings there are, numbers with their spread."""

from __future__ import annotations

from collections.abc import Callable

from engine.reporting.finding import VERDICTS, Finding, Quantity, Report, Spread
from engine.reporting.words import count, percent, short

MOST = 2  # numbers with a spread that a finding tells in words
TONES = {"bad": "fault", "look": "look", "good": "fine"}


def told_of(report: Report) -> list[tuple[str, str]]:
    """What was examined: pairs of a word and what it was."""
    steps, sequences = count(report.steps, "step"), count(report.sequences, "sequence")
    loss = "" if report.loss is None else f"{short(report.loss)}, "
    source = "" if report.source == report.title else f" ({report.source})"
    return [
        ("examined", f"{report.title}{source}"),
        ("network", f"{report.network}; {count(report.parameters, 'number')}"),
        ("recorded", f"{steps}, {sequences}, {report.dtype}"),
        ("loss", f"{loss}{report.loss_words}"),
        ("found", summary(report)),
    ]


def summary(report: Report) -> str:
    """ "2 faults, 1 to look at, 11 fine, 4 not asked"."""
    bad, look, good = (len(report.of(v)) for v in VERDICTS[::-1])
    return (
        f"{count(bad, 'fault')}, {look} to look at, {good} fine, {len(report.not_asked)} not asked"
    )


def in_order(report: Report) -> list[Finding]:
    """Faults first, what is fine last."""
    return [finding for verdict in VERDICTS[::-1] for finding in report.of(verdict)]


def shown(finding: Finding) -> list[Quantity]:
    """The first numbers with a spread; of what is fine one."""
    spreads = [q for q in finding.quantities if q.spread or q.twin]
    return spreads[: 1 if finding.verdict == "good" else MOST]


def unit_words(quantity: Quantity) -> tuple[Callable[[float], str], str]:
    """How its numbers are written, and what stands behind them."""
    if quantity.unit == "share":
        return percent, ""
    return short, f" {quantity.unit}" if quantity.unit else ""


def quantity_words(quantity: Quantity) -> str:
    """A number, its spread, and that of a fresh start."""
    as_words, unit = unit_words(quantity)
    words = f"{quantity.name}: {as_words(quantity.value)}{unit}"
    if quantity.spread is not None:
        words += f"; over {quantity.spread.count}: {spread_words(quantity.spread, as_words)}"
    if quantity.twin is not None:
        fresh = count(quantity.twin.count, "fresh start")
        words += f"; {fresh}: {spread_words(quantity.twin, as_words)}"
    return words


def spread_words(spread: Spread, as_words: Callable[[float], str]) -> str:
    """ "median 17, 5–95 % 15 … 19, worst 14"."""
    return (
        f"median {as_words(spread.median)}, 5–95 % {as_words(spread.low)} …"
        f" {as_words(spread.high)}, worst {as_words(spread.worst)}"
    )
