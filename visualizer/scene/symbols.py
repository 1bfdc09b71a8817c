"""What a node is called in a picture: its symbol with step and layer, in a chosen map of symbols;
and what a consumer sends back, in words of mathematics. Markup as in `picture.Texts`.
"""

from __future__ import annotations

from engine.expression.formula import symbol
from engine.template import ALL, HANDED, LAST, Network, Node, Use
from visualizer.scene import formula_words

BAR = "\u0304"
CARRIED, HELD = "\u0302", "\u0303"  # ĥ: what a step reads of the state before; h̃: held in padding
BACK = "←"
NAMES = {"ar": "r" + BAR, "az": "z" + BAR, "an": "n" + BAR}
MAPS: dict[str, dict[str, str]] = {
    "lecture": {},
    "textbook": {"a": "c", "s": "o"},
    "pytorch": {"a": "c", "s": "y"},
}
PRIMES = {"tanh": "tanh′", "sigmoid": "σ′", "relu": "relu′"}


def layer_mark(network: Network, segment: int, slot: int | None = None) -> str:
    """Superscript of a layer, counted from 1, where there are several, and of the chain that runs
    backwards: an arrow to the left."""
    layers = {s.layer for s in network.segments if s.kind != "readout"}
    here = network.segments[segment]
    is_input = slot is not None and here.slots[slot].role == "input"
    shown = len(layers) > 1 and here.kind == "layer" and not is_input
    mark = (str(here.layer + 1) if shown else "") + (BACK if here.direction < 0 else "")
    return f"^{{{mark}}}" if mark else ""


def name_of(network: Network, segment: int, slot: int, symbols: str = "lecture") -> str:
    """The symbol alone: h, c, r̄. The output gate of the LSTM keeps its o beside textbook's o_t."""
    name, role = network.slot(segment, slot).name, network.slot(segment, slot).role
    if network.timeless:
        return symbol(name)
    table = MAPS.get(symbols, {})
    if role in ("carry", "held"):
        base = name.rpartition("_")[0]
        return table.get(base, base) + (CARRIED if role == "carry" else HELD)
    if (
        name == "s"
        and symbols == "textbook"
        and any(s.name == "o" for g in network.segments for s in g.slots)
    ):
        return "y"
    return table.get(name, NAMES.get(name, name))


def symbol_of(network: Network, node: Node, symbols: str = "lecture") -> str:
    """h_{3}, or h_{3}^{2} in the second of several layers; steps count from 1, t = -1 is h_{0}."""
    if network.timeless:
        return name_of(network, node.segment, node.slot)
    t = node.t + 1 + network.segments[node.segment].offset
    name = name_of(network, node.segment, node.slot, symbols)
    return f"{name}_{{{t}}}{layer_mark(network, node.segment, node.slot)}"


def plain(symbol: str) -> str:
    """The symbol without markup, for titles: h3, h3 layer 2, h3←."""
    plainer = symbol.replace("_{", "").replace(f"^{{{BACK}", BACK)
    return plainer.replace("^{", " layer ").replace("}", "")


def raised_of(suffix: str) -> str:
    """What stands raised at a parameter's name: its layer, an arrow where its chain runs
    backwards ("1^b")."""
    return suffix.replace("^b", BACK).replace("b", BACK)


def matrix_of(parameter: str, raised: str = "") -> str:
    """A parameter's name as a symbol: W_{hh}, W_{h}^{2} (its layer raised), W_{hh}^{2⊤}."""
    base, _, layer = parameter.partition("^")
    layer = raised_of(layer)
    letter, _, low = base.partition("_")
    return (
        letter
        + (f"_{{{low}}}" if low else "")
        + (f"^{{{layer}{raised}}}" if layer or raised else "")
    )


def consumer_of(network: Network, use: Use, t: int) -> Node:
    """The node that reads the source at step t (of the source's segment); of those that read all
    steps the first to see it."""
    g, _, k = use.consumer
    if use.position == HANDED:
        readers = handed_readers(network, use)
        return consumer_of(network, readers[0], -1) if len(readers) == 1 else Node(g, 0, k)
    if use.reach == LAST:
        return Node(g, 0, k)
    source = network.segments[use.segment]
    shift = source.offset - network.segments[g].offset
    if use.reach == ALL:
        return Node(g, max(t + shift, 0), k)
    assert isinstance(use.reach, int)
    if source.direction < 0:
        return Node(g, (t if t >= 0 else source.steps) - use.reach + shift, k)
    return Node(g, t + use.reach + shift, k)


