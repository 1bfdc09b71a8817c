"""A model out of a file: its recurrent stack, the layers around it, and what its numbers become.

`load_model` is the door: FORMATS says which file is read how. Running one is in `running`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from engine import files
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.models import (
    conversion,
    keras_file,
    keras_layers,
    npz_file,
    safetensors_file,
    torch_file,
    torch_names,
)
from engine.models.found import rows
from engine.models.layers import Around, Found, Recurrent
from engine.models.recorded import Recorded, is_recorded, recorded
from engine.models.weights import Array, Weights
from engine.models.wiring import AUTO, Wiring, certain, said


def _by_sizes(
    weights: Weights, stack: Recurrent, stacks: tuple[Recurrent, ...]
) -> tuple[Wiring, str]:
    return certain(stack, torch_names.around(weights))


def _as_described(
    weights: Weights, stack: Recurrent, stacks: tuple[Recurrent, ...]
) -> tuple[Wiring, str]:
    return keras_layers.wiring(weights, stacks)


@dataclass(frozen=True, slots=True)
class Format:
    """One format of weights: its suffixes, what it is called, the function that reads it, those
    that recognise layers, and the one that says in which order they are run and what is not
    certain about it. `described`: several recurrent stacks are one model."""

    suffixes: tuple[str, ...]
    title: str
    read: Callable[[bytes, str], Weights]
    recurrents: Callable[[Weights], tuple[Recurrent, ...]] = torch_names.recurrents
    around: Callable[[Weights], tuple[Around, ...]] = torch_names.around
    wiring: Callable[..., tuple[Wiring, str]] = _by_sizes
    described: bool = False


FORMATS = (
    Format((".safetensors",), "safetensors", safetensors_file.read),
    Format((".pt", ".pth"), "PyTorch state dict", torch_file.read),
    Format((".npz",), "numpy arrays", npz_file.read),
    Format(
        (".keras", ".h5"),
        "Keras model",
        keras_file.read,
        keras_layers.recurrents,
        keras_layers.around,
        _as_described,
        True,
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Layers out of a file. `wiring`: what is run, in order; `others`: recurrent stacks that are
    not; `doubt`: what is not certain about the order; `recorded`: the batch that was recorded with
    the weights, if one was."""

    weights: Weights
    wiring: Wiring
    others: tuple[Recurrent, ...] = ()
    around: tuple[Around, ...] = ()
    nonlinearity: str = "tanh"
    recorded: Recorded | None = None
    doubt: str = ""

    @property
    def stack(self) -> Recurrent:
        """The first recurrent stack, the only one but for a described model."""
        return self.wiring.stacks[0]

    @property
    def alone(self) -> Model:
        """The recurrent layers without what stands around them."""
        mask = None if self.wiring.before else self.wiring.mask  # it is one of other numbers
        return replace(self, wiring=Wiring(self.wiring.stacks, mask=mask))

    @property
    def name(self) -> str:
        return self.weights.name

    def experiment(self, dtype: str = "float64") -> Experiment:
        """The settings with which this program runs the stack."""
        stack = self.stack
        return Experiment().changed(
            cell=conversion.CELLS[stack.kind],
            hidden=stack.hidden,
            layers=self.wiring.layers,
            direction="both" if stack.directions == 2 else "forward",
            nonlinearity=self.nonlinearity,
            projection=stack.projection,
            reset="after" if stack.reset_after else "before",
            reduction="sum",
            readout="last" if self.wiring.last and self.wiring.behind else "every",
            dtype=dtype,
        )

    def parameters(self, dtype: str = "float64") -> dict[str, Array]:
        """This program's parameters by name."""
        return self.wiring.parameters(self.weights, dtype)

    def in_file(self, ours: dict[str, Array]) -> dict[str, Array]:
        """Arrays by this program's names (gradients, say) under the names and in the gate order of
        the file."""
        return self.wiring.in_file(ours)

    @property
    def gate_orders(self) -> tuple[tuple[int, ...], ...]:
        """Of every chain, where the file's gates, in its order, stand among this program's."""
        return tuple(
            tuple(map(conversion.OWN[stack.kind].index, conversion.gates_of(stack)))
            for stack in self.wiring.stacks
            for _ in range(stack.layers * stack.directions)
        )

    @property
    def found(self) -> tuple[Found, ...]:
        """What was found in the file, a row for each layer."""
        return rows(self.wiring, self.others, self.around, self.weights)


