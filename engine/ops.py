"""OPS: one row an op: symbol, formula, forward source, vjp source per input, shape rule, samples.

The sources are straight numpy with names in braces; `engine.plan` fills in the arrays, for one step
(B, width) or for all of them at once (T, B, width), so every source works on the last axis only.
  {y} the value, {0} {1} … the inputs, {dy} the delta, {c} where a contribution goes,
  {aux} the array that forward keeps for backward, {name} constants and weights
  np.fmax.reduce takes half the time of max over short rows
  one, half: numbers as arrays, which a loop adds twice as fast as literals
  {target} a stored array; classes come as a tuple of indices that picks one entry of each row
Ops that read all steps at once (`whole`) are the exception; they stand in `engine.whole_ops`.
No loop and no allocation rule stands here. The vjp of an input is one of three:
  PASS    the contribution is the delta itself and costs nothing
  Factor  the contribution is delta * factor, elementwise; `source` computes the factor into {c}
          from values, so that factors along a chain are multiplied for all steps before the loop
  Rule    any other source, from {dy} into {c}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.bent_ops import BENT_OPS
from engine.op import PASS, Constants, Factor, Op, Rule, Vjp, same
from engine.picture_ops import PICTURE_CALLS, PICTURE_OPS
from engine.row_ops import ROW_CALLS
from engine.weigh_ops import WEIGH_OPS
from engine.whole_ops import WHOLE_OPS

__all__ = ["CALLS", "OPS", "PASS", "Constants", "Factor", "Op", "Rule", "Vjp"]


def _one(widths: tuple[int, ...], constants: Constants) -> int:
    return 1


def _sum(widths: tuple[int, ...], constants: Constants) -> int:
    return sum(widths)


def _cut(widths: tuple[int, ...], constants: Constants) -> int:
    low, high = int(constants["low"]), int(constants["high"])
    if not 0 <= low < high <= widths[0]:
        raise ValueError(f"slice [{low}, {high}) does not fit a width of {widths[0]}")
    return high - low


def _out(widths: tuple[int, ...], constants: Constants) -> int:
    return int(constants["out"])


_TWO: tuple[tuple[tuple[int, ...], Constants], ...] = (((3, 3), {}),)

OPS: dict[str, Op] = {
    "input": Op("x", "x_t", "", (), same),
    "linear": Op(
        "W",
        "y = Σ_k W_k x_k + b",
        "dot({0}, {W}.T, {y})",
        (Rule("dot({dy}, {W}, {c})"),),
        _out,
        (((3,), {"out": 4}), ((3, 2), {"out": 4})),
        linear=True,
        weight="(out, in)",
        weight_gradient="matmul({dy}.T, {0}, {g})",
        weight_shape=lambda width, constants: (int(constants["out"]), width),
        bias="{b}",
        bias_gradient="{dy}.sum(0, out={g})",
        # the terms of 100,000 steps that nearly cancel would lose three digits
        fast_bias_gradient="row_sums({dy}, {g})",
        turned="dot({0}, {WT}, {y})",
        tiled="matmul({left}, {right}, {result})",
        looked_up=(
            "copyto({WT}, {W}.T)",
            "take({WT}, {tokens}, 0, {y}, 'clip')",
            "token_sums({dy}, {tokens}, {g})",
            "{0}.sum(1, float, {g})",
        ),
    ),
    "identity": Op("=", "y = x", "copyto({y}, {0})", (PASS,), same),
    "add": Op("+", "y = a + b", "add({0}, {1}, {y})", (PASS, PASS), same, _TWO),
    "sub": Op(
        "−",
        "y = a − b",
        "subtract({0}, {1}, {y})",
        (PASS, Factor("{c}[...] = -1")),
        same,
        _TWO,
    ),
    "mul": Op(
        "×",
        "y = a ⊙ b",
        "multiply({0}, {1}, {y})",
        (Factor(existing="{1}"), Factor(existing="{0}")),
        same,
        _TWO,
        product=True,
    ),
    "scale": Op(
        "·",
        "y = αx + β",
        "multiply({0}, {alpha}, {y}); add({y}, {beta}, {y})",
        (Factor("{c}[...] = {alpha}"),),
        same,
        (((3,), {"alpha": -1.5, "beta": 0.5}),),
    ),
    "tanh": Op(
        "tanh",
        "y = tanh x",
        "tanh({0}, {y})",
        (
            Factor(
                "multiply({y}, {y}, {c}); subtract(1, {c}, {c})",
                joined="multiply({m}, {y}, {c}); subtract({e}, {c}, {c})",
            ),
        ),
        same,
        fast="tanh({0}, {y})",
    ),
    "sigmoid": Op(
        "σ",
        "y = 1/(1 + e^{−x})",
        "negative({0}, {y}); exp({y}, {y}); add({y}, one, {y}); reciprocal({y}, {y})",
        (
            Factor(
                "multiply({y}, {y}, {c}); subtract({y}, {c}, {c})",
                joined="multiply({m}, {y}, {c}); subtract({m}, {c}, {c})",
            ),
        ),
        same,
        fast="multiply({0}, half, {y}); tanh({y}, {y}); add({y}, one, {y});"
        " multiply({y}, half, {y})",
    ),
    "relu": Op(
        "relu",
        "y = max(x, 0)",
        "maximum({0}, 0, out={y})",
        (Factor("greater({0}, 0, {c}, casting='unsafe')"),),
        same,
    ),
    **BENT_OPS,
    **WEIGH_OPS,
    "abs": Op(
        "| |",
        "y = |x|",
        "absolute({0}, {y})",
        (Factor("sign({0}, {c})"),),
        same,
        analytic=False,
    ),
    "exp": Op("exp", "y = e^x", "exp({0}, {y})", (Factor(existing="{y}"),), same),
    "log": Op(
        "log", "y = log x", "log({0}, {y})", (Factor("reciprocal({0}, {c})"),), same, positive=True
    ),
    "square": Op(
        "x²", "y = x²", "multiply({0}, {0}, {y})", (Factor("multiply({0}, 2, {c})"),), same
    ),
    "div": Op(
        "÷",
        "y = a / b",
        "divide({0}, {1}, {y})",
        (
            Factor("reciprocal({1}, {c})"),
            Factor("divide({y}, {1}, {c}); negative({c}, {c})"),
        ),
        same,
        _TWO,
        positive=True,
    ),
    "power": Op(
        "xᵖ",
        "y = x^p",
        "power({0}, {p}, {y})",
        (Factor("power({0}, {p} - 1, {c}); multiply({c}, {p}, {c})"),),
        same,
        (((3,), {"p": 3.0}), ((3,), {"p": -0.5})),
        positive=True,
    ),
    "sqrt": Op(
        "√",
        "y = √x",
        "sqrt({0}, {y})",
        (Factor("reciprocal({y}, {c}); multiply({c}, 0.5, {c})"),),
        same,
        positive=True,
    ),
    "sin": Op("sin", "y = sin x", "sin({0}, {y})", (Factor("cos({0}, {c})"),), same),
    "cos": Op(
        "cos", "y = cos x", "cos({0}, {y})", (Factor("sin({0}, {c}); negative({c}, {c})"),), same
    ),
    "repeat": Op(
        "1→n",
        "y_i = x",
        "{y}[...] = {0}",
        (Rule("{dy}.sum(-1, keepdims=True, out={c})"),),
        _out,
        (((1,), {"out": 3}),),
    ),
    "concat": Op(
        "[;]",
        "y = [a; b]",
        "concatenate(({0}, {1}), -1, {y})",
        (
            Rule("copyto({c}, {dy}[..., : {c}.shape[-1]])"),
            Rule("copyto({c}, {dy}[..., -{c}.shape[-1] :])"),
        ),
        _sum,
        (((3, 2), {}),),
    ),
    "slice": Op(
        "[:]",
        "y = x[low:high]",
        "copyto({y}, {0}[..., {low}:{high}])",
        (Rule("{c}[...] = 0; {c}[..., {low}:{high}] = {dy}"),),
        _cut,
        (((4,), {"low": 1, "high": 3}),),
    ),
    "sum": Op(
        "Σ",
        "y = Σ_i x_i",
        "{0}.sum(-1, keepdims=True, out={y})",
        (Rule("{c}[...] = {dy}"),),
        _one,
    ),
    "mean": Op(
        "mean",
        "y = Σ_i x_i / n",
        "{0}.mean(-1, keepdims=True, out={y})",
        (Rule("divide({dy}, {c}.shape[-1], {c})"),),
        _one,
    ),
    "softmax": Op(
        "softmax",
        "y = e^x / Σ e^x",
        "subtract({0}, np.fmax.reduce({0}, -1, keepdims=True), {y}); exp({y}, {y});"
        " divide({y}, {y}.sum(-1, keepdims=True), {y})",
        (
            Rule(
                "multiply({dy}, {y}, {c}); inner = {c}.sum(-1, keepdims=True);"
                " subtract({dy}, inner, {c}); multiply({c}, {y}, {c})"
            ),
        ),
        same,
    ),
    "log-softmax": Op(
        "log softmax",
        "y = x − log Σ e^x",
        "subtract({0}, np.fmax.reduce({0}, -1, keepdims=True), {y});"
        " subtract({y}, log(exp({y}).sum(-1, keepdims=True)), {y})",
        (
            Rule(
                "exp({y}, {c}); multiply({c}, {dy}.sum(-1, keepdims=True), {c});"
                " subtract({dy}, {c}, {c})"
            ),
        ),
        same,
    ),
    "cross-entropy": Op(
        "L",
        "L = log Σ e^s − s_y",
        "top = np.fmax.reduce({0}, -1, keepdims=True); subtract({0}, top, {aux});"
        " exp({aux}, {aux}); total = {aux}.sum(-1, keepdims=True); divide({aux}, total, {aux});"
        " add(log(total), top, {y}); {y}[..., 0] -= {0}[{target}]",
        (Rule("multiply({aux}, {dy}, {c}); {c}[{target}] -= {dy}[..., 0]"),),
        _one,
        (((4,), {}),),
        data=("class",),
        aux=True,
    ),
    "squared-error": Op(
        "L",
        "L = Σ_i (s_i − y_i)²",
        "subtract({0}, {target}, {aux}); multiply({aux}, {aux}).sum(-1, keepdims=True, out={y})",
        (Rule("multiply({aux}, 2, {c}); multiply({c}, {dy}, {c})"),),
        _one,
        data=("number",),
        aux=True,
    ),
    "one-hot": Op(
        "1",
        "y_i = [i = token]",
        "{y}[...] = 0; {y}[{target}] = 1",
        (),
        _out,
        (((), {"out": 4}),),
        data=("class",),
    ),
    "embedding": Op(
        "E",
        "y = E_token",
        "{y}[...] = {W}[{target}[-1]]",
        (),
        _out,
        (((), {"out": 3}),),
        data=("class",),
        weight="(tokens, out)",
        weight_gradient="{g}[...] = 0; add.at({g}, {target}[-1], {dy})",
    ),
    "carry": Op(
        "→",
        "y = x, and no gradient where the chain is cut",
        "copyto({y}, {0})",
        (Factor(existing="{target}"),),
        same,
        data=("keep",),
    ),
    "hold": Op(
        "⏸",
        "y = m ⊙ a + (1 − m) ⊙ b",
        "multiply({0}, {target}, {y}); add({y}, multiply({1}, subtract(one, {target})), {y})",
        (Factor(existing="{target}"), Factor("{c}[...] = subtract(one, {target})")),
        same,
        _TWO,
        data=("mask",),
    ),
    "dropout": Op(
        "mask",
        "y = x ⊙ m",
        "multiply({0}, {target}, {y})",
        (Factor(existing="{target}"),),
        same,
        data=("mask",),
    ),
    **PICTURE_OPS,
    **WHOLE_OPS,
}

# what sources may call beside numpy's own functions, by name
CALLS: dict[str, Callable[..., Any]] = {**PICTURE_CALLS, **ROW_CALLS}
