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
from weakref import WeakMethod

import numpy as np

from engine.backward import Backward
from engine.demand import DELTAS, Piece, pieces_for
from engine.forward import Forward
from engine.gates import blocks_of
from engine.loops import Loop
from engine.ops import CALLS
from engine.products import tiled
from engine.storage import Storage, lag_inputs
from engine.structure import Structure
from engine.template import Network, Segment
from engine.views import Key, Views
from engine.watching import Pace, Watch, paced, unwatched, within
from engine.workspace import Array, Workspace

Call = Callable[[], None]
# what backward makes, with everything and without
ABOUT = {
    True: "every delta, contribution, gradient",
    False: "gradients, and the deltas that lead to them",
}

_WORD = re.compile(r"[A-Za-z_]\w*")
# every word before a bracket in a source that numpy has to supply
_CALL = re.compile(r"(?<![.\w])([a-z_][a-z_0-9]*)\(")


@dataclass(frozen=True, slots=True)
class Program:
    """Generated source of one kind of network, whatever its number of steps."""

    views: Views
    storage: Storage
    forward: Forward
    backward: Backward
    forward_source: str
    backward_source: str
    later_source: str
    forward_code: CodeType
    backward_code: CodeType
    pieces: tuple[Piece, ...]
    bound: frozenset[str]  # names of the views that forward and backward mention

    @property
    def source(self) -> str:
        """The functions, as a reader may have them."""
        parts = (self.forward_source, self.backward_source, self.later_source)
        text = "\n\n".join(part for part in parts if part)
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
        f"# blocks_{loop.number}: {'last' if loop.backwards else 'first'} step first;"
        " x_now is a block of steps, x_t one step of it"
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
    everything: bool,
    tokens: bool,
    tiles: frozenset[Key],
) -> Program:
    """The source for a network; `fast` is float32 arithmetic, `late` has masks for late starts,
    `everything` leaves no delta until it is asked for, `tokens` looks one-hot inputs up,
    `tiles` are the matrices whose products are cut."""
    network = Network(segments, dict(parameters))
    structure = Structure(network, late=late)
    views = Views()
    forward = Forward(structure, views, fast, tokens, tiles)
    cut_off = Structure(network, cut=True, late=late) if cut else structure
    back = Backward(cut_off, forward, lag_inputs(structure), everything=everything)
    text = _function("forward", "every value, by its step", forward.lines, forward.loops)
    back_text = _function("backward", ABOUT[everything], back.lines, back.loops)
    pieces = tuple(back.demand.pieces)
    later = [line for piece in pieces for line in piece.lines]
    words = set(_WORD.findall(text + back_text))
    words |= {
        name for loop in (*forward.loops, *back.loops) for name in (*loop.names, *loop.blocks)
    }
    return Program(
        views,
        back.storage,
        forward,
        back,
        text,
        back_text,
        _function("later", "the other deltas, when somebody asks", later, []) if later else "",
        compile(text, "<plan f>", "exec"),
        compile(back_text, "<plan b>", "exec"),
        pieces,
        frozenset(words & views.views.keys()),
    )


@lru_cache(maxsize=1024)
def _piece_code(piece: Piece) -> CodeType:
    text = _function("later", "asked for", list(piece.lines), [])
    return compile(text, "<plan later>", "exec")


