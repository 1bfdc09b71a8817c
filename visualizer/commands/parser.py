"""How words after `main.py` are taken apart, and how wrong ones are told: one line.

Which words there are is in `options`.
"""

from __future__ import annotations

import argparse
from difflib import get_close_matches
from typing import Any, NoReturn

from engine.errors import BAD_SETTINGS, Unusable

EXIT_CODES = (
    "exit codes: 0 done, 1 the work failed or a check did not hold, 2 wrong usage, "
    "65 bad input file, 69 no screen, 130 interrupted"
)


class Parser(argparse.ArgumentParser):
    """Wrong usage ends like every other error: one line, which `door` prints."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "epilog": EXIT_CODES, **more})

    def read(self, words: list[str]) -> argparse.Namespace:
        """The options of these words; files may stand before them, behind them and between."""
        options, rest = self.parse_known_intermixed_args(words)
        if rest:
            known = [each for each in self._option_string_actions if each.startswith("--")]
            close = get_close_matches(rest[0].partition("=")[0], known, n=1)
            likely = f"did you mean {close[0]}, or " if close else ""
            raise Unusable(
                f"{rest[0]} is nothing that {self.prog} takes; {likely}see {self.prog} --help",
                exit=BAD_SETTINGS,
            )
        return options

    def error(self, message: str) -> NoReturn:
        raise Unusable(f"{message}; see {self.prog} --help", exit=BAD_SETTINGS)
