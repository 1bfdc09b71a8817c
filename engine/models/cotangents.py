"""A loss that weighs outputs with given numbers: ℒ = Σ y·cot_y + Σ h_n·cot_h_n + Σ c_n·cot_c_n.

With it the gradient of anything that came after the recurrence is the gradient here: the numbers
are ∂ℒ/∂y and ∂ℒ/∂h_n of the program that the model comes from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrangements.building import Made
from engine.models.weights import Array
from engine.sequences import Batch
from engine.template import Network
from engine.trace import Ref, Trace


@dataclass(frozen=True, slots=True, eq=False)
class Cotangents:
    """y (T, B, D·H), h_n (L·D, B, H), c_n (L·D, B, H); None where nothing is given."""

    y: Array | None = None
    h_n: Array | None = None
    c_n: Array | None = None

    def __bool__(self) -> bool:
        return any(given is not None for given in (self.y, self.h_n, self.c_n))


def weighed(network: Network) -> Network:
    """The network with a segment for every chain that weighs its states: slots Lh and, where there
    is a memory, Lc and their sum L."""
    made = Made()
    made.segments = list(network.segments)
    made.parameters = dict(network.parameters)
    for g, segment in enumerate(network.segments):
        trace = Trace(len(made.segments))
        named = {slot.name: slot for slot in segment.slots}
        losses = []
        for state in ("h", "a"):
            if state in named:
                read = Ref(g, state, named[state].width)
                alone = "a" not in named
                losses.append(_weigh(trace, read, g, "L" if alone else f"L{state}", alone))
        if len(losses) > 1:
            formula = "L_t = L^h_t + L^a_t"
            trace.op("add", *losses, name="L", role="loss", formula=formula)
        made.add(
            trace,
            f"outputs of {segment.name}",
            segment.steps,
            offset=segment.offset,
            layer=segment.layer,
            direction=segment.direction,
            kind="readout",
        )
    return made.network()


def _weigh(trace: Trace, read: Ref, g: int, name: str, alone: bool) -> Ref:
    role = "loss" if alone else "tensor"
    formula = rf"{name}_t = \bar {read.name}_t \cdot {read.name}_t"
    return trace.op(
        "weigh", read, name=name, role=role, formula=formula, data=(f"cot_{read.name}_{g}",)
    )


def stored(network: Network, batch: Batch, cotangents: Cotangents, dtype: str) -> dict[str, Array]:
    """The arrays that `weighed` reads, by name: (T, B, H) for each chain, 0 outside a sequence."""
    chains = [g for g, s in enumerate(network.segments) if s.kind == "layer"]
    directions = len({network.segments[g].direction for g in chains})
    columns = np.arange(batch.size)
    found: dict[str, Array] = {}
    for k, g in enumerate(chains):
        segment = network.segments[g]
        end = batch.stop - 1 if segment.direction > 0 else batch.start
        for state, last in (("h", cotangents.h_n), ("a", cotangents.c_n)):
            slot = next((slot for slot in segment.slots if slot.name == state), None)
            if slot is None:
                continue
            here = np.zeros((segment.steps, batch.size, slot.width), dtype)
            if state == "h" and cotangents.y is not None and k >= len(chains) - directions:
                way = k % directions
                here += cotangents.y[..., way * slot.width : (way + 1) * slot.width]
                t = np.arange(segment.steps)[:, None]
                here[~((t >= batch.start) & (t < batch.stop))] = 0
            if last is not None:
                here[end, columns] += last[k]
            found[f"cot_{state}_{g}"] = here
    return found