class Plan:
    """A program bound to arrays: `forward()` and `backward()` run it."""

    forward: Call
    _backward: Call

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
        deltas: str = "all",
        watch: Watch = unwatched,
        run: bool = True,
    ) -> None:
        """`deltas`: all, or joints only and the others when they are asked for. With stored arrays
        "tokens_0" … (T, B), by segment, inputs are one-hot and looked up."""
        assert deltas in DELTAS, deltas
        self.network, self.deltas, self.dtype = network, deltas, np.dtype(dtype)
        # steps of segments do not change the source, only whether they are all there is
        template = tuple(replace(s, steps=0, offset=0) for s in network.segments)
        shapes = tuple(network.parameters.items())
        fast, tokens = self.dtype == np.float32, "tokens_0" in stored
        self.structure = Structure(network, cut=cut, late=late)
        tiles = tiled(self.structure, batch, self.dtype.itemsize)
        self.program = program(template, shapes, fast, late, cut, deltas == "all", tokens, tiles)
        self.workspace = Workspace(
            self.structure,
            self.program.storage,
            batch,
            self.dtype,
            self.program.backward.factors.sizes,
            blocks_of(self.program.forward.gates),
            stored,
        )
        if values_of:
            self._share(values_of.workspace)
        self.workspace.catch_up = WeakMethod(self._catch_up)
        if run:
            self._bind(values_of is None, watch)

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process go the arrays; there they are read, the plan is not run again."""
        work, own = self.workspace, self.structure
        kept = (work.arrays, work.parameters, work.gradients, work.initial, work.waiting)
        about = (self.network, work.batch, self.dtype, work.stored)
        return _handed_over, (*about, own.late, own.cut, self.deltas, kept)

    def backward(self) -> None:
        """Deltas, contributions and gradients; of `joints` what no parameter needs can wait."""
        self.workspace.waiting = {piece.key for piece in self.program.pieces}
        self._backward()

    def _catch_up(self, key: Key) -> None:
        """Run what has to run before the array `key` can be read."""
        work, views = self.workspace, self.program.views.views
        due = pieces_for(self.program.pieces, work.waiting, key)
        with work.running(due), np.errstate(all="ignore"):
            for piece in due:
                words = set(_WORD.findall("\n".join(piece.lines))) & views.keys()
                names = self._constants() | {name: work.resolve(views[name]) for name in words}
                exec(_piece_code(piece), names)
                names.pop(
                    "later"
                )()  # else names and function would keep each other, and all arrays

    def _share(self, other: Workspace) -> None:
        """Read the values of another plan; deltas, contributions and gradients are new."""
        own = self.workspace
        own.parameters, own.initial = other.parameters, other.initial
        kinds = ("v", "a", "g", "gates")
        own.arrays |= {key: a for key, a in other.arrays.items() if key[0] in kinds}

    def _bind(self, with_forward: bool, watch: Watch) -> None:
        work, views = self.workspace, self.program.views.views
        bound = {name: views[name] for name in views if name in self.program.bound}
        work.cut([*self.program.forward.loops, *self.program.backward.loops])
        work.reserve(bound.values())
        names = self._constants() | {name: work.resolve(view) for name, view in bound.items()}
        if with_forward:
            self.forward = self._function("forward", names, within(watch, 0.0, 0.5))
        self._backward = self._function("backward", names, within(watch, 0.5, 1.0))

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
            names[f"blocks_{loop.number}"] = self.workspace.blocks(loop, pace)
        bound = {**names, "pace": pace}
        exec(code, bound)
        return cast(Call, bound.pop(name))  # as above

    def _constants(self) -> dict[str, Any]:
        """What every source may mention beside its views."""
        stored = self.workspace.stored
        own = {name: array for name, array in stored.items() if name.startswith("last_")}
        numbers = {"one": np.array(1, self.dtype), "half": np.array(0.5, self.dtype)}
        return {"np": np, **CALLS, **numbers, **own}

    @property
    def bytes(self) -> int:
        """What all its arrays take, made already or not."""
        return self.workspace.bytes(self.program.views.views.values())

    @property
    def source(self) -> str:
        return self.program.source


def _handed_over(
    network: Network,
    batch: int,
    dtype: Any,
    stored: dict[str, Array],
    late: bool,
    cut: bool,
    deltas: str,
    kept: tuple[Any, ...],
) -> Plan:
    plan = Plan(network, batch, dtype, stored, late=late, cut=cut, deltas=deltas, run=False)
    work = plan.workspace
    work.arrays, work.parameters, work.gradients, work.initial, work.waiting = kept
    return plan
