"""What a recurrent layer gives and what comes back to it, as arrays of its whole run."""

from __future__ import annotations

import numpy as np

from engine.chains import joined, last_states
from engine.door import Run
from engine.models.weights import Array


def states_of(run: Run, kind: str = "value") -> dict[str, Array]:
    """Values: y (T, B, D·H) of the top layer, h_n, c_n (L·D, B, H). Deltas: x (T, B, I), h0, c0
    (L·D, B, H)."""
    recording = run.recording
    if kind == "value":
        chains = run.chains("h")
        top = chains[-ways(run) :]
        found = {"y": np.concatenate([joined(recording, chain) for chain in top], -1)}
        for symbol, name in (("h", "h_n"), ("c", "c_n")):
            if run.chains(symbol):
                ends = [last_states(recording, chain) for chain in run.chains(symbol)]
                if len({end.shape for end in ends}) == 1:  # else they are no one array
                    found[name] = np.stack(ends)
        return found
    places = tuple(
        (g, k)
        for g, segment in enumerate(recording.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.op == "input"
    )
    return {"x": joined(recording, places, "delta"), **recording.initial_deltas}


def ways(run: Run) -> int:
    """In how many directions every layer reads."""
    return len({segment.direction for segment in run.network.segments if segment.kind == "layer"})


def outputs_of_run(run: Run) -> dict[str, Array]:
    """y, h_n, c_n, and if something came back g_x, g_h0, g_c0: the names of `run --out`."""
    found = states_of(run)
    if run.recording.has_gradients:
        found |= {f"g_{name}": array for name, array in states_of(run, "delta").items()}
    return found
