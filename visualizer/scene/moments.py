"""Moments have names: what an event is called, and which event a name means. The name survives a
change of the sentence, where the number of the event would not.

"h3" its value · "δ(h3)" its δ complete · "δ(h3)<-z4" one contribution · "δ(h0)<-z1" what reaches
the state before the first step · "h3^2" in the second layer, "h3^←" in the chain that runs
backwards · "ℒ", "δ(ℒ)", "∂W_hh@3".
"""

from __future__ import annotations

import re
from typing import Protocol

from engine.expression import plain
from engine.template import ALL, Network, Node, Use
from visualizer.scene.symbols import BACK, consumer_of, matrix_of, name_of, symbol_of
from visualizer.scene.timeline import Event, Timeline

_NODE = r"([^\W\d_]+?[\u0302-\u0304]?)_?\{?(\d+)\}?(?:\^\{?(\d*←?)\}?)?"
_MOMENT = re.compile(rf"(δ|d)?\s*\(?\s*{_NODE}\s*\)?\s*(?:(?:<-|←)\s*(?:{_NODE}|(ℒ)))?$")
_TERM = re.compile(r"∂?\s*(\S+?)\s*(?:@|\+= step|= step)\s*(\d+)$")
_PART = re.compile(r"(δ|d(?=\())?\s*\(?\s*(\w+)\s*\)?\s*(?:(?:<-|←)\s*(\w+))?$")
WHOLE = {
    "ℒ": Event("total", "loss"),
    "δ(ℒ)": Event("seed", "backward"),
    "δ(ℒ) = 1": Event("seed", "backward"),
    "zero": Event("zero", "backward"),
    "clip": Event("clip", "update"),
}


class Played(Protocol):
    """What is asked of a film."""

    network: Network
    timeline: Timeline
    uses: dict[tuple[int, int], tuple[Use, ...]]


def caption(film: Played, n: int, overwrites: bool, symbols: str = "lecture") -> str:
    """What event n is, in symbols: "δ(h_{3}) ← s_{3}"."""
    event, network = film.timeline.event(n), film.network
    name = symbol_of(network, event.node, symbols) if event.node is not None else ""
    if event.kind in ("contribution", "initial") and event.node is not None:
        if event.use is None:
            return f"δ({name}) = 1" if network.timeless else f"δ({name}) ← ℒ"
        consumer = consumer_of(network, event.use, event.node.t)
        last = network.segments[consumer.segment].steps - 1
        more = event.use.reach == ALL and consumer.t < last
        until = f" … {symbol_of(network, consumer._replace(t=last), symbols)}" if more else ""
        return f"δ({name}) ← {symbol_of(network, consumer, symbols)}{until}"
    if event.kind == "parameter" and event.node is not None:
        step = event.node.t + 1 + network.segments[event.node.segment].offset
        return f"∂{matrix_of(event.parameter)} {'=' if overwrites else '+='} step {step}"
    matrix = matrix_of(event.parameter)
    return {
        "value": name,
        "total": "ℒ = Σ L_{t}",
        "zero": "all ∂W = 0",
        "seed": "δ(ℒ) = 1",
        "clip": "clip the gradient",
        "update": f"{matrix} ← {matrix} − η ∂{matrix}",
    }[event.kind]


def find(film: Played, moment: str) -> int:
    """Number of the event that a moment names; KeyError if there is none."""
    text = moment.partition(" … ")[0].strip()  # of several senders the first will do
    if text in WHOLE:
        return film.timeline.number(WHOLE[text])
    match = _MOMENT.match(text)
    if film.network.timeless:
        return _find_part(film, text)
    for event in _named(film, match) if match else _terms(film, text):
        try:
            return film.timeline.number(event)
        except KeyError:
            continue
    raise KeyError(moment)


def _find_part(film: Played, text: str) -> int:
    """Of a formula: "h" its value, "δ(h)" or "dh" its δ complete, "δ(h)<-u" one contribution."""
    match = _PART.match(text)
    names = {plain(slot.name): k for k, slot in enumerate(film.network.segments[0].slots)}
    if match is None or match[2] not in names or (match[3] or match[2]) not in names:
        raise KeyError(text)
    node = Node(0, 0, names[match[2]])
    last = len(names) - 1
    if not match[1]:
        phase = "loss" if node.slot == last else "forward"
        return film.timeline.number(Event("value", phase, node))
    uses = [*film.uses[0, node.slot], *([None] if node.slot == last else [])]
    wanted = [u for u in uses if not match[3] or (u and u.consumer.slot == names[match[3]])]
    if not wanted:
        raise KeyError(text)
    return film.timeline.number(Event("contribution", "backward", node, wanted[-1]))


def _named(film: Played, match: re.Match[str]) -> list[Event]:
    """The events that a name can mean, the likeliest first."""
    delta, name, t, layer, reader, reader_t, reader_layer, loss = match.groups()
    found: list[Event] = []
    for node in _nodes(film, name, int(t) - 1, layer):
        phase = "loss" if film.network.slot(node.segment, node.slot).role == "loss" else "forward"
        if not delta:
            found.append(Event("value", phase, node))
            continue
        kind = "initial" if node.t < 0 else "contribution"
        uses = (*film.uses[node.segment, node.slot], None)
        events = [Event(kind, "backward", node, use) for use in uses]  # type: ignore[arg-type]
        if not (reader or loss):
            found += reversed(events)  # the last to arrive makes δ complete
            continue
        readers = [] if loss else _nodes(film, reader, int(reader_t) - 1, reader_layer)
        for event in events:
            sender = event.use and consumer_of(film.network, event.use, node.t)
            if event.use and sender and event.use.reach == ALL:  # any of those that read all
                senders = [r._replace(t=sender.t) for r in readers if r.t >= sender.t]
            else:
                senders = readers
            if (sender is None and loss) or (sender is not None and sender in senders):
                found.append(event)
    return found


def _nodes(film: Played, name: str, t: int, mark: str | None) -> list[Node]:
    """Nodes of that name at a step (-1: before the first), of all layers unless one is given."""
    network, mark = film.network, mark or ""
    layer, back = mark.rstrip(BACK), mark.endswith(BACK)
    return [
        Node(g, t - segment.offset, k)
        for g, segment in enumerate(network.segments)
        for k, slot in enumerate(segment.slots)
        if name in (slot.name, name_of(network, g, k))
        and layer in ("", str(segment.layer + 1))
        and back == (segment.direction < 0)
        and (0 <= t - segment.offset < segment.steps or (t < 0 and slot.initial))
    ]


def _terms(film: Played, text: str) -> list[Event]:
    """The event at which a step's term enters the gradient of a parameter: "∂W_hh@3", or as it
    is typeset: "∂W_{hh}^{2←} += step 3"."""
    match = _TERM.match(text)
    if match is None:
        return []
    name, t = match[1].removeprefix("∂"), int(match[2]) - 1
    return [
        Event("parameter", "backward", Node(g, t - segment.offset, k), parameter=parameter)
        for g, segment in enumerate(film.network.segments)
        for k, slot in enumerate(segment.slots)
        for parameter in slot.parameters
        if name in (parameter, matrix_of(parameter))
    ]
