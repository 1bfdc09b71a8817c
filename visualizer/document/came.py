"""What came with a model of another program, in `session.json` and back.

The rest of a session's manifest is in `manifest`.
"""

from __future__ import annotations

from typing import Any

import msgspec
from numpy.typing import NDArray

from engine.errors import Unusable
from engine.models.conversion import SOURCES
from engine.models.cotangents import Cotangents
from engine.models.given import Given
from engine.models.layers import Found, Recurrent
from engine.models.onnx.cells import DEFAULTS, SHAPES
from engine.models.onnx.held import Held
from engine.models.weights import STORED, Weights
from engine.models.wired import ACTIVATIONS, Layer, Wired
from engine.models.wiring import Piece, Wiring

Arrays = dict[str, NDArray[Any]]
STATES = ("h0", "c0")
COTANGENTS = ("y", "h_n", "c_n")
MOST_LAYERS, MOST_UNITS = 32, 65_536


class PartRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one part of a layer had its name in the file."""

    layer: int
    direction: int
    part: str
    name: str


class StackRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prefix: str
    kind: str
    layers: int
    directions: int
    inputs: int
    hidden: int
    projection: int
    bias: bool
    names: tuple[PartRecord, ...]
    source: str = "PyTorch"
    nonlinearity: str = ""
    reset_after: bool = True

    @property
    def names_of(self) -> set[str]:
        """The tensors that the stack is made of."""
        return {part.name for part in self.names}


class WeightsRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every tensor of the file: its member of the zip, and the dtype that it had there."""

    format: str
    members: dict[str, str]
    dtypes: dict[str, str]


class GivenRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arrays by name → member of the zip."""

    states: dict[str, str] = {}
    cotangents: dict[str, str] = {}
    outputs: dict[str, str] = {}
    stacks: tuple[StackRecord, ...] = ()
    before: tuple[Piece, ...] = ()
    behind: tuple[Piece, ...] = ()
    last: bool = False
    mask: float | None = None
    wired: Wired | None = None
    source: str = ""
    said: str = ""
    found: tuple[Found, ...] = ()
    errors: dict[str, float] = {}
    weights: WeightsRecord | None = None
    doubt: str = ""
    origin: str = ""
    held: Held | None = None


def encode(given: Given, folder: str) -> tuple[GivenRecord, Arrays]:
    """The record, and the arrays that it names."""
    cotangents = {n: getattr(given.cotangents, n) for n in COTANGENTS}
    groups = {
        "states": dict(given.states),
        "cotangents": {n: a for n, a in cotangents.items() if a is not None},
        "outputs": dict(given.outputs),
        "weights": dict(given.weights.arrays) if given.weights is not None else {},
    }
    named: dict[str, dict[str, str]] = {}
    arrays: Arrays = {}
    for group, held in groups.items():
        named[group] = {name: f"{folder}given/{group}/{n}.npy" for n, name in enumerate(held)}
        arrays |= {named[group][name]: array for name, array in held.items()}
    members = named.pop("weights")
    wiring: dict[str, Any] = _wiring(given)
    record = GivenRecord(
        states=named["states"],
        cotangents=named["cotangents"],
        outputs=named["outputs"],
        weights=None if given.weights is None else _weights(given.weights, members),
        **wiring,
        doubt=given.doubt,
        origin=given.origin,
        held=given.held,
        source=given.source,
        said=given.said,
        found=given.found,
        errors=dict(given.errors),
    )
    return record, arrays


def _weights(weights: Weights, members: dict[str, str]) -> WeightsRecord:
    return WeightsRecord(weights.format, members, dict(weights.dtypes))


def _as_weights(record: GivenRecord, arrays: Arrays, name: str) -> Weights | None:
    held = record.weights
    if held is None:
        return None
    wanted = set(held.members).union(*(stack.names_of for stack in record.stacks))
    wanted |= {p.layer.weight for p in record.behind}
    wanted |= set(record.held.names if record.held is not None else ())
    if wanted != set(held.members) or set(held.dtypes) != wanted:
        raise Unusable(f"{name}: the weights of {record.source[:40]} are incomplete; save it anew")
    if not set(held.dtypes.values()) <= set(STORED):
        raise Unusable(
            f"{name}: a weight of {record.source[:40]} has an unknown dtype; save it anew"
        )
    read = {key: arrays[member] for key, member in held.members.items()}
    return Weights(read, dict(held.dtypes), record.source, held.format)


def _wiring(given: Given) -> dict[str, Any]:
    wiring = given.wiring
    if wiring is None:
        return {"wired": given.wired}
    stacks = tuple(_stack(stack) for stack in wiring.stacks)
    return {
        "stacks": stacks,
        "before": wiring.before,
        "behind": wiring.behind,
        "last": wiring.last,
        "mask": wiring.mask,
        "wired": given.wired,
    }


def _stack(stack: Recurrent) -> StackRecord:
    plain = {n: getattr(stack, n) for n in StackRecord.__struct_fields__ if n != "names"}
    parts = tuple(PartRecord(*place, name) for place, name in stack.names.items())
    return StackRecord(**plain, names=parts)


def members_of(record: GivenRecord) -> set[str]:
    """The members of the zip that the record names."""
    groups = (record.states, record.cotangents, record.outputs)
    held = set(record.weights.members.values()) if record.weights is not None else set()
    return held | {member for group in groups for member in group.values()}


def decode(record: GivenRecord, arrays: Arrays, name: str) -> Given:
    """What the record stands for; Unusable for what no model has."""
    for stack in record.stacks:
        if stack.source not in SOURCES or stack.kind not in ("RNN", "LSTM", "GRU"):
            raise Unusable(
                f"{name}: there is no {stack.kind[:20]!r} of {stack.source[:20]!r}; save it anew"
            )
    check_wired(record.wired, name)
    for group, known in ((record.states, STATES), (record.cotangents, COTANGENTS)):
        for key in group:
            if key not in known or arrays[group[key]].ndim != 3:
                raise Unusable(f"{name}: {key[:20]!r} is no array of a model; save it anew")
    weights = _as_weights(record, arrays, name)
    if record.held is not None and not _is_held(record.held, weights):
        raise Unusable(f"{name}: the weights of {record.source[:40]} do not fit; save it anew")
    cotangents = Cotangents(**{key: arrays[m] for key, m in record.cotangents.items()})
    return Given(
        {key: arrays[member] for key, member in record.states.items()},
        cotangents,
        {key: arrays[member] for key, member in record.outputs.items()},
        _as_wiring(record),
        record.source,
        record.said,
        record.found,
        record.errors,
        weights,
        record.wired,
        record.doubt,
        origin=record.origin,
        held=record.held,
    )


def _is_held(held: Held, weights: Weights | None) -> bool:
    """Whether the nodes of a graph have tensors of their shapes, each one its own."""
    return weights is not None and all(node.is_sound(weights) for node in held.nodes)


def _is_sound(layer: Layer) -> bool:
    """Whether the attributes of a node of ONNX are some that its cell knows."""
    manner = layer.manner
    if manner is None:
        return True
    count = len(DEFAULTS[layer.kind])
    known = len(manner.activations) == count and len(manner.backward) in (0, count)
    said = {a[0] for a in (*manner.activations, *manner.backward)}
    return known and manner.hidden == layer.hidden and said <= {*SHAPES}


def check_wired(wired: Wired | None, name: str) -> None:
    """What an edited session could ask for and no model has."""
    if wired is None:
        return
    layers = wired.layers
    sound = 0 < len(layers) <= MOST_LAYERS and all(
        layer.kind in ("RNN", "LSTM", "GRU")
        and 0 < layer.hidden <= MOST_UNITS
        and 0 <= layer.projection <= layer.hidden
        and layer.ways in ((1,), (-1,), (1, -1))
        and _is_sound(layer)
        for layer in layers
    )
    heads = len(wired.heads) <= MOST_LAYERS and all(
        0 < head.outputs <= MOST_UNITS and head.activation in ACTIVATIONS for head in wired.heads
    )
    if not (sound and heads):
        raise Unusable(f"{name}: the layers of the model are none that there are; save it anew")


def _as_wiring(record: GivenRecord) -> Wiring | None:
    if not record.stacks:
        return None
    stacks = tuple(_as_stack(stack) for stack in record.stacks)
    return Wiring(stacks, record.before, record.behind, record.last, record.mask)


def _as_stack(record: StackRecord) -> Recurrent:
    plain = {n: getattr(record, n) for n in StackRecord.__struct_fields__ if n != "names"}
    names = {(p.layer, p.direction, p.part): p.name for p in record.names}
    return Recurrent(**plain, names=names)
