"""Databases for measurements, with the recipients in them, on a PostgreSQL server."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec

from benchmarks.sending.sends import person
from storage.postgres.encoding import json_text
from storage.postgres.store import PostgresStore
from tests.support.stores.postgresql import server

_AT_ONCE = 20_000


@contextlib.contextmanager
def with_people(count: int, address: str, tenants: int = 1) -> Iterator[str]:
    """Makes a database with so many users in each tenant, and drops it at the end.

    :param address: the users' service address.
    """
    name = f"bench_{count}_{tenants}"
    url = urlunsplit(urlsplit(server())._replace(path=f"/{name}"))
    asyncio.run(_run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}"))
    try:
        asyncio.run(_fill(url, count, address, tenants))
        yield url
    finally:
        asyncio.run(_run(f"DROP DATABASE {name} WITH (FORCE)"))


@contextlib.contextmanager
def copied(url: str) -> Iterator[str]:
    """Makes a copy of a database, and drops it at the end.

    Nobody may be connected to the original.
    """
    name = urlsplit(url).path[1:]
    asyncio.run(_run(f"CREATE DATABASE {name}_run TEMPLATE {name}"))
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}_run"))
    finally:
        asyncio.run(_run(f"DROP DATABASE {name}_run WITH (FORCE)"))


def tenant(number: int) -> str:
    """Returns the id of a tenant. Number 0 is the tenant of all other measurements."""
    return person(0, "").tenant_id + (f"-{number}" if number else "")


async def _run(*statements: str) -> None:
    connection = await asyncpg.connect(server())
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _fill(url: str, count: int, address: str, tenants: int) -> None:
    """Writes the rows that the store would write, which would take a minute for 100,000 users."""
    store = PostgresStore(url)
    await store.open()
    await store.close()
    connection = await asyncpg.connect(url)
    row = functools.partial(_row, address=address)
    for number in range(tenants):
        for start in range(0, count, _AT_ONCE):
            await connection.copy_records_to_table(
                "users",
                records=[
                    row(user_number, tenant(number))
                    for user_number in range(start, min(start + _AT_ONCE, count))
                ],
                columns=[
                    "tenant_id",
                    "id",
                    "reachable",
                    "profile_known",
                    "email",
                    "upn",
                    "document",
                ],
            )
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def _row(number: int, tenant_id: str, address: str) -> tuple[object, ...]:
    user = msgspec.structs.replace(person(number, address), tenant_id=tenant_id)
    profile = user.profile
    return (
        tenant_id,
        user.id,
        True,
        True,
        profile.email.lower(),
        profile.upn.lower(),
        json_text(user),
    )
