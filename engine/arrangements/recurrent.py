"""Recurrent layers, stacked, with a readout and a loss at every step or at the last one."""

from __future__ import annotations

from engine.arrangements.building import Made, Shape, add_readout
from engine.arrangements.pictures import add_encoder, input_slot
from engine.cells import CELLS
from engine.experiment import Experiment
from engine.template import Network
from engine.trace import Ref, Trace


def recurrent(experiment: Experiment, shape: Shape) -> Network:
    """One segment a layer, then the readout s = V h + c and the loss L (if there are outputs).

    With both directions every layer has a second chain, which runs from the end of each sequence
    to its start.
    """
    directions = (1, -1) if experiment.direction == "both" else (1,)
    made = Made()
    below = add_encoder(made, experiment, shape) if experiment.encoder != "none" else ()
    for layer in range(experiment.layers):
        below = _layer(made, experiment, layer, below, shape, directions)
    if shape.outputs:
        add_readout(made, below, experiment, shape, experiment.layers - 1)
    return made.network()


def _layer(
    made: Made,
    experiment: Experiment,
    layer: int,
    below: tuple[Ref, ...],
    shape: Shape,
    directions: tuple[int, ...],
) -> tuple[Ref, ...]:
    """One layer, a segment for each direction; all of them read all that the layer below sends."""
    several = experiment.layers > 1
    tops = []
    for direction in directions:
        back = direction < 0
        suffix = f"^{layer + 1}" if several else ""
        trace = Trace(len(made.segments), suffix + ("^b" if back else ""))
        if not below:
            below = (input_slot(trace, experiment, shape),)
        tops.append(CELLS[experiment.cell].step(trace, below, experiment.hidden, experiment))
        name = f"layer {layer + 1}" + (" backward" if back else "")
        made.add(trace, name, shape.steps, layer=layer, direction=direction)
    return tuple(tops)
