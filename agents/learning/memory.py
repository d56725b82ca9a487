"""What a strategy's memory must be able to do."""

from __future__ import annotations

from typing import Protocol, Self, runtime_checkable


@runtime_checkable
class Memory(Protocol):
    """What a strategy has learned: plain state (numbers and arrays), made empty, copied when a world is copied."""

    def copy(self) -> Self:
        """The same knowledge in another world."""
        ...
