"""Weights under the names of their own program as a .safetensors file."""

from __future__ import annotations

from pathlib import Path

from engine.models.given import Given
from engine.models.safetensors_file import packed
from engine.models.weights import Weights


def data_of(weights: Weights, given: Given, place: Path) -> bytes:
    """The bytes of the file."""
    return packed(weights)
