"""The graph of a recording as GraphML, for yEd, Gephi and Cytoscape."""

from __future__ import annotations

import io

import networkx

from engine.graph import graph_of
from engine.recording import Recording


def data_of(recording: Recording, level: str = "ops") -> bytes:
    """The bytes of the file."""
    out = io.BytesIO()
    networkx.write_graphml(graph_of(recording, level), out)
    return out.getvalue()
