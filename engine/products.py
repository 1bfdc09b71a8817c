"""Products of matrices: whole, or in tiles where BLAS is faster so.

OpenBLAS lays both factors of a product out anew before it multiplies. On processors with AVX-512 it
also has kernels that take them as they lie, in two thirds of the time, but only for products of up
to a million multiplications. So a larger one is cut: one step, some rows and some columns of the
result at a time. Who names the pieces in a source is `engine.forward` and `engine.backward`.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from engine.ops import OPS
from engine.structure import Structure
from engine.views import Key

Array = np.ndarray[Any, np.dtype[Any]]
FORMS = ("rows", "columns", "tiles")  # of the left factor, of the matrix, of the result

MOST = 100**3  # multiplications that the kernels take, as OpenBLAS has it
LEAST = 100_000  # of a step; what is smaller is better done for all steps at once
ROWS = (8, 4)  # of a tile; the matrix is read once for each tile, so few cost more
FITS = 1 << 20  # bytes of a matrix that stays in the second cache from tile to tile
LINE = 64  # bytes; a row of a tile that ends within a line is slow


def _has_kernels() -> bool:
    """Whether numpy came with OpenBLAS, and the processor has AVX-512."""
    about = cast(dict[str, Any], np.show_config(mode="dicts") or {})
    blas = about.get("Build Dependencies", {}).get("blas", {}).get("name", "")
    found = about.get("SIMD Extensions", {}).get("found", [])
    return "openblas" in blas and not {"X86_V4", "AVX512_SKX"}.isdisjoint(found)


KERNELS = _has_kernels()


def parts(rows: int, matrix: tuple[int, ...], size: int) -> tuple[int, int]:
    """Into how many parts the rows and the columns of a product are cut; `matrix` is the shape of
    the factor on the right, `size` the bytes of a number."""
    entries = matrix[0] * matrix[1]
    if rows * entries <= MOST or not _fits(matrix, size):
        return 1, 1
    lines, rest = divmod(matrix[1] * size, LINE)
    for own in (n for n in ROWS if rows % n == 0 and not rest):
        for along in range(1, lines + 1):
            if lines % along == 0 and own * entries <= MOST * along:
                return rows // own, along
    return 1, 1


def _fits(matrix: tuple[int, ...], size: int) -> bool:
    return KERNELS and matrix[0] * matrix[1] * size <= FITS


def _by_step(rows: int, matrix: tuple[int, int], size: int) -> bool:
    """Whether a product of all steps is better as one for each step, of so many rows."""
    work = rows * matrix[0] * matrix[1]
    small = rows >= min(ROWS) and LEAST <= work <= MOST and _fits(matrix, size)
    return small or parts(rows, matrix, size) > (1, 1)


def tiled(structure: Structure, rows: int, size: int) -> frozenset[Key]:
    """Which matrices, turned for forward ("wt") and packed for backward ("wc"), are multiplied in
    tiles by the `rows` of a step."""
    found: set[Key] = set()
    for place, group in structure.group_of.items():
        slot = structure.slot(place)
        if not OPS[slot.op].tiled or slot.per_step:
            continue
        for position, i in enumerate(slot.inputs):
            inside = group.loop and i.segment == place[0] and i.slot in group.slots
            inner = i.part[1] - i.part[0] if i.part else structure.slot((i.segment, i.slot)).width
            for kind, matrix in (("wt", (inner, slot.width)), ("wc", (slot.width, inner))):
                cut = parts(rows, matrix, size) > (1, 1) if inside else _by_step(rows, matrix, size)
                if cut and isinstance(i.reach, int):
                    found.add((kind, *place, position))
    return frozenset(found)


def pieces(array: Array, form: str, cut: tuple[int, int]) -> Array:
    """A view of a factor or a result, (…, rows, columns), whose pieces `matmul` goes through."""
    *ahead, rows, columns = array.shape
    down, along = cut
    if form == "columns":
        return array.reshape(rows, along, columns // along).swapaxes(0, 1)
    if form == "rows":
        return array.reshape(*ahead, down, 1, rows // down, columns)
    tiles = array.reshape(*ahead, down, rows // down, along, columns // along)
    return tiles.swapaxes(-3, -2)
