"""What a change costs without a window: the run of the largest sequence that a slider must follow,
and a session saved and opened again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.sequences import typed
from tests.benchmarks.timing import Figure, clocked
from visualizer.document import session
from visualizer.document.document import Document
from visualizer.document.snapshot import Snapshot

RUN = 0.05  # s; as much as a slider has with painting
STEPS, HIDDEN = 50, 32


def figures(times: int = 60) -> Iterator[Figure]:
    deeds: dict[str, Callable[[Document, int], object]] = {
        "the shapes stay": lambda d, i: d.set(merge="drag", forget_bias=0.5 + i % 3),
        "the shapes change": lambda d, i: d.set(merge="drag", hidden=HIDDEN - i % 12),
    }
    for name, deed in deeds.items():
        document = largest()
        measured = clocked(_nothing, lambda i, d=document, f=deed: f(d, i), times)  # type: ignore[misc]
        yield Figure(f"a slider's run alone, {name}", RUN, *measured)
    document = largest()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "a.unrolled"

        def there_and_back(_: int) -> None:
            session.save(place, document.pack())
            document.open(place)

        yield Figure("a session saved and opened", None, *clocked(_nothing, there_and_back, times))


def largest() -> Document:
    """The longest and widest LSTM that a slider must follow."""
    words = " ".join(f"w{n % 20}" for n in range(STEPS))
    document = Document(Snapshot(typed(words)))
    document.set(cell="lstm", hidden=HIDDEN)
    return document


def _nothing(_: int) -> None:
    """Nothing to prepare."""
