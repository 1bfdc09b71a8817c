"""What is wrong with a damaged file, in few words of this program: libraries say it in theirs, each
differently, and for those who wrote them.

Which file it is and what is to be done is said where the file is read.
"""

from __future__ import annotations

EARLY = "it ends too early"
# a part of what a library says, in small letters → what that means for the file
MEANS = (
    ("not a zip file", "its end is missing, where a zip has its directory"),
    ("crc", "the checksum of a part is wrong"),
    ("checksum", "the checksum of a part is wrong"),
    ("truncat", EARLY),
    ("too early", EARLY),
    ("not enough", EARLY),
    ("remain", EARLY),
    ("end of", EARLY),
    ("eof", EARLY),
    ("decompress", "a packed part cannot be unpacked"),
    ("overlap", "two parts lie over each other"),
)


def damage(error: Exception, otherwise: str) -> str:
    """What is wrong; `otherwise` where the words of the library are none of those known."""
    said = f"{type(error).__name__} {error}".casefold()
    return next((meaning for words, meaning in MEANS if words in said), otherwise)
