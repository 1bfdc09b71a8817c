"""The one exception for what was given and cannot be used; bugs keep their own classes."""

from __future__ import annotations

BAD_SETTINGS = 2
BAD_INPUT = 65


LONGEST = 1_000  # characters of a message; what files hold can be any length


class Unusable(ValueError):
    """Input or settings that cannot be used: one line saying what was given, allowed, to be done.

    `exit` is the exit code of a command that ends with it: 65 for a bad input file (the default),
    2 for settings that are out of range or contradict each other.
    """

    def __init__(self, message: str, *, exit: int = BAD_INPUT) -> None:
        # What files hold is quoted in messages: no line breaks, no escapes for the terminal.
        line = " ".join(message.split())
        if len(line) > LONGEST:
            line = f"{line[: LONGEST - 200]} … {line[-190:]}"
        self.message = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
        self.exit = exit
        super().__init__(self.message)


class Stopped(Unusable):
    """Long work that the user ended; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("stopped; nothing was changed", exit=130)
