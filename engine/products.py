"""Products of matrices inside a loop: whole, or in tiles where BLAS is faster so.

OpenBLAS lays both factors of a product out anew before it multiplies. On processors with AVX-512 it
also has kernels that take them as they lie, in two thirds of the time, but only for products of up
to a million multiplications. So a larger one is cut: some rows by some columns of the result at a
time. How a source names the pieces stands in `engine.forward` and `engine.backward`.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from engine.ops import OPS
from engine.structure import Structure

Array = np.ndarray[Any, np.dtype[Any]]
FORMS = ("rows", "columns", "tiles")  # of the left factor, of the matrix, of the result

MOST = 100**3  # multiplications that the kernels take, as OpenBLAS has it
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
    if not KERNELS or rows * entries <= MOST or entries * size > FITS:
        return 1, 1
    lines, rest = divmod(matrix[1] * size, LINE)
    for own in (n for n in ROWS if rows % n == 0 and not rest):
        for along in range(1, lines + 1):
            if lines % along == 0 and own * entries <= MOST * along:
                return rows // own, along
    return 1, 1


def tiled(structure: Structure, rows: int, size: int) -> bool:
    """Whether any product inside a loop is cut."""
    for (segment, k), group in structure.group_of.items():
        slot = structure.slot((segment, k))
        if not (group.loop and OPS[slot.op].tiled) or slot.per_step:
            continue
        own = [i.slot for i in slot.inputs if i.segment == segment and i.slot in group.slots]
        widths = [structure.slot((segment, source)).width for source in own]
        if any(parts(rows, (inner, slot.width), size) > (1, 1) for inner in widths):
            return True
    return False


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
