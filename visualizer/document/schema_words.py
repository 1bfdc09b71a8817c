"""What `session.json` has that its schema does not allow, in words for people: msgspec tells it in
the names of Python's types and a path.
"""

from __future__ import annotations

import re

TYPES = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a record",
    "null": "nothing",
}
_PLACE = re.compile(r" - at `(?:key in )?(.*)`$")
# the words of msgspec → ours; {0}, {1} are its groups, types among them put into words
SAID = (
    (r"Expected `([^`]*)`, got `([^`]*)`", "{0} is needed, {1} is there"),
    (r"Expected `([^`]*)` <= ([\d.e+-]+)", "{0} up to {1} is needed"),
    (r"Expected `([^`]*)` >= ([\d.e+-]+)", "{0} from {1} on is needed"),
    (r"Expected `([^`]*)` of length (.*)", "{0} of length {1} is needed"),
    (r"Object contains unknown field `([^`]*)`", "there is no field “{0}”"),
    (r"Object missing required field `([^`]*)`", "the field “{0}” is missing"),
)


def in_words(error: str) -> str:
    """The message of a validation error: where, what is needed, what is there."""
    found = _PLACE.search(error)
    place = f"{found[1].removeprefix('$').lstrip('.')}: " if found and found[1] != "$" else ""
    said = _PLACE.sub("", error)
    for pattern, words in SAID:
        match = re.fullmatch(pattern, said)
        if match:
            return place + words.format(*(_type(group) for group in match.groups()))
    return place + "it is not as a session has it"


def _type(words: str) -> str:
    """`int | null` is a whole number or nothing; what is no type stays."""
    return " or ".join(TYPES.get(word, word) for word in words.split(" | "))
