"""Recurrent layers, stacked, in one or both directions, reading and writing in one or in turn.

A stack is one section of time, or several that hand their states over: one-to-many reads at the
first step only, read-then-write writes after all was read, an encoder–decoder has weights of its
own in each. Every section has one segment for each layer and direction.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.arrangements.building import Made, Shape, add_readout
from engine.arrangements.pictures import add_encoder, input_slot
from engine.cells import CELLS
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.template import Network
from engine.trace import Ref, Trace


@dataclass(frozen=True, slots=True)
class Section:
    """Steps [start, stop) of the global axis; whether they read x and have a readout.

    `own`: letter of the weights that only this section uses, "" where all share them.
    """

    part: str
    start: int
    stop: int
    reads: bool
    says: bool
    own: str = ""


def recurrent(experiment: Experiment, shape: Shape) -> Network:
    """One segment a layer, then the readout s = V h + c and the loss L (if there are outputs).

    With both directions every layer has a second chain, which runs from the end of each sequence
    to its start.
    """
    return _stack(experiment, shape, _sections(experiment, shape))


def encoder_decoder(experiment: Experiment, shape: Shape) -> Network:
    """Two stacks; the decoder begins with the last states of the encoder. Sutskever et al. 2014."""
    if not shape.turn:
        raise Unusable(
            "an encoder-decoder needs a target to write; give lines like two -> zwei", exit=2
        )
    sections = (
        Section("read", 0, shape.turn, True, False, "e"),
        Section("write", shape.turn, shape.steps, True, True, "d"),
    )
    return _stack(experiment, shape, sections)


def _sections(experiment: Experiment, shape: Shape) -> tuple[Section, ...]:
    turn, steps = shape.turn, shape.steps
    if not 0 < turn < steps:
        return (Section("", 0, steps, True, True),)
    says = experiment.reads == "first"
    return (
        Section("read", 0, turn, True, says),
        Section("write", turn, steps, False, True),
    )


def _stack(experiment: Experiment, shape: Shape, sections: tuple[Section, ...]) -> Network:
    made = Made()
    tops: list[tuple[Section, tuple[Ref, ...]]] = []
    states: dict[tuple[int, int], tuple[Ref, ...]] = {}
    for section in sections:
        below: tuple[Ref, ...] = ()
        if section.reads and experiment.encoder != "none":
            span = (section.start, section.stop)
            below = add_encoder(made, experiment, shape, span, section.part)
        for layer in range(experiment.layers):
            below = _layer(made, experiment, section, layer, below, shape, states)
        tops.append((section, below))
    for section, top in tops:
        if shape.outputs and section.says:
            span = (section.start, section.stop)
            add_readout(made, top, experiment, shape, experiment.layers - 1, span, section.part)
    return made.network()


def _layer(
    made: Made,
    experiment: Experiment,
    section: Section,
    layer: int,
    below: tuple[Ref, ...],
    shape: Shape,
    states: dict[tuple[int, int], tuple[Ref, ...]],
) -> tuple[Ref, ...]:
    """One layer, a segment for each direction; all of them read all that the layer below sends.

    `states` of the section before are handed over, and replaced by those of this one.
    """
    tops = []
    for direction in (1, -1) if experiment.direction == "both" else (1,):
        trace = Trace(
            len(made.segments),
            _suffix(experiment, section, layer, direction),
            handed={ref.name: ref for ref in states.get((layer, direction), ())},
            cut=experiment.truncation > 0,
            held=experiment.padding == "mask",
        )
        if layer == 0 and section.reads and not below:
            below = (input_slot(trace, experiment, shape),)
        top = CELLS[experiment.cell].step(trace, below, experiment.hidden, experiment)
        tops.append(trace.up(top))
        states[layer, direction] = trace.states
        word = {"e": "encoder ", "d": "decoder "}.get(section.own, "")
        name = f"{word}layer {layer + 1}" + (" backward" if direction < 0 else "")
        made.add(
            trace,
            name if not section.part or section.own else f"{name} {section.part}",
            section.stop - section.start,
            offset=section.start,
            layer=layer,
            direction=direction,
            part=section.part,
        )
    return tuple(tops)


def _suffix(experiment: Experiment, section: Section, layer: int, direction: int) -> str:
    """What is appended to the names of parameters: ^2 in the second layer, ^e2 of an encoder."""
    number = str(layer + 1) if experiment.layers > 1 else ""
    own = section.own + number
    return (f"^{own}" if own else "") + ("^b" if direction < 0 else "")
