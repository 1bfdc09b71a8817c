"""Recording and referee side by side: every value, delta, contribution, term and gradient."""

from __future__ import annotations

import numpy as np

from engine.recording import Recording
from tests.reference.cells import Reference


def differences(recording: Recording, reference: Reference) -> dict[str, float]:
    """The largest |plan − tape| of each kind, relative to the largest number of that array.

    Every array of the recording is looked at; what the tape has no number for must be 0.
    """
    worst: dict[str, float] = {}

    def note(kind: str, ours: np.ndarray, theirs: np.ndarray | None) -> None:
        theirs = np.zeros_like(ours) if theirs is None else theirs
        assert ours.shape == theirs.shape, (kind, ours.shape, theirs.shape)
        error = np.abs(ours - theirs).max(initial=0.0) / max(1.0, np.abs(theirs).max(initial=0.0))
        worst[kind] = max(worst.get(kind, 0.0), float(error) if error == error else np.inf)

    note("loss", np.array(recording.loss), np.array(reference.loss))
    for g, segment in enumerate(recording.network.segments):
        for k, slot in enumerate(segment.slots):
            place = (segment.name, slot.name)
            note(f"value {place}", recording.value(g, k), reference.values.get(place))
            note(f"delta {place}", recording.delta(g, k), reference.deltas.get(place))
            for use in recording.network.uses(g, k):
                consumer = recording.network.segments[use.consumer.segment]
                reader = (consumer.name, consumer.slots[use.consumer.slot].name)
                sent = reference.contributions.get((*place, *reader, use.position))
                note(f"contribution {place} {reader}", recording.contribution(use), sent)
    for name, gradient in reference.gradients.items():
        note(f"gradient {name}", recording.true_gradients[name], gradient)
        norms = np.sqrt(
            np.square(reference.terms[name]).reshape(len(reference.terms[name]), -1).sum(1)
        )
        note(f"term norms {name}", recording.parameter_term_norms(name), norms)
        for t, term in enumerate(reference.terms[name]):
            note(f"term {name}", recording.parameter_term(name, t), term)
    for name, delta in recording.initial_deltas.items():
        note(f"delta {name}", delta, reference.initial_deltas[name])
    return worst


def assert_equal(recording: Recording, reference: Reference, tolerance: float = 1e-12) -> None:
    """No number of the recording differs by more than `tolerance`."""
    wrong = {k: e for k, e in differences(recording, reference).items() if not e <= tolerance}
    assert not wrong, wrong
