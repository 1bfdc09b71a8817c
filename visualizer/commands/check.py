"""`main.py check`: every op and parameter against the forward code alone, as a table."""

from __future__ import annotations

import argparse
import json
import math

from engine.check import Row, check_run
from visualizer.commands.given import note
from visualizer.commands.numbers import finite
from visualizer.commands.what import variants

FAILED = 1


def perform(options: argparse.Namespace) -> int:
    checked = []
    for each in variants(options):
        run = each.derived.run
        rows = check_run(run)
        if not run.recording.has_gradients:
            note("there is no loss, so only the ops were checked")
        checked.append((each.title, rows, [row.name for row in rows if not row.ok]))
        if not options.json:
            _print_table(*checked[-1])
    if options.json:
        objects = [_object(*each) for each in checked]
        more = {"variants": objects[1:]} if len(objects) > 1 else {}
        print(json.dumps(finite({**objects[0], **more}), ensure_ascii=False))
    return FAILED if any(failed for _, _, failed in checked) else 0


def _worst(rows: tuple[Row, ...]) -> float:
    """The largest error; NaN, which is worse than any number, if there is one."""
    errors = [row.error for row in rows]
    return math.nan if any(math.isnan(e) for e in errors) else max(errors, default=0.0)


def _object(title: str, rows: tuple[Row, ...], failed: list[str]) -> dict[str, object]:
    return {
        **({"title": title} if title else {}),
        "checked": len(rows),
        "worst": _worst(rows),
        "failed": failed,
        "rows": [{"name": r.name, "error": r.error, "method": r.method} for r in rows],
    }


def _print_table(title: str, rows: tuple[Row, ...], failed: list[str]) -> None:
    if title:
        print(f"variant {title}")
    width = max(len(row.name) for row in rows)
    for row in rows:
        verdict = "ok" if row.ok else f"FAILED: at most {row.tolerance:g} is allowed"
        print(f"{row.name:{width}}  {row.error:9.2e}  {row.method:12}  {verdict}")
    print(f"{len(rows)} checked, {len(failed)} failed, worst relative error {_worst(rows):.2e}")
