"""FINDINGS: one row a finding. What it needs is a row of NEEDS; both are asked in this order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.reporting import culprits, entries, learning, memory, sizes, units
from engine.reporting.case import Case
from engine.reporting.finding import Said


@dataclass(frozen=True, slots=True)
class Need:
    """`holds` of a case; `lacks`: what is missing, and what to give."""

    holds: Callable[[Case], bool]
    lacks: str


NEEDS = {
    "inputs": Need(
        lambda case: not case.noise,
        "no inputs came with the model and noise stands in for them; give --inputs FILE.npz with x,"
        " --sequence FILE, or a recorded run (main.py snippet pytorch)",
    ),
    "numbers": Need(
        lambda case: not case.tokens, "the inputs are tokens, which have no scale; nothing to give"
    ),
    "gradient": Need(
        lambda case: case.loss != "none",
        "there is no loss and no state to put one on; give targets (--task) or cotangents",
    ),
    "loss": Need(
        lambda case: case.own_loss,
        "there is no loss of yours, and the sum of the last outputs stands in for it; give targets"
        " (--task), cotangents (cot_y in --inputs), or a recorded run (main.py snippet pytorch)",
    ),
    "targets": Need(
        lambda case: case.loss == "targets",
        "there are no targets here; give a sequence with targets (--task next, class, regression)",
    ),
    "answers": Need(
        lambda case: learning.answers(case) > 1,
        "one target alone is met by a constant; give a sequence with several",
    ),
    "losses": Need(
        lambda case: not case.once,
        "each sequence has one target alone; a loss at every step is needed (--readout every)",
    ),
    "sequences": Need(
        lambda case: case.sequences > 1, "there is one sequence; give a batch of several"
    ),
    "chain": Need(
        lambda case: bool(case.chains) and case.steps > 1,
        "nothing is carried from step to step here; give a recurrent network and several steps",
    ),
    "steps": Need(lambda case: case.steps > 1, "there is one step; give a longer sequence"),
    "gates": Need(
        lambda case: bool(units.gates_of(case)), "this network has neither gates nor tanh units"
    ),
    "relu": Need(lambda case: bool(units.relus(case)), "this network has no relu"),
    "float32": Need(
        lambda case: case.recording.dtype.itemsize < 8,
        "it was computed in float64 already; --dtype float32 compares",
    ),
    "shared": Need(
        lambda case: bool(sizes.shared_parameters(case)), "no parameter is shared by many steps"
    ),
    "overfit": Need(lambda case: case.overfit, "it was left out (--no-overfit)"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to ask. `work`: about how long it takes, against the others. `fresh`: the same is
    asked of a fresh start."""

    id: str
    name: str
    question: str
    examine: Callable[[Case], Said]
    needs: tuple[str, ...] = ()
    work: float = 1.0


FINDINGS = (
    Row("finite", "Finite numbers", "Which number is the first that is not finite?",
        units.first_not_finite),
    Row("input", "Input is read", "Does the loss depend on the inputs at all?",
        culprits.reads_input, ("inputs", "gradient"), 3),
    Row("future", "Future leak", "Does an output depend on inputs that come later?",
        culprits.reads_future, ("steps", "gradient")),
    Row("batch", "Batch and time", "Does one sequence depend on another one of the batch?",
        culprits.mixes_rows, ("inputs", "sequences")),
    Row("padding", "Padding is read", "Does the loss depend on what stands behind the end?",
        culprits.reads_padding, ("inputs", "loss")),
    Row("targets", "Shifted targets", "Would the targets fit better one step beside?",
        learning.shifted_targets, ("targets", "losses")),
    Row("constant", "Constant answer", "Is it better than an answer that is always the same?",
        learning.beats_constant, ("targets", "answers")),
    Row("scale", "Input scale", "Are the inputs of a size that gates can take?",
        entries.input_scale, ("inputs", "numbers")),
    Row("idle", "Idle parameters", "Does every parameter have a gradient?",
        entries.idle_parameters, ("loss",)),
    Row("overfit", "Learns by heart", "Can it learn this one sequence?",
        learning.overfits, ("overfit", "inputs", "targets"), 20),
    Row("horizon", "Memory horizon", "How many steps back does the last loss reach?",
        memory.memory_horizon, ("chain", "gradient"), 2),
    Row("explosion", "Exploding steps", "Does the gradient grow on its way back, and where?",
        memory.exploding_steps, ("chain", "gradient")),
    Row("gates", "Saturated gates", "How many gates and units are stuck at an end?",
        units.saturated, ("gates",), 2),
    Row("relu", "Dead units", "How many relu units are 0 for ever?", units.dead_units, ("relu",)),
    Row("steps", "Steps that decide", "Does one step outweigh the others in what is learnt?",
        sizes.dominating_steps, ("shared", "loss"), 2),
    Row("clip", "Clip threshold", "How much do gradient norms differ, and where to clip?",
        sizes.clip_threshold, ("loss",), 8),
    Row("padded", "Padded share", "How much of the batch is padding?", sizes.padded_share,
        ("inputs", "sequences")),
    Row("precision", "Precision", "Would float64 give another gradient?",
        units.precision, ("float32", "gradient")),
)  # fmt: skip
