"""A network that reads its own output: it reads what it wrote, and no gradient passes through."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.errors import Unusable
from engine.sequences import Sequence, sample, typed
from engine.training.generation import generate
from engine.training.trained import Trained
from engine.training.trainer import train

SENTENCES = ("I think therefore I am", "you are what you eat", "he who dares wins")


@pytest.fixture(scope="module")
def sentences() -> Trained:
    return train(typed(SENTENCES), updates=60, learning_rate=0.03, cell="lstm", batches="full")


def written(trained: Trained, **settings: object) -> engine.Run:
    made = {"feeding": "own", **settings}
    return engine.run(trained.sequence, trained.experiment, parameters=trained.parameters, **made)


@pytest.mark.parametrize("prompt", ["I think", ""])
def test_the_recording_reads_what_generate_writes(sentences: Trained, prompt: str) -> None:
    run = written(sentences, prompt=prompt, write=9, temperature=2.0, draws=4)
    text = generate(sentences, prompt, 9, temperature=2.0, seed=4)
    labels, told = run.batch.labels[0], run.batch.target_labels[0]
    assert (*labels, told[-1]) == (*text.prompt, *text.tokens)
    assert labels[1:] == told[:-1], "what is said at a step is read at the next"
    assert run.batch.own is not None
    given = len(text.prompt)
    assert run.batch.own[:, 0].tolist() == [t >= given for t in range(len(labels))]
    surprise = run.recording.losses[max(given - 1, 0) :, 0]
    assert np.allclose(surprise, text.surprise[int(not given) :], rtol=1e-9)


def test_no_gradient_passes_through_a_sample(sentences: Trained) -> None:
    """The gradients are those of the same tokens given as the truth."""
    run = written(sentences, prompt="you are", write=6, draws=1, temperature=3.0)
    text = " ".join(run.batch.labels[0])
    known = sentences.batches.first.vocabulary
    truth = engine.run(
        Sequence(kind="text", texts=(text,), vocabulary=known),
        sentences.experiment,
        parameters=sentences.parameters,
    )
    last = np.ones((run.recording.steps, 1))
    last[-1] = 0  # its target is the stop token there
    one, other = (r.recording.with_loss_weights(last) for r in (run, truth))
    for name, gradient in one.gradients.items():
        np.testing.assert_allclose(gradient, other.gradients[name], rtol=1e-10, atol=1e-13)


def test_a_forced_token_stands_there_and_the_rest_is_written_anew(sentences: Trained) -> None:
    plain = written(sentences, prompt="I think", write=6, top_k=1)
    forced = written(sentences, prompt="I think", write=6, top_k=1, forced="3:eat")
    assert plain.batch.labels[0][:3] == forced.batch.labels[0][:3]
    assert forced.batch.labels[0][3] == "eat" == forced.batch.target_labels[0][2]
    assert plain.batch.labels[0][3:] != forced.batch.labels[0][3:]


def test_the_stop_token_ends_the_recording(sentences: Trained) -> None:
    run = written(sentences, prompt="I think therefore", write=12, top_k=1, ending=True)
    assert run.batch.target_labels[0][-1] == "■" and run.batch.stop[0] < 14


def test_teacher_forcing_is_scheduled_sampling_with_probability_one(sentences: Trained) -> None:
    teacher = engine.run(sentences.sequence, sentences.experiment, parameters=sentences.parameters)
    always = written(sentences, feeding="scheduled", truth=1.0, draws=5)
    assert always.batch.own is not None and not always.batch.own.any()
    assert always.recording.loss == teacher.recording.loss
    never = written(sentences, feeding="scheduled", truth=0.0, draws=5)
    own = never.batch.own
    assert own is not None and own[1:][never.batch.weights[1:] > 0].all() and not own[0].any()
    half = [written(sentences, feeding="scheduled", truth=0.5, draws=n) for n in (5, 5, 6)]
    assert np.array_equal(half[0].batch.x, half[1].batch.x)
    assert not np.array_equal(half[0].batch.own, half[2].batch.own)
    changed = half[0].batch.x[half[0].batch.own]
    assert (changed.sum(-1) == 1).all() and len(changed) >= 3


def test_a_network_of_numbers_goes_on_from_the_end_of_its_series() -> None:
    nile = train(sample("nile"), updates=20, hidden=6)
    run = written(nile, write=12)
    text = generate(nile, "", 12)
    assert run.batch.own is not None and run.batch.own.sum() == 11
    read = run.batch.x[run.batch.own[:, 0], 0] * run.batch.scales + run.batch.means
    np.testing.assert_allclose(read, text.numbers[:-1], rtol=1e-9)
    assert not run.batch.weights[-12:].any(), "nobody knows what should have come"
    part = written(nile, write=5, first=11, steps=8)
    assert part.recording.steps == 12 and part.batch.own is not None
    assert part.batch.own[:, 0].tolist() == [False] * 8 + [True] * 4
    assert part.batch.weights.all(), "here it is known"
    whole = engine.run(nile.sequence, nile.experiment, first=11, steps=12)
    np.testing.assert_allclose(part.batch.targets, whole.batch.targets)
    np.testing.assert_allclose(part.batch.x[:8], whole.batch.x[:8])
    assert part.batch.labels[0][:8] == whole.batch.labels[0][:8]


PAIRS = "one two -> eins zwei\ntwo three -> zwei drei\none three -> eins drei\nthree -> drei"


def test_a_decoder_reads_what_it_said() -> None:
    pairs = typed(PAIRS)
    taught = train(
        pairs, arrangement="encoder-decoder", cell="gru", hidden=12, updates=120,
        learning_rate=0.03, batches="full",
    )  # fmt: skip
    teacher = engine.run(pairs, taught.experiment, parameters=taught.parameters)
    own = written(taught, top_k=1)
    assert own.batch.labels == teacher.batch.labels, "it has learnt them by heart"
    assert own.batch.own is not None and own.batch.own.T.tolist()[0] == [0, 0, 0, 1, 1]
    assert own.recording.loss == pytest.approx(teacher.recording.loss, rel=1e-9)
    fresh = engine.run(pairs, taught.experiment, feeding="own", top_k=1)
    logits = fresh.recording.value(*_logits(fresh))
    said = logits.argmax(-1)
    for b in range(fresh.recording.batch):
        read = fresh.batch.x[3:, b].argmax(-1)
        assert (read == said[: len(read), b])[fresh.batch.own[3:, b]].all()
    text = generate(taught, "two three", 6, top_k=1, stop=True)
    assert text.tokens == ("zwei", "drei", "■") and text.prompt == ("two", "three")
    assert len(generate(taught, "three", 6, seed=2).tokens) == 6
    for prompt, length, words in (("", 6, "give one with --prompt"), ("one", 500, "at most 200")):
        with pytest.raises(Unusable, match=words):
            generate(taught, prompt, length)
    same = written(taught, feeding="scheduled", truth=1.0)
    assert same.recording.loss == teacher.recording.loss


def _logits(run: engine.Run) -> tuple[int, int]:
    return next(
        (g, k)
        for g, segment in enumerate(run.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.role == "logit"
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"prompt": "I sink"}, "the prompt has sink, which the network does not know"),
        ({"top_k": 99}, "top_k must be 0..13, as many as there are tokens; got 99"),
        ({"temperature": 0}, "temperature must be 0.01..100, got 0"),
        ({"temperature": -1}, "temperature must be 0.01..100, got -1"),
        ({"write": 0}, "write must be 1..5000, got 0"),
        ({"forced": "3:sink"}, "forced must be steps with one of the 13 tokens each, like 9:I"),
        ({"prompt": "x" * 501}, "prompt must be at most 500 characters, got 501"),
    ],
)
def test_one_clear_line(sentences: Trained, settings: dict[str, object], words: str) -> None:
    with pytest.raises(Unusable) as caught:
        written(sentences, **settings)
    assert words in str(caught.value) and "\n" not in str(caught.value)
