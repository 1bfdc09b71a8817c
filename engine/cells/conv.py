"""Convolutional cells: the products with W are convolutions, so that the state is a picture.

Cross-correlation with zeros around, stride 1; `hidden` is the number of channels. The LSTM is that
of Shi et al. 2015 without peepholes, in the order f i g o of this program's LSTM.
"""

from __future__ import annotations

from engine.cells.elman import activation
from engine.cells.lstm import memory_cell
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.template import Picture
from engine.trace import Ref, Trace


def conv_rnn(trace: Trace, x: tuple[Ref, ...], hidden: int, experiment: Experiment) -> Ref:
    """Slots z, h."""
    picture, width = _state(trace, x, hidden, experiment.kernel)
    before = trace.before("h", width, initial="h0", picture=picture)
    z = trace.conv(
        "z",
        hidden,
        experiment.kernel,
        [("W_hh", before), *(("W_xh", r) for r in x)],
        "b",
        formula=r"z_t = W_{hh} \ast h_{t-1} + W_{xh} \ast x_t + b",
    )
    return activation(trace, z, experiment)


def conv_lstm(trace: Trace, x: tuple[Ref, ...], hidden: int, experiment: Experiment) -> Ref:
    """Slots z (blocks f i g o of channels), f, i, g, o, p, q, a, k = tanh a, h."""
    picture, width = _state(trace, x, hidden, experiment.kernel)
    before = trace.before("h", width, initial="h0", picture=picture)
    z = trace.conv(
        "z",
        4 * hidden,
        experiment.kernel,
        [("W", before), *(("W", r) for r in x)],
        "b",
        blocks=("f", "i", "g", "o"),
        formula=r"z_t = W \ast [h_{t-1}; x_t] + b",
    )
    return memory_cell(trace, z, width, picture)


def check_kernel(kernel: int, picture: Picture) -> None:
    """Unusable if the kernel does not fit into the picture."""
    _, rows, columns = picture
    smallest = min(rows, columns)
    if kernel > smallest:
        raise Unusable(
            f"kernel {kernel} is larger than the picture of {rows}×{columns};"
            f" give an odd kernel of at most {smallest - 1 + smallest % 2}",
            exit=2,
        )


def _state(trace: Trace, x: tuple[Ref, ...], hidden: int, kernel: int) -> tuple[Picture, int]:
    """The state as a picture, as large as what is read or was handed over, and its width."""
    read = x or tuple(trace.handed.values())
    assert read and read[0].picture
    check_kernel(kernel, read[0].picture)
    _, rows, columns = read[0].picture
    return (hidden, rows, columns), hidden * rows * columns
