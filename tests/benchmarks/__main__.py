"""`python -m tests.benchmarks [PART …]`: the figures of the program against their bars.

The engine against other engines needs the peers' benchmark, which is not part of the program:
`--peers engine_peers.py` (and `--python` for an interpreter that has torch). What one run of a
part takes stands in RESULTS.md. Nothing here is a test, and nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tests.benchmarks.timing import HEAD, Figure, row

PARTS = (
    "starting",
    "playing",
    "framing",
    "sliding",
    "dragging",
    "cancelling",
    "deriving",
    "painting",
    "exporting",
    "reporting",
    "arranging",
    "recording",
    "mapping",
    "rastering",
    "training",
    "watching",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--peers", type=Path, help="the peers' benchmark, engine_peers.py")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has torch")
    options = parser.parse_args()
    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        parser.error(f"{unknown[0]} is no part; there are {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory(prefix="unrolled-benchmarks-") as own:
        _stand_alone(Path(own))
        os.environ["BENCHMARK_PYTHON"] = options.python
        if options.parts or options.peers is None:
            print(HEAD)
            for figure in _figures(options.parts or PARTS):
                print(row(figure), flush=True)
        if options.peers is not None:
            print(import_module("tests.benchmarks.peers").report(options.peers, options.python))
    return 0


def _stand_alone(own: Path) -> None:
    """Settings of whoever measures stay untouched, one thread, no screen unless one is asked for;
    and warm means compiled: bytecode is kept, here, even where the environment keeps none."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(own / "bytecode")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        os.environ[name] = str(own / name.lower())
    for name in ("OPENBLAS", "OMP", "MKL"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def _figures(parts: list[str] | tuple[str, ...]) -> Iterator[Figure]:
    for part in parts:  # imported here, because Qt and numpy read the environment when they load
        yield from import_module(f"tests.benchmarks.{part}").figures()


if __name__ == "__main__":
    sys.exit(main())
