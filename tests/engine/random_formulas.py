"""Formulas that nobody would type: random operations, functions, vectors, parts read twice."""

from __future__ import annotations

import numpy as np

SMOOTH = ("tanh", "sigmoid", "sin", "cos")


def random_formula(rng: np.random.Generator) -> str:
    """A formula of up to a dozen statements whose values stay finite."""
    statements, scalars, vectors = [], list[str](), list[str]()
    for name in "ab":
        statements.append(f"{name} = {rng.normal():.3f}")
        scalars.append(name)
    statements.append(f"w = [{', '.join(f'{v:.3f}' for v in rng.normal(size=3))}]")
    vectors.append("w")
    statements.append("h(x, y) = tanh(x)*y - x/(2 + y*y)")
    for n in range(int(rng.integers(2, 8))):
        name = f"t{n}"
        wide = rng.random() < 0.4
        statements.append(f"{name} = {_term(rng, scalars, vectors, wide)}")
        (vectors if wide else scalars).append(name)
    left, right = rng.choice(scalars), rng.choice(vectors)
    statements.append(f"f = {left}*{left} + {rng.choice(['sum', 'mean'])}({right})")
    return "; ".join(statements)


def _term(rng: np.random.Generator, scalars: list[str], vectors: list[str], wide: bool) -> str:
    """One statement's right-hand side, with something wide in it or a number."""
    names = [*scalars, *vectors] if wide else scalars
    a, b, c = (str(rng.choice(names)) for _ in range(3))
    if wide:
        a = str(rng.choice(vectors))
    k = f"{rng.normal():.2f}"
    forms = [
        f"{a} + {b}*{k}",
        f"{a} - {b}",
        f"-{a}*{b}",
        f"{rng.choice(SMOOTH)}({a})*{c}",
        f"h({a}, {b})",
        f"{k}/(1 + {a}*{a})",
        f"(1 + {a}**2)**-0.5 - {b}",
        f"log(1 + {a}*{a}) + sqrt(2 + sin({b}))",
        f"exp(-{a}*{a}) + {k}",
        f"{a}/(3 + cos({b}))",
    ]
    if not wide:
        forms += [f"dot({rng.choice(vectors)}, w)", f"mean({rng.choice(vectors)}) - {a}"]
    return str(rng.choice(forms))
