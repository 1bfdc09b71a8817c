"""What was found in a graph of ONNX: its recurrent nodes, which of them are shown, and a table of
all of it for people.
"""

from __future__ import annotations

from collections import Counter

from engine.errors import Unusable
from engine.models.layers import Found
from engine.models.onnx.graph import Graph, Node
from engine.models.onnx.recurrent import gates_of
from engine.models.onnx.running import Step, Trail
from engine.models.onnx.stack import Stack, stacks_of

NOT_SHOWN = "not shown"
WITH_WEIGHTS = ("Conv", "Gemm", "MatMul", "Gather")


def words(stack: Stack) -> str:
    layer = stack.layers[0]
    both = " both ways" if len(layer.ways) > 1 else ""
    several = f", {len(stack.layers)} layers" if len(stack.layers) > 1 else ""
    places = ", ".join(short(label(node)) for node in stack.nodes)
    sizes = f"{stack.inputs.shape[2]} → {layer.manner.hidden}"
    return f"{layer.node.op}{both}{several} {sizes} ({places})"


def short(place: str) -> str:
    """The end of a long path of names."""
    return "/".join(place.split("/")[-2:])


def label(node: Node) -> str:
    """What a recurrent node is called: one without a name by what it gives."""
    return node.name or next(filter(None, node.outputs), node.op)


def nothing_to_show(name: str) -> str:
    """What is said of a graph in which there is no recurrent node."""
    return (
        f"{name} has no recurrent node (RNN, LSTM, GRU) that is run; an exporter that writes one"
        " out op by op leaves no steps to show: export the model with its RNN, LSTM or GRU whole"
    )


def chosen(graph: Graph, trail: Trail, prefix: str | None, name: str) -> Stack | None:
    """The recurrent nodes that are looked into: the first, unless one is named, whole or by its
    end, with those that stand above and below it."""
    stacks = stacks_of(trail, graph.outputs)
    if prefix is None:
        return stacks[0] if stacks else None
    for told in (label, lambda node: short(label(node))):
        found = [stack for stack in stacks if prefix in map(told, stack.nodes)]
        if len(found) == 1:
            return found[0]
    known = ", ".join(label(step.node) for step in trail.recurrent) or "none"
    raise Unusable(f"{name} has no recurrent node {prefix!r}; there are {known}", exit=2)


def _recurrent(step: Step, stack: Stack | None) -> Found:
    layer, nodes = step.layer, stack.nodes if stack is not None else ()
    assert layer is not None
    shapes = ", ".join(f"{n} {t.shape}" for n, t in layer.tensors.items() if n in "WRBP")
    sizes = f"{layer.tensors['X'].shape[2]} → {layer.manner.hidden}: {shapes}"
    order = " ".join(gates_of(layer))
    how = []
    if step.node not in nodes:
        how.append(f"{NOT_SHOWN}; --prefix chooses it")
    elif len(nodes) > 1:
        how.append(f"layer {nodes.index(step.node) + 1} of {len(nodes)}")
    if order and step.node in nodes:
        how.append("gates stay in the order of the file")
    return Found(short(label(step.node)), layer.node.op, sizes, order, "; ".join(how))


def found_in(graph: Graph, trail: Trail, stack: Stack | None) -> tuple[Found, ...]:
    """A row for every recurrent node and every op with weights around them, one for the rest."""
    rows = [_recurrent(each, stack) for each in trail.recurrent]
    others = Counter(s.node.op for s in trail.steps if s.layer is None)
    made = {n for each in trail.steps if each.node.op != "Constant" for n in each.node.outputs}
    made |= {each.name for each in graph.inputs}
    for each in trail.steps:
        held = [t for n, t in zip(each.node.inputs, each.inputs) if n not in made]
        if each.node.op in WITH_WEIGHTS and any(t is not None and t.ndim > 1 for t in held):
            shapes = ", ".join(str(t.shape) for t in held if t is not None)
            rows.append(Found(short(each.node.place), each.node.op, shapes, "", "computed at once"))
            others[each.node.op] -= 1
    for node in trail.opaque:
        rows.append(Found(short(node.place), node.op, "", "", "opaque: not known here"))
    rest = ", ".join(f"{n} {op}" for op, n in others.most_common() if n and op != "Constant")
    if rest:
        rows.append(Found("(around)", "ops", rest, "", "computed at once"))
    return tuple(rows)
