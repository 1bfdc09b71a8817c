"""Writing one file so that a kill at any moment leaves the old version or the new one.

Here lives the only code of the program that replaces a file; sessions, exports and arrays come as
finished bytes. What the bytes mean stands with those who make them.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from engine.errors import Unusable

WORK_FAILED = 1  # exit code: what was asked is fine, the place it should go to is not


def replace_file(path: str | os.PathLike[str], data: bytes, keep_previous: bool = False) -> None:
    """Write `data` to `path`: all of it or nothing, on the disk before this returns.

    With `keep_previous` the version before stays beside it under its name and a tilde. A device or
    a pipe (/dev/stdout) cannot be replaced and is written to as it is. Raises `Unusable`.
    """
    target = check_place(path)
    try:
        if _is_stream(path):
            with open(path, "wb", buffering=0) as device:
                _write_all(device.fileno(), data)
            return
        _replace(target, data, keep_previous)
    except OSError as error:
        raise Unusable(
            f"{path} was not written: {error.strerror or error}; nothing was changed, "
            "free some space or choose another place",
            exit=WORK_FAILED,
        ) from error


def check_place(path: str | os.PathLike[str]) -> Path:
    """The real path behind `path` (links followed), or `Unusable` if nothing can be written there.

    Cheap: callers ask before long work, so that an hour is not lost to a mistyped folder.
    """
    target = Path(os.path.realpath(path))
    folder = target.parent
    if target.is_dir():
        raise Unusable(f"{path} is a folder; give the name of a file in it", exit=WORK_FAILED)
    if not folder.is_dir():
        problem = "is not a folder" if folder.exists() else "does not exist"
        raise Unusable(
            f"cannot write {path}: {folder} {problem}; create it or choose another",
            exit=WORK_FAILED,
        )
    if not os.access(path if _is_stream(path) else folder, os.W_OK):
        raise Unusable(
            f"cannot write {path}: no permission for {folder}; choose another folder",
            exit=WORK_FAILED,
        )
    return target


def _is_stream(path: str | os.PathLike[str]) -> bool:
    """/dev/stdout may lead to an ordinary file, which others still hold open: never replace it."""
    target = Path(path)
    return target.exists() and (not target.is_file() or target.is_relative_to("/dev"))


def _replace(target: Path, data: bytes, keep_previous: bool) -> None:
    part = target.with_name(f".{target.name}.part")  # one fixed name: a leftover is overwritten
    with contextlib.suppress(FileNotFoundError):
        part.unlink()
    try:
        _write_part(part, target, data)
        if keep_previous and target.exists():
            _keep(target)
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    _sync_folder(target.parent)


def _write_part(part: Path, target: Path, data: bytes) -> None:
    """Write, sync and measure the new file, and only then give it a name.

    Where the system has nameless files a kill during the write leaves nothing at all behind.
    """
    descriptor, nameless = _open(part)
    try:
        with contextlib.suppress(OSError):
            os.chmod(descriptor, stat.S_IMODE(target.stat().st_mode))
        _write_all(descriptor, data)
        os.fsync(descriptor)
        written = os.fstat(descriptor).st_size
        if written != len(data):  # seen on full disks: no error, and a short file
            raise OSError(f"{written} of {len(data)} bytes arrived")
        if nameless:
            # a folder descriptor makes link() follow the /proc entry to the file behind it
            os.link(f"/proc/self/fd/{descriptor}", part, src_dir_fd=descriptor)
    finally:
        os.close(descriptor)


def _open(part: Path) -> tuple[int, bool]:
    if hasattr(os, "O_TMPFILE") and os.path.isdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # not every file system has nameless files
            return os.open(part.parent, os.O_TMPFILE | os.O_WRONLY, 0o666), True
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    return os.open(part, flags, 0o666), False


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _keep(target: Path) -> None:
    """Give the current version its second name; `target` itself is never absent meanwhile."""
    previous = target.with_name(target.name + "~")
    with contextlib.suppress(FileNotFoundError):
        previous.unlink()
    try:
        os.link(target, previous)
    except OSError:  # no hard links here: a copy
        previous.write_bytes(target.read_bytes())


def _sync_folder(folder: Path) -> None:
    """A name is on the disk only when its folder is; some systems cannot, and need not, do it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
