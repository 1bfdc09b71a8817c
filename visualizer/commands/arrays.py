"""`run --out`: the arrays of a run as one .npz, under the names that product and papers use.

Values, deltas and gradients only; what is printed is in `run`. Layers first, time second.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.chains import chains_of, joined, last_states
from engine.door import STATES, Run
from engine.models.model import Model
from engine.recording import Recording
from visualizer.commands.formula import formula_arrays

Numbers = NDArray[Any]
Place = tuple[int, int]  # (segment, slot)


def pack(found: dict[str, Numbers]) -> bytes:
    """The bytes of the .npz. Equal arrays give equal bytes."""
    stored = io.BytesIO()
    np.savez(stored, **found)  # type: ignore[arg-type]
    return stored.getvalue()


def arrays_of_model(model: Model, run: Run) -> dict[str, Numbers]:
    """The same of a run of somebody's model: gradients under the names of the file, gates in its
    order."""
    found = arrays(run)
    for name in run.recording.gradients:
        found.pop(f"g_{name}", None)
    if run.recording.has_gradients:
        gradients = model.in_file(run.recording.gradients)
        found |= {f"g_{name}": each for name, each in gradients.items()}
    order = model.gate_order
    for name in ("gates", "dgates"):
        if name in found and order:
            found[name] = found[name][:, :, list(order)]
    return found


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
        if run.chains(symbol):
            found |= _state(run, symbol)
    top = len(found["h_t"]) // run.experiment.layers  # chains of one layer
    found["y"] = np.concatenate(list(found["h_t"][-top:]), -1)
    found |= _gates(recording)
    if not recording.has_gradients:
        return {name: each for name, each in found.items() if not name.startswith("d")}
    found["dh_norm"] = np.sqrt(np.square(found["dh_t"]).sum(axis=(2, 3)))
    found["g_x"] = _inputs(recording)
    for named in (recording.initial_deltas, recording.gradients):
        found |= {f"g_{name}": each for name, each in named.items()}
    found["loss"] = np.asarray(recording.loss)
    return found


def _state(run: Run, symbol: str) -> dict[str, Numbers]:
    chains = run.chains(symbol)
    return {
        f"{symbol}_t": np.stack([joined(run.recording, chain) for chain in chains]),
        f"d{symbol}_t": np.stack([joined(run.recording, chain, "delta") for chain in chains]),
        f"{symbol}_n": np.stack([last_states(run.recording, chain) for chain in chains]),
    }


def _inputs(recording: Recording) -> Numbers:
    """∂ℒ/∂x on the global time axis; 0 where nothing is read."""
    places = [
        (g, k)
        for g, segment in enumerate(recording.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.name == "x"
    ]
    return joined(recording, tuple(places), "delta")


def _gates(recording: Recording) -> dict[str, Numbers]:
    """In the order of the blocks of the cell's matrix, the candidate (g or n) among them."""
    network = recording.network
    rows: list[list[tuple[Place, ...]]] = []
    for chain in chains_of(network, "h"):
        slots = network.segments[chain[0][0]].slots
        order = next((slot.blocks for slot in slots if slot.blocks), ())
        row = [tuple((g, network.segments[g].index(name)) for g, _ in chain) for name in order]
        rows.append(row)
    if not any(rows):
        return {}

    def all_of(kind: str) -> Numbers:
        return np.stack(
            [np.stack([joined(recording, each, kind) for each in row], 1) for row in rows]
        )

    return {"gates": all_of("value"), "dgates": all_of("delta")}
