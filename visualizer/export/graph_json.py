"""The graph of a recording as node-link JSON, which networkx and d3 read."""

from __future__ import annotations

import json
import math
from typing import Any

import networkx

from engine.graph import graph_of
from engine.recording import Recording


def data_of(recording: Recording, level: str = "ops") -> bytes:
    """The bytes of the file: one object with graph, nodes, edges; what is not finite is null."""
    found = networkx.node_link_data(graph_of(recording, level), edges="edges")
    text = json.dumps(_finite(found), ensure_ascii=False, allow_nan=False, indent=1)
    return f"{text}\n".encode()


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list) else value
