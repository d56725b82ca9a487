"""Recent: what a process has made last, as far as it fits into some memory, so that it need not be made again."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Things by key; those not asked for longest give way.

    Args:
        room: bytes that all of them may take together; a larger thing is not kept at all.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._held: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._taken = 0

    def get(self, key: str) -> T | None:
        """What was kept under a key, if it is still there."""
        if key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key][0]

    def forget(self) -> None:
        """Keep nothing any more."""
        self._held.clear()
        self._taken = 0

    def keep(self, key: str, thing: T, size: int) -> None:
        """Keep a thing of so many bytes under a key, in the place of what stood there."""
        _, before = self._held.pop(key, (None, 0))
        self._taken -= before
        if size > self._room:
            return
        self._held[key] = thing, size
        self._taken += size
        while self._taken > self._room:
            _, (_, given_up) = self._held.popitem(last=False)
            self._taken -= given_up
