"""What an update of a character model takes, beside PyTorch where `--python` has it.

What is timed stands in `training_peer`, which runs in that interpreter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks.timing import Figure

ROOT = Path(__file__).resolve().parents[2]
FUSED, CELLS = 1.35, 1 / 1.5  # of PyTorch's times


def figures() -> Iterator[Figure]:
    python = os.environ.get("BENCHMARK_PYTHON", sys.executable)
    out = subprocess.run(
        [python, "-m", "tests.benchmarks.training_peer"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ).stdout
    found: dict[str, list[list[float]]] = json.loads(out)
    mine = found.pop("engine")
    samples = [pair[0] for pair in mine], [pair[1] for pair in mine]
    name = "update of a character LSTM"
    if not found:
        yield Figure(name, None, *samples, note="no torch here: --python names one")
    for (peer, pairs), share in zip(found.items(), (FUSED, CELLS)):
        bar = median(pair[0] for pair in pairs)
        words = f"{peer} takes {bar * 1e3:.1f} ms"
        yield Figure(f"{name}; {share:.2f} × {peer}", bar * share, *samples, note=words)
