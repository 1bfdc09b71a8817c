"""How the parameters on the canvas came about, for whoever draws the training beside the graph.

What a training is stands in `engine.training`; which of its updates is shown, in the snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.training.trained import Trained


@dataclass(frozen=True, slots=True)
class Learnt:
    """`update`: how many updates the parameters shown have behind them; None: they are others."""

    trained: Trained
    update: int | None
