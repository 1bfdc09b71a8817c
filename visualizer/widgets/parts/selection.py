"""What can be selected in the window: a node (a state before the first step too), a parameter.

A selection outlives a change of the model where its place still exists, else another takes over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from engine import pairwise
from engine.expression import plain
from engine.recording import Recording
from engine.structure import steps_read
from engine.template import ALL, Network, Node
from visualizer.scene.symbols import consumer_of, raised_of, symbol_of

LOWERS, RAISES = re.compile(r"_\{([^}]*)\}"), re.compile(r"\^\{([^}]*)\}")
RAISED = str.maketrans("0123456789ed", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵉᵈ")
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
FEW = 5  # steps offered where only a letter was typed
MANY = 12  # links offered where all steps are read
FAVOURITE = 2  # the step selected at first: two descendants, not at the edge


@dataclass(frozen=True, slots=True)
class Parameter:
    """A shared parameter, by name."""

    name: str


Selection: TypeAlias = Node | Parameter | None  # the state before the first step has t = -1


def first_selection(network: Network) -> Node | None:
    """The top state at the third step, where the first look should fall; the first variable."""
    if network.timeless:
        return Node(0, 0, 0)
    for g in reversed(range(len(network.segments))):
        segment = network.segments[g]
        if segment.kind != "layer":
            continue
        for k in reversed(range(len(segment.slots))):
            if segment.slots[k].role in ("state", "memory"):
                return Node(g, min(FAVOURITE, segment.steps - 1), k)
    return None


def fitting(selection: Selection, before: Network, now: Network) -> Selection:
    """The selection in another network: the same name and step if there is such a node."""
    if isinstance(selection, Parameter):
        return selection if selection.name in now.parameters else first_selection(now)
    if not isinstance(selection, Node):
        return None
    old = before.segments[selection.segment]
    name = old.slots[selection.slot].name
    for g, segment in enumerate(now.segments):
        if segment.name == old.name and segment.steps:
            for k, slot in enumerate(segment.slots):
                if slot.name == name:
                    return Node(g, min(selection.t, segment.steps - 1), k)
    return first_selection(now)


def find(network: Network, words: str, limit: int = 8) -> list[Selection]:
    """Nodes and parameters whose names fit what was typed: "h3", "h_3", "z 2", "W_hh"."""
    typed = words.strip()
    found: list[Selection] = []
    match = re.fullmatch(r"([A-Za-z]+)[_ ]?(\d+)", typed)
    if match:
        name, t = match[1], int(match[2]) - 1
        for exact in (True, False):
            for g, segment in enumerate(network.segments):
                for k, slot in enumerate(segment.slots):
                    fits = slot.name == name if exact else slot.name.lower() == name.lower()
                    inside = 0 <= t - segment.offset < segment.steps
                    node = Node(g, t - segment.offset, k)
                    if fits and inside and node not in found:
                        found.append(node)
    if typed:
        low = typed.lower()
        for g, segment in enumerate(network.segments):
            for k, slot in enumerate(segment.slots):
                if plain(slot.name).lower() == low:
                    found += [Node(g, t, k) for t in range(min(segment.steps, FEW))]
        found += [Parameter(n) for n in network.parameters if n.lower().startswith(low)]
    return found[:limit]


def neighbours(network: Network, node: Node) -> tuple[list[Node], list[Node]]:
    """(inputs, consumers) of a node along the edges that exist at its step."""
    inputs: list[Node] = []
    consumers: list[Node] = []
    segment = network.segments[node.segment]
    for i in network.slot(node.segment, node.slot).inputs if node.t >= 0 else ():
        if i.reach == ALL:
            seen = steps_read(network, node, i)[-MANY:]
            inputs += [Node(i.segment, int(s), i.slot) for s in seen]
            continue
        t = _input_step(network, node, i.segment, i.reach)
        source = network.slot(i.segment, i.slot)
        steps = network.segments[i.segment].steps
        if 0 <= t < steps or (t in (-1, steps) and source.initial):
            inputs.append(Node(i.segment, t if t < steps else -1, i.slot))
    first = segment.steps if node.t < 0 and segment.direction < 0 else node.t  # beyond the end
    here = first + segment.offset
    for use in network.uses(node.segment, node.slot):
        start, stop = network.steps_of_use(use)
        before = node.t < 0 and isinstance(use.reach, int) and use.reach > 0
        if not before and not start <= node.t < stop:
            continue
        if use.reach == ALL:
            reader = consumer_of(network, use, node.t)
            last = network.segments[reader.segment].steps
            consumers += [reader._replace(t=t) for t in range(reader.t, last)[:MANY]]
            continue
        other = network.segments[use.consumer.segment]
        t = here + use.reach * segment.direction - other.offset if isinstance(use.reach, int) else 0
        consumers.append(Node(use.consumer.segment, t, use.consumer.slot))
    return list(dict.fromkeys(inputs)), list(dict.fromkeys(consumers))


def owned_neighbours(
    recording: Recording, node: Node, sequence: int
) -> tuple[list[Node], list[Node]]:
    """The same in one sequence of a batch: no node behind its end, and what reads its last step."""
    network = recording.network
    inputs, consumers = neighbours(network, node)
    if network.timeless or node.t < 0:
        return inputs, consumers

    def owned(other: Node) -> bool:
        start, stop = recording.span(other.segment, sequence)
        return other.t < 0 or start <= other.t < stop

    uses = network.uses(node.segment, node.slot)
    apart = {(u.consumer.segment, u.consumer.slot) for u in uses if u.reach == ALL}
    found = [n for n in consumers if (n.segment, n.slot) in apart and owned(n)]
    found += [
        reader
        for use in uses
        if use.reach != ALL
        and (reader := pairwise.consumer_of(recording, use, node.t, sequence)) is not None
    ]
    return [n for n in inputs if owned(n)], list(dict.fromkeys(found))


def beside(network: Network, node: Node, across: int, up: int) -> Node | None:
    """The next node along an edge: up to a consumer, down to an input, sideways in time."""
    inputs, consumers = neighbours(network, node)
    if network.timeless:  # from left to right
        ways = consumers if across > 0 or up > 0 else inputs
    elif up:
        ways = [n for n in (consumers if up > 0 else inputs) if n.t == node.t]
        ways += [n for n in (consumers if up > 0 else inputs) if n.segment != node.segment]
    else:
        ways = [n for n in (consumers if across > 0 else inputs) if n.t == node.t + across]
        same = node._replace(t=node.t + across)
        ways += [same] if 0 <= same.t < network.segments[node.segment].steps else []
    return ways[0] if ways else None


def _input_step(network: Network, node: Node, source: int, reach: int | str) -> int:
    if not isinstance(reach, int):
        return network.segments[source].steps - 1 if network.segments[source].direction > 0 else 0
    mine, other = network.segments[node.segment], network.segments[source]
    return node.t + mine.offset - reach * mine.direction - other.offset


def name_of(network: Network, selection: Selection, symbols: str = "lecture") -> str:
    """What a selection is called in lists: "h₃", "W_hh"."""
    if isinstance(selection, Parameter):
        return written(selection.name)
    return spelled(symbol_of(network, selection, symbols)) if selection is not None else ""


def spelled(symbol: str) -> str:
    """A symbol without markup, for buttons and lists: "h_{3}^{2}" is h₃²."""
    low = LOWERS.sub(lambda match: match[1].translate(LOWERED), symbol)
    return RAISES.sub(lambda match: match[1].translate(RAISED), low)


def written(parameter: str) -> str:
    """A parameter as cards write it, without markup: "W_hh^e" is W_hhᵉ, "W_xh^1^b" W_xh¹←."""
    base, _, layer = parameter.partition("^")
    return base + raised_of(layer).translate(RAISED)
