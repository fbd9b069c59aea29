"""Settings of all tests."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import settings

from tests.support.stores.postgresql import server

# How long an example takes says how busy the machine is, and nothing about the program.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Mark each test that takes a database, so that `make test-quick` can leave it out."""
    for item in items:
        if "postgresql" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> str:
    """The URL of a PostgreSQL server, in which :func:`empty_database` makes a database."""
    if "not database" in request.config.option.markexpr:
        pytest.fail("this test takes a database and does not have the mark `database`")
    return server()
