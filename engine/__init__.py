"""The engine: true with no screen. Names are handed on lazily, so that `--help` needs no numpy."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_NAMES = {
    "Experiment": "engine.experiment",
    "settings": "engine.experiment",
    "run": "engine.door",
    "report": "engine.reporting.report",
    "Run": "engine.door",
    "generate": "engine.training.generation",
    "load_model": "engine.models.model",
    "train": "engine.training.trainer",
    "Trainer": "engine.training.trainer",
    "Trained": "engine.training.trained",
    "Training": "engine.training.training",
    "Unusable": "engine.errors",
    "check_run": "engine.check",
    "graph_of": "engine.graph",
    "read": "engine.sequences",
    "typed": "engine.sequences",
    "sample": "engine.sequences",
    "samples": "engine.sequences",
}
__all__ = list(_NAMES)


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    # the names are those of objects; no module may be called like one of them
    value = getattr(import_module(_NAMES[name]), name)
    globals()[name] = value
    return value
