"""One row of OPS at a time on any number type, complex too: forward sources and vjps as they stand.

Nothing here knows of networks: who reads what is in `engine.replay`, which runs whole networks this
way, and in `engine.check`, which differentiates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ops import CALLS, OPS, Constants, Op

Numbers = NDArray[Any]
COMPLEX_STEP = 1e-30
Data = NDArray[Any] | tuple[NDArray[Any], ...]  # a tuple of indices picks an entry of each row

_NUMPY: dict[str, Any] = {
    name: value
    for name, value in vars(np).items()  # dir() would load numpy's lazy rooms, f2py among them
    if not name.startswith("_") and callable(value)
}
_NUMPY |= {"np": np, "one": np.ones(())}
_NUMPY |= CALLS


def _maximum(a: Any, b: Any, out: Numbers) -> Numbers:
    """np.maximum; of complex numbers the real parts decide, and at a tie `b` is taken.

    So the complex step sees the slope that relu has on its left at exactly 0.
    """
    if out.dtype.kind != "c":
        return np.asarray(np.maximum(a, b, out=out))
    out[...] = np.where(np.real(a) > np.real(b), a, b)
    return out


_NUMPY["maximum"] = _maximum


@lru_cache(maxsize=512)
def compiled(source: str, arity: int, constants: tuple[tuple[str, float], ...]) -> CodeType:
    """A source of OPS with its braces filled: inputs x0 x1 …, the rest under their own names."""
    inputs = [f"x{k}" for k in range(arity)]
    own = {name: name for name in ("y", "dy", "c", "g", "aux", "d_aux", "target", "W", "b")}
    numbers = {k: repr(int(v) if float(v).is_integer() else v) for k, v in constants}
    return compile(source.format(*inputs, **own, **numbers), "<ops>", "exec")


def execute(
    source: str, inputs: Sequence[Numbers], constants: Constants, names: Mapping[str, Any]
) -> None:
    """Run one source of OPS; what it writes it writes into the arrays of `names`."""
    code = compiled(source, len(inputs), tuple(sorted(constants.items())))
    scope = {f"x{k}": x for k, x in enumerate(inputs)} | dict(names)
    with np.errstate(over="ignore", under="ignore"):
        exec(code, _NUMPY, scope)


def forward(
    name: str,
    inputs: Sequence[Numbers],
    *,
    constants: Constants | None = None,
    weights: Sequence[Numbers] = (),
    bias: Numbers | None = None,
    data: Data | None = None,
    rows: int = 1,
) -> Numbers:
    """Value of one op, (…, width). Complex if anything it reads is complex.

    A linear op adds one term for each of its inputs, then the bias; without inputs it is the bias
    in every one of so many `rows`.
    """
    op = OPS[name]
    constants = constants or {}
    widths = tuple(x.shape[-1] for x in inputs)
    if op.linear and not weights and bias is not None:
        return np.broadcast_to(bias, (rows, len(bias)))
    if op.linear and weights:
        width = op.width(widths, constants) if constants else weights[0].shape[0]
        terms = [_once(op, (x,), constants, width, w, None) for x, w in zip(inputs, weights)]
        total = sum(terms[1:], terms[0])
        return total if bias is None else _added(op, total, bias, constants)
    weight = weights[0] if weights else None
    return _once(op, tuple(inputs), constants, op.width(widths, constants), weight, data)


def _added(op: Op, total: Numbers, bias: Numbers, constants: Constants) -> Numbers:
    """The terms of a linear op with its bias."""
    y = total.astype(np.result_type(total, bias))
    execute(f"add({{y}}, {op.bias}, {{y}})", (), constants, {"y": y, "b": bias})
    return y


def kept_shape(op: Op, inputs: Sequence[Numbers]) -> tuple[int, ...]:
    """Shape of {aux}: as the first input, or (T, B, T') of an op that looks at all steps."""
    return (*inputs[0].shape[:2], len(inputs[1])) if op.whole else inputs[0].shape


def _once(
    op: Op,
    inputs: tuple[Numbers, ...],
    constants: Constants,
    width: int,
    weight: Numbers | None,
    data: Data | None,
) -> Numbers:
    parts = [*inputs, *(w for w in (weight,) if w is not None)]
    dtype = np.result_type(*parts, np.float64) if parts else np.dtype(np.float64)
    lead = inputs[0].shape[:-1] if inputs else data[-1].shape if data is not None else ()
    lead = (1, *lead[1:]) if op.single else lead
    names: dict[str, Any] = {"y": np.empty((*lead, width), dtype), "W": weight, "target": data}
    if op.aux:
        names["aux"] = np.empty(kept_shape(op, inputs), dtype)
    inputs = tuple(x.astype(dtype, copy=False) for x in inputs)
    execute(op.forward, inputs, constants, names)
    y: Numbers = names["y"]
    return y
