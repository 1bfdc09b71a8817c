"""`main.py report WHAT`: the gradient doctor, as lines for people or as one JSON object."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator

from engine.errors import BAD_SETTINGS, Unusable
from engine.reporting.case import Case
from engine.reporting.finding import Finding, NotAsked, Report
from engine.reporting.report import examined
from engine.reporting.telling import TONES, in_order, quantity_words, shown, told_of
from visualizer.commands.model import is_graph
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
    report = examined(case_of(options))
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


def case_of(options: argparse.Namespace) -> Case:
    """What the options name, recorded."""
    if is_graph(options.what):
        raise Unusable(f"{options.what} cannot be examined yet", exit=BAD_SETTINGS)
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
