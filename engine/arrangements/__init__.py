"""ARRANGEMENTS: how steps become a network of segments, one row each.

What all of them share is in `building`; which settings mean something in which, in `experiment`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.arrangements.attention import attention
from engine.arrangements.building import Shape
from engine.arrangements.convolution import temporal_convolution
from engine.arrangements.expression import expression
from engine.arrangements.padded import padded
from engine.arrangements.per_layer import per_layer
from engine.arrangements.recurrent import encoder_decoder, recurrent
from engine.experiment import Experiment
from engine.template import Network


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`make(experiment, shape)` is the network; the experiment is as `meant`."""

    id: str
    title: str
    about: str
    make: Callable[[Experiment, Shape], Network]


ARRANGEMENTS: dict[str, Arrangement] = {
    row.id: row
    for row in (
        Arrangement("recurrent", "Recurrent", "the same cell at every step", recurrent),
        Arrangement(
            "padded",
            "Padded",
            "all inputs at once, padded with zeros to the longest sequence",
            padded,
        ),
        Arrangement(
            "per-layer", "Own weights", "one input per layer, nothing is shared", per_layer
        ),
        Arrangement(
            "encoder-decoder",
            "Encoder–decoder",
            "one stack reads, hands its states over, and another writes",
            encoder_decoder,
        ),
        Arrangement(
            "temporal-convolution",
            "Temporal convolution",
            "a stack of causal convolutions over time",
            temporal_convolution,
        ),
        Arrangement(
            "attention",
            "Attention",
            "every step looks at all steps up to its own",
            attention,
        ),
        Arrangement(
            "expression", "Expression", "a typed formula, op by op: f = g(x, h(x))", expression
        ),
    )
}
