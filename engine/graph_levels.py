"""The graph of a recording from further away: what has a name alone, or a node for each step.

Both are made of the graph at the level of ops (`engine.graph`) and know its attributes, nothing
else. One edge stays for each use that is still seen; its numbers are those of its first part.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import networkx

NAMED = ("input", "gate", "state", "memory", "logit", "loss")  # roles
STATES = ("state", "memory")
Graph: TypeAlias = Any  # networkx.MultiDiGraph, which has no types


def of_named(graph: Graph) -> Graph:
    """Without the nodes that have no name of their own; what they joined is joined directly.

    A use that leads to several nodes through hidden ones is one edge to each: `through` names the
    first hidden node on the way, whose contribution it carries.
    """
    made = networkx.MultiDiGraph(**graph.graph)
    shown = {name for name, facts in graph.nodes(data=True) if facts["named"]}
    made.add_nodes_from((name, facts) for name, facts in graph.nodes(data=True) if name in shown)
    reached: dict[str, list[str]] = {}
    for source, target, facts in graph.edges(data=True):
        if source not in shown:
            continue
        if target in shown:
            made.add_edge(source, target, **facts)
            continue
        if target not in reached:
            reached[target] = _behind(graph, target, shown)
        for end in reached[target]:
            lag = _lag(graph.nodes[source], graph.nodes[end])
            made.add_edge(source, end, **facts | lag | {"through": target})
    return made


def _behind(graph: Graph, hidden: str, shown: set[str]) -> list[str]:
    """The shown nodes that a hidden one leads to through hidden ones."""
    found, stack, seen = dict[str, None](), [hidden], {hidden}
    while stack:
        for target in graph.successors(stack.pop()):
            if target in shown:
                found[target] = None
            elif target not in seen:
                seen.add(target)
                stack.append(target)
    return list(found)


def _lag(source: dict[str, Any], target: dict[str, Any]) -> dict[str, int]:
    """How many steps later the end of an edge is."""
    if "step" not in source or "step" not in target:
        return {}
    return {"lag": abs(int(target["step"]) - int(source["step"]))}


def by_step(graph: Graph) -> Graph:
    """One node for each layer and step, with the numbers of its state; inputs, parameters, first
    states and the total stay. Uses inside a step are not seen."""
    made = networkx.MultiDiGraph(**graph.graph)
    block: dict[str, str] = {}
    for name, facts in graph.nodes(data=True):
        if facts["kind"] != "slot" or facts["role"] == "input":
            block[name] = name
            made.add_node(name, **facts)
            continue
        block[name] = f"{facts['block']}, step {facts['step']}"
        if block[name] not in made:
            made.add_node(block[name], **_empty(facts))
        _counted(made.nodes[block[name]], facts)
    for source, target, facts in graph.edges(data=True):
        if block[source] != block[target]:
            made.add_edge(block[source], block[target], **facts)
    return made


def _empty(facts: dict[str, Any]) -> dict[str, Any]:
    kept = {key: facts[key] for key in ("block", "layer", "step")}
    return {"kind": "step", "role": "step", "slots": 0, **kept}


def _counted(step: dict[str, Any], facts: dict[str, Any]) -> None:
    """One slot more; the last state among them lends its numbers, else the last slot of all."""
    step["slots"] += 1
    if facts["role"] in STATES or step.get("of") not in STATES:
        step["of"] = facts["role"]
        step.update({key: facts[key] for key in ("slot", "value_norm", "delta_norm")})
