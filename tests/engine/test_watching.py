"""Whoever waits for a recording is told how far it is, and can end it wherever it is."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.errors import Stopped
from engine.sequences import typed
from engine.watching import within

KINDS = {
    "long": ({"cell": "lstm", "hidden": 2}, 6000),
    "wide": ({"cell": "elman", "hidden": 1100}, 150),
    "without a loop": ({"arrangement": "attention"}, 40),
    "two layers": ({"cell": "gru", "layers": 2}, 30),
}


def text(steps: int):
    return typed("".join("abc "[n * n % 4] for n in range(steps)), "characters")


@pytest.mark.parametrize("kind", KINDS)
def test_progress_goes_from_nothing_to_all_in_small_steps(kind):
    settings, steps = KINDS[kind]
    shares: list[float] = []
    watched = engine.run(text(steps), watch=shares.append, **settings)
    assert shares == sorted(shares)
    assert shares[0] < 0.05 and shares[-1] > 0.99
    assert max(np.diff(shares)) < 0.25  # the start of a large matrix is one deed
    alone = engine.run(text(steps), **settings)
    assert watched.recording.loss == alone.recording.loss
    for name, gradient in alone.recording.gradients.items():
        assert np.array_equal(watched.recording.gradients[name], gradient)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [0.0, 0.1, 0.4, 0.7, 0.95])
def test_it_can_be_stopped_wherever_it_is(kind, at):
    settings, steps = KINDS[kind]

    def stop(share: float) -> None:
        if share >= at:
            raise Stopped

    with pytest.raises(Stopped):
        engine.run(text(steps), watch=stop, **settings)


def test_a_part_of_the_work_is_a_part_of_the_share():
    shares: list[float] = []
    half = within(shares.append, 0.5, 1.0)
    for share in (0.0, 0.5, 1.0, 1.2):
        half(share)
    assert shares == [0.5, 0.75, 1.0, 1.0]
