"""What a model file's layers are, whatever program they come from: recurrent stacks, and the layers
around them. How they are recognised is in `torch_names` and `keras_layers`, what their numbers
become in `conversion`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recurrent:
    """A recurrent stack: sizes, and the names in the file by (layer, direction, part).

    `projection`: width of what an LSTM with weight_hr hands on, 0 without. `source`: the program
    that it comes from, whose conventions it has. `nonlinearity`: of an RNN, "" if not said.
    `reset_after`: of a GRU.
    """

    prefix: str
    kind: str
    layers: int
    directions: int
    inputs: int
    hidden: int
    projection: int
    bias: bool
    names: dict[tuple[int, int, str], str]
    source: str = "PyTorch"
    nonlinearity: str = ""
    reset_after: bool = True

    @property
    def outputs(self) -> int:
        """Width of y: what the top layer gives at a step, both directions beside each other."""
        return self.directions * (self.projection or self.hidden)


@dataclass(frozen=True, slots=True)
class Around:
    """A layer beside the recurrence: kind linear, embedding, convolution or other; its tensors.
    `source`: the program whose layout they have."""

    kind: str
    name: str
    shape: tuple[int, ...]
    weight: str
    bias: str = ""
    source: str = "PyTorch"


@dataclass(frozen=True, slots=True)
class Found:
    """A row of the table of what was found in a file: the layer's name there, its kind, its sizes
    and tensors, the order of its gates, and how its numbers were converted."""

    layer: str
    kind: str
    shapes: str
    gates: str = ""
    how: str = ""
