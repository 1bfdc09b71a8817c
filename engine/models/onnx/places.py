"""Where the numbers of constants lie in the bytes of an ONNX file, without a library that would
write all of it anew: the few fields of protobuf that lead there.

Source: protobuf.dev, encoding; field numbers from onnx.proto.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from engine.models.onnx.graph import TYPES
from engine.models.weights import Array

GRAPH, NODE, INITIALIZER = 7, 1, 5  # of a model, of a graph
OUTPUT, ATTRIBUTE, TENSOR, SUBGRAPH = 2, 5, 5, 6  # of a node, of its attributes
DIMS, TYPE, FLOATS, NAME, RAW, DOUBLES = 1, 2, 4, 8, 9, 10  # of a tensor
VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5  # how a field is written
Span = tuple[int, int]


def views(buffer: bytearray) -> dict[str, Array]:
    """The floating constants of a file that was read before, in all of its graphs, as arrays that
    lie in its bytes: what is written into one is in the file. A name that two have is left out."""
    found: dict[str, Array] = {}
    seen: set[str] = set()
    level = [span for number, span in _fields(buffer, (0, len(buffer))) if number == GRAPH]
    while level:
        inner: list[Span] = []
        for graph in level:
            for number, span in _fields(buffer, graph):
                if number == INITIALIZER:
                    _add(found, seen, *_tensor(buffer, span))
                elif number == NODE:
                    inner += _node(buffer, span, found, seen)
        level = inner
    return found


def _add(found: dict[str, Array], seen: set[str], name: str, view: Array | None) -> None:
    if name in seen:
        found.pop(name, None)
    elif view is not None:
        found[name] = view
    seen.add(name)


def _node(buffer: bytearray, span: Span, found: dict[str, Array], seen: set[str]) -> list[Span]:
    """The graphs inside a node; a tensor in it is a constant by the name of its output."""
    output, tensors, graphs = "", [], []
    for number, own in _fields(buffer, span):
        if number == OUTPUT:
            output = buffer[slice(*own)].decode("utf-8", "replace")
        elif number == ATTRIBUTE:
            for field, inner in _fields(buffer, own):
                if field == TENSOR:
                    tensors.append(_tensor(buffer, inner)[1])
                elif field == SUBGRAPH:
                    graphs.append(inner)
    for view in tensors:
        _add(found, seen, output, view)
    return graphs


def _tensor(buffer: bytearray, span: Span) -> tuple[str, Array | None]:
    """Its name, and its numbers where they are floating and in one piece."""
    name, dtype, dims = "", "", []
    pieces: list[Span] = []
    for number, (start, end) in _fields(buffer, span):
        if number == NAME:
            name = buffer[start:end].decode("utf-8", "replace")
        elif number == TYPE:
            dtype = TYPES.get(_varint(buffer, start)[0], "")
        elif number == DIMS:
            while start < end:  # packed or one at a time
                size, start = _varint(buffer, start)
                dims.append(size)
        elif number in (RAW, FLOATS, DOUBLES):
            pieces.append((start, end))
    if len(pieces) != 1 or dtype not in ("float16", "float32", "float64"):
        return name, None
    kind, count = np.dtype(dtype).newbyteorder("<"), math.prod(dims)
    start, end = pieces[0]
    if count * kind.itemsize != end - start or not count:
        return name, None
    return name, np.frombuffer(buffer, kind, count, start).reshape(dims)


def _fields(buffer: bytearray, span: Span) -> Iterator[tuple[int, Span]]:
    """(number, where its value is) of every field of a message."""
    at, end = span
    while at < end:
        key, at = _varint(buffer, at)
        kind = key & 7
        if kind == BYTES:
            size, at = _varint(buffer, at)
        elif kind == VARINT:
            size = _varint(buffer, at)[1] - at
        else:
            size = {EIGHT: 8, FOUR: 4}.get(kind, end - at)
        yield key >> 3, (at, at + size)
        at += size


def _varint(buffer: bytearray, at: int) -> tuple[int, int]:
    """A whole number of seven bits a byte, and where it ends."""
    found, shift = 0, 0
    while True:
        byte = buffer[at]
        found |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return found, at
