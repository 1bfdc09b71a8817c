"""STYLES: one row for each kind of mark in a picture, with colours as tokens, so that every theme
follows. No colour value, no Qt and no device lives here.

What the rows are for
  canvas, time     column column-current column-done column-line row-line turn turn-word
  nodes            node node-current node-selected node-hover node-absent node-padded node-op
                   node-op-current symbol symbol-muted op-text side-text strip-empty strip-pending
                   strip-waiting strip-frame value-text delta-text cell-text cell-text-inverse
  the graph alone  column-forward column-padded node-forward node-row graph-number graph-note
                   graph-ahead graph-ahead-text symbol-small symbol-thousands symbol-myriads
                   symbol-marked parameter-bar-out parameter-bar-before parameter-note, and of the
                   nodes and ops -current -forward -selected
  losses           pill pill-current pill-off pill-text pill-text-off pill-total
                   pill-total-current pill-total-text pill-part pill-part-text
  own outputs      odds odds-pending odds-bar odds-taken odds-name odds-taken-name odds-rest
                   odds-figure odds-truth odds-own token-own band-usual grid-solved grid-not
  edges            edge edge-sum edge-handed edge-dashed edge-lag edge-hover edge-backward
                   edge-backward-soft edge-cut edge-fed
                   path path-node path-text arc arc-faint arc-lit arc-backward memory-road
                   cut memory-label packet packet-halo scissors
  parameters       parameter-card parameter-card-selected parameter-name parameter-rule
                   parameter-bar parameter-stub bus bus-dot
  sum ring         ring ring-track ring-lit ring-text ring-text-lit
  words            callout callout-title callout-text token token-current target muted title
                   subtitle time-label time-label-current
  plots            panel axis axis-text axis-text-own axis-text-current axis-title grid bar-own
                   bar-later
                   bar-hollow bar-stub bar-pending bar-label bar-note clip-mark line-1 … line-6,
                   line-1-dashed threshold table-row playhead playhead-knob playhead-text
                   bar-twin spread-own spread-twin
  a report         report-title report-head report-text report-muted report-bad report-look
                   report-good
  legend           legend-text legend-own legend-later legend-frame
  inspector        cell-number big-symbol small-symbol aside-symbol ledger-symbol lead-word
                   check-text check-good check-bad caption caption-quiet value-bar
  bands            band-symbol band-delta band-role band-pending band-selected loss-dot loss-text
  two graphs       pane-line pane-hand pane-title pane-title-quiet pair-letter pair-ground;
                   pair-1 pair-2
                   with -dot and -text
  minimap          minimap minimap-view minimap-veil minimap-loss
  a card           card card-selected card-title card-text (plain boxes of words)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Style:
    """How a mark looks: sizes in px, colours as "token" or "token/per cent of opacity"."""

    fill: str | None = None
    stroke: str | None = None
    width: float = 1.0
    dash: tuple[float, ...] = ()
    hatch: str | None = None
    radius: float = 0.0
    font: Literal["ui", "mono", "math"] = "ui"
    size: float = 13.0
    weight: int = 400
    italic: bool = False
    colour: str = "text"


NODE = Style(fill="surface", stroke="border", width=1.2, radius=8)
EDGE = Style(stroke="edge", width=1.3)
BACKWARD = Style(stroke="backward", width=3.0)
UI = Style(font="ui", size=12.5)
MONO = Style(font="mono", size=11)
MATH = Style(font="math", size=19, italic=True)
LINE = Style(width=1.6)
DASHES = {
    "line-1": (), "line-2": (), "line-3": (), "line-4": (6.0, 3.0),
    "line-5": (2.0, 2.5), "line-6": (8.0, 3.0, 2.0, 3.0),
}  # fmt: skip

STYLES: dict[str, Style] = {
    # canvas and time
    "column": Style(),
    "column-current": Style(fill="column-current"),
    "column-done": Style(fill="column-done"),
    "column-line": Style(stroke="grid", width=1),
    "turn": Style(stroke="muted/70", width=1.2, dash=(2.0, 3.0)),
    "turn-word": replace(UI, size=12, weight=500, colour="muted"),
    "row-line": Style(stroke="grid", width=1),
    "time-label": replace(UI, size=14, weight=500),
    "time-label-current": replace(UI, size=14, weight=500, colour="backward-text"),
    # nodes
    "node": NODE,
    "node-current": replace(NODE, stroke="backward", width=2.2),
    "node-selected": replace(NODE, stroke="accent", width=2.2),
    "node-hover": replace(NODE, stroke="muted", width=1.6),
    "node-absent": replace(NODE, fill="sunken", dash=(5.0, 3.0)),
    "node-padded": replace(NODE, fill="sunken", hatch="hatch"),
    "node-op": replace(NODE, radius=14),
    "node-op-current": replace(NODE, stroke="backward", width=1.6, radius=14),
    "symbol": MATH,
    "symbol-muted": replace(MATH, size=17, colour="muted"),
    "op-text": replace(UI, size=15),
    "op-name": replace(MATH, size=11),
    "side-text": replace(MATH, size=16, colour="muted"),
    "strip-empty": Style(fill="sunken"),
    "strip-pending": Style(fill="sunken", hatch="hatch"),
    "strip-waiting": Style(fill="sunken", stroke="border", dash=(3.0, 2.0), radius=2),
    "strip-frame": Style(stroke="border", width=1),
    "value-text": replace(MONO, size=11.5),
    "delta-text": replace(MONO, size=11.5, colour="backward-text"),
    "cell-text": replace(MONO, size=10, colour="ink-dark"),
    "cell-text-inverse": replace(MONO, size=10, colour="ink-light"),
    # the graph alone
    "column-forward": Style(fill="accent/6"),
    "column-padded": Style(hatch="hatch"),
    "node-forward": replace(NODE, stroke="accent/55", width=1.6),
    "node-op-forward": replace(NODE, stroke="accent/55", width=1.5, radius=14),
    "node-op-selected": replace(NODE, stroke="accent", width=2.2, radius=14),
    "node-row": Style(radius=5),
    "node-row-current": Style(stroke="backward", width=1.6, radius=5),
    "node-row-forward": Style(stroke="accent/55", width=1.4, radius=5),
    "node-row-selected": Style(stroke="accent", width=2, radius=5),
    "pill-forward": replace(NODE, stroke="accent", width=1.8, radius=16),
    "symbol-small": replace(MATH, size=16.5),
    "symbol-thousands": replace(MATH, size=13.5),
    "symbol-myriads": replace(MATH, size=11),
    "symbol-marked": replace(MATH, size=14),
    "symbol-initial": replace(MATH, size=18, colour="muted"),
    "bar-loss": Style(fill="loss/75", radius=2),
    "band-loss": Style(fill="loss/70"),
    "graph-block": replace(MATH, size=13, colour="muted"),
    "graph-number": replace(MONO, size=9.5),
    "graph-number-strong": replace(MONO, size=9.5, colour="ink-light"),
    "graph-ahead": replace(NODE, fill="sunken", dash=(4.0, 3.0), radius=6),
    "graph-ahead-text": replace(UI, size=12, colour="muted"),
    "graph-note": replace(UI, size=10, colour="muted"),
    "parameter-bar-out": Style(stroke="backward/45", dash=(2.0, 2.0), radius=1.5),
    "parameter-bar-before": Style(
        fill="backward/15", stroke="backward/60", hatch="backward/60", radius=1.5
    ),
    "parameter-note": replace(UI, size=9.2, colour="backward-text"),
    "parameter-rule-quiet": replace(MONO, size=12, weight=600, colour="muted"),
    # steps that lie on one another
    "fold-card": Style(fill="canvas", stroke="grid", width=1),
    "delay": Style(fill="surface", stroke="border", width=1.1, radius=3.5),
    "delay-text": replace(MATH, size=12.5, colour="muted"),
    # losses
    "pill": replace(NODE, radius=16),
    "pill-current": replace(NODE, stroke="backward", width=1.8, radius=16),
    "pill-selected": replace(NODE, stroke="accent", width=2.2, radius=16),
    "pill-off": replace(NODE, fill="sunken", dash=(5.0, 3.0), radius=16),
    "pill-text": replace(UI, size=13, weight=600),
    "pill-text-off": replace(UI, size=13, weight=500, colour="muted"),
    "pill-total": replace(NODE, width=1.4, radius=16),
    "pill-total-current": replace(NODE, stroke="backward", width=1.8, radius=16),
    "pill-total-text": replace(UI, size=14, weight=600),
    "pill-part": replace(NODE, width=1.2, radius=16, dash=(4.0, 3.0)),
    "pill-part-text": replace(UI, size=13, weight=500, colour="muted"),
    # edges
    "edge": EDGE,
    "edge-lag": EDGE,
    "edge-sum": replace(EDGE, width=1.0),  # a fan: up to a pixel devices are four times as quick
    "edge-handed": replace(EDGE, stroke="muted", width=2.4),
    "edge-dashed": replace(EDGE, dash=(4.0, 3.0)),
    "edge-hover": replace(EDGE, stroke="muted", width=1.8),
    "cut": Style(stroke="danger", width=1.6),
    "edge-cut": replace(EDGE, stroke="danger/70", dash=(4.0, 3.0)),
    "edge-fed": replace(EDGE, stroke="accent/80", dash=(4.0, 3.0)),
    "edge-backward": BACKWARD,
    "path": Style(stroke="accent/20", width=13.0),
    "path-node": Style(fill="accent/20", radius=12),
    "path-text": replace(UI, size=12, colour="accent-text"),
    "arc-faint": Style(stroke="edge/30", width=1.0),
    "arc": Style(stroke="muted/45", width=1.2),
    "arc-lit": Style(stroke="accent/80", width=2.0),
    "arc-backward": Style(stroke="backward/75", width=2.0),
    "edge-backward-soft": replace(BACKWARD, stroke="backward/60"),
    "memory-road": Style(stroke="parameter/18", width=27),
    "memory-label": replace(UI, size=12, weight=600, colour="parameter-text"),
    "packet": Style(fill="backward"),
    "packet-halo": Style(fill="backward/35"),
    "packet-forward": Style(fill="accent"),
    "packet-forward-halo": Style(fill="accent/25"),
    "scissors": replace(UI, size=14, colour="danger-text"),
    # parameters
    "parameter-card": Style(fill="surface", stroke="parameter", width=1.6, radius=8),
    "parameter-card-selected": Style(fill="surface", stroke="accent", width=2.2, radius=8),
    "parameter-name": replace(MONO, size=12.5),
    "parameter-rule": replace(MONO, size=12, weight=600, colour="parameter-text"),
    "parameter-bar": Style(fill="backward/85", radius=1.5),
    "parameter-stub": Style(fill="line", radius=1),
    "bus": Style(stroke="parameter/55", width=1, dash=(2.5, 2.0)),
    "bus-dot": Style(fill="parameter"),
    # the sum ring
    "ring": Style(fill="surface", stroke="border", width=1),
    "ring-track": Style(stroke="line", width=3),
    "ring-lit": Style(stroke="backward", width=3),
    "ring-text": replace(UI, size=11, weight=600, colour="muted"),
    "ring-text-lit": replace(UI, size=11, weight=600, colour="backward-text"),
    # words
    "callout": Style(fill="raised", stroke="backward/65", width=1.2, radius=8),
    "callout-title": replace(UI, size=12.5, weight=600, colour="backward-text"),
    "callout-text": replace(MATH, size=16),
    "callout-plain": replace(UI, colour="muted"),
    "token": replace(UI, size=13, weight=500),
    "token-current": replace(UI, size=13, weight=600, colour="backward-text"),
    "token-own": replace(UI, size=13, weight=500, colour="accent"),
    "target": replace(UI, colour="muted"),
    # what a network that reads its own output says
    "odds": Style(fill="surface", stroke="border", width=0.8, radius=6),
    "odds-pending": Style(fill="sunken", hatch="hatch", radius=6),
    "odds-bar": Style(fill="muted/45"),
    "odds-taken": Style(fill="accent"),
    "grid-solved": Style(fill="parameter/30"),
    "grid-not": Style(fill="muted/14"),
    "band-usual": Style(fill="muted/14"),
    "odds-name": replace(UI, size=10),
    "odds-taken-name": replace(UI, size=10, weight=700, colour="accent"),
    "odds-rest": replace(UI, size=9.5, colour="muted"),
    "odds-truth": replace(UI, size=9.5, colour="muted"),
    "odds-own": replace(UI, size=9.5, weight=600, colour="accent"),
    "odds-figure": replace(MONO, size=9, colour="muted"),
    "muted": replace(UI, size=12, colour="muted"),
    "title": replace(UI, size=13, weight=600),
    "subtitle": replace(UI, size=12, colour="muted"),
    # plots
    "panel": Style(fill="plot"),
    "axis": Style(stroke="line", width=1),
    "axis-text": replace(MONO, size=11, colour="muted"),
    "axis-text-own": replace(MONO, size=11, weight=600, colour="accent"),
    "axis-text-current": replace(MONO, size=11, colour="backward-text"),
    "axis-title": replace(UI, size=12, colour="muted"),
    "grid": Style(stroke="grid", width=1),
    "bar-own": Style(fill="bar-own", radius=2),
    "bar-later": Style(fill="bar-later", radius=2),
    "bar-hollow": Style(stroke="bar-own", hatch="bar-own", radius=2),
    "bar-stub": Style(fill="line", radius=1.5),
    "bar-pending": Style(fill="sunken", stroke="border", dash=(4.0, 3.0), radius=4),
    "bar-label": replace(MONO, size=11.5),
    "table-row": Style(fill="sunken", radius=5),
    "bar-note": replace(UI, size=11, weight=500, colour="backward-text"),
    "clip-mark": replace(UI, size=12, colour="danger-text"),
    "line-1-dashed": replace(LINE, stroke="series-1", dash=(5.0, 2.5)),
    "threshold": Style(stroke="muted", width=1, dash=(5.0, 3.0)),
    "playhead": Style(stroke="backward", width=1.6),
    "playhead-knob": Style(fill="backward"),
    "playhead-text": replace(MONO, size=11, colour="backward-text"),
    "bar-twin": Style(fill="series-3/70", radius=1.5),
    "spread-own": Style(fill="series-1/20"),
    "spread-twin": Style(fill="series-3/16"),
    # a report on paper
    "report-title": replace(UI, size=20, weight=600),
    "report-head": replace(UI, size=14, weight=600),
    "report-text": replace(UI, size=12),
    "report-muted": replace(UI, size=12, colour="muted"),
    "report-bad": replace(UI, size=14, weight=600, colour="danger-text"),
    "report-look": replace(UI, size=14, weight=600, colour="backward-text"),
    "report-good": replace(UI, size=14, weight=600, colour="parameter-text"),
    # legend
    "legend-text": replace(UI, size=11.5, colour="muted"),
    "legend-own": Style(fill="bar-own", radius=2),
    "legend-later": Style(fill="bar-later", radius=2),
    "legend-frame": Style(fill="canvas/92", radius=6),
    # beside the graph: inspector and transport
    "cell-typed": Style(fill="accent", stroke="surface", width=1),
    "cell-number": replace(MONO, size=9.5, colour="muted"),
    "big-symbol": replace(MATH, size=32),
    "small-symbol": replace(MATH, size=13.5, colour="muted"),
    "aside-symbol": replace(MATH, size=15, colour="muted"),
    "ledger-symbol": replace(MATH, size=17),
    "lead-word": replace(UI, size=12.5, colour="muted"),
    "caption": replace(MATH, size=15, colour="backward-text"),
    "caption-quiet": replace(UI, size=11.5, colour="muted"),
    "check-text": replace(UI, size=12.5),
    "check-good": replace(UI, size=12.5, weight=600, colour="parameter-text"),
    "check-bad": replace(UI, size=12.5, weight=600, colour="danger-text"),
    "value-bar": Style(fill="accent/80", radius=1.5),
    # bands and minimap
    "band-symbol": replace(MATH, size=18),
    "band-delta": replace(MATH, size=16, colour="backward-text"),
    "band-role": replace(UI, size=11.5, colour="muted"),
    "band-pending": Style(hatch="hatch"),
    "band-selected": Style(fill="accent/30", stroke="accent", width=1.2, radius=2),
    "loss-dot": Style(fill="text"),
    "loss-text": replace(UI, size=11.5, colour="muted"),
    "minimap": Style(fill="sunken", stroke="line", radius=6),
    "minimap-veil": Style(fill="plot/55"),
    "minimap-loss": Style(fill="text"),
    "minimap-view": Style(fill="accent/10", stroke="accent", width=1.6, radius=6),
    # two graphs, one above the other, and their lines in one plot
    "pane-line": Style(stroke="line", width=1),
    "pane-hand": Style(fill="accent", radius=1.5),
    "pane-title": replace(UI, size=13, weight=600),
    "pane-title-quiet": replace(UI, size=13, weight=500, colour="muted"),
    "pair-letter": replace(UI, size=11.5, weight=600, colour="surface"),
    "pair-1": Style(stroke="series-1", width=2),
    "pair-2": Style(stroke="series-3", width=2, dash=(7.0, 3.0)),
    "pair-ground": Style(fill="plot/82", radius=3),
    "pair-1-dot": Style(fill="series-1"),
    "pair-2-dot": Style(fill="series-3"),
    "pair-1-text": replace(UI, size=12, weight=600, colour="backward-text"),
    "pair-2-text": replace(UI, size=12, weight=600, colour="accent-text"),
    # plain boxes of words
    "card": Style(fill="surface", stroke="line", radius=8),
    "card-selected": Style(fill="surface", stroke="accent", width=2, radius=8),
    "card-title": replace(UI, size=14, weight=600),
    "card-text": replace(UI, size=12.5, colour="muted"),
}
STYLES |= {f"fold-rim-{n}": Style(stroke=f"border/{5 * n}", width=1) for n in range(1, 21)}
STYLES |= {f"fold-veil-{n}": Style(fill=f"canvas/{2 * n}") for n in range(1, 51)}
STYLES |= {
    f"line-{place}": replace(LINE, stroke=f"series-{place}", dash=DASHES[f"line-{place}"])
    for place in range(1, 7)
}
