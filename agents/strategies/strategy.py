"""What every strategy is: frozen parameters, a calendar, and perhaps a hook at the save desk.

A strategy holds no state of its own: what it must remember is plain values in `view.state`, so that it can be restarted
from a copied world. It reads its `ProviderView` and pulls levers; it never sees a hidden state.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.quantities import quantity, whole

if TYPE_CHECKING:
    from agents.view import ProviderView

Calendar = Generator[simpy.events.Event, None, None]
Ids = NDArray[np.int32]


@dataclass(frozen=True)
class SaveOffer:
    """What would-be leavers are offered: depth and months by position; depth 0 is no offer."""

    depth: NDArray[np.float32]
    months: float


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """Parameters that all strategies share. Subclasses are frozen dataclasses, too.

    Attributes:
        kind: `passive`, `active`, `blend` or `placebo`.
        excludes: class names that cannot run beside this one at one provider.
        randomised_by: what an experiment on it draws lots over: `customers` (holdouts), `product` (staged releases), or
            `desk` (weeks).
        rations: whether what one customer gets is missing for another: seats, hours of named staff, a shared budget.
    """

    kind: ClassVar[str] = ""
    excludes: ClassVar[tuple[str, ...]] = ()
    randomised_by: ClassVar[str] = "customers"
    rations: ClassVar[bool] = False

    intensity: float = quantity("share", 0.0, 1.0, "0: nothing bought; 1: as configured.", default=1.0)
    budget: float = quantity(
        "currency per customer of the firm and month",
        0.0,
        1e6,
        "Most that contacts and offers may commit.",
        default=1e6,
    )
    priority: int = whole(
        "", 0, 99, "Place on the provider's contact calendar: lower is served first.", default=50
    )

    @property
    def peeks(self) -> bool:
        """Whether it sees hidden states: only with a targeting that declares it."""
        return bool(getattr(getattr(self, "targeting", None), "peeks", False))

    @property
    def learns(self) -> bool:
        """Whether it needs the provider's churn model."""
        return bool(getattr(getattr(self, "targeting", None), "learns", False))

    def launch(self, view: ProviderView) -> None:
        """What is bought once when the strategy is new; a continued programme skips it."""

    def set_up(self, view: ProviderView) -> None:
        """Levers that stay pulled while it runs; called whenever it starts, also when it is continued."""

    def calendar(self, view: ProviderView) -> Calendar:
        """What happens when: a SimPy process; the default has no dates."""
        yield from ()

    def save(self, view: ProviderView, leavers: Ids) -> SaveOffer | None:
        """What the save desk offers to leavers who must cancel in person; None where there is no such desk."""
        return None
