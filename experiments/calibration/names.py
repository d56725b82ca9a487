"""Names: from what a file calls its groups to names of segments and markets."""

import re
from collections.abc import Iterable

from experiments.calibration.errors import DataError

EVERYONE = "customers"
"""Segment of a market whose data tell no groups apart; `all` stands for the sum over segments."""


def segment_names(labels: Iterable[str]) -> dict[str, str]:
    """Segment name by label: lower-case letters, digits and underscores, each its own, none of them `all`.

    Raises:
        DataError: two labels come to the same name.
    """
    found: dict[str, str] = {}
    for label in labels:
        name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
        name = EVERYONE if name in ("", "all") else name if name[0].isalpha() else f"segment_{name}"
        if name in found.values():
            raise DataError(
                f"segments {label!r} and another both come to the name {name}: rename one in the file"
            )
        found[label] = name
    return found
