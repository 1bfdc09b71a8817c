"""Formulas: what is read, what the numbers are against the tape, and every line that is refused."""

from __future__ import annotations

import numpy as np
import pytest

from engine.check import check_arrays
from engine.door import run
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.expression import parse, plain
from engine.recording import Recording
from engine.sequences import sample, typed
from tests.engine.random_formulas import random_formula
from tests.reference.tape import Tape

MICROGRAD = """a = -4.0
b = 2.0
c = a + b
d = a * b + b**3
c += c + 1
c += 1 + c + (-a)
d += d * 2 + (b + a).relu()
d += 3 * d + (b - a).relu()
e = c - d
f = e**2
g = f / 2.0
g += 10.0 / f"""
LECTURE = "x = 2; h(x) = x**2; g(x, y) = x*y + tanh(y); f = g(x, h(x))"
FORMULAS = [
    MICROGRAD,
    LECTURE,
    "x = 2; f = x*x + tanh(x)",
    "x = 3; x + x",
    "x = 3",
    "w = [1, -2, 3]; x = 0.3; y = w*x + w; tanh(dot(y, w)) + mean(w) - sum(y)/4",
    "a = 0.5; b = 2; (1 - a)**3 / b**0.5 + sqrt(a*b) - 1/(a + b)",
    "v = [0.3, -0.2]; sigmoid(v)*cos(v) + abs(v) - sin(v) + relu(v) + exp(-v) + log(v*v + 1)",
    "x = 2; y = 5; x*x",
]


def recorded(text: str, **settings) -> Recording:
    return run(text, Experiment(arrangement="expression"), **settings).recording


def gradients(recording: Recording) -> dict[str, list[float]]:
    slots = recording.network.segments[0].slots
    return {
        plain(slot.name): recording.delta(0, k)[0, 0].tolist()
        for k, slot in enumerate(slots)
        if slot.op == "input"
    }


def on_tape(text: str) -> tuple[Tape, list[int]]:
    """The parts of a formula done again by the referee, which shares no rule with the engine."""
    tape, places = Tape(), list[int]()
    for part in parse(text).parts:
        constants = dict(part.constants)
        if part.op == "input":
            places.append(tape.leaf(part.numbers))
            continue
        if part.op == "scale":
            constants = {"factor": constants["alpha"], "shift": constants["beta"]}
        if part.op == "repeat":
            constants = {"n": part.width}
        places.append(tape.do(part.op, *(places[k] for k in part.reads), **constants))
    tape.backward({places[-1]: 1.0})
    return tape, places


def agrees_with_the_tape(text: str) -> None:
    recording = recorded(text)
    tape, places = on_tape(text)
    for k, place in enumerate(places):
        record = tape.records[place]
        np.testing.assert_allclose(recording.value(0, k)[0, 0], record.value, 1e-12, 1e-12)
        np.testing.assert_allclose(recording.delta(0, k)[0, 0], record.delta, 1e-12, 1e-12)
        sent = {(place, position): c for place, position, c in record.contributions}
        for use in recording.network.uses(0, k):
            wanted = sent[places[use.consumer.slot], use.position]
            np.testing.assert_allclose(recording.contribution(use)[0, 0], wanted, 1e-12, 1e-12)


@pytest.mark.parametrize("text", FORMULAS)
def test_every_number_agrees_with_the_tape(text):
    agrees_with_the_tape(text)


@pytest.mark.parametrize("seed", range(40))
def test_random_formulas_agree_with_the_tape_and_with_their_own_forward_code(seed):
    text = random_formula(np.random.default_rng(seed))
    agrees_with_the_tape(text)
    rows = check_arrays(recorded(text))
    assert rows and all(row.ok for row in rows), (text, rows)
    assert {row.name.split()[0] for row in rows} == {"variable"}


def test_the_readme_of_micrograd():
    recording = recorded(MICROGRAD)
    assert recording.loss == pytest.approx(24.7041, abs=5e-5)
    found = gradients(recording)
    assert found["a"] == [pytest.approx(138.8338, abs=5e-5)]
    assert found["b"] == [pytest.approx(645.5773, abs=5e-5)]


def test_a_variable_read_twice_has_two_uses():
    recording = recorded("x = 3; x + x")
    assert gradients(recording) == {"x": [2.0]}
    assert len(recording.network.uses(0, 0)) == 2


def test_names_come_from_assignments_then_from_functions_then_from_letters():
    names = [part.name for part in parse(LECTURE).parts]
    assert names == ["x", "h", "u", "v", "f"]
    again = [plain(part.name) for part in parse("c = 1; c = c*c; c += 2*c").parts]
    assert again == ["c1", "c2", "u", "c"]
    assert [p.name for p in parse("u = 1; w = 2; tanh(u*w)").parts] == ["u", "w", "v", "f"]
    assert [p.name for p in parse("f = 1; tanh(f*f)").parts] == ["f", "u", "y"]


