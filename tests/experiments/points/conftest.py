"""A question over a shipped market whose answer is planted."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from experiments.compose import Resolved, compose
from experiments.console import Console
from experiments.points.survey import Survey
from experiments.session import session
from experiments.work import Model
from experiments.workers import Pool

SMALL = ["experiment=sweep", "scenarios=[none,active]", "goal=profit", "market.churn_target=null"]


@pytest.fixture(scope="package")
def question() -> Resolved:
    """Two scenarios in telecom, composed once."""
    return compose(SMALL)


class Running(Protocol):
    """Starts a survey in a folder."""

    def __call__(
        self, folder: Path, simulate: Any, workers: int = 0, resolved: Resolved | None = None
    ) -> AbstractContextManager[Survey]:
        """Give a survey whose tasks are simulated so."""
        ...


@pytest.fixture
def running(question: Resolved) -> Running:
    """Give the function that starts a survey."""

    @contextmanager
    def start(
        folder: Path, simulate: Any, workers: int = 0, resolved: Resolved | None = None
    ) -> Iterator[Survey]:
        with (
            Pool(workers) as pool,
            session(resolved or question, folder, Console(quiet=True), pool, Model(simulate)) as held,
        ):
            yield Survey(held)

    return start
