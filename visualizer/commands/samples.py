"""`main.py samples`: the sequences that come with the program, and tasks that draw fresh ones."""

from __future__ import annotations

import argparse
import json

from engine.sequences import samples
from engine.sequences.generated import GENERATED


def perform(options: argparse.Namespace) -> int:
    rows = [{"id": s.id, "title": s.title, "about": s.about} for s in samples()]
    rows += [{"id": t.id, "title": t.title, "about": t.about} for t in GENERATED.values()]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    width = max(len(row["id"]) for row in rows)
    for row in rows:
        print(f"{row['id']:{width}}  {row['title']}: {row['about']}")
    return 0
