"""What was found in a model file as a table for people: a row for each layer.

How layers are recognised is in `torch_names` and `keras_layers`; here they are only told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from engine.models import conversion
from engine.models.layers import Around, Found, Recurrent
from engine.models.weights import Weights
from engine.models.wiring import Wiring

COLUMNS = tuple(field.name for field in fields(Found))


def rows(
    wiring: Wiring,
    others: Sequence[Recurrent],
    around: Sequence[Around],
    weights: Weights,
) -> tuple[Found, ...]:
    """The stacks that are run, those that are not, and the layers around them."""
    found = [_stack(each, weights, _how(each)) for each in wiring.stacks]
    found += [_stack(each, weights, "not chosen; --prefix chooses it") for each in others]
    for layer in around:
        tensors = [name for name in (layer.weight, layer.bias) if name]
        shapes = _tensors(tensors, layer.name, weights)
        found.append(Found(layer.name, layer.kind, shapes, "", _place(layer, wiring)))
    return tuple(found)


def _place(layer: Around, wiring: Wiring) -> str:
    """Where a layer beside the recurrence was wired, and how it is bent."""
    for word, pieces in (("before", wiring.before), ("behind", wiring.behind)):
        for piece in pieces:
            if piece.layer.name == layer.name:
                bent = "" if piece.activation == "identity" else f", then {piece.activation}"
                return f"wired {word} the recurrence{bent}"
    return "not wired"


def _stack(stack: Recurrent, weights: Weights, how: str) -> Found:
    sizes = f"{stack.inputs} → {stack.hidden}"
    if stack.projection:
        sizes += f" → {stack.projection}"
    kind = stack.kind + (" both ways" if stack.directions == 2 else "")
    if stack.layers > 1:
        kind += f", {stack.layers} layers"
    first = [name for (layer, way, _), name in stack.names.items() if (layer, way) == (0, 0)]
    shapes = f"{sizes}: {_tensors(first, stack.prefix.rstrip('.'), weights)}"
    old, new = conversion.gates_of(stack), conversion.OWN[stack.kind]
    gates = f"{' '.join(old)} → {' '.join(new)}" if old else ""
    return Found(stack.prefix.rstrip(".") or "(no name)", kind, shapes, gates, how)


def _tensors(names: Sequence[str], prefix: str, weights: Weights) -> str:
    """Each tensor by its own name with its shape: weight_ih_l0 (12, 2)."""
    said = []
    for name in names:
        own = name.rpartition(f"{prefix}.")[2] if prefix else name
        said.append(f"{own.rpartition('/')[2]} {weights.arrays[name].shape}")
    return ", ".join(said)


def _how(stack: Recurrent) -> str:
    """What this program made of the numbers of a stack."""
    said = []
    if stack.source == "Keras":
        said.append("kernels turned")
    if stack.kind == "LSTM":
        said.append("both matrices beside each other as W")
    if not stack.bias:
        said.append("no bias")
    elif stack.kind != "GRU" and stack.source == "PyTorch":
        said.append("two biases added")
    if stack.kind == "GRU":
        said.append("reset after the product" if stack.reset_after else "reset before the product")
    return "; ".join(said)


def lines(found: Sequence[Found]) -> list[str]:
    """The table as text, columns below each other."""
    table = [COLUMNS, *(tuple(getattr(row, name) for name in COLUMNS) for row in found)]
    wide = [max(len(row[n]) for row in table) for n in range(len(COLUMNS))]
    return ["  ".join(word.ljust(w) for word, w in zip(row, wide)).rstrip() for row in table]


def sentence(name: str, found: Sequence[Found], wiring: Wiring) -> str:
    """What is run, in a line."""
    stacks = found[: len(wiring.stacks)]
    said = [f"{row.kind} {row.shapes.partition(':')[0]}" for row in stacks]
    words = wiring.words
    return f"{name}: {', '.join(said)}" + (f" ({words})" if "→" in words or "." in words else "")
