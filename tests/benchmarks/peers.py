"""The engine against its peers: runs the peers' benchmark in several orders and sums up its rows.

The peers run in turn, and whoever follows torch finds cold caches and pays for it. So there are
orders in which both pay (after different calls of torch), the engine alone, np_opt alone, and
nobody; and `after_torch`, where both follow the same call. Each once with everything recorded and
once with deltas on demand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RECORDED, DEMANDED = "recorded", "on demand"
ADAPTERS = {
    RECORDED: "tests/benchmarks/engine_adapter.py",
    DEMANDED: "tests/benchmarks/on_demand_adapter.py",
}
ORDERS = {
    "both pay": "torch_eager,engine,torch_hoist,np_opt,torch_fused",
    "engine pays": "engine,np_opt,torch_eager",
    "np_opt pays": "np_opt,engine,torch_eager",
    "nobody pays": "engine,np_opt",
}
EVERY = "both pay"  # the order with all of torch
BARS = {RECORDED: (1.10, 1.25), DEMANDED: (1.05, 1.15)}
LONE = 10.0  # times as fast as torch_eager at batch 1
HOISTED = 1.1
SECONDS = "2"  # a configuration at most
WITHIN = {"float64": 1e-13, "float32": 5e-6}
ENVIRONMENT = os.environ | {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
Row = dict[str, Any]
Found = dict[tuple[str, str], list[Row]]


def report(script: Path, python: str) -> str:
    """Every configuration in every order and both ways, and what the bars say."""
    found = {
        (order, way): measure(script, python, peers, ADAPTERS[way])
        for order, peers in ORDERS.items()
        for way in ADAPTERS
    }
    lines = [details(found), *(against_numpy(*key, found[key]) for key in found)]
    lines += [against_torch(way, found[EVERY, way]) for way in ADAPTERS]
    words = [python, "tests/benchmarks/after_torch.py", str(script.resolve())]
    after = subprocess.run(words, cwd=ROOT, env=ENVIRONMENT, check=True, capture_output=True)
    return "\n".join([*lines, after.stdout.decode()])


def measure(script: Path, python: str, peers: str, adapter: str) -> list[Row]:
    """The rows of one order."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "result.json"
        words = [python, str(script.resolve()), "--adapter", adapter, "--peers", peers]
        print(f"measuring {peers} with {adapter} …", file=sys.stderr)
        subprocess.run(
            [*words, "--seconds", SECONDS, "--out", str(out)],
            cwd=ROOT,
            env=ENVIRONMENT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        rows: list[Row] = json.loads(out.read_text())
        return rows


def ratio(row: Row, upper: str, lower: str) -> float:
    """How many times as long one takes as the other."""
    return float(row["ms"][upper] / row["ms"][lower])


def details(found: Found) -> str:
    """A line for each configuration; of two figures the second is with deltas on demand."""
    heads = [*(f"{order}" for order in ORDERS), "eager ÷", "÷ hoist", "÷ fused"]
    lines = [
        f"{'':29}{'engine ÷ np_opt':<56}torch",
        f"{'units inputs batch steps':29}" + "".join(f"{h:14}" for h in heads) + "gradients",
    ]
    keys = [[(order, way) for way in ADAPTERS] for order in ORDERS]
    every = [(EVERY, way) for way in ADAPTERS]
    pairs = [("engine", "np_opt", key) for key in keys]
    pairs += [("torch_eager", "engine", every), ("engine", "torch_hoist", every)]
    pairs += [("engine", "torch_fused", every)]
    for n, first in enumerate(found[EVERY, RECORDED]):
        size = " ".join(f"{number:>4}" for number in first["size"])
        cells = ""
        for upper, lower, both in pairs:
            cells += " ".join(f"{ratio(found[key][n], upper, lower):5.2f}" for key in both) + "   "
        error = max(rows[n]["err"]["engine"] for rows in found.values())
        lines.append(f"{first['kind']:5}{first['dtype']:8}{size:16}{cells}{error:8.1e}")
    return "\n".join(lines)


def against_numpy(order: str, way: str, rows: list[Row]) -> str:
    """One order in one line."""
    middle, worst = BARS[way]
    against = sorted(ratio(row, "engine", "np_opt") for row in rows)
    within = all(row["err"]["engine"] <= WITHIN[row["dtype"]] for row in rows)
    return (
        f"{way}, {order}: against np_opt median {median(against):.2f} (bar {middle:.2f}), worst "
        f"{against[-1]:.2f} (bar {worst:.2f}); gradients within their bars: "
        f"{'yes' if within else 'NO'}"
    )


def against_torch(way: str, rows: list[Row]) -> str:
    """The bars against torch in one line."""
    eager = [ratio(row, "torch_eager", "engine") for row in rows]
    lone = [r for r, row in zip(eager, rows) if row["size"][2] == 1]
    hoist = [ratio(row, "engine", "torch_hoist") for row in rows]
    fused = [ratio(row, "engine", "torch_fused") / fused_bar(row) for row in rows]
    return (
        f"{way}: faster than torch_eager in {sum(r > 1 for r in eager)} of {len(rows)}; at batch 1 "
        f"{min(lone):.1f} … {max(lone):.1f} times (bar {LONE:.0f}); at most {max(hoist):.2f} of "
        f"torch_hoist (bar {HOISTED}); within the bar of torch_fused in "
        f"{sum(r <= 1 for r in fused)} of {len(rows)}, worst {max(fused):.2f} of its bar"
    )


def fused_bar(row: Row) -> float:
    """How many times as long as torch.nn.LSTM or nn.RNN the engine may take."""
    _, _, batch, steps = row["size"]
    if row["kind"] == "rnn" or row["dtype"] == "float64":
        return 1.0
    if batch == 1:
        return 2.5 if steps > 100 else 1.5
    return 1.5 if batch < 32 else 1.25
