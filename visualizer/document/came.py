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
from engine.models.weights import STORED, Weights

Arrays = dict[str, NDArray[Any]]
STATES = ("h0", "c0")
COTANGENTS = ("y", "h_n", "c_n")


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
    stack: StackRecord | None = None
    source: str = ""
    said: str = ""
    found: tuple[Found, ...] = ()
    errors: dict[str, float] = {}
    weights: WeightsRecord | None = None


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
    record = GivenRecord(
        **named,
        weights=None if given.weights is None else _weights(given.weights, members),
        stack=None if given.stack is None else _stack(given.stack),
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
    wanted = set(held.members) | set(record.stack.names_of if record.stack is not None else ())
    if wanted != set(held.members) or set(held.dtypes) != wanted:
        raise Unusable(f"{name}: the weights of {record.source[:40]} are incomplete; save it anew")
    if not set(held.dtypes.values()) <= set(STORED):
        raise Unusable(
            f"{name}: a weight of {record.source[:40]} has an unknown dtype; save it anew"
        )
    read = {key: arrays[member] for key, member in held.members.items()}
    return Weights(read, dict(held.dtypes), record.source, held.format)


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
    stack = record.stack
    if stack is not None and (
        stack.source not in SOURCES or stack.kind not in ("RNN", "LSTM", "GRU")
    ):
        raise Unusable(
            f"{name}: there is no {stack.kind[:20]!r} of {stack.source[:20]!r}; save it anew"
        )
    for group, known in ((record.states, STATES), (record.cotangents, COTANGENTS)):
        for key in group:
            if key not in known or arrays[group[key]].ndim != 3:
                raise Unusable(f"{name}: {key[:20]!r} is no array of a model; save it anew")
    cotangents = Cotangents(**{key: arrays[m] for key, m in record.cotangents.items()})
    return Given(
        {key: arrays[member] for key, member in record.states.items()},
        cotangents,
        {key: arrays[member] for key, member in record.outputs.items()},
        None if stack is None else _as_stack(stack),
        record.source,
        record.said,
        record.found,
        record.errors,
        _as_weights(record, arrays, name),
    )


def _as_stack(record: StackRecord) -> Recurrent:
    plain = {n: getattr(record, n) for n in StackRecord.__struct_fields__ if n != "names"}
    names = {(p.layer, p.direction, p.part): p.name for p in record.names}
    return Recurrent(**plain, names=names)
