"""In which order the layers of a file are run: what stands before the recurrence, the recurrent
stacks, what stands behind. A state dict does not say it; sizes do where only one order fits, and
`--wire` decides where they do not. A Keras file says it.

The network that comes of it is in `wired`, what is computed before it in `before`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.errors import BAD_SETTINGS, Unusable
from engine.models import conversion
from engine.models.layers import Around, Recurrent
from engine.models.weights import Array, Weights
from engine.models.wired import ACTIVATIONS, Head, Layer, Wired

AUTO = "auto"
NUMBERS = ("stride", "padding", "dilation")


@dataclass(frozen=True, slots=True)
class Piece:
    """A layer beside the recurrence in its place; stride, padding and dilation of a convolution.
    `padding`: "" counts, or what Keras calls same, valid and causal."""

    layer: Around
    activation: str = "identity"
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    edges: str = ""

    @property
    def sizes(self) -> tuple[int, int]:
        """(inputs, outputs) of one step."""
        shape = self.layer.shape
        if self.layer.source == "Keras":
            return shape[-2], shape[-1]
        if self.layer.kind == "embedding":
            return shape[0], shape[1]
        return shape[1], shape[0]

    def steps(self, steps: int) -> int:
        """How many a convolution makes of so many."""
        if self.layer.kind != "convolution":
            return steps
        reach = (self.layer.shape[0 if self.layer.source == "Keras" else 2] - 1) * self.dilation
        wide = {"same": reach, "causal": reach}.get(self.edges, 2 * self.padding)
        return max((steps + wide - reach - 1) // self.stride + 1, 0)


@dataclass(frozen=True, slots=True)
class Wiring:
    """Pieces before, recurrent stacks one above the other, pieces behind; `last`: these read the
    last state of each sequence alone, as the file says. `mask`: steps that hold nothing but this
    number are padding, as the file says; None: it says nothing of it."""

    stacks: tuple[Recurrent, ...]
    before: tuple[Piece, ...] = ()
    behind: tuple[Piece, ...] = ()
    last: bool = False
    mask: float | None = None

    @property
    def plain(self) -> bool:
        """Whether it is one stack alone, which an experiment describes."""
        return len(self.stacks) == 1 and not self.behind

    @property
    def tokens(self) -> int:
        """How many tokens the embedding knows; 0: numbers are read."""
        first = self.before[0].layer if self.before else None
        return first.shape[0] if first is not None and first.kind == "embedding" else 0

    @property
    def ahead(self) -> tuple[str, ...]:
        """The layers before the recurrence by name, the first to be run first."""
        return tuple(piece.layer.name for piece in self.before)

    @property
    def inputs(self) -> int:
        """Numbers that are read at a step."""
        return self.before[0].sizes[0] if self.before else self.stacks[0].inputs

    def steps(self, steps: int) -> int:
        """How many are left of so many by the convolutions before the recurrence."""
        for piece in self.before:
            steps = piece.steps(steps)
        return steps

    @property
    def layers(self) -> int:
        return sum(stack.layers for stack in self.stacks)

    @property
    def states(self) -> tuple[tuple[int, int], ...]:
        """(width of h, width of c) of every chain."""
        return tuple(
            (stack.projection or stack.hidden, stack.hidden)
            for stack in self.stacks
            for _ in range(stack.layers * stack.directions)
        )

    def wired(self, nonlinearity: str) -> Wired:
        """As a network; `nonlinearity` of an RNN whose file does not say it."""
        layers = [
            Layer(
                stack.kind,
                stack.hidden,
                (1, -1)[: stack.directions],
                stack.projection,
                stack.nonlinearity or nonlinearity,
                "after" if stack.reset_after else "before",
            )
            for stack in self.stacks
            for _ in range(stack.layers)
        ]
        heads = [Head(p.sizes[1], bool(p.layer.bias), p.activation) for p in self.behind]
        return Wired(tuple(layers), tuple(heads), self.stacks[0].inputs)

    # ---- numbers

    def parameters(self, weights: Weights, dtype: str) -> dict[str, Array]:
        """This program's parameters by name."""
        found: dict[str, Array] = {}
        first = 0
        for stack in self.stacks:
            found |= conversion.parameters(stack, weights, dtype, first, self.layers)
            first += stack.layers
        for piece, (matrix, bias) in zip(self.behind, self._names()):
            whole = np.asarray(weights.arrays[piece.layer.weight], dtype)
            found[matrix] = _turned(piece, whole)
            if piece.layer.bias:
                found[bias] = np.asarray(weights.arrays[piece.layer.bias], dtype)
        return found

    def in_file(self, ours: dict[str, Array]) -> dict[str, Array]:
        """Arrays by this program's names (gradients, say) under those of the file."""
        found: dict[str, Array] = {}
        first = 0
        for stack in self.stacks:
            found |= conversion.as_in_file(stack, ours, first, self.layers)
            first += stack.layers
        for piece, (matrix, bias) in zip(self.behind, self._names()):
            found[piece.layer.weight] = _turned(piece, np.asarray(ours[matrix]))
            if piece.layer.bias:
                found[piece.layer.bias] = np.asarray(ours[bias])
        return found

    def folded(self, ours: dict[str, Array]) -> dict[str, Array]:
        """Parameters with all of a bias where the file has a place for it."""
        for stack in self.stacks:
            ours = conversion.folded(stack, ours)
        return ours

    def second(self, name: str, shape: tuple[int, ...]) -> Array:
        """Which numbers of a tensor are only added to others that have the same gradient."""
        added = any(
            own == name and conversion.is_second_bias(stack, part)
            for stack in self.stacks
            for (_, _, part), own in stack.names.items()
        )
        return np.full(shape, added)

    def _names(self) -> list[tuple[str, str]]:
        count = len(self.behind)
        return [(f"V{n}", f"c{n}") for n in range(1, count)] + [("V", "c")] * bool(count)

    @property
    def words(self) -> str:
        """embed → rnn → head (relu) → out"""
        said = [_piece_words(piece) for piece in self.before]
        said += [stack.prefix.rstrip(".") or stack.kind for stack in self.stacks]
        return " → ".join([*said, *(_piece_words(piece) for piece in self.behind)])


