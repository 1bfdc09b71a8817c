"""JSON that somebody gave, read without leniency: what is ambiguous or huge is refused.

Python's reader takes NaN, the last of two equal keys, and any depth; here each is `Unusable`.
What the values mean is judged by those who asked for them.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from engine import files
from engine.errors import Unusable

MAX_DEPTH = 100
# what Python says of broken JSON, a part of it → what that means
WRONG = (
    ("property name", "a name in double quotes is needed"),
    ("trailing comma", "there is a comma too many"),
    ("',' delimiter", "a comma is missing"),
    ("':' delimiter", "a colon is missing"),
    ("Expecting value", "a value is missing"),
    ("Extra data", "something stands behind the end"),
    ("Unterminated string", "a text has no closing quote"),
    ("control character", "a text holds a control character"),
    ("escape", "a backslash is followed by nothing that is known"),
)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def parse(data: bytes, name: str, line: int = 0) -> Any:
    """The value in UTF-8 JSON text: dict, list, str, int, float, bool or None. `line`: the
    one of the file that the text is, for messages; 0: it is all of it."""
    text = files.text(data, name)
    place = f"{name}: line {line}" if line else name
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_finite,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        at = error.lineno + max(line - 1, 0)
        wrong = next((words for said, words in WRONG if said in error.msg), "it makes no sense")
        raise Unusable(
            f"{name}: line {at}, character {error.colno} is not JSON: {wrong}; save it anew"
        ) from None
    except RecursionError:
        raise _too_deep(place) from None
    except _Refused as refused:
        raise Unusable(f"{place}: {refused}; save it anew") from None
    if _depth_exceeds(value, MAX_DEPTH):
        raise _too_deep(place)
    if _HALF.search(text) and not _is_text(value):
        raise Unusable(f"{place} holds half a character (\\ud800 … \\udfff alone); save it anew")
    return value


def _is_text(value: Any) -> bool:
    """Whether all strings can be written out again."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


class _Refused(Exception):
    """What a hook of the reader found; `parse` adds the name of the file."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice, seen = "", set[str]()
        for twice, _ in pairs:
            if twice in seen:
                break
            seen.add(twice)
        raise _Refused(f"the key {twice[:40]!r} stands there twice, one is allowed")
    return found


def _constant(word: str) -> float:
    raise _Refused(f"{word} is no JSON number; finite numbers are allowed")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Refused(f"the number {digits[:20]} is too large; finite numbers are allowed")
    return number


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise _Refused(f"an integer has {len(digits):,} digits; at most 20 are read")
    return int(digits)


def _too_deep(name: str) -> Unusable:
    return Unusable(f"{name} is nested deeper than {MAX_DEPTH} levels; save it anew")


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(each.values())
            elif isinstance(each, list):
                inner.extend(each)
        level = inner
    return bool(level)
