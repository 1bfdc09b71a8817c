"""How far a run is from outputs that were given: --reference, in every command that takes one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.models.npz_file import arrays_in
from engine.models.running import compared
from engine.models.weights import Array


def errors_of(found: dict[str, Array], reference: str | None) -> dict[str, Any]:
    """What the summary says of it: {"parity": {array: max |a − b| / max |b|}}, or nothing."""
    if reference is None:
        return {}
    path = Path(reference)
    return {"parity": compared(found, arrays_in(path), path.name).errors}


def parity_lines(said: dict[str, Any], reference: str) -> Iterator[str]:
    """The same for people."""
    if "parity" in said:
        yield f"parity with {reference}: max |a − b| / max |b|"
        for name, error in said["parity"].items():
            yield f"  {name:22} {error:.2g}"
    if "disagreement" in said:
        yield f"  {said['disagreement']}"
