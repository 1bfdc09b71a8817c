"""What a trained network writes: drawn as said, never what may not come, and the same again."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.errors import Unusable
from engine.sequences import Sequence, sample, typed
from engine.training.choosing import Manner, softmax, taken
from engine.training.generation import generate
from engine.training.independent import odds
from engine.training.shift import nearest, shift, states_seen
from engine.training.trained import Trained
from engine.training.trainer import train

SENTENCES = ("I think therefore I am", "you are what you eat", "he who dares wins")


@pytest.fixture(scope="module")
def sentences() -> Trained:
    return train(typed(SENTENCES), updates=150, learning_rate=0.03, cell="lstm", batches="full")


@pytest.fixture(scope="module")
def letters() -> Trained:
    text = Sequence(kind="text", texts=("to be or not to be, " * 30,), tokens="characters")
    return train(text, updates=120, learning_rate=0.02, hidden=24, window=20, batch_size=4)


def test_each_token_has_the_probability_of_a_run(sentences: Trained) -> None:
    """Step by step the same numbers as in one recorded run of what was written."""
    written = generate(sentences, "I think", 4, seed=3, temperature=2.0, stop=True)
    text = " ".join((*written.prompt, *written.tokens))
    known = sentences.batches.first.vocabulary
    again = Sequence(kind="text", texts=(text,), vocabulary=known)
    run = engine.run(again, sentences.experiment, parameters=sentences.parameters)
    logits = run.recording.value(1, 0)[1 : 1 + len(written.chosen), 0]
    np.testing.assert_allclose(written.expected, softmax(logits), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(written.probabilities, softmax(logits / 2), rtol=1e-9, atol=1e-12)
    states = run.recording.value(*run.chains("h")[0][0])[1 : 1 + len(written.chosen), 0]
    np.testing.assert_allclose(written.states, states, rtol=1e-9, atol=1e-12)


def test_the_stop_token_ends_the_text_or_cannot_come(sentences: Trained) -> None:
    ended = generate(sentences, "I think", 20, top_k=1, stop=True)
    assert ended.tokens == ("therefore", "I", "am", "■")
    assert ended.text == "therefore I am ■"
    never = generate(sentences, "I think", 20, top_k=1)
    assert len(never.tokens) == 20 and "■" not in never.tokens
    assert not never.probabilities[:, never.vocabulary.index("■")].any()


def test_without_a_prompt_texts_begin_as_those_learnt(sentences: Trained) -> None:
    found = {generate(sentences, "", 1, seed=n).tokens[0] for n in range(30)}
    assert found == {"I", "you", "he"}


def test_top_k_and_temperature() -> None:
    logits = np.log([[0.5, 0.3, 0.15, 0.05]])
    np.testing.assert_allclose(Manner().probabilities(logits, None), [[0.5, 0.3, 0.15, 0.05]])
    np.testing.assert_allclose(Manner(top_k=2).probabilities(logits, None), [[0.625, 0.375, 0, 0]])
    np.testing.assert_allclose(
        Manner(temperature=0.5).probabilities(logits, None),
        np.square([[0.5, 0.3, 0.15, 0.05]]) / 0.365,
    )
    np.testing.assert_allclose(Manner().probabilities(logits, 0), [[0, 0.6, 0.3, 0.1]], atol=1e-15)
    flat = Manner(top_k=1).probabilities(np.zeros((1, 4)), None)
    np.testing.assert_array_equal(flat, [[1, 0, 0, 0]])
    assert np.isfinite(Manner(temperature=1e-3).probabilities(1e4 * logits, None)).all()


def test_tokens_are_taken_at_their_odds() -> None:
    p = np.repeat([[0.0, 0.7, 0.0, 0.3]], 20_000, axis=0)
    counts = np.bincount(taken(p, np.random.default_rng(0)), minlength=4) / len(p)
    np.testing.assert_allclose(counts, p[0], atol=0.02)
    assert not counts[[0, 2]].any()


def test_alternatives_hold_the_token_that_was_taken(letters: Trained) -> None:
    written = generate(letters, "to b", 30, temperature=5.0, seed=2)
    for n, token in enumerate(written.tokens):
        listed = dict(written.alternatives(n, 3))
        assert token in listed and len(listed) == 3


def test_letters_are_learnt_and_written(letters: Trained) -> None:
    assert generate(letters, "to be or", 16, top_k=1).text == " not to be, to b"


def test_numbers_go_on_in_their_units() -> None:
    series = sample("sunspots")
    trained = train(series, updates=100, batches="stream", window=20, learning_rate=0.02)
    written = generate(trained, length=5)
    run = engine.run(series, trained.experiment, parameters=trained.parameters)
    assert written.numbers.shape == (5, 1)
    assert 0 < written.numbers[0, 0] < 150 and not written.tokens
    # the first number is what the network said after the last step that it read
    batch = run.batch
    assert batch.scales and run.recording.steps == len(series.series[0]) - 1
    with pytest.raises(Unusable, match="goes on from the end of its series"):
        generate(trained, "word")


def test_right_odds_wrong_words(sentences: Trained) -> None:
    """Truth 20: every marginal is right, and the product of marginals says what nobody said."""
    found = odds(sentences, length=6, count=600)
    for n in range(6):
        assert (np.sort(found.together[:, n]) == np.sort(found.apart[:, n])).all()
    together, apart = found.texts(found.together), found.texts(found.apart)
    known = set(SENTENCES)
    assert np.mean([text in known for text in together]) > 0.9
    assert np.mean([text in known for text in apart]) < 0.1
    np.testing.assert_allclose(found.marginals.sum(1), 1)


def test_one_wrong_word_leads_away(letters: Trained) -> None:
    """Truth 21: after the forced token the states are farther than any seen in training."""
    found = shift(letters, "to be or not", 30, 5, "b", seed=1)
    assert found.forced.tokens[5] == "b" and found.plain.tokens[5] != "b"
    assert found.forced.tokens[:5] == found.plain.tokens[:5]
    np.testing.assert_array_equal(found.distances[:6], found.usual[:6])
    assert found.distances[6] > found.bands[2] > found.usual[6]
    assert found.perplexity[0] > found.perplexity[1] >= 1


def test_distances_are_those_of_the_nearest() -> None:
    rng = np.random.default_rng(0)
    seen, states = rng.standard_normal((40, 3)), rng.standard_normal((7, 3))
    every = np.sort(np.linalg.norm(states[:, None] - seen, axis=2), axis=1)
    np.testing.assert_allclose(nearest(seen, states), every[:, :5].mean(1), rtol=1e-9)
    np.testing.assert_allclose(
        nearest(states, states, skip=1),
        np.sort(np.linalg.norm(states[:, None] - states, axis=2), axis=1)[:, 1:6].mean(1),
        rtol=1e-6,
    )


def test_states_of_ragged_sentences_are_their_own(sentences: Trained) -> None:
    assert len(states_seen(sentences)) == sum(len(s.split()) for s in SENTENCES)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"arrangement": "attention"}, "it needs --arrangement recurrent"),
        ({"direction": "both"}, "it needs --arrangement recurrent"),
        ({"readout": "last"}, "with a readout at every step"),
    ],
)
def test_who_cannot_write_says_so(settings: dict[str, object], words: str) -> None:
    trained = train("I think therefore I am", updates=1, **settings)
    with pytest.raises(Unusable, match=words):
        generate(trained, "I", 3)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"temperature": 0.0}, "temperature must be above 0, got 0; for the likeliest"),
        ({"temperature": -1.0}, "temperature must be above 0, got -1"),
        ({"top_k": -1}, "top-k must be 0"),
        ({"top_k": 500}, "top-k must be 0.."),
        ({"length": 0}, "length must be 1..1,000,000 tokens, got 0"),
        (
            {"prompt": "we think"},
            "has we, which the network does not know; its 13 tokens are I, think, therefore",
        ),
    ],
)
def test_bad_requests_are_one_line(
    sentences: Trained, settings: dict[str, object], words: str
) -> None:
    with pytest.raises(Unusable, match=words):
        generate(sentences, **{"prompt": "I", **settings})  # type: ignore[arg-type]
