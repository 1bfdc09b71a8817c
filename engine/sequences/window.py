"""A window: the steps of a long sequence that are recorded. Which one suits a network is chosen
in `engine.fitting`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """Steps low … high − 1, counted from 0, of a sequence that has `whole` steps."""

    low: int
    high: int
    whole: int

    @property
    def steps(self) -> int:
        return self.high - self.low

    @property
    def words(self) -> str:
        """Counted from 1, as people do: "steps 1 … 20,000 of 28,800,000"."""
        return f"steps {self.low + 1:,} … {self.high:,} of {self.whole:,}"

    def beside(self, direction: int) -> int | None:
        """The first step, counted from 1, of the window after this (1) or before it (−1)."""
        low = self.low + direction * self.steps
        if direction > 0:
            return low + 1 if low < self.whole - 1 else None
        return max(low, 0) + 1 if self.low else None

    def facts(self) -> dict[str, int]:
        """The same, ready for JSON."""
        return {"first": self.low + 1, "last": self.high, "of": self.whole}

    @property
    def everything(self) -> bool:
        return self.steps == self.whole
