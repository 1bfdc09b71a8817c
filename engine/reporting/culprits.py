"""The usual culprits on the way in: what the loss reads, and what it should not read.

Each is asked twice, of the gradient and by moving inputs: a gradient of 0 may be saturation, and
an output that does not move is proof.
"""

from __future__ import annotations

import numpy as np

from engine.models.cotangents import DATA
from engine.reporting.case import Bools, Case, Floats
from engine.reporting.charts import by_step
from engine.reporting.finding import Bar, Chart, Line, Quantity, Said, Seen, numbers
from engine.reporting.learning import SAME, copied
from engine.reporting.rerun import input_places
from engine.reporting.words import count, listed, percent, short

FEW = 8  # columns that are moved one by one
SMOOTH, ROUGH = 0.5, 0.2  # correlation of neighbours along the right axis, along the wrong one
PADDING_ROWS = 2  # rows of zeros at an end that look like padding


# ------------------------------------------------------------------ is the input read


def reads_input(case: Case) -> Said:
    """Does the output depend on each input column at all."""
    columns = _columns(case)
    sizes = np.array([size for _, size, _ in columns])
    still = [name for name, _, moved in columns if not moved]
    silent = [name for name, size, moved in columns if moved and not size]
    seen = Seen(
        (
            Quantity("columns", float(len(columns))),
            Quantity("columns that move no output", float(len(still))),
            Quantity("smallest gradient of a column", float(sizes.min(initial=np.inf))),
            Quantity("largest gradient of a column", float(sizes.max(initial=0.0))),
        ),
        by_step(case, "Gradient that arrives at the inputs", "‖∂ℒ/∂x_{t}‖", case.input_deltas()),
    )
    if not case.moves(case.perturbed(case.inside)).any():
        said = "No output changes when all inputs are moved: the network does not read its input."
        return seen.bad(said, "Look for weights of zero, a detached or an overwritten tensor.")
    if still:
        is_are, it = ("is", "it") if len(still) == 1 else ("are", "them")
        said = f"{listed(still)} {is_are} not read: moving {it} changes no output at any step."
        advice = "Weights of zero, or masked away: check the order of the columns, and slices."
        return seen.bad(said, advice)
    if silent:
        said = f"The output moves with {listed(silent)}, but no gradient arrives there: what lies"
        advice = "See saturated gates; smaller inputs or weights bring the gradient back."
        return seen.look(f"{said} between is saturated.", advice)
    what = "Its input moves" if len(columns) == 1 else f"All {len(columns)} inputs move"
    return seen.good(f"{what} the output, and a gradient arrives there.")


def _columns(case: Case) -> list[tuple[str, float, bool]]:
    """Name, norm of the gradient, and whether the output moves with it, of every column; of many
    columns or of tokens only those are moved that have no gradient."""
    names = case.run.batch.input_names
    found = []
    for g, k in input_places(case.recording):
        rows = case.recording.plan.workspace.rows(("v", g, k))
        delta = np.asarray(case.recording.plan.workspace.rows(("d", g, k)), float)
        inside = case.recording.inside_of(g)
        low = int(dict(case.recording.slot(g, k).constants).get("low", 0))
        sizes = np.sqrt(np.square(np.where(inside[..., None], delta, 0)).sum((0, 1)))
        used = (rows != 0)[inside].any(0) if case.tokens else np.ones(len(sizes), bool)
        for n, size in enumerate(sizes.tolist()):
            if not used[n]:
                continue
            name = names[low + n] if low + n < len(names) else f"x{low + n + 1}"
            asked = not size or (len(sizes) <= FEW and not case.tokens)
            found.append((str(name), size, _moves(case, (g, k), n) if asked else True))
    return found


def _moves(case: Case, place: tuple[int, int], column: int) -> bool:
    moved = case.moved_inputs(case.inside)
    own = np.array(case.recording.plan.workspace.rows(("v", *place)))
    own[..., column] = moved[place][..., column]
    from_here = {p: np.array(case.recording.plan.workspace.rows(("v", *p))) for p in moved}
    again = case.again(from_here | {place: own})
    return bool(case.moves(again).any())


# ------------------------------------------------------------------ is the future read


