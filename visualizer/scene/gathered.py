"""What there is to say of a parameter at a moment: its numbers, the terms of the steps that are in
its gradient, and their sum. What is said of a node: `inspection`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.recording import Recording
from visualizer.scene.frame import Frame

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ParameterFacts:
    """A parameter at a moment: its numbers, the gradient gathered so far, and its terms by step.

    `norms` are ‖term of step t‖ from the global step `first` on; terms of the global steps `there`
    [low, high) are in, of `gathered` steps they are not.
    """

    name: str
    value: Vector
    gradient: Vector | None
    norms: Vector
    first: int
    gathered: int
    there: tuple[int, int]
    rule: str
    shape: str


def parameter_facts(recording: Recording, frame: Frame, name: str) -> ParameterFacts:
    """What there is to say of a parameter. The gradient so far is summed from its terms."""
    value = np.atleast_2d(np.asarray(recording.parameters[name], np.float64))
    used = recording.parameter_steps(name)
    norms, there = np.zeros(len(used)), terms_there(recording, frame, name)
    gradient: Vector | None = None
    if recording.has_gradients:
        norms = np.asarray(recording.parameter_term_norms(name), np.float64)[used.start : used.stop]
        if there == (used.start, used.stop):
            gradient = np.atleast_2d(np.asarray(recording.gradients[name], np.float64))
        elif there[1] > there[0]:
            gradient = _gathered(recording, name, there)
    missing = len(used) - (there[1] - there[0])
    return ParameterFacts(
        name, value, gradient, norms, used.start, missing, there, recording.rule, _shape(value)
    )


def gathered_from(recording: Recording, frame: Frame, name: str) -> int:
    """Of how many steps the term is not yet in the gradient of a parameter."""
    low, high = terms_there(recording, frame, name)
    return len(recording.parameter_steps(name)) - (high - low)


def terms_there(recording: Recording, frame: Frame, name: str) -> tuple[int, int]:
    """The global steps [low, high) whose terms are in the gradient of a parameter."""
    if recording.has_gradients:
        return frame.gathered(name)
    return recording.steps, recording.steps


def _gathered(recording: Recording, name: str, there: tuple[int, int]) -> Vector:
    if recording.rule == "overwrite":  # the step visited last
        forward = recording.network.segments[recording.parameter_segment(name)].direction > 0
        t = there[0] if forward else there[1] - 1
        return np.atleast_2d(np.asarray(recording.parameter_term(name, t), np.float64))
    total = np.zeros(recording.parameters[name].shape)
    for t in range(*there):
        total += recording.parameter_term(name, t)
    return np.atleast_2d(total)


def _shape(value: Vector) -> str:
    vector = value.ndim == 2 and value.shape[0] == 1
    return str(value.shape[1]) if vector else " × ".join(str(n) for n in value.shape)
