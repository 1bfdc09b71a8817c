"""The engine against its peers: runs the peers' benchmark in both orders and sums up its 24 rows.

The peers run in turn, and whoever follows torch finds cold caches and pays for it. So both orders
are told, and two in which nobody pays: with another numpy peer after torch, and without torch.
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
ADAPTER = "tests/benchmarks/engine_adapter.py"
ORDERS = (
    ("after torch", "engine,np_opt,torch_eager"),
    ("after np_opt", "np_opt,engine,torch_eager"),
    ("after np_naive", "torch_eager,np_naive,engine,np_opt"),
    ("without torch", "engine,np_opt"),
)
MEDIAN, WORST, LONE = 1.15, 1.35, 9.0
WITHIN = {"float64": 1e-13, "float32": 5e-6}
Row = dict[str, Any]


def report(script: Path, python: str) -> str:
    """Every configuration in every order, and what the bars say."""
    found = {name: measure(script, python, peers) for name, peers in ORDERS}
    parts = [details(found)]
    parts += [f"engine {name}: {summary(rows)}" for name, rows in found.items() if rows]
    return "\n".join(parts)


def measure(script: Path, python: str, peers: str) -> list[Row]:
    """The rows of one order."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "result.json"
        words = [python, str(script.resolve()), "--adapter", ADAPTER, "--peers", peers]
        one = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        environment = os.environ | one
        print(f"measuring {peers} …", file=sys.stderr)
        subprocess.run(
            [*words, "--out", str(out)],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        rows: list[Row] = json.loads(out.read_text())
        return rows


def ratio(row: Row, upper: str, lower: str) -> float:
    """How many times as long one takes as the other; nan where one did not run."""
    ms = row["ms"]
    return ms[upper] / ms[lower] if upper in ms and lower in ms else float("nan")


def details(found: dict[str, list[Row]]) -> str:
    """A line for each configuration: engine : np_opt in each order, torch_eager : engine."""
    names, torch = list(found), [name for name, peers in ORDERS if "torch" in peers]
    wide = (15 * len(names), 15 * len(torch))
    lines = [
        f"{'':29}{'engine ÷ np_opt; engine runs':>{wide[0]}}{'torch_eager ÷ engine':>{wide[1]}}",
        f"{'units inputs batch steps':29}"
        + "".join(f"{name:>15}" for name in (*names, *torch))
        + f"{'gradients':>12}",
    ]
    for rows in zip(*found.values()):
        first, named = rows[0], dict(zip(names, rows))
        size = " ".join(f"{n:>4}" for n in first["size"])
        numpy = "".join(f"{ratio(row, 'engine', 'np_opt'):15.2f}" for row in rows)
        eager = "".join(f"{ratio(named[name], 'torch_eager', 'engine'):15.2f}" for name in torch)
        error = max(row["err"]["engine"] for row in rows)
        lines.append(f"{first['kind']:5}{first['dtype']:8}{size:16}{numpy}{eager}{error:12.1e}")
    return "\n".join(lines)


def summary(rows: list[Row]) -> str:
    """One order in one line."""
    against = sorted(ratio(row, "engine", "np_opt") for row in rows)
    within = all(row["err"]["engine"] <= WITHIN[row["dtype"]] for row in rows)
    said = (
        f"against np_opt median {median(against):.2f} (bar {MEDIAN}), worst {against[-1]:.2f} "
        f"(bar {WORST}); gradients within their bars: {'yes' if within else 'NO'}"
    )
    torch = [ratio(row, "torch_eager", "engine") for row in rows]
    if torch[0] != torch[0]:
        return said
    lone = [r for r, row in zip(torch, rows) if row["size"][2] == 1]
    faster = sum(r > 1 for r in torch)
    return (
        f"{said}; torch_eager takes {min(torch):.2f} … {max(torch):.2f} times as long, the engine "
        f"is faster in {faster} of {len(rows)}; at batch 1 {min(lone):.1f} … {max(lone):.1f} "
        f"(bar {LONE:.0f}), median {median(lone):.1f}"
    )