def test_the_name_of_an_assignment_takes_the_place_of_a_functions():
    assert parse("h(x) = x*x; x = 1; k = h(x); k + 1").parts[1].name == "k"


def test_lines_comments_brackets_and_typographic_signs():
    one = parse("x = 3  # x; y\n\ny = (x +\n  2)\ny^2 − 2·x ÷ 4")
    other = parse("x = 3; y = x + 2; y**2 - 2*x/4")
    assert [(p.op, p.reads, p.constants) for p in one.parts] == [
        (p.op, p.reads, p.constants) for p in other.parts
    ]


def test_what_the_output_does_not_need_is_left_out_and_variables_stay():
    parts = parse("x = 1; z = 2; unused = exp(x); f = x*x").parts
    assert [part.name for part in parts] == ["x", "z", "f"]
    assert [part.numbers for part in parse("x = 1; x = 2; x*x").parts] == [(2.0,), ()]


def test_lines_typed_one_by_one_are_one_formula():
    lines = typed(["x = 2", "y = x*x", "y + x"])
    assert run(lines, arrangement="expression").recording.loss == 6.0


def test_a_number_beside_a_vector_is_repeated():
    recording = recorded("x = 2; w = [1, -2, 3]; sum(x*w)")
    assert [part.op for part in parse("x = 2; w = [1, -2, 3]; sum(x*w)").parts][2] == "repeat"
    assert gradients(recording) == {"x": [2.0], "w": [2.0, 2.0, 2.0]}


def test_float32_runs_too():
    recording = recorded(LECTURE, dtype="float32")
    assert recording.loss == pytest.approx(8.999329299, rel=1e-6)


