"""Rows of OPS for a loss that weighs outputs with given numbers, L = Σ_k x_k · w_k.

A row for every number of outputs up to MOST; their weights stand side by side in one stored array.
What a row is and what its sources may say stands in `engine.ops`, which takes these in.
"""

from __future__ import annotations

from engine.op import Constants, Op, Rule

MOST = 16  # states that one loss can weigh: four layers in both directions with memories


def weigh(count: int) -> str:
    """Id of the row for so many outputs."""
    return f"weigh-{count}" if count > 1 else "weigh"


def _one(widths: tuple[int, ...], constants: Constants) -> int:
    return 1


def _part(k: int) -> str:
    """The weights of input k."""
    low = " + ".join(f"{{{j}}}.shape[-1]" for j in range(k)) or "0"
    return f"{{target}}[..., {low} : {low} + {{{k}}}.shape[-1]]"


def _row(count: int) -> Op:
    sums = [f"multiply({{{k}}}, {_part(k)}).sum(-1, keepdims=True" for k in range(count)]
    forward = [f"{sums[0]}, out={{y}})"] + [f"add({{y}}, {each}), {{y}})" for each in sums[1:]]
    return Op(
        "·",
        "L = Σ_k x_k · w_k",
        "; ".join(forward),
        tuple(Rule(f"multiply({_part(k)}, {{dy}}, {{c}})") for k in range(count)),
        _one,
        (((3,) * count, {}),),
        data=("numbers",),
    )


WEIGH_OPS: dict[str, Op] = {weigh(count): _row(count) for count in range(1, MOST + 1)}
