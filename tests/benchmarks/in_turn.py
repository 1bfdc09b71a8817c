"""The least CPU time of every peer, called in turn: for a machine on which others are at work.

Medians then carry what others do to the caches and to the clock; the least of many calls does not.
`python tests/benchmarks/in_turn.py ENGINE_PEERS.py` with an interpreter that has torch, 4 minutes.
"""

from __future__ import annotations

import gc
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from tests.benchmarks.engine_adapter import engine  # noqa: E402

SECONDS, LEAST = 5.0, 8
WAYS = {"recorded": "all", "on demand": "joints"}
HEADS = ("÷ np_opt", "eager ÷", "÷ hoist", "÷ fused")


def main(script: str) -> None:
    spec = spec_from_file_location("peers", script)
    assert spec and spec.loader
    peers = module_from_spec(spec)
    spec.loader.exec_module(peers)
    torch.set_num_threads(1)
    print("units inputs batch steps".ljust(29) + "".join(head.ljust(14) for head in HEADS))
    for kind in ("rnn", "lstm"):
        for dtype in ("float32", "float64"):
            for size in peers.SIZES:
                problem = peers.Problem(kind, *size, dtype)
                # torch, the engine, torch, the engine: each pays for the caches that torch leaves
                calls = {"torch_eager": peers.torch_eager(problem)}
                calls["recorded"] = engine(problem, WAYS["recorded"])
                calls["torch_hoist"] = peers.torch_hoist(problem)
                calls["on demand"] = engine(problem, WAYS["on demand"])
                calls["torch_fused"] = peers.torch_fused(problem)
                calls["np_opt"] = peers.np_opt(problem)
                print(_line(f"{kind:5}{dtype:8}", size, measured(calls)), flush=True)


def measured(calls: dict[str, Any]) -> dict[str, float]:
    """The least CPU time of each, in seconds."""
    for call in (*calls.values(), *calls.values()):
        call()
    gc.collect()
    times: dict[str, list[float]] = {name: [] for name in calls}
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or min(map(len, times.values())) < LEAST:
        for name, call in calls.items():
            begun = time.process_time()
            call()
            times[name].append(time.process_time() - begun)
    return {name: min(own) for name, own in times.items()}


def _line(kind: str, size: tuple[int, ...], took: dict[str, float]) -> str:
    pairs = [
        [took[way] / took["np_opt"] for way in WAYS],
        [took["torch_eager"] / took[way] for way in WAYS],
        [took[way] / took["torch_hoist"] for way in WAYS],
        [took[way] / took["torch_fused"] for way in WAYS],
    ]
    cells = "   ".join(" ".join(f"{ratio:5.2f}" for ratio in pair) for pair in pairs)
    return f"{kind}{' '.join(f'{n:>4}' for n in size):16}{cells}"


if __name__ == "__main__":
    main(sys.argv[1])
