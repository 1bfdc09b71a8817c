"""The table of steps that `run` prints: the gradient norm of every state at every step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.door import Run

SHOWN = 30  # steps at either end of a long table; --json prints all


def norm_columns(run: Run) -> list[tuple[str, Sequence[float]]]:
    """A named column for every state, layer and direction: ‖δ(h)‖, ‖δ(h^2)‖, ‖δ(h←)‖."""
    columns = []
    several = run.experiment.layers > 1
    for symbol in ("h", "c"):
        chains = run.chains(symbol)
        norms = run.norms(symbol) if chains else []
        for chain, row in zip(chains, norms if len(chains) > 1 else [norms]):
            segment = run.network.segments[chain[0][0]]
            mark = f"^{segment.layer + 1}" if several else ""
            mark += "←" if segment.direction < 0 else ""
            columns.append((f"‖δ({symbol}{mark})‖", row))
    return columns


def step_lines(run: Run, shown: int = SHOWN) -> Iterator[str]:
    """A line for each step with ‖δ‖ of every state; `shown` at either end."""
    columns = norm_columns(run)
    # several sequences share the norms, so their steps have no one label
    labels = run.batch.labels[0] if run.batch.size == 1 and run.batch.labels else ()
    steps = len(columns[0][1])
    width = max([5, *(len(_cut(label)) for label in labels)])
    yield "step  " + "".ljust(width) + "".join(name.rjust(14) for name, _ in columns)
    for t in range(steps):
        if steps > 2 * shown + 1 and t == shown:
            yield f"…     {steps - 2 * shown:,} more steps (--json prints all)"
        if steps > 2 * shown + 1 and shown <= t < steps - shown:
            continue
        label = _cut(labels[t]) if t < len(labels) else ""
        yield f"{t + 1:4}  {label:{width}}" + "".join(f"{row[t]:14.6g}" for _, row in columns)


def _cut(label: str) -> str:
    """A label for one line: a token may be a line end, or long."""
    shown = label.encode("unicode_escape").decode() if not label.isprintable() else label
    return shown if len(shown) <= 16 else shown[:15] + "…"
