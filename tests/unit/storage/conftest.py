"""Databases for the tests of storage."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.postgresql import empty_database


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """An empty database."""
    async with empty_database() as url:
        yield url
