"""`main.py report WHAT`: the gradient doctor, as lines for people or as one JSON object."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Iterator

from engine.reporting.case import Case
from engine.reporting.finding import Finding, NotAsked, Report
from engine.reporting.report import examined
from engine.reporting.telling import TONES, in_order, quantity_words, shown, told_of
from engine.watching import Watch, unwatched
from visualizer.commands.what import given
from visualizer.document import examining
from visualizer.document.atomic import check_place
from visualizer.export import exporter_for, write_report

WIDE = 100  # columns
INDENT = "          "


def perform(options: argparse.Namespace) -> int:
    if options.output:
        exporter_for(options.output, "report")
        check_place(options.output)
    report = examined(case_of(options), _told())
    if options.output:
        write_report(report, options.output)
    if options.json:
        print(json.dumps(report.facts(), ensure_ascii=False, allow_nan=False))
        return 0
    for line in lines(report):
        print(line)
    if options.output:
        print(f"wrote     {options.output}")
    return 0


def _told() -> Watch:
    """How far it is, on one line that goes again; nothing where nobody watches."""
    if not sys.stderr.isatty():
        return unwatched

    def tell(share: float) -> None:
        words = f"examining  {share:4.0%}" if share < 1 else ""
        print(f"\r{words}\x1b[K", end="", file=sys.stderr, flush=True)

    return tell


def case_of(options: argparse.Namespace) -> Case:
    """What the options name, recorded."""
    derived = given(options)
    return examining.case_of(derived.snapshot, derived.run, overfit=not options.no_overfit)


# ------------------------------------------------------------------ lines for people


def lines(report: Report) -> Iterator[str]:
    """The report, at most WIDE columns wide: faults first, what is fine last."""
    for head, words in told_of(report):
        yield from _wrapped(head, words)
    for finding in in_order(report):
        yield ""
        yield from _finding(finding)
    if report.not_asked:
        yield ""
        yield "not asked"
        for each in report.not_asked:
            yield from _not_asked(each)


def _finding(finding: Finding) -> Iterator[str]:
    tone = TONES[finding.verdict]
    yield f"{tone if tone == 'fine' else tone.upper():10}{finding.name}: {finding.question}"
    yield from _wrapped("", finding.sentence)
    if finding.advice:
        yield from _wrapped("", f"→ {finding.advice}")
    for quantity in shown(finding):
        yield from _wrapped("", quantity_words(quantity))


def _not_asked(each: NotAsked) -> Iterator[str]:
    yield from _wrapped("", f"{each.name}: {each.why}")


def _wrapped(head: str, words: str) -> list[str]:
    return textwrap.wrap(
        words, WIDE, initial_indent=f"{head:10}", subsequent_indent=INDENT, break_long_words=True
    )
