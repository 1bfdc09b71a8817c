"""What a film is asked that takes long, so that it is answered elsewhere: functions of a module,
whose arguments and answers go from one process to another.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from engine.check import Row, check_node
from engine.measures import loss_table
from engine.template import Node
from visualizer.scene.film import Film


def proof(film: Film, node: Node) -> Row:
    """δ of a node against the forward code."""
    return check_node(film.recording, node)


def losses_by_step(film: Film, segment: int, slot: int) -> NDArray[Any]:
    """‖∂ℒ_k/∂value_t‖, (T, T)."""
    return loss_table(film.recording, segment, slot)