def reads_future(case: Case) -> Said:
    """Does an output depend on inputs that come after it."""
    middle = max(int(case.recording.stop.max()) // 2, 1)
    later = case.inside & (np.arange(case.steps)[:, None] >= middle)
    changed = case.moves(case.perturbed(later))
    moved = int((changed & ~later).any(1).sum())
    by_gradient = _gradient_beyond(case, middle)
    line = Line("moved", numbers(np.arange(case.steps) + 1), numbers(_shares(case, changed)))
    title = f"Outputs that moved when inputs from step {middle + 1} on were moved"
    words = "inputs moved from here"
    seen = Seen(
        (
            Quantity("earlier steps that move with later inputs", float(moved)),
            Quantity("‖∂ℒ/∂x‖ beyond the step of the loss", by_gradient),
        ),
        Chart(title, "step", "share of sequences", (line,), mark=middle + 1.0, mark_words=words),
    )
    if not moved and not by_gradient:
        before = bool((case.counted & ~later).any())
        said = "No output" if before else "The loss is read after the last step; no output"
        said += f" before step {middle + 1} changes when the inputs from there on are moved, and no"
        said += " gradient of an earlier loss goes there: nothing leaks back from the future."
        return seen.good(said)
    said = f"Outputs of {count(moved, 'step')} before step {middle + 1} change with later inputs."
    if case.run.batch.task == "next" or copied(case, 1) >= SAME:
        said += " The target is the next input, which the network has then already read: a leak."
        return seen.bad(said, "Make every layer run forwards for next-step prediction.")
    advice = "Right where all of it is known before the answer, wrong for what is predicted live."
    return seen.look(f"{said} A layer reads the sequence backwards.", advice)


def _shares(case: Case, found: Bools) -> Floats:
    """Of the sequences that own a step, the share for which it was found."""
    return np.asarray(found.sum(1) / np.maximum(case.inside.sum(1), 1))


def _gradient_beyond(case: Case, middle: int) -> float:
    """‖∂ℒ_k/∂x_t‖ over all t > k, for the losses before the step `middle`."""
    weights = np.array(case.recording.loss_weights, float)
    if case.once or not case.own_loss or case.loss == "sum":
        return 0.0
    weights[middle:] = 0
    if not weights.any():
        return 0.0
    deltas = case.input_deltas(case.recording.with_loss_weights(weights))
    return float(np.sqrt(np.square(deltas[middle:]).sum()))


# ------------------------------------------------------------------ are sequences mixed up


def mixes_rows(case: Case) -> Said:
    """Does one sequence depend on another, and is the batch taken for time."""
    first = np.zeros_like(case.inside)
    first[:, 0] = case.inside[:, 0]
    others = case.moves(case.perturbed(first))[:, 1:].any(0)
    column = _one_column(case)
    time, batch = _smoothness(case)
    quantities = (
        Quantity("other sequences that move with the first", float(others.sum())),
        Quantity("correlation of neighbours in time", time),
        Quantity("correlation of neighbours in the batch", batch),
    )
    chart = None
    if np.isfinite(time) and np.isfinite(batch):
        bars = (Bar("in time", time), Bar("in the batch", batch))
        chart = Chart("Correlation of neighbouring inputs", "", "correlation", bars=bars)
    mistaken = (
        "Set batch_first=True, or give (steps, sequences, inputs); of a file: transpose x. The"
        f" network now sees {count(case.steps, 'step')} of {count(case.sequences, 'sequence')}."
    )
    seen = Seen(quantities, chart)
    if others.any():
        said = f"{count(int(others.sum()), 'other sequence')} of the batch changed with the first."
        return seen.bad(f"{said} A sequence reads its neighbours.", mistaken)
    if column is not None:
        said = (
            f"The loss reads sequence {column + 1} alone, and all of its steps: so does a loss of"
            " the last step, y[:, -1], if the batch is taken for time."
            " batch_first looks mistaken."
        )
        return seen.bad(said, mistaken)
    if batch > SMOOTH and time < ROUGH:
        said = (
            f"Neighbours in the batch are alike (correlation {short(batch)}), neighbours in time"
            f" are not ({short(time)}): the axes look exchanged. batch_first looks mistaken."
        )
        return seen.bad(said, mistaken)
    return seen.good("Moving one sequence changes no other; batch and time look as they should.")


def _one_column(case: Case) -> int | None:
    """The only sequence with a loss, if it has one at nearly all of its steps."""
    if case.loss != "cotangents" or case.sequences < 2 or case.steps < 2:
        return None
    data = case.recording.plan.workspace.stored[DATA]
    read = (data != 0).any(-1)
    columns = np.flatnonzero(read.any(0))
    if len(columns) != 1 or read[:, columns[0]].sum() < max(2, 0.8 * case.steps):
        return None
    return int(columns[0])


def _smoothness(case: Case) -> tuple[float, float]:
    """How alike neighbours are along time and along the batch; NaN where that says nothing."""
    if case.tokens or min(case.steps, case.sequences) < 4 or not case.inside.all():
        return np.nan, np.nan
    x = np.asarray(case.run.batch.x, float)
    x = x - x.mean((0, 1))
    power = float(np.square(x).mean())
    if not power or not np.isfinite(power):
        return np.nan, np.nan
    return float((x[1:] * x[:-1]).mean() / power), float((x[:, 1:] * x[:, :-1]).mean() / power)


# ------------------------------------------------------------------ is padding read


def reads_padding(case: Case) -> Said:
    """Does the loss depend on what stands behind the end of a sequence."""
    padding = ~case.real
    moved, own = _moved_padding(case, padding), _loss_on(case, padding)
    zeros = _zero_ends(case)
    quantities = (
        Quantity("share of the loss that is read on padding", own),
        Quantity("sequences whose outputs move with their padding", float(moved)),
        Quantity("sequences that end in rows of zeros", float(len(zeros))),
    )
    bars = (Bar("on real steps", 1 - own), Bar("on padding", own))
    chart = Chart("Where the loss is read", "", "share", bars=bars) if padding.any() else None
    advice = (
        "Mask the loss, or pack: give each sequence its length (pack_padded_sequence; lengths in"
        " the file; --padding pack)."
    )
    seen = Seen(quantities, chart)
    if own or moved:
        how = f"{percent(own)} of the loss is read there" if own else "outputs move with it"
        said = (
            f"Padding is read: {how}, and {count(moved, 'sequence')}"
            f" {'ends' if moved == 1 else 'end'} in another state when it is moved."
        )
        return seen.bad(said, advice)
    if zeros:
        b, begin = zeros[0]
        said = (
            f"{count(len(zeros), 'sequence')} of {case.sequences} "
            f"{'ends' if len(zeros) == 1 else 'end'} in rows of zeros that look like padding"
            f" (sequence {b + 1} from step {begin + 1} on), and the loss reads them."
        )
        return seen.bad(said, advice)
    if not padding.any():
        said = "There is no padding: all sequences have all steps."
        return seen.good(said)
    said = "Whatever stands in the padding, no output and no loss of a real step changes."
    return seen.good(said)


def _moved_padding(case: Case, padding: Bools) -> int:
    """How many sequences have an output that counts and moves with its padding."""
    if not padding.any():
        return 0
    again = case.again(case.moved_inputs(padding))
    return int((case.moves(again) & case.counted).any(0).sum())


def _loss_on(case: Case, padding: Bools) -> float:
    """The share of the loss that is read there."""
    if case.once or not padding.any():
        return 0.0
    each = np.abs(np.asarray(case.recording.losses * case.recording.loss_weights, float))
    whole = float(each.sum())
    return float(each[padding].sum()) / whole if whole > 0 else 0.0


def _zero_ends(case: Case) -> list[tuple[int, int]]:
    """Sequences that end in rows of zeros which the loss reads, and where those begin."""
    if case.tokens or case.sequences < 2:
        return []
    found, inner = [], 0
    x, stop = np.asarray(case.run.batch.x), np.asarray(case.recording.stop)
    for b in range(case.sequences):
        filled = np.flatnonzero(x[: stop[b], b].any(-1))
        begin = int(filled[-1]) + 1 if filled.size else int(stop[b])
        inner += begin - filled.size
        if stop[b] - begin >= PADDING_ROWS and case.counted[begin : stop[b], b].any():
            found.append((b, begin))
    # where rows of zeros stand between others too, they are data
    apart = len({begin for _, begin in found}) > 1 or len(found) < case.sequences
    return found if not inner and apart else []
