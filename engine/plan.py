"""A plan: a network turned into straight-line numpy, generated, compiled once and cached.

The source comes from the table of ops and from names that this program made itself; nothing that
was read from a file ever reaches it. `Plan.bind` gives it arrays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CodeType
from typing import Any, cast

import numpy as np

from engine.backward import Backward
from engine.forward import Forward
from engine.ops import CALLS
from engine.storage import Storage, lag_inputs
from engine.structure import Structure
from engine.template import Network, Segment
from engine.views import Key, Loop, Views
from engine.watching import Pace, Watch, paced, unwatched, within
from engine.workspace import Array, Workspace

Call = Callable[[], None]

# every word before a bracket in a source that numpy has to supply
_CALL = re.compile(r"(?<![.\w])([a-z_]+)\(")


@dataclass(frozen=True, slots=True)
class Program:
    """Generated source of one kind of network, whatever its number of steps."""

    views: Views
    storage: Storage
    forward: Forward
    backward: Backward
    forward_source: str
    backward_source: str
    forward_code: CodeType
    backward_code: CodeType

    @property
    def source(self) -> str:
        """Both functions, as a reader may have them."""
        text = f"{self.forward_source}\n\n{self.backward_source}"
        own = sorted({n for n in _CALL.findall(text) if n in CALLS})
        rooms = sorted({CALLS[name].__module__ for name in own})
        lines = ["import numpy as np"] + [""] * bool(rooms)
        for room in rooms:
            names = ", ".join(name for name in own if CALLS[name].__module__ == room)
            lines.append(f"from {room} import {names}")
        return "\n".join([*lines, "", text])


def _function(name: str, words: str, lines: list[str], loops: list[Loop]) -> str:
    called = {n for line in lines for n in _CALL.findall(line)}
    used = sorted(n for n in called if hasattr(np, n))
    head = f"{', '.join(used)} = {', '.join('np.' + n for n in used)}" if used else "pass"
    about = [f'"""{words}"""'] + [
        f"# steps_{loop.number}: {', '.join(loop.names)}, "
        f"{'last step first' if loop.backwards else 'first step first'}"
        for loop in loops
    ]
    return "\n".join([f"def {name}():", *("    " + line for line in (*about, head, *lines)), ""])


@lru_cache(maxsize=256)
def program(
    segments: tuple[Segment, ...],
    parameters: tuple[tuple[str, tuple[int, ...]], ...],
    fast: bool,
    late: bool,
    cut: bool,
) -> Program:
    """The source for a network; `fast` is float32 arithmetic, `late` has masks for late starts."""
    network = Network(segments, dict(parameters))
    structure = Structure(network, late=late)
    views = Views()
    forward = Forward(structure, views, fast)
    back = Structure(network, cut=True, late=late) if cut else structure
    backward = Backward(back, forward, lag_inputs(structure))
    texts = (
        _function("forward", "every value, by its step", forward.lines, forward.loops),
        _function(
            "backward", "every delta, contribution, gradient", backward.lines, backward.loops
        ),
    )
    codes = [compile(text, f"<plan {k}>", "exec") for text, k in zip(texts, "fb", strict=True)]
    return Program(views, backward.storage, forward, backward, *texts, *codes)


class Plan:
    """A program bound to arrays: `forward()` and `backward()` run it."""

    def __init__(
        self,
        network: Network,
        batch: int,
        dtype: Any,
        stored: dict[str, Array],
        *,
        late: bool = False,
        cut: bool = False,
        values_of: Plan | None = None,
        watch: Watch = unwatched,
    ) -> None:
        self.network = network
        self.dtype = np.dtype(dtype)
        # steps of segments do not change the source, only whether they are all there is
        template = tuple(replace(s, steps=0, offset=0) for s in network.segments)
        shapes = tuple(network.parameters.items())
        self.program = program(template, shapes, self.dtype == np.float32, late, cut)
        self.structure = Structure(network, cut=cut, late=late)
        gates = _gate_blocks(self.program.forward, self.structure)
        self.workspace = Workspace(
            self.structure,
            self.program.storage,
            batch,
            self.dtype,
            self.program.backward.factors.sizes,
            gates,
            stored,
        )
        if values_of:
            self._share(values_of.workspace)
        self.forward: Call
        self.backward: Call
        self._bind(values_of is None, watch)

    def _share(self, other: Workspace) -> None:
        """Read the values of another plan; deltas, contributions and gradients are new."""
        own = self.workspace
        own.parameters, own.initial = other.parameters, other.initial
        kinds = ("v", "a", "g", "gates")
        own.arrays |= {key: a for key, a in other.arrays.items() if key[0] in kinds}

    def _bind(self, with_forward: bool, watch: Watch) -> None:
        names: dict[str, Any] = {"np": np, **CALLS}
        work = self.workspace
        work.reserve(self.program.views.views.values())
        for name, view in self.program.views.views.items():
            names[name] = work.resolve(view)
        names["one"] = np.ones((), self.dtype)
        names |= {n: a for n, a in work.stored.items() if n.startswith("last_")}
        for name, runs in self.program.forward.constants.items():
            names[name] = np.concatenate([np.full(w, v, self.dtype) for v, w in runs])
        if with_forward:
            self.forward = self._function("forward", names, within(watch, 0.0, 0.5))
        self.backward = self._function("backward", names, within(watch, 0.5, 1.0))

    def _function(self, name: str, names: dict[str, Any], watch: Watch) -> Call:
        """One of the two functions, with its loops; it looks up between its lines if watched."""
        program, forward = self.program, name == "forward"
        loops = program.forward.loops if forward else program.backward.loops
        code = program.forward_code if forward else program.backward_code
        lines = 1
        if watch is not unwatched:
            code, lines = paced(program.forward_source if forward else program.backward_source)
        pace = Pace(watch, lines)
        for loop in loops:
            names[f"steps_{loop.number}"] = self.workspace.loop_steps(loop, pace)
        bound = {**names, "pace": pace}
        exec(code, bound)
        return cast(Call, bound[name])

    @property
    def source(self) -> str:
        return self.program.source


def _gate_blocks(
    forward: Forward, structure: Structure
) -> dict[tuple[int, int], tuple[Key, int, int]]:
    """Where the values of gates that are computed together stand in their common block."""
    found: dict[tuple[int, int], tuple[Key, int, int]] = {}
    for gates in forward.gates:
        low = 0
        for k, part in gates.members:
            width = part[1] - part[0]
            found[gates.place[0], k] = (gates.key, low, low + width)
            low += width
    return found
