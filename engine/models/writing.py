"""A model over tokens that writes: embedding or one-hot tokens, recurrent layers, a linear layer.

The rows of the embedding go into the matrices of the first layer, W (E x) = (W E) x, so that what
comes of it is a network of this program that reads tokens and predicts the next. What its tokens
are no weight file says; `symbols_of` reads what somebody says. Writing is in `engine.training`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine import files, strict_json
from engine.errors import Unusable
from engine.models.conversion import suffix
from engine.models.model import Model
from engine.models.weights import Array
from engine.sequences import Sequence
from engine.sequences.wording import STOP
from engine.training.history import Log
from engine.training.trained import Trained
from engine.training.training import Training

MOST_BEGUN = 256  # tokens with which a text may begin, if nobody gives a prompt
NEVER = -1e4  # logit of the stop token, which the model does not know
READS = {"LSTM": "W", "GRU": "W_x", "RNN": "W_xh"}  # what multiplies x


def symbols_of(given: str) -> tuple[str, ...]:
    """The tokens of a model in their order: a string of them, a .json with a list or {token:
    index}, or a text, whose different characters are sorted. Unusable if it is none of these."""
    path = Path(given)
    if len(given) > 200 or not path.is_file():
        return tuple(given)
    if path.suffix.lower() != ".json":
        return tuple(sorted(set(files.text(files.load(path), path.name))))
    found = strict_json.parse(files.load(path), path.name)
    if isinstance(found, dict) and sorted(map(str, found.values())) == _counted(len(found)):
        found = sorted(found, key=lambda token: int(found[token]))
    elif isinstance(found, dict) and sorted(found) == _counted(len(found)):
        found = [found[str(n)] for n in range(len(found))]
    if not isinstance(found, list) or not all(isinstance(each, str) and each for each in found):
        raise Unusable(f"{path.name} is no vocabulary; a list of tokens or {{token: index}} is one")
    return tuple(found)


def _counted(count: int) -> list[str]:
    return sorted(map(str, range(count)))


def as_trained(model: Model, symbols: tuple[str, ...]) -> Trained:
    """The model as one that can write, over these tokens. Unusable, one line, if its layers or
    their number of tokens are others."""
    table = _table(model)
    count, outputs = len(table), model.wiring.behind[-1].sizes[1]
    if not len(set(symbols)) == len(symbols) == count == outputs or STOP in symbols:
        raise Unusable(
            f"{model.name} reads {count} tokens and writes {outputs}, but --symbols gives"
            f" {len(set(symbols))} different ones of {len(symbols)}; it needs each once, in the"
            " order of the model",
            exit=2,
        )
    ours = dict(model.parameters())
    matrix = READS[model.stack.kind] + suffix(model.wiring.layers, 0, 0)
    state = ours[matrix].shape[1] - table.shape[1]  # of an LSTM h stands before x
    reads = ours[matrix][:, state:] @ table.T
    stop = np.zeros((len(reads), 1))
    ours[matrix] = np.concatenate([ours[matrix][:, :state], reads, stop], 1)
    ours["V"] = np.concatenate([ours["V"], np.zeros((1, ours["V"].shape[1]))])
    ours["c"] = np.append(ours.get("c", np.zeros(count)), NEVER)
    words = any(len(each) > 1 for each in symbols)
    begun = tuple((" " if words else "").join((each, symbols[0])) for each in symbols[:MOST_BEGUN])
    sequence = Sequence(
        kind="text", texts=begun, tokens="words" if words else "characters", vocabulary=symbols,
        title=model.name, source=model.name,
    )  # fmt: skip
    experiment = model.experiment().changed(task="next", readout="every")
    return Trained(experiment, Training(), sequence, ours, Log(Training(), 0).history())


def _table(model: Model) -> Array:
    """What the recurrence reads of each token, (V, I)."""
    wiring = model.wiring
    alike = {(s.kind, s.hidden, s.projection, s.reset_after) for s in wiring.stacks}
    head = wiring.behind[0] if len(wiring.behind) == 1 else None
    forward = all(stack.directions == 1 for stack in wiring.stacks)
    plain = len(alike) == 1 and forward and not wiring.last and model.recorded is None
    if head is None or head.activation not in ("identity", "softmax") or not plain:
        raise Unusable(
            f"{model.name} cannot write ({wiring.words}); one that can has an embedding or one-hot"
            " tokens, recurrent layers forward, one linear layer at every step: --wire decides",
            exit=2,
        )
    if not wiring.before:
        return np.eye(wiring.inputs)
    if len(wiring.before) > 1 or not wiring.tokens:
        raise Unusable(
            f"{model.name} cannot write: {wiring.words} does not begin with an embedding", exit=2
        )
    return np.asarray(model.weights.arrays[wiring.before[0].layer.weight], np.float64)
