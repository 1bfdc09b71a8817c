"""What a plan is given before it runs: inputs, targets, and which steps belong to whom.

No gradient enters any of it. Parameters and first states are filled in by `engine.door`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.ops import OPS
from engine.plan import Plan
from engine.sequences import Batch
from engine.template import Network, Segment

Array = np.ndarray[Any, np.dtype[Any]]


def feed(plan: Plan, x: Array) -> None:
    """Put x (T, B, I) into every input slot; one may take some columns of it only."""
    for g, segment in enumerate(plan.network.segments):
        for k, slot in enumerate(segment.slots):
            if slot.op == "input":
                own = dict(slot.constants)
                columns = slice(int(own.get("low", 0)), int(own.get("high", x.shape[-1])))
                rows = x[segment.offset : segment.offset + segment.steps, :, columns]
                values = plan.workspace.rows(("v", g, k))
                values[...] = rows
                # whatever stands in the padding, 0 · NaN would be NaN
                values[plan.workspace.stored[f"outside_{g}"][..., 0]] = 0


def late(network: Network, batch: Batch) -> bool:
    """Whether some chain begins at a step that is not the first (last, running backwards)."""
    backwards = any(s.direction < 0 for s in network.segments)
    return bool(batch.start.any() or (backwards and (batch.stop < len(batch.x)).any()))


def span_of(segment: Segment, batch: Batch) -> tuple[Array, Array]:
    """[start, stop) of each sequence in the segment's own steps, (B,) each."""
    start, stop = batch.span(segment.part)
    low, high = segment.offset, segment.offset + segment.steps
    if segment.part == "end":
        return np.zeros_like(start), np.ones_like(stop)
    return np.clip(start, low, high) - low, np.clip(stop, low, high) - low


def stored_arrays(
    network: Network, batch: Batch, dtype: Any, truncation: int = 0
) -> dict[str, Array]:
    """What ops read and no gradient enters: targets, the last steps, masks, cut steps."""
    columns = np.arange(len(batch.stop))
    stored: dict[str, Any] = {}
    if batch.kind != "none":
        for g, segment in enumerate(network.segments):
            targets = batch.targets[segment.offset : segment.offset + segment.steps]
            if segment.part == "end":
                targets = batch.targets[batch.stop - 1, columns][None]
            stored[f"y_{g}"] = targets if batch.kind == "class" else targets.astype(dtype)
    for g, segment in enumerate(network.segments):
        start, stop = span_of(segment, batch)
        stored[f"last_{g}"] = (stop - 1 if segment.direction > 0 else start, columns)
        t = np.arange(segment.steps)[:, None]
        inside = (t >= start) & (t < stop)
        stored[f"inside_{g}"] = inside[..., None].astype(dtype)
        stored[f"outside_{g}"] = ~inside[..., None]
        if batch.real is not None:
            stored[f"mask_{g}"] = (t < batch.real)[..., None].astype(dtype)
        if truncation:
            t = t if segment.direction > 0 else segment.steps - 1 - t
            cut = ((t + segment.offset) % truncation == 0) & (t + segment.offset > 0)
            keep = np.broadcast_to(~cut[:, None], (segment.steps, len(columns), 1))
            stored[f"keep_{g}"] = keep.astype(dtype)
    return stored | unseen_pairs(network, batch)


def unseen_pairs(network: Network, batch: Batch) -> dict[str, Array]:
    """By name, which steps each step must not see, (T, B, T): later ones, and those that are not
    its sequence's. Steps that belong to no sequence see themselves, so that weights sum to 1.
    """
    stored = {}
    for segment in network.segments:
        for slot in segment.slots:
            if "pairs" in OPS[slot.op].data:
                t = np.arange(segment.steps)
                owned = (t >= batch.start[:, None]) & (t < batch.stop[:, None])
                seen = (t[:, None] >= t)[:, None] & owned & owned.T[..., None]
                seen |= (t[:, None] == t)[:, None]
                stored[slot.data[0]] = ~seen
    return stored
