"""Which files are models, by their suffix: words only, so that nothing is imported to ask."""

from __future__ import annotations

# files that are written back with their structure as it was, which the file itself has to give
IN_PLACE = (".pt", ".pth", ".keras", ".h5", ".onnx")
SUFFIXES = (".safetensors", ".pt", ".pth", ".npz", ".keras", ".h5", ".onnx")


def may_be_model(name: str) -> bool:
    """Whether a file of this name can hold weights; an .npz can be a sequence as well."""
    return name.lower().endswith(SUFFIXES)
