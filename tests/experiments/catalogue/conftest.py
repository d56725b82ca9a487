"""The catalogue of what is registered, looked up once."""

import pytest

from experiments.catalogue.entries import Catalogue, catalogue


@pytest.fixture(scope="session")
def known() -> Catalogue:
    """Everything that is registered."""
    return catalogue()
