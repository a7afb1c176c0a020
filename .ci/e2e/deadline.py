"""Waiting for what must become true, with a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], seconds: float = 30, *, every: float = 0.1) -> T:
    """The first answer of `look` that counts as true; fails with the last one at the deadline."""
    limit = time.monotonic() + seconds
    while not (answer := look()):
        if time.monotonic() > limit:
            what = getattr(look, "__name__", "the condition")
            raise AssertionError(f"{what}: still {answer!r} after {seconds} s")
        time.sleep(every)
    return answer
