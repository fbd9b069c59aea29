"""Databases for the tests of storage."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.stores.postgresql import empty_database


@pytest.fixture
async def url(postgresql: str) -> AsyncIterator[str]:
    """An empty database."""
    async with empty_database(postgresql) as url:
        yield url
