"""What a row of OPS is: an op with its sources, its rules of backward and its shape rule.

No op stands here: the rows are in `engine.ops` and in the tables that it takes in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

PASS = "pass"


@dataclass(frozen=True, slots=True)
class Factor:
    """Elementwise vjp. `existing` names the array that is the factor, or `source` computes it.

    `joined` computes {e} times the factor, where the product {m} = {e} ⊙ {y} is there already.
    """

    source: str = ""
    existing: str = ""
    joined: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """vjp as source from {dy} into {c}.

    `own`: of an input that is read at all steps, the same for what goes from each step to itself.
    """

    source: str
    own: str = ""


Vjp = str | Factor | Rule
Constants = dict[str, float]


@dataclass(frozen=True, slots=True)
class Op:
    """A row of OPS.

    `width(inputs, constants)` is the shape rule; it raises ValueError if the widths do not fit.
    `samples`: widths of the inputs and constants of small cases that `check` differentiates.
    `product`: the value is input 0 times the factor of its vjp.
    `fast`: of gates that are computed by one call, the forward source in float32.
    `positive`: the samples need inputs > 0; `analytic`: its forward also runs on complex numbers.
    `data`: kinds of the stored arrays, "class", "number" (as wide as input 0), "numbers" (as all
      inputs together), "mask", or "keep"
      (0 where no gradient passes although the value does).
      "pairs" are (T, B, T'), true where a step of {y} must not see a step of what it reads.
    `linear`: weights stand before the inputs, and the plan may take the terms apart; in its sources
      the array that is written into is the last argument, and without it the result is new.
    `weight_shape(width, constants)`: shape of the weight before an input so wide; `bias`: what is
      added to {y}, made of {b}, whose length is the first of that shape; `fast_bias_gradient`: the
      source in float32, if it is another.
    `looked_up`: for one-hot inputs, of which {tokens} (T, B) say where the ones are: the table
      {WT}, the weight transposed; the look into it, {y} (T, B, width); the weight gradient; and
      that of the bias, from the gradient {0} of the weight, whose columns share all rows of {dy}.
    `turned`: the forward source with {WT}, the weight transposed, which a loop does faster.
    `tiled`: forward and vjp in a loop where products are cut: {left} in rows, {right} in columns,
      {result} in tiles, as `engine.products` has them.
    `whole`: inputs may have the reach ALL and come as arrays of all steps, as {y} does; such an op
      never stands in a loop. Its {aux} is (T, B, T'); `prepare` fills {d_aux}, as large, with the
      delta of what {aux} is made of, once before the vjps. `single`: {y} has one step.
    """

    symbol: str
    formula: str
    forward: str
    vjps: tuple[Vjp, ...]
    width: Callable[[tuple[int, ...], Constants], int]
    samples: tuple[tuple[tuple[int, ...], Constants], ...] = (((3,), {}),)
    product: bool = False
    fast: str = ""
    positive: bool = False
    analytic: bool = True
    data: tuple[str, ...] = ()
    aux: bool = False
    linear: bool = False
    weight: str = ""
    weight_gradient: str = ""
    weight_shape: Callable[[int, Constants], tuple[int, ...]] | None = None
    bias: str = ""
    bias_gradient: str = ""
    fast_bias_gradient: str = ""
    turned: str = ""
    tiled: str = ""
    looked_up: tuple[str, str, str, str] | None = None
    whole: bool = False
    single: bool = False
    prepare: str = ""


def same(widths: tuple[int, ...], constants: Constants) -> int:
    """Shape rule of what works entry by entry."""
    if len(set(widths)) != 1:
        raise ValueError(f"inputs must be equally wide, got {widths}")
    return widths[0]
