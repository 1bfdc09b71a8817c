"""Numbers and names as the sentences of a report have them."""

from __future__ import annotations

import math

MOST_NAMED = 4


def count(number: int, noun: str) -> str:
    """ "1 step", "2,000 steps"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: list[str]) -> str:
    """ "a, b and c"; of many the first ones and how many more there are."""
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 1], f"{len(names) - MOST_NAMED + 1} more"]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def percent(share: float) -> str:
    """ "12 %", "0.78 %"; small shares keep two digits."""
    if not math.isfinite(share):
        return "not finite"
    value = 100 * share
    if value == 0 or value >= 9.95:
        return f"{value:.0f} %"
    return f"{value:.2g} %"


def short(value: float) -> str:
    """Three digits, with a true minus."""
    if not math.isfinite(value):
        return "not finite"
    if value and not 1e-3 <= abs(value) < 1e5:
        head, _, power = f"{value:.1e}".partition("e")
        return f"{head}e{int(power)}".replace("-", "−")
    return (f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}").replace("-", "−")
