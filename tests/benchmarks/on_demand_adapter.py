"""`engine(problem) -> call` as `engine_adapter` has it, with the deltas that nobody needs left out.

They are there when somebody asks; in the benchmark nobody does.
"""

from __future__ import annotations

from typing import Any

from tests.benchmarks.engine_adapter import engine as recorded


def engine(problem: Any) -> Any:
    """Forward and backward with deltas on demand."""
    return recorded(problem, deltas="joints")
