"""A process that records a text of about a million nodes and tells what it took, as JSON.

Started by `recording`, so that its memory is that of one recording and of nothing before it.
`python tests/benchmarks/million.py CELL DTYPE NODES DELTAS`; DELTAS are all, or joints: those that
gradients need, which is what the program records (the others are made when they are read).
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from engine.batching import batch_of  # noqa: E402
from engine.door import Run, run  # noqa: E402
from engine.experiment import Experiment  # noqa: E402
from engine.sequences import typed  # noqa: E402

HIDDEN = 16
SYMBOLS = 65  # as many characters as Shakespeare uses


def main(cell: str, dtype: str, nodes: int, deltas: str) -> None:
    experiment = Experiment(cell=cell, dtype=dtype, hidden=HIDDEN, tokens="characters")
    short = run(typed(text_of(200), "characters"), experiment)  # imports, and compiles the plan
    length = nodes * short.recording.steps // short.recording.nodes
    sequence = typed(text_of(length), "characters")
    del short
    gc.collect()
    before, begun = resident(), time.process_time()
    batch = batch_of(sequence, experiment)
    encoded = time.process_time()
    made = run(batch, experiment, deltas=deltas)
    ended = time.process_time()
    print(json.dumps(told(made, encoded - begun, ended - encoded, resident() - before)))


def told(made: Run, encoding: float, recording: float, grown: int) -> dict[str, float]:
    """What was taken, and how long a pause of the garbage collector is with all of it there."""
    begun = time.process_time()
    gc.collect()
    return {
        "nodes": made.recording.nodes,
        "encoding": encoding,
        "recording": recording,
        "pause": time.process_time() - begun,
        "bytes": grown,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def text_of(length: int) -> str:
    """So many random characters; the first ones are every symbol once."""
    drawn = np.random.default_rng(0).integers(SYMBOLS, size=length)
    drawn[:SYMBOLS] = np.arange(SYMBOLS)
    return "".join(map(chr, drawn + ord("!")))


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
