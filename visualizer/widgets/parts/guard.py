"""Guards for methods that Qt calls: an exception there must never reach Qt, where it would crash.

Here lives the catching and the handing on to whoever reports; the showing lives in the banner.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

Method = TypeVar("Method", bound=Callable[..., Any])
Listener = Callable[[BaseException], None]

log = logging.getLogger("unrolled")
_listeners: list[Listener] = []
_seen: set[tuple[str, str]] = set()


def listen(listener: Listener) -> None:
    """`listener` hears of every kind of failure once; the newest listener is the only one."""
    _listeners[:] = [listener]
    _seen.clear()


def report(error: BaseException, where: str) -> None:
    """Log the failure with its traceback and tell the listener, once for each place and message."""
    key = (where, repr(error))
    if key in _seen:
        return
    _seen.add(key)
    log.error("%s failed: %r", where, error, exc_info=error)
    for listener in _listeners:
        listener(error)


def guarded(neutral: Any = None) -> Callable[[Method], Method]:
    """Decorator for overrides of Qt's virtual methods: on failure report and return `neutral`."""

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def call(self: Any, *args: Any, **named: Any) -> Any:
            try:
                return method(self, *args, **named)
            except Exception as error:
                report(error, method.__qualname__)
                return neutral() if callable(neutral) else neutral

        call.guarded = True  # type: ignore[attr-defined]
        return cast(Method, call)

    return decorate
