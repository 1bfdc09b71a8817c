"""Plain text (.txt): one series, by characters unless words are asked for."""

from __future__ import annotations

from engine import files
from engine.errors import Unusable
from engine.sequences.sequence import Sequence
from engine.sequences.source import Source


def read(source: Source) -> Sequence:
    """The whole file as one text."""
    text = files.text(source.data, source.name)
    if not text.strip():
        raise Unusable(f"{source.name} holds no text; give a file with at least two characters")
    tokens = source.reading.tokens
    return Sequence(
        kind="text",
        texts=(text,),
        tokens="characters" if tokens == "auto" else tokens,
        title=source.title,
        source=source.origin,
    )
