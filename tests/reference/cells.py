"""Every cell of the program written out again, step by step on the tape; one sequence at a time.

Shares no code with `engine/`; only the names of slots and parameters are agreed. Batches, ragged
or not, are sequences run alone whose numbers are put side by side, so that a mask has no part here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tests.reference.tape import Tape

Array = NDArray[np.float64]
State = tuple[int, ...]
Key = tuple[str, str]  # segment, slot
UseKey = tuple[str, str, str, str, int]  # source segment, slot, consumer segment, slot, position


@dataclass(frozen=True)
class Spec:
    """What is unrolled. `stop` and `start` are (B,); `targets` (T,B) classes or (T,B,O) numbers."""

    cell: str
    layers: int = 1
    nonlinearity: str = "tanh"
    reset: str = "after"
    readout: str = "every"
    loss: str = "cross_entropy"
    size: tuple[int, int] = (1, 1)  # rows and columns of the pictures of a convolutional cell


@dataclass
class Reference:
    """Arrays as the engine's recording has them: (T, B, width), 0 outside [start, stop)."""

    loss: float = 0.0
    losses: Array = field(default_factory=lambda: np.zeros(0))
    values: dict[Key, Array] = field(default_factory=dict)
    deltas: dict[Key, Array] = field(default_factory=dict)
    contributions: dict[UseKey, Array] = field(default_factory=dict)
    pairs: dict[tuple[object, ...], Array] = field(default_factory=dict)  # UseKey + consumer's step
    terms: dict[str, Array] = field(default_factory=dict)  # (T, *shape of the parameter)
    initial_deltas: dict[str, Array] = field(default_factory=dict)  # (L, B, H)

    @property
    def gradients(self) -> dict[str, Array]:
        """The sum of all terms of each parameter."""
        return {name: term.sum(0) for name, term in self.terms.items()}


@dataclass
class Step:
    """One step of one segment: does operations under the agreed names."""

    tape: Tape
    segment: str
    t: int
    parameters: dict[str, int]
    suffix: str = ""

    def do(self, slot: str, op: str, *inputs: object, **constants: object) -> int:
        return self.tape.do(op, *inputs, name=(self.segment, slot, self.t), **constants)

    def linear(
        self,
        slot: str,
        terms: list[tuple[int, str]],
        bias: str,
        op: str = "linear",
        pixels: int = 1,
        **more: object,
    ) -> int:
        """Σ W x + b. A matrix named more than once spends its columns from left to right.

        Of a convolution (`pixels` in a picture) the columns are the channels that are read.
        """
        matrices: list[str] = list(dict.fromkeys(name for _, name in terms))
        spent: dict[str, int] = defaultdict(int)
        columns = []
        for x, name in terms:
            a, b = spent[name], spent[name] + self.tape.records[x].value.size // pixels
            columns.append((matrices.index(name), a, b))
            spent[name] = b
        inputs = [x for x, _ in terms] + [self.parameters[m + self.suffix] for m in matrices]
        inputs.append(self.parameters[bias + self.suffix])
        return self.do(slot, op, *inputs, columns=columns, bias=True, **more)

    def conv(self, slot: str, terms: list[tuple[int, str]], bias: str, spec: Spec) -> int:
        """Σ W ∗ x + b on pictures of `spec.size`."""
        pixels = spec.size[0] * spec.size[1]
        return self.linear(slot, terms, bias, "conv", pixels, size=spec.size)


def elman(step: Step, x: int, state: State, spec: Spec) -> State:
    """h_t = σ(W_hh h_{t-1} + W_xh x_t + b)"""
    z = step.linear("z", [(state[0], "W_hh"), (x, "W_xh")], "b")
    return (step.do("h", spec.nonlinearity, z),)


def gated(step: Step, x: int, state: State, spec: Spec) -> State:
    """a_t = a_{t-1} ⊙ σ(W_f x_t + b_f) + tanh(W_g x_t + b_g); what goes up is a"""
    n = step.tape.records[state[0]].value.size
    z = step.linear("z", [(x, "W")], "b")
    f = step.do("f", "sigmoid", (z, (0, n)))
    g = step.do("g", "tanh", (z, (n, 2 * n)))
    p = step.do("p", "mul", state[0], f)
    return (step.do("a", "add", p, g),)


