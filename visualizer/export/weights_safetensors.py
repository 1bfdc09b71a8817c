"""Weights under the names of their own program as a .safetensors file."""

from __future__ import annotations

from engine.models.safetensors_file import packed
from engine.models.weights import Weights


def data_of(weights: Weights) -> bytes:
    """The bytes of the file."""
    return packed(weights)
