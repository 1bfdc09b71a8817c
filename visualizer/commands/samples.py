"""`main.py samples`: the sequences that come with the program."""

from __future__ import annotations

import argparse
import json

from engine.sequences import samples


def perform(options: argparse.Namespace) -> int:
    rows = [{"id": s.id, "title": s.title, "about": s.about} for s in samples()]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    width = max(len(row["id"]) for row in rows)
    for row in rows:
        print(f"{row['id']:{width}}  {row['title']}: {row['about']}")
    return 0