def lstm(step: Step, x: int, state: State, spec: Spec) -> State:
    """a_t = f ⊙ a_{t-1} + i ⊙ g, h_t = o ⊙ tanh a_t, blocks f i g o"""
    z = step.linear("z", [(state[0], "W"), (x, "W")], "b")
    return memory_cell(step, z, state)


def memory_cell(step: Step, z: int, state: State) -> State:
    n = step.tape.records[state[0]].value.size
    f = step.do("f", "sigmoid", (z, (0, n)))
    i = step.do("i", "sigmoid", (z, (n, 2 * n)))
    g = step.do("g", "tanh", (z, (2 * n, 3 * n)))
    o = step.do("o", "sigmoid", (z, (3 * n, 4 * n)))
    p = step.do("p", "mul", f, state[1])
    q = step.do("q", "mul", i, g)
    a = step.do("a", "add", p, q)
    k = step.do("k", "tanh", a)
    return (step.do("h", "mul", o, k), a)


def lecture_gru(step: Step, x: int, state: State, spec: Spec) -> State:
    """a_t = f ⊙ a_{t-1} + i ⊙ g, h_t = tanh a_t, blocks f i g"""
    n = step.tape.records[state[0]].value.size
    z = step.linear("z", [(state[0], "W"), (x, "W")], "b")
    f = step.do("f", "sigmoid", (z, (0, n)))
    i = step.do("i", "sigmoid", (z, (n, 2 * n)))
    g = step.do("g", "tanh", (z, (2 * n, 3 * n)))
    p = step.do("p", "mul", f, state[1])
    q = step.do("q", "mul", i, g)
    a = step.do("a", "add", p, q)
    return (step.do("h", "tanh", a), a)


def gru(step: Step, x: int, state: State, spec: Spec) -> State:
    """h_t = (1 − z) ⊙ n + z ⊙ h_{t-1}; the reset gate after the product (PyTorch) or before it"""
    h = state[0]
    size = step.tape.records[h].value.size
    rows = {"r": (0, size), "z": (size, 2 * size), "n": (2 * size, 3 * size)}
    after = spec.reset == "after"
    v = step.linear("v", [(x, "W_x")], "b_x")
    u = step.linear("u", [(h, "W_h")], "b_h", rows=None if after else (0, 2 * size))
    ar = step.do("ar", "add", (v, rows["r"]), (u, rows["r"]))
    az = step.do("az", "add", (v, rows["z"]), (u, rows["z"]))
    r = step.do("r", "sigmoid", ar)
    z = step.do("z", "sigmoid", az)
    if after:
        pull = step.do("q", "mul", r, (u, rows["n"]))
    else:
        q = step.do("q", "mul", r, h)
        pull = step.linear("w", [(q, "W_h")], "b_h", rows=rows["n"])
    n = step.do("n", "tanh", step.do("an", "add", (v, rows["n"]), pull))
    m = step.do("m", "scale", z, factor=-1.0, shift=1.0)
    p = step.do("p", "mul", m, n)
    return (step.do("h", "add", p, step.do("k", "mul", z, h)),)


def conv_rnn(step: Step, x: int, state: State, spec: Spec) -> State:
    """h_t = σ(W_hh ∗ h_{t-1} + W_xh ∗ x_t + b)"""
    z = step.conv("z", [(state[0], "W_hh"), (x, "W_xh")], "b", spec)
    return (step.do("h", spec.nonlinearity, z),)


def conv_lstm(step: Step, x: int, state: State, spec: Spec) -> State:
    """The LSTM with W ∗ [h_{t-1}; x_t] + b, blocks of channels f i g o"""
    return memory_cell(step, step.conv("z", [(state[0], "W"), (x, "W")], "b", spec), state)


CELLS: dict[str, Callable[[Step, int, State, Spec], State]] = {
    "elman": elman,
    "gated": gated,
    "lstm": lstm,
    "lecture-gru": lecture_gru,
    "gru": gru,
    "conv-rnn": conv_rnn,
    "conv-lstm": conv_lstm,
}
STATES = {
    "elman": 1,
    "gated": 1,
    "lstm": 2,
    "lecture-gru": 2,
    "gru": 1,
    "conv-rnn": 1,
    "conv-lstm": 2,
}
