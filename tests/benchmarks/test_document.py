"""Times of what the user waits for without a window: `--help` < 0.2 s, a slider's run < 50 ms.

pytest tests/benchmarks/test_document.py --benchmark-enable
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from engine.sequences import typed
from visualizer.document import session
from visualizer.document.document import Document
from visualizer.document.snapshot import Snapshot

ROOT = Path(__file__).resolve().parents[2]


def lstm() -> Document:
    """T = 50, H = 32: the largest that a slider must follow."""
    words = " ".join(f"w{n % 20}" for n in range(50))
    document = Document(Snapshot(typed(words)))
    document.set(cell="lstm", hidden=32)
    return document


def test_help(benchmark: BenchmarkFixture) -> None:
    benchmark(
        lambda: subprocess.run([sys.executable, "main.py", "--help"], cwd=ROOT, capture_output=True)
    )


def test_a_slider_that_keeps_the_shapes(benchmark: BenchmarkFixture) -> None:
    document, values = lstm(), itertools.cycle((0.5, 1.0, 1.5))
    benchmark(lambda: document.set(merge="drag", forget_bias=next(values)))


def test_a_slider_that_changes_the_shapes(benchmark: BenchmarkFixture) -> None:
    document, values = lstm(), itertools.cycle(range(20, 33))
    benchmark(lambda: document.set(merge="drag", hidden=next(values)))


def test_saving_and_opening(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    document, place = lstm(), tmp_path / "a.unrolled"
    benchmark(lambda: (session.save(place, document.pack()), document.open(place)))
