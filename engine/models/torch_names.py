"""Which layers the names and shapes of a state dict mean: recurrent ones, and those around them.

PyTorch's names, with any prefix: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_hr_l0,
with _reverse, or without _l0 for single cells. How their numbers become this program's is in
`conversion`.
"""

from __future__ import annotations

import re

from engine.errors import Unusable
from engine.models.layers import Around, Recurrent
from engine.models.weights import Array, Weights

WRAPPERS = ("module.", "_orig_mod.")  # of DataParallel and torch.compile, not the model's own
_PART = re.compile(
    r"(?P<prefix>(?:.*\.)?)(?P<part>weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)"
    r"(?:_l(?P<layer>\d{1,3})(?P<reverse>_reverse)?)?"
)
KINDS = {1: "RNN", 3: "GRU", 4: "LSTM"}  # by the number of blocks in weight_hh


def bare(name: str) -> str:
    """A name without what wrappers put before it."""
    while name.startswith(WRAPPERS):
        name = name.removeprefix(WRAPPERS[0]).removeprefix(WRAPPERS[1])
    return name


def is_model(names: list[str]) -> bool:
    """Whether arrays under these names are a recurrent model: weight_ih and weight_hh pair."""
    own = (bare(name.removeprefix("weights.")) for name in names)
    parts = {m["part"] for m in map(_PART.fullmatch, own) if m}
    return {"weight_ih", "weight_hh"} <= parts


def recurrents(weights: Weights) -> tuple[Recurrent, ...]:
    """Every recurrent stack in the order of the file; Unusable if there is none, or if the shapes
    of one do not go together."""
    groups: dict[str, dict[tuple[int, int, str], str]] = {}
    for name in weights.arrays:
        found = _PART.fullmatch(bare(name))
        if found:
            key = (int(found["layer"] or 0), int(bool(found["reverse"])), found["part"])
            groups.setdefault(found["prefix"], {})[key] = name
    stacks = [(prefix, names) for prefix, names in groups.items() if _pairs(names)]
    if not stacks:
        shown = ", ".join(name[:40] for name in list(weights.arrays)[:4])
        raise Unusable(
            f"{weights.name} holds no recurrent layer ({shown} …); weights named weight_ih_l0,"
            " weight_hh_l0 … are needed: save the state dict of an RNN, LSTM or GRU"
        )
    return tuple(_recurrent(prefix, names, weights) for prefix, names in stacks)


def _pairs(names: dict[tuple[int, int, str], str]) -> bool:
    parts = {part for _, _, part in names}
    return {"weight_ih", "weight_hh"} <= parts


def _recurrent(prefix: str, names: dict[tuple[int, int, str], str], weights: Weights) -> Recurrent:
    first = names.get((0, 0, "weight_hh"))
    if first is None:
        raise Unusable(
            f"{weights.name} lacks {prefix}weight_hh_l0; a stack begins with layer 0: save the"
            " whole state dict"
        )
    kind, hidden, projection = _sizes(names, weights)
    layers = 1 + max(layer for layer, _, _ in names)
    directions = 1 + max(reverse for _, reverse, _ in names)
    inputs = _shape(weights, names.get((0, 0, "weight_ih"), ""), 2)[1]
    bias = bool({"bias_ih", "bias_hh"} & {part for _, _, part in names})
    found = Recurrent(
        prefix, kind, layers, directions, inputs, hidden, projection, bias, dict(names)
    )
    _check(found, weights)
    return found


def _sizes(names: dict[tuple[int, int, str], str], weights: Weights) -> tuple[str, int, int]:
    """Kind, hidden units and projection, from the shapes of the first weight_hh and weight_hr."""
    name = names[0, 0, "weight_hh"]
    rows, columns = _shape(weights, name, 2)
    if (0, 0, "weight_hr") in names:
        projection, hidden = _shape(weights, names[0, 0, "weight_hr"], 2)
        if rows != 4 * hidden or columns != projection:
            raise Unusable(
                f"{weights.name}: {name} is {(rows, columns)}; an LSTM of {hidden} units projected"
                f" to {projection} needs {(4 * hidden, projection)}: save the state dict anew"
            )
        return "LSTM", hidden, projection
    kind = KINDS.get(rows // columns) if columns and rows % columns == 0 else None
    if kind is None:
        raise Unusable(
            f"{weights.name}: {name} is {(rows, columns)}; an RNN has as many rows as columns, a"
            " GRU 3 and an LSTM 4 times as many: save the state dict anew"
        )
    return kind, columns, 0


def _check(found: Recurrent, weights: Weights) -> None:
    """Every tensor of every layer and direction is there and has its shape."""
    blocks = {"RNN": 1, "GRU": 3, "LSTM": 4}[found.kind]
    state = found.projection or found.hidden
    rows = blocks * found.hidden
    article = "an" if found.kind in ("RNN", "LSTM") else "a"
    for layer in range(found.layers):
        wide = found.inputs if layer == 0 else found.outputs
        wanted: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, wide),
            "weight_hh": (rows, state),
        }
        if found.bias:
            wanted |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if found.projection:
            wanted["weight_hr"] = (found.projection, found.hidden)
        for direction in range(found.directions):
            for part, shape in wanted.items():
                name = found.names.get((layer, direction, part))
                if name is None:
                    tail = f"_l{layer}" + "_reverse" * direction
                    raise Unusable(
                        f"{weights.name} lacks {found.prefix}{part}{tail}; save the whole state"
                        " dict"
                    )
                had = weights.arrays[name].shape
                if had != shape:
                    raise Unusable(
                        f"{weights.name}: {name} is {had}; {article} {found.kind} with"
                        f" {found.hidden} units needs {shape}: save the state dict anew"
                    )


def _shape(weights: Weights, name: str, dimensions: int) -> tuple[int, ...]:
    array: Array | None = weights.arrays.get(name)
    if array is None:
        raise Unusable(f"{weights.name} has weight_hh without weight_ih; save the whole state dict")
    if array.ndim != dimensions or 0 in array.shape or array.dtype.kind != "f":
        raise Unusable(
            f"{weights.name}: {name} is {array.shape} of {array.dtype.name}; a matrix of floating"
            " numbers is needed: save the state dict anew"
        )
    return array.shape


def around(weights: Weights) -> tuple[Around, ...]:
    """The layers beside the recurrent ones, in the order of the file, by names and shapes."""
    found = []
    for name, array in weights.arrays.items():
        if _PART.fullmatch(bare(name)) or not name.endswith("weight"):
            continue
        stem = name.removesuffix("weight").removesuffix(".")
        bias = f"{stem}.bias" if stem else "bias"
        own = bias if bias in weights.arrays else ""
        kind = _kind(stem, array, bool(own))
        if 0 in array.shape or (own and weights.arrays[own].shape != array.shape[:1]):
            kind = "other"
        found.append(Around(kind, stem or name, array.shape, name, own))
    return tuple(found)


def _kind(stem: str, array: Array, biased: bool) -> str:
    if array.ndim == 2:
        embeds = "emb" in stem.lower() and not biased
        return "embedding" if embeds else "linear"
    return "convolution" if array.ndim in (3, 4) else "other"
