"""np_opt and the engine, each called directly after a call of torch_eager of its own.

In the peers' benchmark only one can come after torch, and pays for cold caches. Here both do.
`python tests/benchmarks/after_torch.py ENGINE_PEERS.py`, with an interpreter that has torch.
"""

from __future__ import annotations

import gc
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from tests.benchmarks.engine_adapter import engine  # noqa: E402

SECONDS, LEAST = 1.5, 3
WAYS = {"recorded": "all", "on demand": "joints"}


def main(script: str) -> None:
    spec = spec_from_file_location("peers", script)
    assert spec and spec.loader
    peers = module_from_spec(spec)
    spec.loader.exec_module(peers)
    torch.set_num_threads(1)
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for kind in ("rnn", "lstm"):
        for dtype in ("float32", "float64"):
            for size in peers.SIZES:
                problem = peers.Problem(kind, *size, dtype)
                calls = {"np_opt": peers.np_opt(problem)}
                calls |= {way: engine(problem, deltas) for way, deltas in WAYS.items()}
                took = measured(calls, peers.torch_eager(problem))
                for way in WAYS:
                    found[way].append(took[way] / took["np_opt"])
    for way, ratios in found.items():
        print(
            f"{way}, each directly after torch: against np_opt median {median(ratios):.2f}, "
            f"worst {max(ratios):.2f} of {len(ratios)}"
        )


def measured(calls: dict[str, Any], before: Any) -> dict[str, float]:
    """Median CPU time of each, `before` called in front of every one."""
    for call in (*calls.values(), *calls.values(), before):
        call()
    gc.collect()
    times: dict[str, list[float]] = {name: [] for name in calls}
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or min(map(len, times.values())) < LEAST:
        for name, call in calls.items():
            before()
            begun = time.process_time()
            call()
            times[name].append(time.process_time() - begun)
    return {name: median(own) for name, own in times.items()}


if __name__ == "__main__":
    main(sys.argv[1])
