"""Numbers as text to be copied: plain, CSV, LaTeX. No clipboard here."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Numbers = Mapping[str, NDArray[np.float64]]


def as_numbers(numbers: Numbers) -> str:
    """A line for each row, all digits, tabs between: what a spreadsheet or numpy reads."""
    lines = []
    for name, array in numbers.items():
        if len(numbers) > 1:
            lines.append(f"# {name}")
        lines += ["\t".join(repr(float(v)) for v in row) for row in _rows(array)]
    return "\n".join(lines)


def as_csv(numbers: Numbers) -> str:
    """Rows that begin with the name and end with the numbers."""
    lines = []
    for name, array in numbers.items():
        rows = _rows(array)
        for k, row in enumerate(rows):
            head = name if len(rows) == 1 else f"{name} {k + 1}"
            lines.append(",".join([head, *(repr(float(v)) for v in row)]))
    return "\n".join(lines)


def as_latex(numbers: Numbers, formula: str) -> str:
    """The formula, then every array as a matrix."""
    parts = [formula] if formula else []
    for name, array in numbers.items():
        rows = [" & ".join(f"{float(v):.4g}" for v in row) for row in _rows(array)]
        body = r" \\ ".join(rows)
        parts.append(rf"\text{{{name}}} = \begin{{pmatrix}} {body} \end{{pmatrix}}")
    return "\n".join(parts)


def _rows(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """The array as a matrix: kernels below each other."""
    matrix = np.atleast_2d(array)
    return matrix.reshape(-1, matrix.shape[-1])
