"""What comes with a model beside its parameters. How a model is opened is in `opening`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.models.cotangents import Cotangents
from engine.models.layers import Found
from engine.models.onnx.held import Held
from engine.models.weights import Array, Weights
from engine.models.wired import Wired
from engine.models.wiring import Wiring


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """`states` h0, c0 (L·D, B, H); `cotangents` of the loss that was behind the outputs; `outputs`
    of the program that the model comes from, for comparison. `wiring`, `source`: which layers
    the parameters came from, and under which names they go back there. `wired`: the network, where
    no experiment describes it; `doubt`: what is not certain about the order of its layers. `said`:
    what was found, in a line; `found`: the same as a table. `errors`: how far `outputs` were from
    those of this program when the model was opened, max |a − b| / max |b| of each. `weights`: all
    tensors of the file, as they were.
    `summed`: nobody gave a loss, and the sum of the first output stands in for it. `origin`: where
    the file is, since its structure is needed to write one like it. `held`: what a graph of ONNX
    has instead of a wiring.
    """

    states: Mapping[str, Array] = field(default_factory=dict)
    cotangents: Cotangents = field(default_factory=Cotangents)
    outputs: Mapping[str, Array] = field(default_factory=dict)
    wiring: Wiring | None = None
    source: str = ""
    said: str = ""
    found: tuple[Found, ...] = ()
    errors: Mapping[str, float] = field(default_factory=dict)
    weights: Weights | None = None
    wired: Wired | None = None
    doubt: str = ""
    summed: bool = False
    origin: str = ""
    held: Held | None = None

    @property
    def ahead(self) -> tuple[str, ...]:
        """The layers before the recurrence, which have made its inputs."""
        return self.wiring.ahead if self.wiring is not None else ()
