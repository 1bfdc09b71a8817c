"""Columns of numbers as a .json file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence


def data_of(columns: Mapping[str, Sequence[object]]) -> bytes:
    """The bytes of the file: one object of lists; what is not finite is null."""
    kept = {name: [_plain(value) for value in values] for name, values in columns.items()}
    return (json.dumps(kept, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8")


def _plain(value: object) -> object:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
