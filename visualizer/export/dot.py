"""The graph of a recording in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.graph import graph_of
from engine.recording import Recording

SHAPES = {"parameter": "box", "loss": "oval", "total": "oval", "first state": "plaintext"}


def data_of(recording: Recording, level: str = "ops") -> bytes:
    """The bytes of the file: every attribute of nodes and edges, words in quotes."""
    graph = graph_of(recording, level)
    lines = ["digraph unrolled {", "  rankdir=BT;"]
    for name, facts in graph.nodes(data=True):
        shape = SHAPES.get(str(facts.get("role")), "ellipse")
        lines.append(f"  {_quoted(name)} {_facts({**facts, 'shape': shape})};")
    for source, target, facts in graph.edges(data=True):
        lines.append(f"  {_quoted(source)} -> {_quoted(target)} {_facts(facts)};")
    return "\n".join([*lines, "}", ""]).encode("utf-8")


def _facts(facts: Mapping[str, Any]) -> str:
    return "[" + ", ".join(f"{key}={_quoted(value)}" for key, value in facts.items()) + "]"


def _quoted(value: object) -> str:
    text = f"{value:.9g}" if isinstance(value, float) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
