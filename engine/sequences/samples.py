"""The samples that the program ships: what they are, where from, and how each is read.

All of it stands in `resources/samples/SOURCES.toml`; this module only hands it on. The sequences
themselves come from `engine.sequences.reading`.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from engine.sequences.source import Reading

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of SOURCES.toml."""

    id: str
    title: str
    about: str
    file: str
    origin: str
    licence: str
    sha256: str
    reading: Reading

    @property
    def path(self) -> Path:
        return FOLDER / self.file


@functools.cache
def samples() -> tuple[Sample, ...]:
    """All samples, in the order in which a gallery shows them."""
    with (FOLDER / "SOURCES.toml").open("rb") as file:
        rows = tomllib.load(file)["sample"]
    return tuple(_sample(row) for row in rows)


def reading_of(path: Path) -> Reading | None:
    """How a file is read if it is a shipped sample, else None."""
    try:
        if path.resolve().parent != FOLDER:
            return None
    except (OSError, ValueError, RuntimeError):
        return None
    found = [each.reading for each in samples() if each.file == path.name]
    return found[0] if found else None


def _sample(row: dict[str, object]) -> Sample:
    facts = {key: str(row[key]) for key in Sample.__dataclass_fields__ if key != "reading"}
    roles, fold, header = row.get("roles"), row.get("fold"), row.get("header")
    missing = row.get("missing")
    reading = Reading(
        tokens=str(row.get("tokens", "auto")),
        missing=None if missing is None else str(missing),
        roles={str(k): str(v) for k, v in roles.items()} if isinstance(roles, dict) else {},
        header=header if isinstance(header, bool) else None,
        fold=(int(fold[0]), int(fold[1])) if isinstance(fold, list) else None,
        title=facts["title"],
        source=facts["id"],
    )
    return Sample(**facts, reading=reading)
