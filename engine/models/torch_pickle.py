"""The few pickle instructions that a saved state dict needs, read as data: nothing is executed.

No unpickler is used. Instructions come from `pickletools`, which only takes them apart; values are
built here out of dicts, lists, tuples, words and numbers. A call is never made: of the names that a
file may mention, the table says what stands for it. Anything else is refused with its name.
Source: pickle protocol 2 to 5 (PEP 307, 3154, 574); torch.save writes protocol 2.
"""

from __future__ import annotations

import pickletools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.damage import damage
from engine.errors import Unusable

MOST = 2_000_000  # instructions
OPEN = 100_000  # values on the stack at once
BITS = 256  # of a whole number; generators of random numbers have states of 128


@dataclass(frozen=True, slots=True)
class Name:
    """A name of another program that the file mentions, module and word."""

    module: str
    word: str

    def __str__(self) -> str:
        return f"{self.module}.{self.word}"


@dataclass(frozen=True, slots=True)
class Stored:
    """Where numbers lie: the key of a storage in the archive, its dtype and count."""

    key: str
    dtype: str
    count: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """A view of a storage: offset, shape and strides in numbers."""

    storage: Stored
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class Opaque:
    """Something that is there and is not looked into (an optimiser's defaults, a device)."""

    def __repr__(self) -> str:
        return "(left out)"


STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}


