"""A loaded model writes: what it expects at each step is what its own layers say of the tokens."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Unusable
from engine.models.model import Model, load_model
from engine.models.running import inputs_of
from engine.models.weights import Array
from engine.models.wired_run import run_whole
from engine.models.wiring import AUTO
from engine.models.writing import as_trained, symbols_of
from engine.training.generation import generate

STATE = Path(__file__).parents[1] / "reference" / "models" / "state.pt"
TOKENS, WIDE, HIDDEN = 5, 3, 4
ROWS = {"lstm": 4, "gru": 3, "rnn": 1}


def model_of(kind: str, layers: int, embedded: bool, folder: Path) -> Model:
    rng, rows = np.random.default_rng(0), ROWS[kind] * HIDDEN
    shapes: dict[str, tuple[int, ...]] = {"embed.weight": (TOKENS, WIDE)} if embedded else {}
    for k in range(layers):
        inputs = HIDDEN if k else WIDE if embedded else TOKENS
        shapes |= {f"rnn.weight_ih_l{k}": (rows, inputs), f"rnn.weight_hh_l{k}": (rows, HIDDEN)}
        shapes |= {f"rnn.bias_ih_l{k}": (rows,), f"rnn.bias_hh_l{k}": (rows,)}
    shapes |= {"head.weight": (TOKENS, HIDDEN), "head.bias": (TOKENS,)}
    path = folder / "model.npz"
    np.savez(path, **{name: rng.standard_normal(shape) for name, shape in shapes.items()})
    return load_model(path, wire=AUTO)


def expected(model: Model, tokens: list[int]) -> Array:
    """Probabilities of the next token after each, by the model as it is wired."""
    x = np.array(tokens)[:, None]
    if not model.wiring.tokens:
        x = np.eye(TOKENS)[tokens][:, None]
    s = run_whole(model, inputs_of(model, {"x": x}, "in.npz")).outputs["s"][:, 0]
    p = np.exp(s - s.max(-1, keepdims=True))
    return np.asarray(p / p.sum(-1, keepdims=True))


@pytest.mark.parametrize("kind", ROWS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("embedded", [True, False])
def test_it_expects_what_its_layers_say(
    kind: str, layers: int, embedded: bool, tmp_path: Path
) -> None:
    model = model_of(kind, layers, embedded, tmp_path)
    trained = as_trained(model, tuple("abcde"))
    written = generate(trained, "bad", 20, seed=3)
    tokens = [1, 0, 3, *written.chosen.tolist()]
    assert len(written.text) == 20 and set(written.text) <= set("abcde")
    np.testing.assert_allclose(
        written.expected[:, :TOKENS], expected(model, tokens)[2:-1], rtol=0, atol=1e-12
    )
    assert not written.expected[:, TOKENS].any()  # the stop token, which it does not know
    assert written.text == generate(trained, "bad", 20, seed=3).text
    assert len(generate(trained, "", 3, seed=1).text) == 3


def test_tokens_are_told_in_any_of_three_ways(tmp_path: Path) -> None:
    assert symbols_of("abc") == ("a", "b", "c")
    text = tmp_path / "text.txt"
    text.write_text("cabbage")
    assert symbols_of(str(text)) == ("a", "b", "c", "e", "g")
    for name, value in (
        ("list", ["the", "a"]),
        ("index", {"a": 1, "the": 0}),
        ("token", {"1": "a", "0": "the"}),
    ):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(value))
        assert symbols_of(str(path)) == ("the", "a")
    path.write_text('{"a": 5}')
    with pytest.raises(Unusable, match="no vocabulary; a list of tokens or"):
        symbols_of(str(path))


def test_words_are_written_with_spaces(tmp_path: Path) -> None:
    trained = as_trained(model_of("gru", 1, True, tmp_path), ("the", "a", "cat", "sat", "mat"))
    assert len(generate(trained, "the cat", 6).text.split()) == 6


def test_what_cannot_write_says_why(tmp_path: Path) -> None:
    model = load_model(STATE, wire=AUTO)
    with pytest.raises(Unusable) as caught:
        as_trained(model, tuple("abcd"))
    assert str(caught.value) == (
        "state.pt reads 6 tokens and writes 6, but --symbols gives 4 different ones of 4; it needs"
        " each once, in the order of the model"
    )
    with pytest.raises(Unusable) as caught:
        as_trained(load_model(STATE), tuple("abcdef"))
    assert str(caught.value) == (
        "state.pt cannot write (rnn); one that can has an embedding or one-hot tokens, recurrent"
        " layers forward, one linear layer at every step: --wire decides"
    )