def _piece_words(piece: Piece) -> str:
    bent = "" if piece.activation == "identity" else f" ({piece.activation})"
    return f"{piece.layer.name}{bent}"


def _turned(piece: Piece, array: Array) -> Array:
    """The matrix of a linear layer with a row for each output, and back again."""
    return np.ascontiguousarray(array.T) if piece.layer.source == "Keras" else array


# ---- what only one order fits


def certain(stack: Recurrent, around: Sequence[Around]) -> tuple[Wiring, str]:
    """What sizes leave no doubt about, and what they do leave one about, "" if nothing.

    Before: the one embedding that gives what the stack reads, if no other layer could stand there.
    Behind: the one linear layer that reads what the stack gives, if nothing could follow it.
    """
    alone = Wiring((stack,))
    linear = [a for a in around if a.kind == "linear" and a.shape[1] == stack.outputs]
    feeding = [
        a
        for a in around
        if (a.kind == "embedding" and a.shape[1] == stack.inputs)
        or (a.kind in ("linear", "convolution") and a.shape[0] == stack.inputs and a not in linear)
    ]
    later = [a for a in around if a.kind in ("linear", "convolution") and a not in linear + feeding]
    doubts = []
    before: tuple[Piece, ...] = ()
    if len(feeding) == 1 and feeding[0].kind == "embedding":
        before = (Piece(feeding[0]),)
    elif feeding:
        doubts.append(f"{_names_of(feeding)} may stand before it")
    behind: tuple[Piece, ...] = ()
    if len(linear) == 1 and not later:
        behind = (Piece(linear[0]),)
    elif linear:
        doubts.append(f"{_names_of(linear + later)} may stand behind it")
    if not doubts:
        return Wiring((stack,), before, behind), ""
    own = stack.prefix.rstrip(".") or "rnn"
    return alone, f"how {own} is wired is not certain: {' and '.join(doubts)}"


