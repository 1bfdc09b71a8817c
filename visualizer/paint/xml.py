"""Numbers and words as they stand in the XML of an SVG."""

from __future__ import annotations

import re
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
    rounded = np.round(values, 2).tolist()
    return [str(int(each)) if each == int(each) else repr(each) for each in rounded]


def words(text: str) -> str:
    """Text escaped for elements and attributes, without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text).translate(_ESCAPES)
