"""Rows of OPS for the less common nonlinearities: bent lines, and what is cut off at a bound.

What a row is and what its sources may say stands in `engine.ops`, which takes these in.
"""

from __future__ import annotations

from engine.op import Factor, Op, same

BENT_OPS: dict[str, Op] = {
    "clip": Op(
        "⊓",
        "y = min(max(x, low), high)",
        "maximum({0}, {low}, out={y}); minimum({y}, {high}, out={y})",
        (
            Factor(
                "copyto({c}, logical_and(greater({0}, {low}), less({0}, {high})), casting='unsafe')"
            ),
        ),
        same,
        (((3,), {"low": -0.5, "high": 0.5}),),
        analytic=False,
    ),
    "leaky-relu": Op(
        "relu",
        "y = max(x, αx)",
        "copyto({y}, where(greater({0}, 0), {0}, multiply({0}, {alpha})))",
        (Factor("copyto({c}, where(greater({0}, 0), one, {alpha}), casting='same_kind')"),),
        same,
        (((3,), {"alpha": 0.1}),),
        analytic=False,
    ),
    "thresholded-relu": Op(
        "relu",
        "y = x where x > α, else 0",
        "copyto({y}, where(greater({0}, {alpha}), {0}, 0))",
        (Factor("greater({0}, {alpha}, {c}, casting='unsafe')"),),
        same,
        (((3,), {"alpha": -0.4}),),
        analytic=False,
    ),
    "elu": Op(
        "elu",
        "y = x, or α(e^x − 1) where x < 0",
        "expm1(minimum({0}, 0), {y}); multiply({y}, {alpha}, {y});"
        " add({y}, multiply({0}, greater({0}, 0)), {y})",
        (Factor("copyto({c}, where(greater({0}, 0), one, add({y}, {alpha})))"),),
        same,
        (((3,), {"alpha": 0.7}),),
        analytic=False,
    ),
    "softsign": Op(
        "softsign",
        "y = x / (1 + |x|)",
        "absolute({0}, {y}); add({y}, one, {y}); divide({0}, {y}, {y})",
        (
            Factor(
                "absolute({0}, {c}); add({c}, one, {c}); multiply({c}, {c}, {c});"
                " reciprocal({c}, {c})"
            ),
        ),
        same,
        analytic=False,
    ),
    "softplus": Op(
        "softplus",
        "y = log(1 + e^x)",
        "absolute({0}, {y}); negative({y}, {y}); exp({y}, {y}); log1p({y}, {y});"
        " add({y}, multiply({0}, greater({0}, 0)), {y})",
        (Factor("negative({0}, {c}); exp({c}, {c}); add({c}, one, {c}); reciprocal({c}, {c})"),),
        same,
        analytic=False,
    ),
}
