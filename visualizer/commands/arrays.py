"""`run --out`: the arrays of a run as one .npz, under the names that product and papers use.

Values, deltas and gradients only; what is printed is in `run`. Layers first, time second.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.door import STATES, Run
from engine.recording import Recording
from visualizer.commands.formula import formula_arrays

Numbers = NDArray[Any]
Place = tuple[int, int]  # (segment, slot)


def pack(run: Run) -> bytes:
    """The bytes of the .npz. Equal runs give equal bytes."""
    stored = io.BytesIO()
    np.savez(stored, **arrays(run))  # type: ignore[arg-type]
    return stored.getvalue()


def arrays(run: Run) -> dict[str, Numbers]:
    """h_t dh_t c_t dc_t (L·D, T, B, H), h_n c_n (L·D, B, H), y g_x (T, B, ·), gates dgates
    (L·D, T, gate, B, H), dh_norm (L·D, T), g_<state or parameter>, loss; 0 outside a sequence. Of a
    formula its `formula_arrays`.

    Without a loss the deltas and gradients are left out. The gated cell's h is its memory a.
    """
    recording = run.recording
    if run.network.timeless:
        return formula_arrays(run)
    found: dict[str, Numbers] = {}
    for symbol in STATES:
        if run.state_slots(symbol):
            found |= _state(recording, symbol, run.state_slots(symbol))
    top = len(found["h_t"]) // run.experiment.layers  # chains of one layer
    found["y"] = np.concatenate(list(found["h_t"][-top:]), -1)
    found |= _gates(recording)
    if not recording.has_gradients:
        return {name: each for name, each in found.items() if not name.startswith("d")}
    found["dh_norm"] = np.sqrt(np.square(found["dh_t"]).sum(axis=(2, 3)))
    found["g_x"] = recording.delta(0, 0)  # x is the first slot of the first layer
    for named in (recording.initial_deltas, recording.gradients):
        found |= {f"g_{name}": each for name, each in named.items()}
    found["loss"] = np.asarray(recording.loss)
    return found


def _state(recording: Recording, symbol: str, places: list[Place]) -> dict[str, Numbers]:
    values = np.stack([recording.value(*place) for place in places])
    deltas = np.stack([recording.delta(*place) for place in places])
    batch = np.arange(recording.batch)
    forwards = [recording.network.segments[g].direction > 0 for g, _ in places]
    ends = [recording.stop - 1 if f else recording.start for f in forwards]
    last = np.stack([each[end, batch] for each, end in zip(values, ends)])
    return {f"{symbol}_t": values, f"d{symbol}_t": deltas, f"{symbol}_n": last}


def _gates(recording: Recording) -> dict[str, Numbers]:
    """In the order of the blocks of the cell's matrix, the candidate (g or n) among them."""
    layers: list[list[Place]] = []
    for g, segment in enumerate(recording.network.segments):
        if segment.kind == "layer":
            order = next((slot.blocks for slot in segment.slots if slot.blocks), ())
            place = {slot.name: (g, k) for k, slot in enumerate(segment.slots)}
            layers.append([place[name] for name in order])
    if not any(layers):
        return {}
    return {
        "gates": np.stack([np.stack([recording.value(*p) for p in row], 1) for row in layers]),
        "dgates": np.stack([np.stack([recording.delta(*p) for p in row], 1) for row in layers]),
    }