def _names_of(layers: Sequence[Around]) -> str:
    return ", ".join(f"{a.name} {a.shape}" for a in layers)


# ---- what somebody said


def said(words: str, stacks: Sequence[Recurrent], around: Sequence[Around], name: str) -> Wiring:
    """The order that --wire gives: names, with :relu or :stride=2:padding=1 behind one.

    Unusable, one line, for a name that is not there or sizes that do not fit."""
    named = {stack.prefix.rstrip(".") or "rnn": stack for stack in stacks}
    layers = {a.name: a for a in around}
    chain: list[Recurrent] = []
    before: list[Piece] = []
    behind: list[Piece] = []
    for word in words.split(","):
        own, *more = word.strip().split(":")
        if own in named and not more:
            chain.append(named[own])
        elif own in layers:
            (behind if chain else before).append(_piece(layers[own], more))
        else:
            known = ", ".join([*named, *layers])
            raise Unusable(
                f"--wire names {word.strip()!r}, which {name} does not have; there are {known}",
                exit=BAD_SETTINGS,
            )
    if not chain:
        raise Unusable(
            f"--wire names no recurrent layer; there are {', '.join(named)}", exit=BAD_SETTINGS
        )
    found = Wiring(tuple(chain), tuple(before), tuple(behind))
    check(found)
    return found


def _piece(layer: Around, more: Sequence[str]) -> Piece:
    """A layer with what was said of it."""
    piece: dict[str, object] = {}
    for word in more:
        key, _, number = word.partition("=")
        if word in ACTIVATIONS:
            piece["activation"] = word
        elif key in NUMBERS and number.isdecimal() and layer.kind == "convolution":
            piece[key] = int(number)
        else:
            raise Unusable(
                f"--wire says {layer.name}:{word}; {', '.join(ACTIVATIONS)}, and of a convolution"
                " stride=N, padding=N, dilation=N are allowed",
                exit=BAD_SETTINGS,
            )
    return Piece(layer, **piece)  # type: ignore[arg-type]


def check(wiring: Wiring) -> None:
    """Every layer reads as many numbers as the one before it gives."""
    wide, last = 0, ""
    for n, piece in enumerate(wiring.before):
        _check_kind(piece, first=n == 0, behind=False)
        wide, last = _fits(piece.layer.name, piece.sizes, wide, last)
    for stack in wiring.stacks:
        name = stack.prefix.rstrip(".") or stack.kind
        wide, last = _fits(name, (stack.inputs, stack.outputs), wide, last)
    for piece in wiring.behind:
        _check_kind(piece, first=False, behind=True)
        wide, last = _fits(piece.layer.name, piece.sizes, wide, last)


def _check_kind(piece: Piece, first: bool, behind: bool) -> None:
    kind = piece.layer.kind
    if kind == "embedding" and not first:
        raise Unusable(f"{piece.layer.name} is an embedding, which reads tokens; name it first",
                       exit=BAD_SETTINGS)  # fmt: skip
    allowed = ("linear",) if behind else ("embedding", "linear", "convolution")
    if kind not in allowed or len(piece.layer.shape) > 3:
        raise Unusable(
            f"{piece.layer.name} is {kind} {piece.layer.shape}; {' or '.join(allowed)} layers are"
            f" wired {'behind' if behind else 'before'} the recurrence: leave it out",
            exit=BAD_SETTINGS,
        )


def _fits(name: str, sizes: tuple[int, int], wide: int, last: str) -> tuple[int, str]:
    if last and sizes[0] != wide:
        raise Unusable(
            f"{name} reads {sizes[0]} numbers a step, but {last} gives {wide}; wire another",
            exit=BAD_SETTINGS,
        )
    return sizes[1], name
