"""Weights in the file that they came from: all else in it as it was."""

from __future__ import annotations

from pathlib import Path

from engine.models.given import Given
from engine.models.in_place import in_place
from engine.models.weights import Weights


def data_of(weights: Weights, given: Given, place: Path) -> bytes:
    """The bytes of the file."""
    return in_place(given, weights, place)
