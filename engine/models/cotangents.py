"""A loss that weighs outputs with given numbers: ℒ = Σ y·cot_y + Σ h_n·cot_h_n + Σ c_n·cot_c_n.

With it the gradient of anything that came after the recurrence is the gradient here: the numbers
are ∂ℒ/∂y and ∂ℒ/∂h_n of the program that the model comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.arrangements.building import Made
from engine.errors import Unusable
from engine.models.weights import Array
from engine.sequences import Batch
from engine.template import Input, Network, Slot
from engine.trace import Ref, Trace
from engine.weigh_ops import MOST, weigh

DATA = "cotangents"  # name of the stored array
STATES = ("h", "a")  # what a chain hands on, and its memory


@dataclass(frozen=True, slots=True, eq=False)
class Cotangents:
    """y (T, B, D·H), h_n (L·D, B, H), c_n (L·D, B, H), or s (T, B, O) of what stands behind; None
    where nothing is given."""

    y: Array | None = None
    h_n: Array | None = None
    c_n: Array | None = None
    s: Array | None = None

    def __bool__(self) -> bool:
        return any(given is not None for given in (self.y, self.h_n, self.c_n, self.s))

    def fit(self, network: Network, batch: Batch) -> bool:
        """Whether every array has the shape that the network's outputs have."""
        chains = _chains(network)
        h, c = (_width(network, chains[0], state) for state in STATES)
        ways, top = _ways(network), _width(network, chains[-1], "h")
        shapes = (
            (self.y, (batch.steps, batch.size, ways * top)),
            (self.h_n, (len(chains), batch.size, h)),
            (self.c_n, (len(chains), batch.size, c)),
            (self.s, (batch.steps, batch.size, _outputs(network))),
        )
        return all(array is None or array.shape == shape for array, shape in shapes)


def of_the_last(network: Network, batch: Batch) -> Cotangents:
    """Those of ℒ = Σ y_T, or Σ s_T of what stands behind, the outputs of the last step of each
    sequence: what is looked at where no loss came with a model."""
    if behind := _outputs(network):
        s = np.zeros((batch.steps, batch.size, behind))
        s[batch.stop - 1, np.arange(batch.size)] = 1.0
        return Cotangents(s=s)
    wide = _ways(network) * _width(network, _chains(network)[-1], "h")
    y = np.zeros((batch.steps, batch.size, wide))
    y[batch.stop - 1, np.arange(batch.size)] = 1.0
    return Cotangents(y)


def _chains(network: Network) -> list[int]:
    return [g for g, segment in enumerate(network.segments) if segment.kind == "layer"]


def _ways(network: Network) -> int:
    return len({network.segments[g].direction for g in _chains(network)})


def _width(network: Network, g: int, state: str) -> int:
    return next((s.width for s in network.segments[g].slots if s.name == state), 0)


def _outputs(network: Network) -> int:
    """Width of s, 0 where nothing stands behind the chains."""
    last = len(network.segments) - 1
    return _width(network, last, "s") if network.segments[last].kind == "readout" else 0


def weighed(network: Network, cotangents: Cotangents) -> Network:
    """The network with one more slot L, which weighs everything that counts: in a segment of its
    own, or where s is."""
    if cotangents.s is not None:
        return _weighed_behind(network)
    made = Made()
    made.segments = list(network.segments)
    made.parameters = dict(network.parameters)
    trace = Trace(len(made.segments))
    reads = [Ref(g, state, _width(network, g, state)) for g, state in _weighed(network, cotangents)]
    if len(reads) > MOST:
        raise Unusable(
            f"{len(reads)} states have a gradient of their own; at most {MOST} are weighed: leave"
            " cot_h_n and cot_c_n of the lower layers out"
        )
    formula = r"L_t = \sum_k \bar x_k \cdot x_k"
    trace.op(weigh(len(reads)), *reads, name="L", role="loss", formula=formula, data=(DATA,))
    top = network.segments[_chains(network)[-1]]
    made.add(trace, "outputs", top.steps, offset=top.offset, layer=top.layer, kind="readout")
    return made.network()


def _weighed_behind(network: Network) -> Network:
    g = len(network.segments) - 1
    behind = network.segments[g]
    read = Input(g, behind.index("s"))
    formula = r"L_t = \bar s_t \cdot s_t"
    loss = Slot("L", weigh(1), (read,), 1, "loss", formula, data=(DATA,))
    segments = (*network.segments[:g], replace(behind, slots=(*behind.slots, loss)))
    return Network(segments, network.parameters)


def _weighed(network: Network, cotangents: Cotangents) -> list[tuple[int, str]]:
    """The states that something other than zero is given for: (segment, slot name)."""
    chains = _chains(network)
    ways = _ways(network)
    if cotangents.s is not None:
        return [(len(network.segments) - 1, "s")]
    found = []
    for k, g in enumerate(chains):
        y = _of_chain(cotangents.y, k % ways, _width(network, g, "h"))
        own = y is not None and k >= len(chains) - ways and y.any()
        if own or (cotangents.h_n is not None and cotangents.h_n[k].any()):
            found.append((g, "h"))
        if cotangents.c_n is not None and _width(network, g, "a") and cotangents.c_n[k].any():
            found.append((g, "a"))
    return found or [(chains[-1], "h")]


def _of_chain(y: Array | None, way: int, wide: int) -> Array | None:
    """The part of y that one direction makes."""
    return None if y is None else y[..., way * wide : (way + 1) * wide]


def stored(network: Network, batch: Batch, cotangents: Cotangents, dtype: str) -> dict[str, Array]:
    """The array that `weighed` reads, by name: (T, B, widths of all states), 0 outside."""
    if cotangents.s is not None:
        return {DATA: np.asarray(cotangents.s, dtype)}
    chains, ways = _chains(network), _ways(network)
    columns = np.arange(batch.size)
    t = np.arange(batch.steps)[:, None]
    outside = (t < batch.start) | (t >= batch.stop)
    found = []
    for g, state in _weighed(network, cotangents):
        k, wide = chains.index(g), _width(network, g, state)
        here = np.zeros((batch.steps, batch.size, wide), dtype)
        y = _of_chain(cotangents.y, k % ways, wide)
        if state == "h" and y is not None and k >= len(chains) - ways:
            here += y
            here[outside] = 0
        last = cotangents.h_n if state == "h" else cotangents.c_n
        if last is not None:
            forwards = network.segments[g].direction > 0
            here[batch.stop - 1 if forwards else batch.start, columns] += last[k]
        found.append(here)
    return {DATA: np.concatenate(found, -1)}
