"""A report of the gradient doctor as pages of paper: pictures of words and figures. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.reporting.finding import Finding, NotAsked, Report
from engine.reporting.telling import TONES, in_order, quantity_words, shown, told_of
from visualizer.plots.chart import SIZE, chart_picture
from visualizer.scene.picture import Item, Picture, Polylines, Texts
from visualizer.scene.shifting import lowered
from visualizer.styles import STYLES
from visualizer.typeset import width_of

MARGIN = 60.0  # px
PAGE = (793.7 - 2 * MARGIN, 1122.5 - 2 * MARGIN)  # px of the words on A4
LINE, GAP = 1.45, 9.0  # of a size, from line to line; px between paragraphs
HEADS = 84.0  # px of the words before what was examined
TONE = 52.0  # px of the verdict before a name


@dataclass
class _Pages:
    """Pages that are filled from top to bottom."""

    title: str
    y: float = 0.0
    items: list[Item] = field(default_factory=list)
    done: list[Picture] = field(default_factory=list)

    def room(self, height: float) -> None:
        """Go on to the next page unless so much has room on this one."""
        if self.y and self.y + height > PAGE[1]:
            self.turn()

    def turn(self) -> None:
        number = Texts("axis-text", np.array([[PAGE[0], PAGE[1] + 26.0]]),
                       (f"{len(self.done) + 1}",), "end")  # fmt: skip
        items = (*self.items, number)
        self.done.append(Picture(*PAGE, items, background="", title=self.title))
        self.items, self.y = [], 0.0

    def text(self, style: str, words: str, left: float = 0.0) -> None:
        """A paragraph."""
        size = STYLES[style].size * LINE
        for line in wrapped(words, style, PAGE[0] - left):
            self.room(size)
            place = np.array([[left, self.y + size / 2]])
            self.items.append(Texts(style, place, (line,)))
            self.y += size

    def beside(self, style: str, words: str, left: float = 0.0) -> None:
        """A word before the line that comes next, which it does not move."""
        size = STYLES[style].size * LINE
        place = np.array([[left, self.y + size / 2]])
        self.items.append(Texts(style, place, (words,)))

    def figure(self, picture: Picture) -> None:
        self.room(picture.height)
        self.items += lowered(list(picture.items), self.y)
        self.y += picture.height


def pages_of(report: Report) -> tuple[Picture, ...]:
    """Pages of PAGE, the first with what was examined; faults first, what is fine last."""
    pages = _Pages(f"Gradient doctor: {report.title}")
    pages.text("report-title", pages.title)
    pages.y += GAP
    for head, words in told_of(report):
        pages.beside("report-muted", head)
        pages.text("report-text", words, HEADS)
    for finding in in_order(report):
        _finding(pages, finding)
    _not_asked(pages, report.not_asked)
    pages.turn()
    return tuple(pages.done)


def _finding(pages: _Pages, finding: Finding) -> None:
    """Rule, name, question, sentence, advice and figure; its words stay on one page."""
    picture = None if finding.chart is None else chart_picture(finding.chart, SIZE)
    pages.room(_height(finding) + (picture.height if picture is not None else 0.0))
    pages.y += GAP
    rule = np.array([[0.0, pages.y], [PAGE[0], pages.y]])
    pages.items.append(Polylines("axis", (rule,)))
    pages.y += GAP
    pages.beside(f"report-{finding.verdict}", TONES[finding.verdict])
    pages.text("report-head", finding.name, TONE)
    pages.text("report-muted", finding.question)
    pages.y += GAP / 2
    pages.text("report-text", finding.sentence)
    if finding.advice:
        pages.text("report-text", f"→ {finding.advice}")
    for quantity in shown(finding):
        pages.text("report-muted", quantity_words(quantity))
    if picture is not None:
        pages.y += GAP
        pages.figure(picture)


def _height(finding: Finding) -> float:
    """px of a finding without its figure."""
    told = [finding.question, finding.sentence, f"→ {finding.advice}" if finding.advice else ""]
    told += [quantity_words(q) for q in shown(finding)]
    lines = sum(len(wrapped(words, "report-text", PAGE[0])) for words in told if words)
    return LINE * (STYLES["report-head"].size + lines * STYLES["report-text"].size) + 3.5 * GAP


def _not_asked(pages: _Pages, rows: tuple[NotAsked, ...]) -> None:
    if not rows:
        return
    pages.room(5 * LINE * STYLES["report-text"].size)
    pages.y += 2 * GAP
    pages.text("report-head", "Not asked")
    for row in rows:
        pages.text("report-text", f"{row.name}: {row.why}")


def wrapped(words: str, style: str, width: float) -> list[str]:
    """Lines of words that are not wider than `width`, unless a single word is."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, STYLES[style]) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
