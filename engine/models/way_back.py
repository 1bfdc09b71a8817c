"""The way back: parameters as they are now, under the names, in the layout and the dtypes of the
file that the model came from. What was not changed stays bit for bit as it was there.

Bytes of a file are made by `safetensors_file` and `npz_file`; what to write in a training script
instead is in `pytorch_lines`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.errors import Unusable
from engine.models.given import Given
from engine.models.onnx.held import Held
from engine.models.weights import Array, Weights, stored_as
from engine.models.wiring import Wiring

LONG = 40  # characters of a name in a line


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """`weights` to be saved; by name, in `places`, which entries differ from the file, and in
    `rounded` how far the file's dtype rounded one of them, |stored − exact| at most."""

    weights: Weights
    places: dict[str, Array]
    rounded: float

    @property
    def words(self) -> str:
        """What is different from the file, in a line."""
        count = sum(int(mask.sum()) for mask in self.places.values())
        if not count:
            return "nothing was changed; the numbers are those of the file"
        names = [_short(name) for name, mask in self.places.items() if mask.any()]
        entries = "1 number" if count == 1 else f"{count:,} numbers"
        said = f"{entries} changed in {', '.join(names[:4])}{' …' if len(names) > 4 else ''}"
        if not self.rounded:
            return said
        return f"{said}; {self.weights.dtype} rounded them by at most {self.rounded:.1g}"


def _short(name: str) -> str:
    """The end of a long path."""
    return name if len(name) <= LONG else f"…{name[1 - LONG :]}"


def changed_weights(given: Given, parameters: Mapping[str, Array]) -> Changed:
    """The file's tensors with what is different now in its place.

    Where two biases are added, a changed sum goes into the first and the second becomes 0, so that
    b_ih + b_hh is exactly the number that was run.
    Unusable if no model was opened, or if the network is not of its shapes any more.
    """
    weights, wiring = given.weights, given.wiring or given.held
    if weights is None or wiring is None:
        raise Unusable("what is open comes from no model file; open one to save its weights")
    dtype = str(next(iter(parameters.values())).dtype) if parameters else "float64"
    old = wiring.parameters(weights, dtype)
    now = {name: np.asarray(parameters[name]) for name in old if name in parameters}
    if {n: a.shape for n, a in old.items()} != {n: a.shape for n, a in now.items()}:
        raise Unusable(
            f"the network is not the one of {given.source} any more (its cell or its size were"
            " changed); undo that to save its weights"
        )
    now = wiring.folded(now)
    before, after = (wiring.in_file(each) for each in (old, now))
    narrow = before  # two float32 biases, added before the run was widened to float64
    if weights.dtype != "float64":
        narrow = wiring.in_file(wiring.parameters(weights, "float32"))
    arrays, exact = dict(weights.arrays), dict(weights.arrays)
    places, rounded = {}, 0.0
    for name in before:
        places[name] = mask = np.asarray(
            (before[name] != after[name]) & (narrow[name] != after[name])
        )
        if not mask.any():
            continue
        new = np.where(wiring.second(name, mask.shape), 0.0, after[name])
        wanted = np.where(mask, new, weights.arrays[name])
        exact[name] = wanted
        arrays[name] = stored_as(wanted, weights.dtypes[name], name)
        rounded = max(rounded, float(np.abs(arrays[name].astype(float) - wanted).max()))
    _check(wiring, replace(weights, arrays=exact), now)
    return Changed(replace(weights, arrays=arrays), places, rounded)


def _check(wiring: Wiring | Held, exact: Weights, now: dict[str, Array]) -> None:
    """What the file has no tensor for would be lost: a bias of a layer that has none."""
    for name, array in wiring.parameters(exact, "float64").items():
        if not np.allclose(array, now[name], rtol=1e-6, atol=1e-9, equal_nan=True):
            raise Unusable(
                f"{name} was changed, but {exact.name} has no tensor for it; take that change back"
                " to save the weights"
            )
