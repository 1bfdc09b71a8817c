"""What the user has chosen, as one frozen value; undo, sessions and comparison are made of these.

Here live the choices and how one choice follows from another. What is computed from them is in
`derive`, their history in `document`, their file in `session`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from engine.experiment import Experiment, settings
from engine.sequences import Sequence
from engine.sequences.generated import asked_of
from visualizer.scene.view import View

if TYPE_CHECKING:
    from engine.models.given import Given
    from engine.training.trained import Trained

Place = tuple[str, tuple[int, ...]]  # (parameter name, "x", "h0" or "c0"; index into that array)
Edits = tuple[tuple[Place, float], ...]
Parameters = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Recipe, sequence, what was typed over, and where one looks.

    `edits`: cells typed over, one entry a place, the latest last.
    `losses_off`: (step, sequence) of every loss that was clicked off.
    `parameters`: trained or loaded arrays; None where the recipe makes them.
    `trained`: how parameters were learnt, from what and with what history; what is shown may have
    gone on since, with other settings or cells typed over.
    `given`: what came with a model of another program: first states, the gradient of its outputs.
    `view` and `playhead` (0 … 1) say where one looks: they change nothing that is computed, are
    saved, and are no step of undo.
    `beside`: a second experiment to compare this one with; it has none itself and looks nowhere of
    its own. `below`: of the two graphs this one's is the lower. What the user changes is always
    this one; `turned` lets the other take its place.
    """

    sequence: Sequence
    experiment: Experiment = field(default_factory=Experiment)
    edits: Edits = ()
    losses_off: frozenset[tuple[int, int]] = frozenset()
    parameters: Parameters | None = None
    view: View | None = None
    playhead: float = 0.0
    beside: Snapshot | None = None
    below: bool = False
    trained: Trained | None = None
    given: Given | None = None

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
        """With other settings; one that makes new parameters lets go of trained ones, and inputs
        that were typed over stay behind with their steps."""
        experiment = self.experiment.changed(**values)
        anew = any(
            s.reshapes and getattr(experiment, s.name) != getattr(self.experiment, s.name)
            for s in settings()
        )
        stays = experiment.first == self.experiment.first
        return self.changed(
            experiment=experiment,
            parameters=None if anew else self.parameters,
            given=self._given_of_another if anew else self.given,
            edits=self.edits if stays else self._without_inputs,
            losses_off=self.losses_off if stays else frozenset(),
        )

    @property
    def _given_of_another(self) -> Given | None:
        """What came with a model when the network is another one: that is what settings say."""
        given = self.given
        wired = given is not None and given.wired is not None
        return dataclasses.replace(given, wired=None) if given is not None and wired else given

    def with_sequence(self, sequence: Sequence) -> Snapshot:
        """Another sequence: edits of its inputs and losses switched off belonged to the old one.

        Two that are compared on one sequence are compared on the new one, but for a formula, which
        is the experiment itself.
        """
        # which steps were recorded, and what was asked of a drawn one, belonged to the old one
        was = {n: v for n, v in asked_of(self.sequence).items() if getattr(self.experiment, n) == v}
        experiment = self.experiment.changed(
            **{s.name: s.default for s in settings() if s.name in was}, first=1, steps=0
        ).changed(**asked_of(sequence))
        other = self.beside
        formula = self.experiment.arrangement == "expression"
        if other is not None and other.sequence is self.sequence and not formula:
            other = other.with_sequence(sequence)
        return self.changed(
            sequence=sequence,
            experiment=experiment,
            edits=self._without_inputs,
            losses_off=frozenset(),
            beside=other,
        )

    @property
    def _without_inputs(self) -> Edits:
        return tuple(edit for edit in self.edits if edit[0][0] != "x")

    # ---- two experiments

    @property
    def alone(self) -> Snapshot:
        """This experiment without the other."""
        return self.changed(beside=None, below=False)

    def compared_with(self, other: Snapshot) -> Snapshot:
        """With `other` below it. Equal sequences become one, which then changes for both."""
        beside = other.alone.changed(view=None, playhead=0.0)
        if beside.sequence == self.sequence:
            beside = beside.changed(sequence=self.sequence)
        return self.changed(beside=beside, below=False)

    def turned(self) -> Snapshot:
        """The other of the two in its place: what one does next is done to that one."""
        if self.beside is None:
            return self
        mine = self.alone.changed(view=None, playhead=0.0)
        other = self.beside.changed(playhead=self.playhead, beside=mine, below=not self.below)
        return other.looking(self.view)

    def exchanged(self, other: Snapshot) -> Snapshot:
        """Another experiment in place of this one; what is compared with it stays, unless the
        other comes with its own. One looks at what one did."""
        if self.beside is None or other.beside is not None:
            return other
        return (
            other.alone.compared_with(self.beside)
            .changed(below=self.below, playhead=self.playhead)
            .looking(self.view)
        )

    def looking(self, view: View | None) -> Snapshot:
        """With another view, in which nothing is selected."""
        bare = view and dataclasses.replace(view, selected=None, hover=None, parameter="")
        return self.changed(view=bare)

    @property
    def update(self) -> int | None:
        """How many updates the parameters have behind them, where training kept them: all, or those
        before a kept one; None for other parameters."""
        if self.trained is None:
            return None
        history = self.trained.history
        if self.parameters is self.trained.parameters:
            return history.count
        return next((k.update for k in history.kept if k.parameters is self.parameters), None)

    @property
    def own(self) -> tuple[object, ...]:
        """All that the numbers of this experiment depend on.

        Arrays are compared by identity: they are frozen and handed on from snapshot to snapshot.
        """
        return (
            self.experiment,
            id(self.sequence),
            self.edits,
            self.losses_off,
            id(self.parameters),
            id(self.given),
        )

    @property
    def content(self) -> tuple[object, ...]:
        """All that the numbers depend on; equal for two snapshots that show the same, whichever
        of two experiments the user has in hand."""
        if self.beside is None:
            return self.own
        return (self.beside.own, self.own) if self.below else (self.own, self.beside.own)
