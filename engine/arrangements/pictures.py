"""Inputs that are pictures: which size they have, and the encoder that stands before a recurrence.

The encoder is one segment: convolution, relu and max pooling of the picture of each step, with
parameters that all steps share. What goes up is the flat result.
"""

from __future__ import annotations

from math import isqrt

from engine.arrangements.building import Made, Shape
from engine.cells.conv import check_kernel
from engine.choices import PICTURES
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences import Batch
from engine.template import Picture
from engine.trace import Ref, Trace

CHANNELS = 4  # of the encoder


def picture_of(batch: Batch) -> Picture | None:
    """A square number of inputs is one square picture, row by row; tokens are none."""
    inputs = batch.x.shape[2]
    side = isqrt(inputs)
    if side < 2 or side * side != inputs or _are_tokens(batch):
        return None
    return (1, side, side)


def _are_tokens(batch: Batch) -> bool:
    """Whether the inputs are one-hot words: then each step is called what its input is called."""
    if batch.kind == "class" and batch.task == "next":
        return True
    named = [(t, label) for t, label in enumerate(batch.labels[0] if batch.labels else ()) if label]
    read = [batch.input_names[int(batch.x[t, 0].argmax())] for t, _ in named]
    return bool(named) and read == [label for _, label in named]


def wants_pictures(experiment: Experiment) -> bool:
    """Whether something of the experiment, as `meant`, reads pictures."""
    return experiment.cell in PICTURES or experiment.encoder == "convolution"


def input_slot(trace: Trace, experiment: Experiment, shape: Shape) -> Ref:
    """The slot x: a picture where the experiment reads pictures. Unusable if there is none."""
    if not wants_pictures(experiment):
        return trace.input("x", shape.inputs, "x_t")
    if shape.picture is None:
        raise Unusable(
            f"{shape.inputs} inputs are no square picture; a convolution reads 4, 9, 16 … pixels a"
            " step: choose another cell and no encoder, or give such a sequence (moving-dot)",
            exit=2,
        )
    check_kernel(experiment.kernel, shape.picture)
    _, rows, columns = shape.picture
    if experiment.encoder == "convolution" and min(rows, columns) < 2:
        raise Unusable(
            f"a picture of {rows}×{columns} cannot be pooled; give at least 2×2, or no encoder",
            exit=2,
        )
    return trace.input("x", shape.inputs, "x_t", shape.picture)


def add_encoder(
    made: Made, experiment: Experiment, shape: Shape, span: tuple[int, int], part: str = ""
) -> tuple[Ref, ...]:
    """Slots x, m = U ∗ x + d, r = max(m, 0), e: the largest of each 2×2, read by the layers.

    `span`: the steps [start, stop) of the global axis that have pictures.
    """
    trace = Trace(len(made.segments))
    x = input_slot(trace, experiment, shape)
    m = trace.conv(
        "m", CHANNELS, experiment.kernel, [("U", x)], "d", formula=r"m_t = U \ast x_t + d"
    )
    r = trace.op("relu", m, name="r", formula=r"r_t = \max(m_t, 0)")
    e = trace.max_pool(r, name="e", formula=r"e_t = \max_{2 \times 2} r_t")
    start, stop = span
    made.add(trace, "encoder", stop - start, offset=start, kind="encoder", part=part)
    return (e,)