def _dict(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for pair in arguments[0] if arguments and isinstance(arguments[0], list) else ():
        if isinstance(pair, list | tuple) and len(pair) == 2:
            found[_key(pair[0])] = pair[1]
    return found


def _tensor(arguments: tuple[Any, ...]) -> object:
    if len(arguments) < 4 or not isinstance(arguments[0], Stored):
        raise _Refused("a tensor without its storage")
    storage, offset, shape, strides = arguments[:4]
    counts = (offset, *(shape or ()), *(strides or ()))
    sound = isinstance(shape, tuple) and isinstance(strides, tuple) and len(shape) == len(strides)
    if not sound or not all(type(n) is int and n >= 0 for n in counts):
        raise _Refused("a tensor whose shape, strides or offset no tensor has")
    return Tensor(storage, offset, shape, strides)


def _first(arguments: tuple[Any, ...]) -> object:
    return arguments[0] if arguments else Opaque()


def _nothing(arguments: tuple[Any, ...]) -> object:
    return Opaque()


# what stands for a call of each name that a saved state dict may hold
CALLS: dict[str, Callable[[tuple[Any, ...]], object]] = {
    "collections.OrderedDict": _dict,
    "collections.defaultdict": lambda arguments: {},
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _first,
    "torch._utils._rebuild_parameter_with_state": _first,
    "torch.device": _nothing,
    "torch.Size": _first,
    "torch.serialization._get_layout": _nothing,
    "argparse.Namespace": lambda arguments: {},
    "builtins.set": _nothing,
    "builtins.list": lambda arguments: [],
    "builtins.dict": _dict,
}


class _Refused(Exception):
    """What the file has that is not read; `parse` adds its name."""


_MARK = object()


def parse(data: bytes, name: str) -> object:
    """The value in a pickle: dicts, lists, tuples, words, numbers, `Tensor` and `Opaque`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the words of a broken file have odd escapes
            return _value(data)
    except _Refused as refused:
        raise Unusable(
            f"{name} holds {refused}; save model.state_dict() alone with torch.save, or as"
            " .safetensors"
        ) from None
    except (ValueError, IndexError, KeyError, TypeError, RecursionError, OverflowError) as error:
        what = damage(error, "its data.pkl makes no sense")
        raise Unusable(f"{name} is damaged: {what}; save model.state_dict() anew") from None


def _value(data: bytes) -> object:
    machine = _Machine()
    for count, (op, argument, _) in enumerate(pickletools.genops(data)):
        if count > MOST:
            raise _Refused(f"more than {MOST:,} instructions")
        if op.name == "STOP":
            return machine.top()
        machine.run(op.name, argument)
    raise ValueError("it ends too early")


class _Machine:
    """Stack and memo of a pickle. One method an instruction, by its name in `pickletools`."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def top(self) -> Any:
        return self.stack[-1]

    def run(self, op: str, argument: Any) -> None:
        if op in _IGNORED:
            return
        if op in _VALUES:
            made = _VALUES[op]
            if type(argument) is int and argument.bit_length() > BITS:
                raise _Refused(
                    f"a whole number of {argument.bit_length():,} bits, and at most {BITS} are read"
                )
            self.stack.append(argument if made is None else made())
        elif op in _GETS:
            if int(argument) not in self.memo:
                raise ValueError(f"nothing was kept under {argument}")
            self.stack.append(self.memo[int(argument)])
        elif op in _PUTS:
            self.memo[int(argument)] = self.top()
        elif op == "MEMOIZE":
            self.memo[len(self.memo)] = self.top()
        elif op in _WORK:
            _WORK[op](self, argument)
        else:
            raise _Refused(f"the instruction {op}, which no state dict needs")
        if len(self.stack) > OPEN:
            raise _Refused("more open values than a state dict has")

    def pop(self) -> Any:
        found = self.stack.pop()
        if found is _MARK:
            raise ValueError("a mark where a value is needed")
        return found

    def since_mark(self) -> list[Any]:
        """What was put down since the last mark, and the mark goes."""
        for k in range(len(self.stack) - 1, -1, -1):
            if self.stack[k] is _MARK:
                found = self.stack[k + 1 :]
                del self.stack[k:]
                return found
        raise ValueError("a mark is missing")

    def mark(self, argument: Any) -> None:
        self.stack.append(_MARK)

    def tuple_of_all(self, argument: Any) -> None:
        self.stack.append(tuple(self.since_mark()))

    def tuple_of(self, count: int) -> None:
        found = [self.pop() for _ in range(count)]
        self.stack.append(tuple(reversed(found)))

    def list_of_all(self, argument: Any) -> None:
        self.stack.append(self.since_mark())

    def dict_of_all(self, argument: Any) -> None:
        items = self.since_mark()
        self.stack.append({})
        self._set(items)

    def append(self, argument: Any) -> None:
        self._append([self.pop()])

    def appends(self, argument: Any) -> None:
        self._append(self.since_mark())

    def _append(self, items: list[Any]) -> None:
        if isinstance(self.top(), list):
            self.top().extend(items)
        elif not isinstance(self.top(), Opaque):
            raise ValueError("values for something that is no list")

    def set_item(self, argument: Any) -> None:
        value = self.pop()
        self._set([self.pop(), value])

    def set_items(self, argument: Any) -> None:
        self._set(self.since_mark())

    def _set(self, items: list[Any]) -> None:
        if len(items) % 2:
            raise ValueError("a key without a value")
        if isinstance(self.top(), dict):
            self.top().update(zip(map(_key, items[::2]), items[1::2]))
        elif not isinstance(self.top(), Opaque):
            raise ValueError("items for something that is no dict")

    def name(self, argument: Any) -> None:
        module, _, word = argument.partition(" ")
        self.stack.append(Name(module, word))

    def name_of_two(self, argument: Any) -> None:
        word, module = self.pop(), self.pop()
        self.stack.append(Name(str(module), str(word)))

    def call(self, argument: Any) -> None:
        arguments, wanted = self.pop(), self.pop()
        if not isinstance(wanted, Name) or not isinstance(arguments, tuple):
            raise ValueError("a call of something that has no name")
        if str(wanted) not in CALLS:
            raise _Refused(f"{str(wanted)[:60]}, which would have to be run")
        self.stack.append(CALLS[str(wanted)](arguments))

    def new(self, argument: Any) -> None:
        """An object of some class: a whole model was saved, and its code would have to run."""
        _, wanted = self.pop(), self.pop()
        raise _Refused(f"{str(wanted)[:60]}, an object whose code would have to be run")

    def build(self, argument: Any) -> None:
        """Attributes of an object; those of a Namespace are its content, others say nothing."""
        state = self.pop()
        if isinstance(self.top(), dict) and isinstance(state, dict) and not self.top():
            self.top().update({_key(key): value for key, value in state.items()})

    def stored(self, argument: Any) -> None:
        """A persistent id: ('storage', its class, key, device, count)."""
        given = self.pop()
        if not isinstance(given, tuple) or len(given) < 5 or given[0] != "storage":
            raise _Refused("a reference to something outside that is no storage")
        kind, key, count = given[1], given[2], given[4]
        word = kind.word if isinstance(kind, Name) and kind.module.startswith("torch") else ""
        if word not in STORAGES:
            raise _Refused(f"a storage of {word or 'an unknown type'}, which is not read")
        if not isinstance(key, str) or type(count) is not int or count < 0:
            raise _Refused("a storage without key and count")
        self.stack.append(Stored(key, STORAGES[word], count))


def _key(key: Any) -> Any:
    """A key of a dict. Hashing or printing a tuple or a list can take for ever, since a few bytes
    make one that holds itself twice, forty times over; no tensor is named by such a key."""
    return key if isinstance(key, str | int | float | bool | None) else Opaque()


_IGNORED = {"PROTO", "FRAME"}
_VALUES: dict[str, Callable[[], Any] | None] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_SET": Opaque,
    **dict.fromkeys(
        ("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "INT", "BINFLOAT", "FLOAT"), None
    ),
    **dict.fromkeys(("BINUNICODE", "SHORT_BINUNICODE", "UNICODE", "BINUNICODE8"), None),
    **dict.fromkeys(("SHORT_BINBYTES", "BINBYTES", "SHORT_BINSTRING", "BINSTRING"), None),
}
_GETS = {"BINGET", "LONG_BINGET", "GET"}
_PUTS = {"BINPUT", "LONG_BINPUT", "PUT"}
_WORK: dict[str, Callable[[_Machine, Any], None]] = {
    "MARK": _Machine.mark,
    "TUPLE": _Machine.tuple_of_all,
    "TUPLE1": lambda machine, argument: machine.tuple_of(1),
    "TUPLE2": lambda machine, argument: machine.tuple_of(2),
    "TUPLE3": lambda machine, argument: machine.tuple_of(3),
    "LIST": _Machine.list_of_all,
    "DICT": _Machine.dict_of_all,
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "GLOBAL": _Machine.name,
    "STACK_GLOBAL": _Machine.name_of_two,
    "REDUCE": _Machine.call,
    "NEWOBJ": _Machine.new,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.stored,
}
