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
from engine.models.states import states_of
from engine.recording import Recording
from visualizer.commands.formula import formula_arrays
from visualizer.document.atomic import replace_file

Numbers = NDArray[Any]
Place = tuple[int, int]  # (segment, slot)


def keep(out: str | None, found: dict[str, Numbers]) -> None:
    """Write the arrays if a file is named. This comes before what is printed: whoever reads that
    may have seen enough after one line, and the file is wanted nevertheless."""
    if out:
        replace_file(out, pack(found))


def pack(found: dict[str, Numbers]) -> bytes:
    """The bytes of the .npz. Equal arrays give equal bytes."""
    stored = io.BytesIO()
    np.savez(stored, **found)  # type: ignore[arg-type]
    return stored.getvalue()


def arrays_of_model(model: Model, run: Run) -> dict[str, Numbers]:
    """The same of a run of somebody's model: gradients under the names of the file, gates in its
    order."""
    found = arrays(run, model.gate_orders)
    for name in run.recording.gradients:
        found.pop(f"g_{name}", None)
    if run.recording.has_gradients:
        gradients = model.in_file(run.recording.gradients)
        found |= {f"g_{name}": each for name, each in gradients.items()}
    return found


def arrays(run: Run, orders: tuple[tuple[int, ...], ...] = ()) -> dict[str, Numbers]:
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
    found["y"] = states_of(run)["y"]
    found |= _gates(recording, orders)
    if not recording.has_gradients:
        return {name: each for name, each in found.items() if not name.startswith("d")}
    found["dh_norm"] = np.array(run.norms("h")).reshape(-1, recording.steps).astype(recording.dtype)
    found["g_x"] = _inputs(recording)
    for named in (recording.initial_deltas, recording.gradients):
        found |= {f"g_{name}": each for name, each in named.items()}
    found["loss"] = np.asarray(recording.loss)
    return found


def _state(run: Run, symbol: str) -> dict[str, Numbers]:
    chains, recording = run.chains(symbol), run.recording
    found = {
        f"{symbol}_t": [joined(recording, chain) for chain in chains],
        f"d{symbol}_t": [joined(recording, chain, "delta") for chain in chains],
        f"{symbol}_n": [last_states(recording, chain) for chain in chains],
    }
    return _together(found)


def _together(found: dict[str, list[Numbers]]) -> dict[str, Numbers]:
    """The chains of each name as one array; those of layers of several widths have a name each,
    and one of which there is nothing none."""
    done: dict[str, Numbers] = {}
    for name, each in found.items():
        if len({array.shape for array in each}) == 1:
            done[name] = np.stack(each)
        else:
            done |= {f"{name}_{k}": array for k, array in enumerate(each) if array.size}
    return done


def _inputs(recording: Recording) -> Numbers:
    """∂ℒ/∂x on the global time axis; 0 where nothing is read."""
    places = [
        (g, k)
        for g, segment in enumerate(recording.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.name == "x"
    ]
    return joined(recording, tuple(places), "delta")


def _gates(recording: Recording, orders: tuple[tuple[int, ...], ...]) -> dict[str, Numbers]:
    """In the order of the blocks of the cell's matrix, the candidate (g or n) among them; or of
    each chain in an order of its own."""
    network = recording.network
    rows: list[list[tuple[Place, ...]]] = []
    for number, chain in enumerate(chains_of(network, "h")):
        slots = network.segments[chain[0][0]].slots
        order = next((slot.blocks for slot in slots if slot.blocks), ())
        row = [tuple((g, network.segments[g].index(name)) for g, _ in chain) for name in order]
        rows.append([row[n] for n in orders[number]] if orders else row)
    if not any(rows):
        return {}

    def all_of(kind: str) -> list[Numbers]:
        return [
            np.stack([joined(recording, each, kind) for each in row], 1) if row else np.empty(0)
            for row in rows
        ]

    return _together({"gates": all_of("value"), "dgates": all_of("delta")})
