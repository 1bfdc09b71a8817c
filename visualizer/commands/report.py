"""`main.py report WHAT`: the gradient doctor, as lines for people or as one JSON object."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Callable, Iterator

from engine.errors import BAD_SETTINGS, Unusable
from engine.models.opening import is_noise
from engine.reporting.case import Case
from engine.reporting.finding import VERDICTS, Finding, NotAsked, Quantity, Report, Spread
from engine.reporting.report import examined
from engine.reporting.words import count, percent, short
from visualizer.commands.model import is_graph
from visualizer.commands.what import given

WIDE = 100  # columns
INDENT = "          "
TONES = {"bad": "FAULT", "look": "LOOK", "good": "fine"}


def perform(options: argparse.Namespace) -> int:
    report = examined(case_of(options))
    if options.json:
        print(json.dumps(report.facts(), ensure_ascii=False, allow_nan=False))
    else:
        for line in lines(report):
            print(line)
    return 0


def case_of(options: argparse.Namespace) -> Case:
    """What the options name, recorded."""
    if is_graph(options.what):
        raise Unusable(f"{options.what} cannot be examined yet", exit=BAD_SETTINGS)
    derived = given(options)
    weights = derived.snapshot.given.weights if derived.snapshot.given is not None else None
    return Case(
        derived.run,
        noise=is_noise(derived.snapshot.sequence),
        kind="" if weights is None else weights.dtype,
        overfit=not options.no_overfit,
    )


# ------------------------------------------------------------------ lines for people


def lines(report: Report) -> Iterator[str]:
    """The report, at most WIDE columns wide: faults first, what is fine last."""
    yield from _wrapped("examined", f"{report.title} ({report.source})")
    yield from _wrapped("network", f"{report.network}; {count(report.parameters, 'number')}")
    sequences = count(report.sequences, "sequence")
    yield f"recorded  {count(report.steps, 'step')}, {sequences}, {report.dtype}"
    loss = "" if report.loss is None else f"{report.loss:.6g}, "
    yield from _wrapped("loss", f"{loss}{report.loss_words}")
    yield f"found     {summary(report)}"
    for verdict in VERDICTS[::-1]:
        for finding in report.of(verdict):
            yield ""
            yield from _finding(finding)
    if report.not_asked:
        yield ""
        yield "not asked"
        for each in report.not_asked:
            yield from _not_asked(each)


def summary(report: Report) -> str:
    """ "2 faults, 1 to look at, 11 fine, 4 not asked"."""
    bad, look, good = (len(report.of(v)) for v in VERDICTS[::-1])
    return (
        f"{count(bad, 'fault')}, {look} to look at, {good} fine, {len(report.not_asked)} not asked"
    )


def _finding(finding: Finding) -> Iterator[str]:
    yield f"{TONES[finding.verdict]:10}{finding.name}: {finding.question}"
    yield from _wrapped("", finding.sentence)
    if finding.advice:
        yield from _wrapped("", f"→ {finding.advice}")
    spreads = [q for q in finding.quantities if q.spread or q.twin]
    for quantity in spreads[: 1 if finding.verdict == "good" else None]:
        yield from _wrapped("", quantity_words(quantity))


def _not_asked(each: NotAsked) -> Iterator[str]:
    yield from _wrapped("", f"{each.name}: {each.why}")


def quantity_words(quantity: Quantity) -> str:
    """A number, its spread, and that of a fresh start."""
    as_words = percent if quantity.unit == "share" else short
    unit = f" {quantity.unit}" if quantity.unit not in ("", "share") else ""
    words = f"{quantity.name}: {as_words(quantity.value)}{unit}"
    if quantity.spread is not None:
        words += f"; {spread_words(quantity.spread, as_words)}"
    if quantity.twin is not None:
        words += f"; fresh start: {spread_words(quantity.twin, as_words)}"
    return words


def spread_words(spread: Spread, as_words: Callable[[float], str]) -> str:
    """ "median 17, 5–95 % 15 … 19, worst 14 of 48"."""
    return (
        f"median {as_words(spread.median)}, 5–95 % {as_words(spread.low)} …"
        f" {as_words(spread.high)}, worst {as_words(spread.worst)} of {spread.count}"
    )


def _wrapped(head: str, words: str) -> list[str]:
    return textwrap.wrap(
        words, WIDE, initial_indent=f"{head:10}", subsequent_indent=INDENT, break_long_words=True
    )
