"""Numbers and words as they stand in the XML of an SVG."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np

# xml.sax.saxutils would do it, and loads the whole of urllib with it: 24 ms before the first paint
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_FORBIDDEN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def number(value: float) -> str:
    """A coordinate to a hundredth, without needless zeros: "12", "3.5", "-0.25"."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def numbers(values: np.ndarray[Any, np.dtype[Any]]) -> list[str]:
    """Many coordinates, each as `number` writes it."""
    return list(map(_spelt, np.round(values, 2).tolist()))


@lru_cache(maxsize=65_536)  # what stands above each other has one x, what is in a row one y
def _spelt(rounded: float) -> str:
    return str(int(rounded)) if rounded == int(rounded) else repr(rounded)


def words(text: str) -> str:
    """Text escaped for elements and attributes, without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text).translate(_ESCAPES)
