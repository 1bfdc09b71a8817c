"""What one step of a layout consists of: marks, links, frames; plain data in units of zoom 1.

X counts from the left edge of a step, Y downwards from the state of the lowest layer. How they are
made stands in `layout` and `links`.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.template import Network, Use
from visualizer.scene.routes import Way

Key = tuple[int, int]  # (segment, slot)


@dataclass(frozen=True, slots=True)
class Mark:
    """A slot's place in the step: centre, size; kind box, row, pill, circle with a glyph, or wide:
    a box through all steps, which has a part for each."""

    segment: int
    slot: int
    kind: str
    x: float
    y: float
    w: float
    h: float
    glyph: str = ""
    side: str = ""
    port: tuple[float, float] | None = None
    port_glyph: str = ""
    indent: float = 0.0  # of the numbers, from the left edge; 0: as usual
    name_at: float = 0.0  # middle of the name, from the left edge; 0: as usual

    @property
    def key(self) -> Key:
        return self.segment, self.slot


@dataclass(frozen=True, slots=True)
class Link:
    """An edge of the template: `uses` of the source whose contributions run along it.

    It exists at source steps [start, stop); `reach` steps later it ends. `initial`: it comes from
    the state before the first step and exists once.
    """

    uses: tuple[Use, ...]
    source: Key
    target: Key
    reach: int | str
    way: Way
    start: int
    stop: int
    initial: bool = False


@dataclass(frozen=True, slots=True)
class Fan:
    """The edges of an input that reads all steps: from every step of the sources to every step of
    the target that sees it. `start` is (X, Y), `end` (X, D, Y); `op`: the attention between."""

    sources: tuple[Key, ...]
    target: Key
    op: Key
    start: tuple[float, float]
    end: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A frame round marks (the gates of a layer): x, y of the centre, size."""

    x: float
    y: float
    w: float
    h: float
    segment: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """A layout in the making: marks so far, frames they stand in, ways given by hand. Nodes stand
    in the first `inner` of `pitch`, then the lanes of edges past whole layers."""

    level: str
    network: Network
    pitch: float
    inner: float
    lanes: dict[Key, float]
    marks: dict[Key, Mark]
    frame_of: dict[Key, Box]
    ways: dict[tuple[Key, Key], str]
    rows: dict[int, int]  # how high each segment stands

    def backwards(self, segment: int) -> bool:
        return self.network.segments[segment].direction < 0

    def position(self, key: Key) -> int:
        """How high a slot stands among the layers; inputs below all."""
        segment = self.network.segments[key[0]]
        return -1 if segment.slots[key[1]].role == "input" else self.rows[key[0]]

    @property
    def dense(self) -> bool:
        """Rows too near each other for cards and states to share a column."""
        return self.level == "steps" or (self.level == "tensors" and not self.frame_of)
