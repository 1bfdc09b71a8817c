"""What every reader is given: the bytes of a file, its name, and how it is to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read; nothing said means: by the rules in product and docstrings.

    tokens: words or characters (text).    missing: drop or interpolate.
    delimiter: between the cells of a table.
    roles: of columns, by name or by number counted from "1".
    as_is: columns, by name or number, that are fed as they are where others are standardised.
    header: whether the first line of a table is a header (None: look).
    fold: (steps, width): each line of a table is a series of its own, read row by row.
    title, source: what the sequence is called instead of the name of the file.
    """

    tokens: str = "auto"
    missing: str | None = None
    delimiter: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    as_is: tuple[str, ...] = ()
    header: bool | None = None
    fold: tuple[int, int] | None = None
    title: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A file: `name` is for messages; `data` are its bytes, but for a format that stays in it."""

    name: str
    data: bytes
    reading: Reading
    path: Path = Path()

    @property
    def title(self) -> str:
        return self.reading.title or self.name.rsplit(".", 1)[0]

    @property
    def origin(self) -> str:
        return self.reading.source or self.name
