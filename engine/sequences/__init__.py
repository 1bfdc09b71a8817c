"""Sequences: what a user gives, as data, and the batches that networks are fed.

    encode(typed("I think therefore I am")).target_labels[0]
    # ('think', 'therefore', 'I', 'am', '■')

`read`, `typed` and `sample` make a `Sequence`; `encode` makes a `Batch` of it; both are plain
frozen data. Formats are rows of READERS (`reading`), tasks are rows of TASKS (`tasks`).
"""

from __future__ import annotations

from engine.sequences.reading import READERS, read, sample, suffixes, typed
from engine.sequences.samples import Sample, samples
from engine.sequences.sequence import Batch, Sequence, join
from engine.sequences.signal import Signal
from engine.sequences.tasks import TASKS, encode, natural_task

__all__ = [
    "READERS",
    "TASKS",
    "Batch",
    "Sample",
    "Sequence",
    "Signal",
    "encode",
    "join",
    "natural_task",
    "read",
    "sample",
    "samples",
    "suffixes",
    "typed",
]
