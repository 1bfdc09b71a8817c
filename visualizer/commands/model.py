"""WHAT of the command line when it is a model: weights out of a file, and arrays to run them on."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from engine.errors import BAD_SETTINGS, Unusable
from engine.models.model import Model, load_model
from engine.models.npz_file import arrays_in
from engine.models.running import Inputs, inputs_of
from visualizer.document.modelled import holds_model


def is_graph(what: str) -> bool:
    """Whether the file is a graph of ONNX."""
    return Path(what).suffix.lower() == ".onnx" and os.path.isfile(what)


def is_model(what: str) -> bool:
    """Whether the file is one of weights."""
    return holds_model(Path(what))


def model_of(options: argparse.Namespace) -> Model:
    """The model that the options name."""
    kind = options.nonlinearity or "tanh"
    return load_model(options.what, prefix=options.prefix, nonlinearity=kind)


def inputs_given(options: argparse.Namespace, model: Model) -> Inputs:
    """What --inputs names, or what was recorded with the model, judged against it."""
    if options.inputs is not None:
        return inputs_of(model, arrays_in(Path(options.inputs)), Path(options.inputs).name)
    if model.recorded is not None:
        return inputs_of(model, model.recorded.inputs, model.name)
    raise Unusable(
        f"{options.what} is a model and needs inputs; give --inputs FILE.npz with x (steps,"
        f" sequences, {model.stack.inputs})",
        exit=BAD_SETTINGS,
    )
