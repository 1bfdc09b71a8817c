"""The shortest way from an input to a loss: how often it crosses from one step to another.

A recurrent layer takes T − t such hops, a stack of convolutions one a layer that it climbs with a
lag, attention one. The network is a template, so the search runs over (segment, slot, step) and
makes no graph.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.structure import steps_read
from engine.template import HANDED, Network, Node, Use

HOP = 1 << 32  # fewest hops first, among equal ones the fewest ops
FAR = 1 << 62


@dataclass(frozen=True, slots=True)
class ShortestPath:
    """`nodes` from the input to the loss, `uses` between each of them and the next."""

    hops: int
    nodes: tuple[Node, ...]
    uses: tuple[Use, ...]


def shortest_path(network: Network, t: int, loss: int) -> ShortestPath | None:
    """From the input of global step `t` to the loss of global step `loss`, both from 0.

    None where the loss does not depend on the input: a stack of convolutions too low to reach it.
    A chain that ends where its sequence ends is taken to end with the last step of all.
    """
    back: dict[Node, tuple[Use, Node]] = {}
    ends = set(_places(network, t, "input"))
    for hops, node in _nearest_first(network, loss, back):
        if node in ends:
            return _path(hops, node, back)
    return None


def hops_to(network: Network, loss: int) -> tuple[int | None, ...]:
    """How many hops the input of every global step is away from the loss of one; None where the
    loss does not depend on it."""
    found: dict[int, int] = {}
    for hops, node in _nearest_first(network, loss, {}):
        if network.slot(node.segment, node.slot).role == "input":
            found.setdefault(node.t + network.segments[node.segment].offset, hops)
    return tuple(found.get(t) for t in range(loss + 1))


def _nearest_first(
    network: Network, loss: int, back: dict[Node, tuple[Use, Node]]
) -> Iterator[tuple[int, Node]]:
    """(hops, node) of every node that the loss depends on; `back` is the way from each to it."""
    costs = {
        (g, k): np.full(segment.steps, FAR, np.int64)
        for g, segment in enumerate(network.segments)
        for k in range(len(segment.slots))
    }
    heap: list[tuple[int, int, Node]] = []  # of equal ways the one by the later slot: by v, not k
    for node in _places(network, loss, "loss"):
        costs[node.segment, node.slot][node.t] = 0
        heapq.heappush(heap, (0, 0, node))
    while heap:
        cost, _, node = heapq.heappop(heap)
        if cost > costs[node.segment, node.slot][node.t]:
            continue
        yield cost // HOP, node
        for use, source, longer in _reads(network, node, cost, costs):
            costs[source.segment, source.slot][source.t] = longer
            back[source] = use, node
            heapq.heappush(heap, (longer, -source.slot, source))


def _places(network: Network, t: int, role: str) -> Iterator[Node]:
    for g, segment in enumerate(network.segments):
        if 0 <= t - segment.offset < segment.steps:
            for k, slot in enumerate(segment.slots):
                if slot.role == role:
                    yield Node(g, t - segment.offset, k)


def _path(hops: int, node: Node, back: dict[Node, tuple[Use, Node]]) -> ShortestPath:
    nodes, uses = [node], []
    while nodes[-1] in back:
        use, node = back[nodes[-1]]
        uses.append(use)
        nodes.append(node)
    return ShortestPath(hops, tuple(nodes), tuple(uses))


def _reads(
    network: Network, node: Node, cost: int, costs: dict[tuple[int, int], NDArray[np.int64]]
) -> Iterator[tuple[Use, Node, int]]:
    """What a node reads and is reached cheaper through it: (use, source, its cost)."""
    here = network.segments[node.segment].offset + node.t
    consumer = Node(node.segment, 0, node.slot)
    for position, i in enumerate(network.slot(node.segment, node.slot).inputs):
        use = Use(i.segment, i.slot, consumer, position, i.reach, i.part)
        steps = steps_read(network, node, i)
        handed = network.slot(i.segment, i.slot).handed
        if handed is not None and not steps.size:
            state = Node(i.segment, 0, i.slot)  # it is read before its first step
            use = Use(handed.segment, handed.slot, state, HANDED, handed.reach, handed.part)
            i, steps = handed, steps_read(network, node, handed)
        crossing = steps + network.segments[i.segment].offset != here
        known = costs[i.segment, i.slot][steps]
        longer = cost + 1 + crossing * HOP
        for s in np.flatnonzero(longer < known):
            yield use, Node(i.segment, int(steps[s]), i.slot), int(longer[s])