REFUSED = [
    ("", "the formula is empty; type one, like x = 2; f = x*x + tanh(x)"),
    ("# nothing", "the formula is empty"),
    ("x", "unknown name x; give it a number before: x = 2"),
    ("x = 2; w = 1; x*h", "unknown name h; there are x, w; give it a number before: h = 2"),
    ("x = 2; h(x)", "unknown function h; there are tanh, sigmoid"),
    ("x = 1; h(x) = y; h(x)", "unknown name y; there are x"),
    ("x = 1; eval('1')", "unknown function eval"),
    ("x = 1; __import__('os').system('ls')", "has another kind of call"),
    ("2 + 3", "has no variable in what it computes"),
    ("x = 2 +", "x = 2 + is no formula (invalid syntax); write it like"),
    ("x = 2; (x", "'(' was never closed"),
    ("x = ;", "is no formula"),
    ("x\0 = 1", "null bytes"),
    ("x = 1 2", "is no formula"),
    ("x = 1; f(x) =", "has nothing after ="),
    ("h(x) = h(x); x = 1; h(x)", "h calls itself; a formula has no loops"),
    ("h(x) = k(x); k(x) = h(x); x = 1; h(x)", "h calls itself"),
    ("h(x) = x; x = 1; h", "h is a function; write what it is taken of: h(…)"),
    ("x = 1; x(2)", "x is a number and no function; write x * (…)"),
    ("h(x, y) = x; x = 1; h(x)", "h takes 2 arguments, got 1; write h(x, y)"),
    ("x = 1; tanh(x, x)", "tanh takes 1 argument, got 2; write tanh(x)"),
    ("x = 1; dot(x)", "dot takes 2 arguments, got 1; write dot(a, b)"),
    ("x = 1; tanh(x=2)", "has another kind of call"),
    ("x = 1; tanh(*x)", "has another kind of call"),
    ("h(x, x) = x; 1", "needs different names as arguments"),
    ("h() = 2", "needs different names as arguments"),
    ("h(x) = x**2", "the formula ends with a function, h(x) = x**2"),
    ("x = 2; x/0", "division by zero in x / 0; change what is divided by"),
    ("1/0", "division by zero in 1 / 0"),
    ("x = 1; 0**-1*x", "division by zero in 0 ** (-1)"),
    ("x = 0; y = 1; y/x", "division by zero in y / x: x is 0; change a variable"),
    ("x = 0; 1/x", "division by zero in 1 / x: x is 0"),
    ("x = 2; f = 1/(x - 2)", "division by zero in 1 / (x - 2): x - 2 is 0"),
    ("x = [1, 0]; 1/x", "division by zero in 1 / x: x is [1, 0]"),
    ("x = 1; log(-1)*x", "log(-1) is no real number; log takes numbers above 0"),
    ("x = -1; log(x)", "log(x) with x is -1; log takes numbers above 0"),
    ("x = 0; log(x)", "log(x) with x is 0"),
    ("x = -1; sqrt(x)", "sqrt(x) with x is -1; sqrt takes numbers from 0 on"),
    ("x = 0; sqrt(x)", "the derivative of sqrt(x) is infinite where x is 0"),
    ("x = -2; x**0.5", "x ** 0.5 is no real number where x is -2"),
    ("x = 1; (-8)**0.5*x", "(-8) ** 0.5 is no real number"),
    ("x = 1000; exp(x)", "exp(x) is too large for a number; make a variable smaller"),
    ("x = 1; exp(1000)*x", "exp(1000) is too large for a number"),
    ("x = 1e400", "is too large for a number"),
    ("x = 1; x*10**400", "10 ** 400 is too large for a number"),
    ("x = 1; x**x", "the exponent in x ** x must be a number; write exp(y*log(x)) for x**y"),
    ("x = 1; x > 2", "x > 2 has a comparison; allowed are numbers, names, + - * / **"),
    ("x = 1; x[0]", "has an index"),
    ("x = 1; x.real", "has a dot"),
    ("x = 1; x.real()", "has another kind of call"),
    ("x = 1; x if x else 2", "has an if"),
    ("x = 1; lambda y: y", "has a lambda"),
    ("x = 1; x and x", "has and/or"),
    ("x = 1; x // 2", "has another operator"),
    ("x = 1; ~x", "has another operator"),
    ("x = 1; x, x", "has a comma"),
    ("x = 'a'", "has something that is no number"),
    ("x = True", "has something that is no number"),
    ("x = 1j", "has something that is no number"),
    ("import os", "has another kind of statement"),
    ("x: int = 2", "has another kind of statement"),
    ("x = y = 2", "has another kind of statement"),
    ("x @= 2", "has another kind of statement"),
    ("x, y = 1, 2", "has (x, y) left of ="),
    ("x = 1; x.y = 2", "has x.y left of ="),
    ("x = 1; x.y += 2", "has x.y left of ="),
    ("x = 1; [1, x]", "[1, x] is no vector; a vector holds 1 to 64 numbers: [1, -2, 3]"),
    ("x = []", "[] is no vector"),
    ("x = [" + "1, " * 65 + "1]", "is no vector"),
    ("y = [1, 2]; z = [1, 2, 3]; y*z", "y * z joins 2 numbers with 3"),
    ("exp = 2", "exp has a meaning already; choose another name"),
    ("pi = 3", "pi has a meaning already"),
    ("sum(x) = x; 1", "sum has a meaning already"),
    ("_x = 2", "_x cannot be a name"),
    ("a__b = 2", "a__b cannot be a name"),
    ("x = 1; exp", "exp is a function"),
    ("for = 1", "is no formula"),
    ("x = 1; " + "x" * 5000, "the formula has 5,007 characters; at most 4,000 are read"),
    ("x = 1; " + "+".join(["x"] * 400), "nested more than 150 deep"),
    ("x = 1; " + "(" * 300 + "x" + ")" * 300, "too many nested parentheses"),
    ("x = 1; " + "-" * 3000 + "x", "is no formula"),
    (
        "h(x) = x*x*x*x*x; i(x) = h(x) + h(2*x) + h(3*x); j(x) = i(x) + i(2*x) + i(3*x);"
        " k(x) = j(x) + j(2*x) + j(3*x); x = 1; k(x) + k(2*x) + k(3*x)",
        "more than 300 operations, with every call written out",
    ),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_cannot_be_used_is_said_in_one_line(text, words):
    with pytest.raises(Unusable) as caught:
        run_text(text)
    message = caught.value.message
    assert words in message
    assert "\n" not in message and len(message) < 260


def run_text(text: str) -> Recording:
    """Read and record a text, also one that is too empty to be a sequence."""
    parse(text)
    return recorded(text)


def test_a_table_is_no_formula():
    with pytest.raises(Unusable, match="is a table of numbers; an expression is a text like"):
        run(sample("sunspots"), arrangement="expression")


def test_typing_over_a_variable_is_judged_too():
    with pytest.raises(Unusable, match="division by zero in 1 / x: x is 0"):
        recorded("x = 2; 1/x", inputs=np.zeros((1, 1, 1)))
    assert recorded("x = 2; 1/x", inputs=np.full((1, 1, 1), 4.0)).loss == 0.25


def test_nested_calls_within_the_limits_are_written_out():
    text = "h(x) = x + x; i(x) = h(h(h(x))); j(x) = i(i(i(x))); x = 1; j(x)"
    assert recorded(text).loss == 2.0**9