def handed_readers(network: Network, use: Use) -> list[Use]:
    """What reads a state that was handed over, at the first step of the later segment."""
    g, _, k = use.consumer
    return [u for u in network.uses(g, k) if isinstance(u.reach, int) and u.reach > 0]


def term_of(
    network: Network, use: Use, t: int, symbols: str = "lecture", consumer: Node | None = None
) -> str:
    """What the consumer sends to the source at step t: "W_hh^{⊤}δ(z_{4})", "δ(a_{3}) ⊙ f_{3}".

    Without `consumer` it is all that read the source: "Σ_{t≥3} α_{t,3} δ(o_{t})".
    """
    if network.timeless:
        return formula_words.term(network, use)
    passed = _passed_on(network, use, t)
    if passed:  # what only carries on is no word in a sentence
        return " + ".join(term_of(network, read, at, symbols) for read, at in passed)
    several = consumer is None and use.reach == ALL
    consumer = consumer or consumer_of(network, use, t)
    slot = network.slot(consumer.segment, consumer.slot)
    delta = f"δ({symbol_of(network, consumer, symbols)})"
    if slot.op == "flatten":  # its own block of the wide delta
        return f"{delta}_{{[{t + 1}]}}"
    if slot.op == "attention":
        return _attended(network, use, t, symbols, None if several else consumer)
    if slot.op in ("linear", "conv") and slot.weights:
        sign = " ∗ " if slot.op == "conv" else ""
        return f"{matrix_of(slot.weights[use.position].parameter, '⊤')}{sign}{delta}"
    if slot.op == "max-pool":
        return f"{delta} at the largest"
    if slot.op == "mul":
        other = slot.inputs[1 - use.position]
        lag = other.reach if isinstance(other.reach, int) else 0
        here = network.segments[other.segment]
        at = consumer.t - lag * here.direction
        factor = Node(other.segment, at if at < here.steps else -1, other.slot)
        return f"{delta} ⊙ {symbol_of(network, factor, symbols)}"
    if slot.op in PRIMES:
        return f"{delta} ⊙ {PRIMES[slot.op]}"
    if slot.op == "scale":
        alpha = dict(slot.constants).get("alpha", 1.0)
        return f"−{delta}" if alpha == -1.0 else f"{alpha:g} {delta}"
    return delta


def _passed_on(network: Network, use: Use, t: int) -> list[tuple[Use, int]]:
    """What reads a state that was handed over or carried through a cut, and the step of what it
    reads; nothing where the consumer is a node that says something itself."""
    if use.position == HANDED:
        return [(read, -1) for read in handed_readers(network, use)]
    if network.slot(use.consumer.segment, use.consumer.slot).role != "carry":
        return []
    through = consumer_of(network, use, t)
    reads = network.uses(through.segment, through.slot)
    return [(read, through.t) for read in reads] if len(reads) == 1 else []


def _attended(network: Network, use: Use, t: int, symbols: str, consumer: Node | None) -> str:
    """The same for what an attention reads: e_{t,s} are the scores before the softmax."""
    g, _, k = use.consumer
    s = t + 1 + network.segments[use.segment].offset
    reader = name_of(network, g, k, symbols)
    mark = layer_mark(network, g, k)
    if use.position == 0:
        key = name_of(network, use.segment, network.slot(g, k).inputs[1].slot, symbols)
        return f"Σ_{{s≤{s}}} δ(e_{{{s},s}}) {key}_{{s}}{mark}"
    query = name_of(network, g, network.slot(g, k).inputs[0].slot, symbols)
    at = "t" if consumer is None else str(consumer.t + 1 + network.segments[g].offset)
    read = f"{query}_{{{at}}}{mark}" if use.position == 1 else f"δ({reader}_{{{at}}}{mark})"
    weight = f"δ(e_{{{at},{s}}})" if use.position == 1 else f"α_{{{at},{s}}}"
    return f"{'Σ_{t≥' + str(s) + '} ' if consumer is None else ''}{weight} {read}"
