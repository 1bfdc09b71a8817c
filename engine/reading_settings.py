"""The settings that say what a step reads: the truth, now and then, or what the network said.

How they are checked, shown and changed stands in `engine.experiment`; who feeds, in
`engine.training.feedback`.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.network_settings import NetworkSettings
from engine.setting import choice, number, setting, text

FEEDINGS = ("teacher", "scheduled", "own")
GROUP = "Writing"
MOST_WRITTEN = 5000
# a chain that says something of the next step at every step; where it reads one input only, what it
# says is drawn and read by nobody
SPEAKS = (
    ("arrangement", ("recurrent",)),
    ("readout", ("every",)),
    ("reads", ("every", "first")),
    ("direction", ("forward",)),
    ("task", ("auto", "next")),
)
# one that reads all first, and writes the target token by token
PAIRS = (("arrangement", ("encoder-decoder",)),)
OWN = ((*SPEAKS, ("feeding", ("own",))),)
TAKEN = (*OWN, (*PAIRS, ("feeding", ("own",))))
DRAWN = tuple((*each, ("feeding", FEEDINGS[1:])) for each in (SPEAKS, PAIRS))


@dataclass(frozen=True, slots=True)
class ReadingSettings(NetworkSettings):
    """Teacher forcing, scheduled sampling, or a network that goes on by itself."""

    feeding: str = choice(
        "teacher",
        FEEDINGS,
        "Feeding",
        "teacher: every step reads the truth; scheduled: a coin at each step, truth or own output; "
        "own: after the prompt the network reads what it wrote",
        group=GROUP,
        when=(SPEAKS, PAIRS),
    )
    truth: float = number(
        "float",
        0.5,
        0.0,
        1.0,
        "Truth ε",
        "probability with which a step reads the truth, and not the output of the step before",
        group=GROUP,
        when=tuple((*each, ("feeding", ("scheduled",))) for each in (SPEAKS, PAIRS)),
    )
    prompt: str = text(
        500,
        "Prompt",
        "what is read first; empty: a token with which a text begins",
        group=GROUP,
        when=OWN,
    )
    write: int = number(
        "int", 20, 1, MOST_WRITTEN, "Length", "tokens that are written", group=GROUP, when=OWN
    )
    temperature: float = number(
        "float",
        1.0,
        0.01,
        100.0,
        "Temperature τ",
        "logits are divided by it: below 1 likely tokens come more often, above 1 less",
        group=GROUP,
        when=TAKEN,
        log=True,
    )
    top_k: int = number(
        "int",
        0,
        0,
        100_000,
        "Top k",
        "only the k likeliest tokens may come; 1: the likeliest (argmax), 0: all",
        group=GROUP,
        when=TAKEN,
    )
    ending: bool = setting(
        "bool", False, "Stop token", "it may come, and ends the text", group=GROUP, when=OWN
    )
    forced: str = text(
        2000,
        "Forced",
        "tokens put in place of drawn ones, by the step after which they come: 9:q 12:␣",
        group=GROUP,
        when=OWN,
    )
    draws: int = number(
        "int",
        0,
        0,
        2**31 - 1,
        "Draw seed",
        "of the coins, and of the tokens that are drawn",
        group=GROUP,
        when=DRAWN,
    )
