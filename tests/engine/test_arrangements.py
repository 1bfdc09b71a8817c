"""Arrangements: every number of every network agrees with the referee, ragged or not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.arrangements.building import Shape
from engine.arrangements.convolution import temporal_convolution
from engine.arrangements.recurrent import recurrent
from engine.cells import CELLS
from engine.experiment import Experiment
from engine.parameters import initialise
from engine.structure import lag_of
from tests.engine.side_by_side import CLASSES, HIDDEN, INPUTS, SPANS, T, agree, batch

READOUTS = ("every", "last")


@pytest.mark.parametrize(
    ("cell", "layers", "readout", "span"),
    list(itertools.product(CELLS, (1, 2), READOUTS, SPANS)),
)
def test_both_directions(cell, layers, readout, span):
    experiment = Experiment(
        cell=cell, layers=layers, hidden=HIDDEN, readout=readout, direction="both"
    )
    network = recurrent(experiment, Shape(T, INPUTS, CLASSES, "cross-entropy"))
    given = batch(np.random.default_rng(layers), span, readout)
    agree(network, given, initialise(experiment, network), late=span != "full")


@pytest.mark.parametrize(
    ("shape", "readout", "span"),
    list(itertools.product(((1, 2, 1), (2, 3, 1), (3, 2, 2)), READOUTS, SPANS)),
)
def test_temporal_convolution(shape, readout, span):
    layers, width, dilation = shape
    experiment = Experiment(
        arrangement="temporal-convolution",
        layers=layers,
        hidden=HIDDEN,
        readout=readout,
        taps=width,
        dilation=dilation,
    )
    network = temporal_convolution(experiment, Shape(T, INPUTS, CLASSES, "cross-entropy"))
    given = batch(np.random.default_rng(layers), span, readout)
    recording = agree(network, given, initialise(experiment, network), span == "late starts")
    assert "for " not in recording.source  # no cycle, no loop
    lags = {lag_of(use) for use in network.all_uses()}
    assert lags == {j * dilation**k for k in range(layers) for j in range(width)}
