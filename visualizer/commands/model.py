"""WHAT of the command line when it is a model: weights out of a file, and arrays to run them on."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from engine.errors import BAD_SETTINGS, Unusable
from engine.experiment import Experiment
from engine.models.model import Model, load_model
from engine.models.running import Inputs, arrays_of, inputs_of
from engine.models.weights import Array
from engine.models.wiring import AUTO
from visualizer.commands.given import more, reading_of, refuse_both, refuse_reading, sequence_of
from visualizer.commands.options import given_settings
from visualizer.document.modelled import arrays_given, asks_for_more, check_certain, holds_model

OPEN = ("loss", "reduction", "readout", "truncation", "dtype")


def is_graph(what: str) -> bool:
    """Whether the file is a graph of ONNX."""
    return Path(what).suffix.lower() == ".onnx" and os.path.isfile(what)


def is_model(what: str) -> bool:
    """Whether the file is one of weights."""
    return holds_model(Path(what))


def model_and_inputs(options: argparse.Namespace) -> tuple[Model, Inputs]:
    """The model that the options name, wired as far as its inputs ask for, and these inputs.

    Arrays for the recurrent layer run it alone; tokens, targets and --wire ask for the layers
    around it, and are refused where it is not certain how they are wired."""
    kind = options.nonlinearity or "tanh"
    model = load_model(
        options.what,
        prefix=options.prefix,
        nonlinearity=kind,
        wire=AUTO if options.wire is None else options.wire,
    )
    refuse_reading(options)
    if options.sequence is not None:
        refuse_both(options)
        sequence = sequence_of(options.sequence, reading_of(options), more(options))
        return _fed(options, model, arrays_of(sequence, model.wiring.tokens > 0), sequence.source)
    if options.inputs is None and model.recorded is None:
        tokens = model.wiring.tokens
        or_tokens = f", or tokens 0 … {tokens - 1} (steps, sequences)" if tokens else ""
        raise Unusable(
            f"{options.what} is a model and needs inputs; give a file with a sequence of"
            f" {model.stack.inputs} columns, or --inputs FILE.npz with x (steps, sequences,"
            f" {model.stack.inputs}){or_tokens}",
            exit=BAD_SETTINGS,
        )
    places = (None if name is None else Path(name) for name in (options.inputs, options.targets))
    return _fed(options, model, *arrays_given(model, *places))


def _fed(
    options: argparse.Namespace, model: Model, arrays: dict[str, Array], name: str
) -> tuple[Model, Inputs]:
    """The model as far as these arrays ask for, and they judged."""
    if options.wire is None:
        check_certain(model, arrays)
    asked = options.wire is not None or asks_for_more(arrays)
    model = model if asked else model.alone
    return model, inputs_of(model, arrays, name)


def experiment_of(options: argparse.Namespace, model: Model) -> Experiment:
    """The settings that a model leaves open, as the options say."""
    chosen = {n: v for n, v in given_settings(options).items() if n != "nonlinearity"}
    fixed = next((name for name in chosen if name not in OPEN), None)
    if fixed is not None:
        raise Unusable(
            f"--{fixed.replace('_', '-')} is what {model.name} says already; {', '.join(OPEN)} can"
            " be chosen: leave it out",
            exit=BAD_SETTINGS,
        )
    own = "float32" if model.recorded and model.weights.dtype != "float64" else "float64"
    return model.experiment(own).changed(**chosen)