def load_model(
    path: str | os.PathLike[str],
    *,
    prefix: str | None = None,
    nonlinearity: str = "tanh",
    wire: str | None = None,
    choose: bool = False,
) -> Model:
    """The model in a file: .safetensors, .pt, .pth, .npz in PyTorch's names, or .keras, .h5.

    `prefix` chooses the recurrent layer where there are several; `nonlinearity` (tanh or relu) is
    what a weight file of an RNN cannot say. `wire`: names of the layers in the order in which they
    are run, "embed,rnn,head", or "auto": what is certain; without it the recurrent layers alone.
    `choose`: of several recurrent layers the first, which `doubt` says, instead of a refusal.
    Unusable, one line, for anything that is no model.
    """
    place = Path(path)
    found = format_of(place)
    if found is None:
        known = ", ".join(suffix for row in FORMATS for suffix in row.suffixes)
        raise Unusable(f"{place.name} is no weight file; {known} are read")
    weights = found.read(files.load(place), place.name)
    run = recorded(weights) if is_recorded(list(weights.arrays)) else None
    if run is not None:
        weights, nonlinearity = run.weights, "relu" if run.relu else nonlinearity
    if nonlinearity not in ("tanh", "relu"):
        raise Unusable(f"nonlinearity must be tanh or relu, got {nonlinearity}", exit=2)
    return _model(found, weights, run, prefix, nonlinearity, wire, choose)


def layers_of(weights: Weights) -> tuple[tuple[Recurrent, ...], tuple[Around, ...]]:
    """All that can be wired: recurrent stacks, and the layers beside them."""
    row = _row_of(weights)
    return row.recurrents(weights), row.around(weights)


def rewired(weights: Weights, wire: str, nonlinearity: str = "tanh") -> Model:
    """The model of a file that was read already, its layers in another order."""
    return _model(_row_of(weights), weights, None, None, nonlinearity, wire)


def _row_of(weights: Weights) -> Format:
    return next(row for row in FORMATS if row.described == bool(weights.layers))


def _model(
    row: Format,
    weights: Weights,
    run: Recorded | None,
    prefix: str | None,
    nonlinearity: str,
    wire: str | None,
    choose: bool = False,
) -> Model:
    """The layers of a file in the order that is asked for."""
    try:
        stacks, around = row.recurrents(weights), row.around(weights)
    except Unusable as error:  # some know the layer alone
        named, words = weights.name, error.message
        raise Unusable(words if words.startswith(named) else f"{named}: {words}") from None
    if wire is not None and wire != AUTO:
        wiring, doubt = said(wire, stacks, around, weights.name), ""
    else:
        whole = row.described and prefix is None
        several = choose and prefix is None and len(stacks) > 1
        stack = stacks[0] if whole or several else _chosen(stacks, prefix, weights.name)
        wiring, doubt = row.wiring(weights, stack, stacks)
        if several and not whole:
            names = ", ".join(each.prefix.rstrip(".") for each in stacks)
            doubt = f"there are {len(stacks)} recurrent layers: {names}; the first is shown"
        if prefix is not None and row.described:
            wiring = Wiring((stack,))
        if whole and not choose and len(stacks) > 1 and len(wiring.stacks) == 1:
            _chosen(stacks, prefix, weights.name)  # it says that one is to be chosen
        if wire is None:
            wiring = Wiring(wiring.stacks)
    others = tuple(each for each in stacks if each not in wiring.stacks)
    kind = wiring.stacks[0].nonlinearity or nonlinearity
    return Model(weights, wiring, others, around, kind, run, doubt)


def format_of(path: Path) -> Format | None:
    """The row of FORMATS for a file's suffix, None if there is none."""
    suffix = path.suffix.lower()
    return next((row for row in FORMATS if suffix in row.suffixes), None)


def _chosen(stacks: tuple[Recurrent, ...], prefix: str | None, name: str) -> Recurrent:
    """The stack that is asked for; the only one needs no asking."""
    named = {stack.prefix.rstrip("."): stack for stack in stacks}
    if prefix is not None:
        wanted = prefix.rstrip(".")
        if wanted not in named:
            raise Unusable(
                f"{name} has no recurrent layer {wanted!r}; there are {', '.join(named)}", exit=2
            )
        return named[wanted]
    if len(stacks) > 1:
        raise Unusable(
            f"{name} has {len(stacks)} recurrent layers: {', '.join(named)}; choose one with"
            " --prefix NAME",
            exit=2,
        )
    return stacks[0]
