"""The settings that say what the network is: the first part of an experiment's.

How they are checked, shown and changed stands in `engine.experiment`, with all the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.choices import (
    ARRANGEMENT_CHOICES,
    CELL_CHOICES,
    CHAIN,
    FEED_FORWARD,
    NETWORK,
    OWN,
    PICTURES,
    RECURRENT,
)
from engine.setting import choice, number


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """What is repeated, how wide, how deep, and how its steps hang together."""

    arrangement: str = choice(
        "recurrent", ARRANGEMENT_CHOICES, "Arrangement", "how steps hang together", reshapes=True
    )
    cell: str = choice(
        "elman",
        CELL_CHOICES,
        "Cell",
        "what is repeated at every step",
        when=((CHAIN,),),
        reshapes=True,
    )
    nonlinearity: str = choice(
        "tanh",
        ("tanh", "relu", "identity", "sigmoid"),
        "Nonlinearity",
        "σ in h = σ(W_hh h + W_xh x + b)",
        when=((CHAIN, ("cell", ("elman", "conv-rnn"))), (FEED_FORWARD,)),
    )
    reset: str = choice(
        "after",
        ("after", "before"),
        "Reset gate",
        "after the product, r ⊙ (U h) as in PyTorch, or before it, U (r ⊙ h) as in the paper",
        when=((CHAIN, ("cell", ("gru",))),),
        reshapes=True,
    )
    hidden: int = number(
        "int",
        8,
        1,
        4096,
        "Hidden units",
        "width of the state; channels of a convolutional cell",
        when=((NETWORK,),),
        reshapes=True,
        log=True,
    )
    projection: int = number(
        "int",
        0,
        0,
        4096,
        "Projection",
        "width of what an LSTM hands on, h = P m; 0: all of its units",
        when=((CHAIN, ("cell", ("lstm",))),),
        reshapes=True,
    )
    layers: int = number(
        "int",
        1,
        1,
        8,
        "Layers",
        "recurrent layers, stacked",
        when=((("arrangement", tuple(a for a in ARRANGEMENT_CHOICES[:-1] if a != "per-layer")),),),
        reshapes=True,
    )
    direction: str = choice(
        "forward",
        ("forward", "both"),
        "Direction",
        "both: a second chain reads each sequence from its end, and the readout sees both",
        when=((RECURRENT, ("reads", ("every",)), ("readout", ("every", "last"))),),
        reshapes=True,
    )
    taps: int = number(
        "int",
        2,
        2,
        16,
        "Taps",
        "steps that a temporal convolution reads",
        when=((("arrangement", ("temporal-convolution",)),),),
        reshapes=True,
    )
    dilation: int = number(
        "int",
        1,
        1,
        8,
        "Dilation",
        "layer l reads steps dilation^l apart",
        when=((("arrangement", ("temporal-convolution",)), ("layers", tuple(range(2, 9)))),),
    )
    encoder: str = choice(
        "none",
        ("none", "convolution"),
        "Encoder",
        "convolution, relu, pooling and flattening of each picture before the recurrence",
        when=((RECURRENT,),),
        reshapes=True,
    )
    kernel: int = number(
        "int",
        3,
        1,
        15,
        "Kernel",
        "width of a convolution over pictures, odd",
        when=((CHAIN, ("cell", PICTURES)), (RECURRENT, ("encoder", ("convolution",)))),
        reshapes=True,
    )
    decoder: str = choice(
        "linear",
        ("linear", "feed-forward"),
        "Decoder",
        "s = V h + c, or a layer of tanh units before it",
        when=((NETWORK,),),
        reshapes=True,
    )
    reads: str = choice(
        "every",
        ("every", "first"),
        "Input",
        "at every step, or at the first one only (one-to-many)",
        when=((RECURRENT, ("readout", ("every",))),),
    )
    readout: str = choice(
        "every",
        ("every", "last", "after"),
        "Readout",
        "a readout and a loss at every step, at the last, or after all was read",
        when=((("arrangement", ("recurrent", "per-layer", "temporal-convolution", "attention")),),),
    )
    padding: str = choice(
        "pack",
        ("pack", "mask", "pad"),
        "Ragged ends",
        "pack: each sequence stops at its own length; mask: the state is held to the end of the "
        "longest and the loss masked; pad: zeros are read as if they were input",
        when=((RECURRENT, ("reads", ("every",)), ("readout", ("every", "last"))), (OWN,)),
    )
