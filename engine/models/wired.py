"""A model that no experiment describes as a network: recurrent layers of different widths or with
the attributes of ONNX, and the linear layers behind them. Which layers these are says `wiring`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.arrangements.building import Made
from engine.cells import CELLS
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.models import conversion
from engine.models.onnx.cells import CELLS as ONNX_CELLS
from engine.models.onnx.cells import Manner
from engine.models.weights import Array
from engine.sequences import Batch, Sequence
from engine.template import LAST, Network, Segment
from engine.trace import Ref, Trace

ACTIVATIONS = ("identity", "relu", "tanh", "sigmoid", "softmax")
IGNORED = -100  # a target that does not count, as PyTorch has it
BOTH = r"y_t = [\overrightarrow h_t ; \overleftarrow h_t]"
LOSS_FORMULAS = {
    "cross-entropy": r"L_t = -\log \mathrm{softmax}(s_t)_{y_t}",
    "squared-error": r"L_t = \sum_i (s_{t,i} - y_{t,i})^2",
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One recurrent layer in all of its directions; `manner`: of a node of ONNX, else None."""

    kind: str
    hidden: int
    ways: tuple[int, ...] = (1,)
    projection: int = 0
    nonlinearity: str = "tanh"
    reset: str = "after"
    manner: Manner | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A linear layer behind the recurrence, and what bends its outputs."""

    outputs: int
    bias: bool = True
    activation: str = "identity"


@dataclass(frozen=True, slots=True)
class Wired:
    """`layers` bottom up, then `heads` in order; the last gives the outputs s. `inputs`: how many
    numbers are read at a step, 0 if that was not said."""

    layers: tuple[Layer, ...]
    heads: tuple[Head, ...] = ()
    inputs: int = 0

    @property
    def outputs(self) -> int:
        """Width of what comes out at the end."""
        top = self.layers[-1]
        return self.heads[-1].outputs if self.heads else len(top.ways) * _state(top)

    @property
    def untaught(self) -> str:
        """What is said where it is to learn and has no targets."""
        if self.layers[0].manner is not None:
            return (
                "a graph of ONNX has its loss outside, so that it cannot learn here; train it in"
                " its own program, or open its weights as .pt, .safetensors or .keras"
            )
        return (
            "the model has no targets to learn from; give its inputs as an .npz with x and targets"
        )

    # ---- the network

    def network(self, experiment: Experiment, batch: Batch) -> Network:
        """A segment for each layer and direction, and one for what stands behind with the loss."""
        made = Made()
        below: tuple[Ref, ...] = ()
        for number, layer in enumerate(self.layers):
            below = self._layer(made, experiment, number, layer, below, batch)
        if self.heads or batch.kind != "none":
            self._behind(made, experiment, below, batch)
        if len({(_state(layer), layer.hidden) for layer in self.layers}) > 1:
            made.segments = [_own_states(segment) for segment in made.segments]
        return made.network()

    def _layer(
        self,
        made: Made,
        experiment: Experiment,
        number: int,
        layer: Layer,
        below: tuple[Ref, ...],
        batch: Batch,
    ) -> tuple[Ref, ...]:
        tops = []
        settings = experiment.changed(
            cell=conversion.CELLS[layer.kind],
            projection=layer.projection,
            nonlinearity=layer.nonlinearity,
            reset=layer.reset,
        )
        for way in layer.ways:
            mark = conversion.suffix(len(self.layers), number, int(way < 0 and len(layer.ways) > 1))
            trace = Trace(len(made.segments), mark, cut=experiment.truncation > 0)
            if not below:
                below = (trace.input("x", batch.x.shape[2], "x_t"),)
            if layer.manner is None:
                tops.append(CELLS[settings.cell].step(trace, below, layer.hidden, settings))
            else:
                tops.append(ONNX_CELLS[layer.kind](trace, below, layer.manner.of(way)))
            name = f"layer {number + 1}" + (" backward" if way < 0 else "")
            made.add(trace, name, batch.steps, layer=number, direction=way)
        return tuple(tops)

    def _behind(
        self, made: Made, experiment: Experiment, top: tuple[Ref, ...], batch: Batch
    ) -> None:
        """Slots u1, d1 … of the linear layers before the last, s and o of it, and the loss L."""
        trace = Trace(len(made.segments))
        last = batch.readout == "last"
        top = tuple(replace(r, reach=LAST) for r in top) if last else top
        for n, head in enumerate(self.heads[:-1], start=1):
            top = (_bent(trace, _product(trace, f"u{n}", (f"V{n}", f"c{n}"), top, head), f"d{n}",
                         head.activation),)  # fmt: skip
        if len(top) > 1 and not self.heads:
            top = (trace.op("concat", *top, name="y", formula=BOTH),)
        if self.heads:
            s = _product(trace, "s", ("V", "c"), top, self.heads[-1], "logit")
            top = (s, _bent(trace, s, "o", self.heads[-1].activation))
        if batch.kind != "none":
            self._loss(trace, made, top, batch)
        start = batch.steps - 1 if last else 0
        part = {"part": "end"} if last else {}
        made.add(
            trace, "readout", batch.steps - start, offset=start, layer=len(self.layers) - 1,
            kind="readout", **part,
        )  # fmt: skip

    def _loss(self, trace: Trace, made: Made, top: tuple[Ref, ...], batch: Batch) -> None:
        """Cross-entropy reads s, whose softmax is part of it; squares read what comes out."""
        kind = "cross-entropy" if batch.kind == "class" else "squared-error"
        read = top[0] if kind == "cross-entropy" else top[-1]
        trace.op(
            kind, read, name="L", role="loss", formula=LOSS_FORMULAS[kind],
            data=(f"y_{len(made.segments)}",),
        )  # fmt: skip

    # ---- the batch

    def batch(self, sequence: Sequence, experiment: Experiment, steps: int = 0) -> Batch:
        """A sequence as it is read here: numbers as they are, one column of whole numbers as
        classes where there is a linear layer of several outputs. `steps`: of the batch at least,
        where all of its sequences end earlier."""
        series = sequence.stored()
        if not series:
            raise Unusable(f"a text has no numbers, of which the model reads {self.inputs} a step")
        steps, size = max(steps, *map(len, series)), len(series)
        read, wanted = (_columns(sequence, role) for role in ("input", "target"))
        self._check_inputs(len(read))
        x = np.zeros((steps, size, len(read)))
        y = np.zeros((steps, size, len(wanted)))
        for b, each in enumerate(series):
            x[: len(each), b], y[: len(each), b] = each[:, read], each[:, wanted]
        stop = np.array([len(each) for each in series], np.int64)
        inside = (np.arange(steps)[:, None] < stop).astype(float)
        kind = self._kind(y, experiment) if wanted and experiment.task != "none" else "none"
        if kind == "class":
            y, inside = self._classes(y, inside)
        elif kind == "regression":
            self._check_targets(len(wanted))
        return Batch(
            x=x,
            start=np.zeros(size, np.int64),
            stop=stop,
            kind=kind,
            targets=y,
            weights=inside,
            readout="last" if experiment.readout == "last" and wanted else "every",
            outputs=self.outputs if wanted else 0,
            vocabulary=self._names if kind == "class" else (),
            input_names=tuple(sequence.columns[k] for k in read),
            output_names=self._names if wanted else (),
            labels=sequence.times or tuple(tuple(map(str, range(1, int(n) + 1))) for n in stop),
            title=sequence.title,
            source=sequence.source,
            wired=self,
        )

    def _check_inputs(self, count: int) -> None:
        if count != self.inputs > 0:
            raise Unusable(
                f"the model reads {self.inputs} numbers a step, but the sequence has {count}; open"
                " the model again on it"
            )

    def _check_targets(self, count: int) -> None:
        if count != self.outputs:
            raise Unusable(f"there are {count} targets a step, but the model gives {self.outputs}")

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(map(str, range(self.outputs)))

    def _kind(self, y: Array, experiment: Experiment) -> str:
        if experiment.loss == "auto":
            classes = y.shape[-1] == 1 and self.outputs > 1 and not (y % 1).any()
            return "class" if classes else "regression"
        return "class" if experiment.loss == "cross-entropy" else "regression"

    def _classes(self, y: Array, inside: Array) -> tuple[Array, Array]:
        """Indices, and which of them count."""
        if y.shape[-1] != 1 or (y % 1).any():
            raise Unusable(
                f"cross-entropy needs one whole number a step, a class 0 … {self.outputs - 1}; the"
                f" targets hold {_first_of(y)}: give classes, or --loss squared-error"
            )
        classes = y[..., 0].astype(np.int64)
        counts = inside * (classes != IGNORED)
        asked = classes[counts > 0]
        if asked.size and not 0 <= asked.min() <= asked.max() < self.outputs:
            raise Unusable(
                f"the targets hold {asked.min()} … {asked.max()}; classes are 0 …"
                f" {self.outputs - 1}, and {IGNORED} does not count"
            )
        return np.where(counts > 0, classes, 0), counts


def _first_of(y: Array) -> str:
    if y.shape[-1] != 1:
        return f"{y.shape[-1]} numbers a step"
    return f"{y[y % 1 != 0][0]:g}"


def _columns(sequence: Sequence, role: str) -> list[int]:
    return [k for k, own in enumerate(sequence.roles) if own == role]


def _own_states(segment: Segment) -> Segment:
    """With first states of its own: those of layers of several widths are no one array."""
    mark = f"^{segment.layer + 1}"
    slots = (replace(s, initial=s.initial and s.initial + mark) for s in segment.slots)
    return replace(segment, slots=tuple(slots))


def _state(layer: Layer) -> int:
    return layer.projection or layer.hidden


def _product(
    trace: Trace,
    name: str,
    parameters: tuple[str, str],
    top: tuple[Ref, ...],
    head: Head,
    role: str = "preactivation",
) -> Ref:
    matrix, bias = parameters
    spelled = [f"{word[0]}_{word[1:]}" if word[1:] else word for word in parameters]
    formula = rf"{spelled[0]} \cdot" + (f" + {spelled[1]}" if head.bias else "")
    terms = [(matrix, r) for r in top]
    own = bias if head.bias else ""
    return trace.linear(name, head.outputs, terms, own, role=role, formula=formula)


def _bent(trace: Trace, read: Ref, name: str, activation: str) -> Ref:
    if activation == "identity":
        return read
    return trace.op(activation, read, name=name, formula=rf"\mathrm{{{activation}}}")
