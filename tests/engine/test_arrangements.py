"""Arrangements: every number of every network agrees with the referee, ragged or not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.arrangements.attention import attention
from engine.arrangements.building import Shape
from engine.arrangements.convolution import temporal_convolution
from engine.arrangements.padded import padded
from engine.arrangements.pictures import picture_of
from engine.arrangements.recurrent import recurrent
from engine.cells import CELLS
from engine.experiment import Experiment
from engine.parameters import initialise
from engine.structure import lag_of
from engine.template import ALL
from tests.engine.batches import fitting
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
    inputs = fitting(cell).get("inputs", INPUTS)
    given = batch(np.random.default_rng(layers), span, readout, inputs)
    shape = Shape(T, inputs, CLASSES, "cross-entropy", 0, picture_of(given))
    network = recurrent(experiment, shape)
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


@pytest.mark.parametrize(
    ("layers", "readout", "span"), list(itertools.product((1, 2, 3), READOUTS, SPANS))
)
def test_attention(layers, readout, span):
    experiment = Experiment(arrangement="attention", layers=layers, hidden=HIDDEN, readout=readout)
    network = attention(experiment, Shape(T, INPUTS, CLASSES, "cross-entropy"))
    given = batch(np.random.default_rng(layers), span, readout)
    recording = agree(network, given, initialise(experiment, network), span == "late starts")
    assert "for " not in recording.source
    assert [u.reach for u in network.uses(0, 2)] == [ALL]


@pytest.mark.parametrize(("layers", "span"), list(itertools.product((1, 2), SPANS)))
def test_padded(layers, span):
    experiment = Experiment(arrangement="padded", layers=layers, hidden=HIDDEN).meant()
    assert experiment.readout == "last"
    network = padded(experiment, Shape(T, INPUTS, CLASSES, "cross-entropy"))
    given = batch(np.random.default_rng(layers), span, "last")
    recording = agree(network, given, initialise(experiment, network), span == "late starts")
    first = "W^1" if layers > 1 else "W"
    assert recording.parameters[first].shape == (HIDDEN, T * INPUTS)
    assert [s.steps for s in network.segments] == [T] + [1] * (layers + 1)
