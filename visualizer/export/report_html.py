"""A report of the gradient doctor as one .html file: no script, no address, figures inline as SVG,
light and dark as the reader's system has it. No Qt.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.reporting.finding import Chart, Finding, NotAsked, Quantity, Report, Spread
from engine.reporting.telling import TONES, in_order, told_of, unit_words
from engine.reporting.words import count
from visualizer.paint.svg import to_svg
from visualizer.paint.xml import words
from visualizer.plots.chart import chart_picture
from visualizer.theme import theme_named

_STYLE = re.compile(r"<style>(.*?)</style>\n?", re.DOTALL)
_NAMES = re.compile(r"(id=\"|url\(#|href=\"#)light-")
TOKENS = ("canvas", "surface", "sunken", "border", "text", "muted", "accent-text", "backward-text",
          "parameter-text", "danger-text")  # fmt: skip
SHEET = """
*{box-sizing:border-box}
body{margin:0;background:var(--canvas);color:var(--text);
 font:16px/1.5 Inter,system-ui,'Segoe UI',sans-serif}
main{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 1rem}
h2{font-size:1.15rem;margin:0}
dl{display:grid;grid-template-columns:6rem 1fr;gap:.2rem 1rem;margin:0 0 1.5rem}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
nav ul{list-style:none;margin:0 0 2rem;padding:0;columns:2 16rem}
nav li{margin:.1rem 0}
a{color:inherit;text-decoration-color:var(--border);text-underline-offset:3px}
.tone{display:inline-block;min-width:3.4rem;font-weight:600}
.bad .tone,li.bad .tone{color:var(--danger-text)}
.look .tone,li.look .tone{color:var(--backward-text)}
.good .tone,li.good .tone{color:var(--parameter-text)}
article{border-top:1px solid var(--border);padding:1.4rem 0}
.question{color:var(--muted);margin:0 0 .5rem}
.advice{background:var(--sunken);border-radius:6px;padding:.6rem .9rem}
p{margin:.5rem 0}
figure{margin:1rem 0 .5rem;overflow-x:auto}
svg{width:100%;min-width:33rem;max-width:40rem;height:auto;display:block}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums;margin:.6rem 0}
th{font-weight:500;color:var(--muted);text-align:right;padding:.15rem .7rem;white-space:nowrap}
td{text-align:right;padding:.15rem .7rem;border-top:1px solid var(--sunken);white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal}
summary{color:var(--muted);cursor:pointer}
@media print{article{break-inside:avoid}body{background:none}}
"""


def data_of(report: Report) -> bytes:
    """The bytes of the file."""
    return html_of(report).encode("utf-8")


def html_of(report: Report) -> str:
    """The whole document; the same report gives the same text."""
    rules: dict[str, dict[str, None]] = {"light": {}, "dark": {}}
    findings = in_order(report)
    bodies = [_article(n, finding, rules) for n, finding in enumerate(findings)]
    title = words(f"Gradient doctor: {report.title}")
    told = "".join(f"<dt>{head}</dt><dd>{words(said)}</dd>" for head, said in told_of(report))
    links = "".join(_link(finding) for finding in findings)
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{title}</title>",
        f"<style>{_sheet(rules)}</style></head><body><main>",
        f"<h1>{title}</h1><dl>{told}</dl>",
        f"<nav><ul>{links}</ul></nav>",
        *bodies,
        _not_asked(report.not_asked),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _sheet(rules: dict[str, dict[str, None]]) -> str:
    dark = f"{_tokens('dark')}\n{''.join(rules['dark'])}"
    return (
        f"{_tokens('light')}{SHEET}{''.join(rules['light'])}"
        f"@media (prefers-color-scheme:dark){{{dark}}}"
    )


def _tokens(name: str) -> str:
    theme = theme_named(name)
    return f":root{{{''.join(f'--{t}:{theme.colour(t).hex};' for t in TOKENS)}}}"


def _link(finding: Finding) -> str:
    tone = f'<span class="tone">{TONES[finding.verdict]}</span>'
    return f'<li class="{finding.verdict}">{tone} <a href="#{finding.id}">{finding.name}</a></li>'


def _article(n: int, finding: Finding, rules: dict[str, dict[str, None]]) -> str:
    tone = f'<span class="tone">{TONES[finding.verdict]}</span>'
    parts = [
        f'<article id="{finding.id}" class="{finding.verdict}">',
        f"<h2>{tone} {words(finding.name)}</h2>",
        f'<p class="question">{words(finding.question)}</p>',
        f"<p>{words(finding.sentence)}</p>",
    ]
    if finding.advice:
        parts.append(f'<p class="advice"><b>Try</b> {words(finding.advice)}</p>')
    if finding.chart is not None:
        parts.append(f"<figure>{_figure(n, finding.chart, rules)}</figure>")
    if finding.quantities:
        parts.append(_table(finding.quantities))
    return "\n".join([*parts, "</article>"])


def _figure(n: int, chart: Chart, rules: dict[str, dict[str, None]]) -> str:
    """The figure once, with the rules of both themes under one set of names."""
    picture = chart_picture(chart)
    light, dark = (to_svg(picture, theme_named(name)) for name in ("light", "dark"))
    for name, text in (("light", light), ("dark", dark)):
        for block in _STYLE.findall(text):
            for rule in block.splitlines():
                rules[name].setdefault(rule.replace(".dark-", ".light-", 1))
    body = _STYLE.sub("", light).replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return _NAMES.sub(rf"\g<1>f{n}-", body).strip()


def _table(quantities: tuple[Quantity, ...]) -> str:
    """All numbers of a finding; the columns of a spread only where there is one."""
    own, twin = any(q.spread for q in quantities), any(q.twin for q in quantities)
    heads = ["", "value"]
    heads += ["median", "5–95 %", "worst", "of"] * own
    heads += ["fresh: median", "5–95 %", "worst"] * twin
    rows = ["".join(f"<th>{head}</th>" for head in heads)]
    for quantity in quantities:
        as_words, unit = unit_words(quantity)
        cells = [words(quantity.name), as_words(quantity.value) + unit]
        cells += _cells(quantity.spread, as_words, 4) * own
        cells += _cells(quantity.twin, as_words, 3) * twin
        rows.append("".join(f"<td>{cell}</td>" for cell in cells))
    table = "".join(f"<tr>{row}</tr>" for row in rows)
    said = count(len(quantities), "number")
    body = f'<div class="wide"><table>{table}</table></div>'
    return f"<details><summary>{said}</summary>{body}</details>"


def _cells(spread: Spread | None, as_words: Callable[[float], str], size: int) -> list[str]:
    if spread is None:
        return [""] * size
    low, high = as_words(spread.low), as_words(spread.high)
    found = [as_words(spread.median), f"{low} … {high}", as_words(spread.worst), str(spread.count)]
    return found[:size]


def _not_asked(rows: tuple[NotAsked, ...]) -> str:
    if not rows:
        return ""
    items = "".join(f"<li>{words(row.name)}: {words(row.why)}</li>" for row in rows)
    return f"<article><h2>Not asked</h2><ul>{items}</ul></article>"
