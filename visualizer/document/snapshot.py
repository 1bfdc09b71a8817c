"""What the user has chosen, as one frozen value; undo, sessions and comparison are made of these.

Here live the choices and how one choice follows from another. What is computed from them is in
`derive`, their history in `document`, their file in `session`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from engine.experiment import Experiment, settings
from engine.sequences import Sequence
from visualizer.scene.view import View

Place = tuple[str, tuple[int, ...]]  # (parameter name, "x", "h0" or "c0"; index into that array)
Edits = tuple[tuple[Place, float], ...]
Parameters = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Recipe, sequence, what was typed over, and where one looks.

    `edits`: cells typed over, one entry a place, the latest last.
    `losses_off`: (step, sequence) of every loss that was clicked off.
    `parameters`: trained or loaded arrays; None where the recipe makes them.
    `view` and `playhead` (0 … 1) say where one looks: they change nothing that is computed, are
    saved, and are no step of undo.
    """

    sequence: Sequence
    experiment: Experiment = field(default_factory=Experiment)
    edits: Edits = ()
    losses_off: frozenset[tuple[int, int]] = frozenset()
    parameters: Parameters | None = None
    view: View | None = None
    playhead: float = 0.0

    def changed(self, **fields: Any) -> Snapshot:
        return dataclasses.replace(self, **fields)

    def edited(self, target: str, index: tuple[int, ...], value: float | None) -> Snapshot:
        """With one cell typed over, or given back to the recipe with None."""
        place = (target, tuple(int(i) for i in index))
        rest = tuple(edit for edit in self.edits if edit[0] != place)
        return self.changed(edits=rest if value is None else (*rest, (place, float(value))))

    def with_loss(self, step: int, sequence: int, on: bool) -> Snapshot:
        place = frozenset({(step, sequence)})
        return self.changed(losses_off=self.losses_off - place if on else self.losses_off | place)

    def with_settings(self, **values: object) -> Snapshot:
        """With other settings; one that makes new parameters lets go of trained ones."""
        experiment = self.experiment.changed(**values)
        anew = any(
            s.reshapes and getattr(experiment, s.name) != getattr(self.experiment, s.name)
            for s in settings()
        )
        return self.changed(experiment=experiment, parameters=None if anew else self.parameters)

    def with_sequence(self, sequence: Sequence) -> Snapshot:
        """Another sequence: edits of its inputs and losses switched off belonged to the old one."""
        edits = tuple(edit for edit in self.edits if edit[0][0] != "x")
        return self.changed(sequence=sequence, edits=edits, losses_off=frozenset())

    @property
    def content(self) -> tuple[object, ...]:
        """All that the numbers depend on; equal for two snapshots that show the same run.

        Arrays are compared by identity: they are frozen and handed on from snapshot to snapshot.
        """
        return (
            self.experiment,
            id(self.sequence),
            self.edits,
            self.losses_off,
            id(self.parameters),
        )
