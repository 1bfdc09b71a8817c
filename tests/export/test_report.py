"""A report as a file: whole, alone, the same for the same report, and readable as text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import engine
from engine.errors import Unusable
from engine.reporting.finding import Report
from visualizer.export import write_report
from visualizer.export.report_html import html_of
from visualizer.export.report_pages import PAGE, pages_of, wrapped
from visualizer.scene.picture import Texts
from visualizer.styles import STYLES
from visualizer.typeset import width_of

REPORT: Report = engine.report(["a b c d e", "a c e"], cell="lstm", hidden=4, overfit=False)
VOID = {"meta", "br", "hr"}


class Tree(HTMLParser):
    """Whether every element is closed where it should be, and the ids and links there are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_is_whole_and_alone() -> None:
    text = html_of(REPORT)
    tree = Tree()
    tree.feed(text)
    assert tree.open == []
    assert len(set(tree.ids)) == len(tree.ids)
    assert {link[1:] for link in tree.links} <= set(tree.ids)
    assert "http" not in text and "<script" not in text and "url(#" not in text.split("<main>")[0]
    assert "@media (prefers-color-scheme:dark)" in text
    for finding in REPORT.findings:
        assert f'<article id="{finding.id}" class="{finding.verdict}">' in text
    assert text.count("<svg ") == sum(f.chart is not None for f in REPORT.findings)


def test_every_class_of_a_figure_has_a_rule_in_both_themes() -> None:
    head, body = html_of(REPORT).split("</head>")
    light, dark = head.split("@media (prefers-color-scheme:dark)")
    used = set(re.findall(r'class="(light-[\w-]+)"', body))
    assert used
    for name in used:
        assert f".{name}{{" in light and f".{name}{{" in dark


def test_the_same_report_gives_the_same_html() -> None:
    again = engine.report(["a b c d e", "a c e"], cell="lstm", hidden=4, overfit=False)
    assert html_of(again) == html_of(REPORT)


def test_nothing_leaves_a_page() -> None:
    pages = pages_of(REPORT)
    assert len(pages) > 2
    for page in pages:
        for item in page.items:
            if isinstance(item, Texts):
                for (x, y), word in zip(item.positions, item.strings):
                    wide = width_of(word, STYLES[item.style]) if item.anchor == "start" else 0.0
                    assert x >= 0 and x + wide <= PAGE[0] + 1 and 0 <= y <= PAGE[1] + 30, word
    said = " ".join(w for page in pages for i in page.items if isinstance(i, Texts)
                    for w in i.strings)  # fmt: skip
    for finding in REPORT.findings:
        assert finding.name in said and " ".join(finding.sentence.split()) in said


def test_words_are_wrapped_and_none_is_lost() -> None:
    words = "a loss that nobody gave, " * 20
    lines = wrapped(words, "report-text", 200.0)
    assert " ".join(lines) == words.strip()
    assert all(width_of(line, STYLES["report-text"]) <= 200.0 for line in lines)


@pytest.mark.parametrize("suffix", [".html", ".pdf"])
@pytest.mark.usefixtures("qapp")
def test_files(tmp_path: Path, suffix: str) -> None:
    place = tmp_path / f"r{suffix}"
    size = write_report(REPORT, place)
    data = place.read_bytes()
    assert len(data) == size > 10_000
    assert data.startswith(b"%PDF-" if suffix == ".pdf" else b"<!doctype html>")
    if suffix == ".pdf":
        assert data.count(b"/Type /Page\n") == len(pages_of(REPORT))


def test_no_other_ending(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"a report is written as \.html, \.pdf"):
        write_report(REPORT, tmp_path / "r.txt")
