"""From text to a formula: statements, names, calls. `ast` reads, and what is not listed is refused.

What operations do is in `drafting`.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from engine.errors import Unusable
from engine.expression.drafting import FUNCTIONS, MOST_NUMBERS, Draft, Value, number, short
from engine.expression.formula import Formula

MOST_CHARACTERS = 4_000
DEEPEST = 150
EXAMPLE = "x = 2; f = x*x + tanh(x)"
NAME = r"[^\W\d_][^\W_]*(?:_[^\W_]+)?"

_DEFINITION = re.compile(rf"\s*({NAME})\s*\(([^()]*)\)\s*=(?!=)(.*)$", re.DOTALL)
_TYPED = str.maketrans({"−": "-", "×": "*", "·": "*", "∗": "*", "÷": "/", "^": "**"})
_PAIRS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "power",
}
_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
_WORDS: dict[type[ast.AST], str] = {
    ast.Compare: "a comparison",
    ast.BoolOp: "and/or",
    ast.Lambda: "a lambda",
    ast.IfExp: "an if",
    ast.Subscript: "an index",
    ast.Attribute: "a dot",
    ast.Tuple: "a comma",
    ast.Constant: "something that is no number",
    ast.BinOp: "another operator",
    ast.UnaryOp: "another operator",
}
Scope: TypeAlias = dict[str, Value]


@lru_cache(maxsize=64)
def parse(text: str) -> Formula:
    """The formula in a text; statements end with ; or the line. Unusable says what is wrong."""
    if len(text) > MOST_CHARACTERS:
        raise Unusable(
            f"the formula has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read:"
            " make it shorter"
        )
    statements = _statements(text.translate(_TYPED))
    if not statements:
        raise Unusable(f"the formula is empty; type one, like {EXAMPLE}")
    reader = _Reader()
    output: Value | None = None
    for statement in statements:
        output = reader.read(statement)
    if output is None:
        raise Unusable(
            f"the formula ends with a function, {short(statements[-1])}; end with what is to be"
            " computed, like f = h(x)"
        )
    return reader.draft.formula(output, set(reader.known))


def _statements(text: str) -> list[str]:
    """Cut at ; and at line ends outside brackets, without comments."""
    found, depth = [""], 0
    for character in "\n".join(line.split("#")[0] for line in text.splitlines()):
        depth += (character in "([") - (character in ")]")
        if character == ";" or (character == "\n" and depth <= 0):
            found.append("")
            depth = 0
        else:
            found[-1] += " " if character == "\n" else character
    return [each.strip() for each in found if each.strip()]


@dataclass(frozen=True, slots=True)
class _Function:
    name: str
    parameters: tuple[str, ...]
    body: ast.expr


class _Reader:
    """Statements one after the other: what is known by name so far."""

    def __init__(self) -> None:
        self.draft = Draft()
        self.functions: dict[str, _Function] = {}
        self.known: Scope = {}
        self._calling: list[str] = []
        self._depth = 0

    # ---- statements

    def read(self, text: str) -> Value | None:
        """The value of a statement; None where it defines a function."""
        found = _DEFINITION.match(text)
        if found:
            self._define(found[1], found[2], found[3].strip(), text)
            return None
        statement = _parsed(text, text)
        if isinstance(statement, ast.Expr):
            return self._value(statement.value, self.known)
        if isinstance(statement, ast.AugAssign) and type(statement.op) in _SIGNS:
            target: ast.expr = statement.target
            sign, added = _SIGNS[type(statement.op)], ast.unparse(statement.value)
            value = ast.parse(f"{ast.unparse(target)} {sign} ({added})", mode="eval").body
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
        else:
            raise _refused(text, "another kind of statement")
        if not isinstance(target, ast.Name):
            raise _refused(text, f"{short(target)} left of =")
        return self._assign(_free(target.id), value)

    def _assign(self, name: str, node: ast.expr) -> Value:
        made = self._value(node, self.known)
        if isinstance(made, float):
            made = self.draft.variable(name, (made,), node)
        self.draft.name(made, name)
        self.known[name] = made
        return made

    def _define(self, name: str, inside: str, body: str, text: str) -> None:
        words = [word.strip() for word in inside.split(",")]
        if len(set(words)) < len(words) or not all(re.fullmatch(NAME, word) for word in words):
            raise Unusable(
                f"{short(text)} needs different names as arguments; write {name}(x) = … or"
                f" {name}(x, y) = …"
            )
        statement = _parsed(body, text)
        if not isinstance(statement, ast.Expr):
            raise _refused(text, "a second =")
        self.functions[_free(name)] = _Function(name, tuple(words), statement.value)

    # ---- values

    def _value(self, node: ast.expr, scope: Scope) -> Value:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unusable(
                f"the formula is nested more than {DEEPEST} deep; give parts of it a name, like"
                " u = …"
            )
        found = self._kind(node, scope)
        self._depth -= 1
        return found

    def _kind(self, node: ast.expr, scope: Scope) -> Value:
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            assert isinstance(node.value, int | float)
            return number(node.value, node)
        if isinstance(node, ast.Name):
            return self._named(node.id, scope)
        if isinstance(node, ast.List):
            return self._vector(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            inner = self._value(node.operand, scope)
            return inner if isinstance(node.op, ast.UAdd) else self.draft.scaled(node, inner, -1.0)
        if isinstance(node, ast.BinOp) and type(node.op) in _PAIRS:
            a, b = self._value(node.left, scope), self._value(node.right, scope)
            return self.draft.pair(_PAIRS[type(node.op)], a, b, node)
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        raise _refused(ast.unparse(node), _WORDS.get(type(node), "something else"))

    def _named(self, name: str, scope: Scope) -> Value:
        for table in (scope, self.known):
            if name in table:
                return table[name]
        if name == "pi":
            return math.pi
        if name in self.functions or name in FUNCTIONS or name == "dot":
            raise Unusable(f"{name} is a function; write what it is taken of: {name}(…)")
        there = ", ".join(dict.fromkeys((*scope, *self.known)))
        raise Unusable(
            f"unknown name {short(name)}; {f'there are {there}; ' if there else ''}"
            f"give it a number before: {short(name)} = 2"
        )

    def _vector(self, node: ast.List) -> Value:
        found: list[float] = []
        for each in node.elts[: MOST_NUMBERS + 1]:
            signed = each.operand if isinstance(each, ast.UnaryOp) else each
            made = self._value(each, {}) if isinstance(signed, ast.Constant) else None
            found += [made] if isinstance(made, float) else []
        if len(found) != len(node.elts) or not 0 < len(found) <= MOST_NUMBERS:
            raise Unusable(
                f"{short(node)} is no vector; a vector holds 1 to {MOST_NUMBERS} numbers:"
                " [1, -2, 3]"
            )
        return self.draft.variable("", tuple(found), node)

    # ---- calls

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        given, function = list(node.args), node.func
        if isinstance(function, ast.Attribute) and function.attr in FUNCTIONS:  # b.relu()
            given, function = [function.value, *given], ast.Name(function.attr)
        starred = any(isinstance(each, ast.Starred) for each in given)
        if not isinstance(function, ast.Name) or node.keywords or starred:
            raise _refused(ast.unparse(node), "another kind of call")
        name, own = function.id, self.functions.get(function.id)
        if not own and name not in FUNCTIONS and name != "dot":
            raise self._unknown(name, scope)
        wanted = own.parameters if own else ("a", "b") if name == "dot" else ("x",)
        if len(given) != len(wanted):
            count = f"{len(wanted)} argument{'s' if len(wanted) > 1 else ''}"
            raise Unusable(
                f"{name} takes {count}, got {len(given)}; write {name}({', '.join(wanted)})"
            )
        values = [self._value(each, scope) for each in given]
        if own:
            return self._inlined(own, values)
        if name == "dot":
            product = self.draft.pair("mul", values[0], values[1], node)
            return self.draft.function("sum", product, node)
        return self.draft.function(name, values[0], node)

    def _unknown(self, name: str, scope: Scope) -> Unusable:
        if name in scope or name in self.known:
            return Unusable(f"{name} is a number and no function; write {name} * (…)")
        there = ", ".join((*self.functions, *FUNCTIONS, "dot"))
        return Unusable(
            f"unknown function {short(name)}; there are {there}; define it before:"
            f" {short(name)}(x) = …"
        )

    def _inlined(self, function: _Function, values: list[Value]) -> Value:
        name = function.name
        if name in self._calling:
            raise Unusable(f"{name} calls itself; a formula has no loops: write {name} without it")
        self._calling.append(name)
        made = self._value(function.body, dict(zip(function.parameters, values)))
        self._calling.pop()
        self.draft.name(made, name, function=True)
        return made


def _parsed(text: str, whole: str) -> ast.stmt:
    """The one statement in a text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "2 is not callable", of what is refused anyway
            found = ast.parse(text).body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        # Python's advice ("maybe you meant …") is for programs
        words = error.msg.partition(".")[0] if isinstance(error, SyntaxError) else ""
        reason = words or "too large or too deep"
        raise Unusable(
            f"{short(whole)} is no formula ({reason}); write it like {EXAMPLE}"
        ) from None
    if len(found) != 1:
        raise _refused(whole, "nothing after =")
    return found[0]


def _free(name: str) -> str:
    """A name that may be given."""
    if name in FUNCTIONS or name in ("dot", "pi"):
        raise Unusable(f"{name} has a meaning already; choose another name")
    if not re.fullmatch(NAME, name) or len(name) > 20:
        raise Unusable(
            f"{short(name)} cannot be a name; a name has up to 20 letters and digits, one _ between"
        )
    return name


def _refused(text: str, what: str) -> Unusable:
    return Unusable(
        f"{short(text)} has {what}; allowed are numbers, names, + - * / **, calls and vectors like"
        f" [1, -2]: write it like {EXAMPLE}"
    )
