"""Rows of OPS that read all steps at once: attention over steps, and steps side by side.

Their sources have whole arrays (T, B, width) before them, and always all steps of what is read with
the reach ALL; the rows of {y}, {dy}, {aux} and of every other input may be those of some of the
consumer's steps only. So the same source that backward runs also says what one consumer sent.
"""

from __future__ import annotations

from engine.op import Constants, Op, Rule


def _values(widths: tuple[int, ...], constants: Constants) -> int:
    if widths[0] != widths[1]:
        raise ValueError(f"queries and keys must be equally wide, got {widths[0]} and {widths[1]}")
    return widths[2]


def _flat(widths: tuple[int, ...], constants: Constants) -> int:
    return widths[0] * int(constants["steps"])


WHOLE_OPS: dict[str, Op] = {
    # {0} queries, {1} keys, {2} values; {aux} the weights α. What must not be seen gets a score
    # so low that its weight is exactly 0: −∞ would make NaN of a step that sees nothing
    "attention": Op(
        "attend",
        "y_t = Σ_s α_{ts} v_s, α_t = softmax_s(scale · q_t·k_s)",
        "matmul({0}.swapaxes(0, 1), {1}.transpose(1, 2, 0), {aux}.swapaxes(0, 1));"
        " multiply({aux}, {scale}, {aux}); copyto({aux}, -1e30, where={target});"
        " subtract({aux}, np.fmax.reduce({aux}, -1, keepdims=True), {aux}); exp({aux}, {aux});"
        " divide({aux}, {aux}.sum(-1, keepdims=True), {aux});"
        " matmul({aux}.swapaxes(0, 1), {2}.swapaxes(0, 1), {y}.swapaxes(0, 1))",
        (
            Rule("matmul({d_aux}.swapaxes(0, 1), {1}.swapaxes(0, 1), {c}.swapaxes(0, 1))"),
            Rule(
                "matmul({d_aux}.transpose(1, 2, 0), {0}.swapaxes(0, 1), {c}.swapaxes(0, 1))",
                "multiply({d_aux}.diagonal(0, 0, 2).T[..., None], {0}, {c})",
            ),
            Rule(
                "matmul({aux}.transpose(1, 2, 0), {dy}.swapaxes(0, 1), {c}.swapaxes(0, 1))",
                "multiply({aux}.diagonal(0, 0, 2).T[..., None], {dy}, {c})",
            ),
        ),
        _values,
        (((3, 3, 2), {"scale": 0.6}),),
        data=("pairs",),
        aux=True,
        whole=True,
        prepare="matmul({dy}.swapaxes(0, 1), {2}.transpose(1, 2, 0), {d_aux}.swapaxes(0, 1));"
        " inner = multiply({aux}, {d_aux}).sum(-1, keepdims=True);"
        " subtract({d_aux}, inner, {d_aux}); multiply({d_aux}, {aux}, {d_aux});"
        " multiply({d_aux}, {scale}, {d_aux})",
    ),
    "flatten": Op(
        "[…]",
        "y = [x_1; …; x_T]",
        "concatenate({0}, -1, {y}[0])",
        (
            Rule(
                "copyto({c}, {dy}[0].reshape({c}.shape[1], {c}.shape[0], -1).swapaxes(0, 1))",
                "{c}[...] = 0; copyto({c}[-1], {dy}[0, :, -{c}.shape[-1] :])",
            ),
        ),
        _flat,
        (((2,), {"steps": 3}),),
        whole=True,
        single=True,
    ),
}
