"""PostgreSQL: a pool of connections to one database, and connections for special uses."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from storage.damage import DamageLog
from storage.errors import StoreError, Unavailable
from storage.postgres.connection.faults import translated
from storage.postgres.connection.listening import Listening
from storage.postgres.connection.rules import STANDARD, ConnectionRules
from storage.postgres.connection.session import Connection, Row, Session

_log = logging.getLogger(__name__)

_SILENCE = 2.0
"""Seconds that a server has, past a statement's limit, to report that the limit was exceeded."""


class Database:
    """A bounded pool of connections to one database.

    Every error is a StoreError: Unavailable for those that pass by themselves.
    """

    def __init__(self, url: str, rules: ConnectionRules = STANDARD) -> None:
        self._url = url
        self._rules = rules
        self._pool: asyncpg.Pool[Any] | None = None
        self.damages = DamageLog()
        """Logs rows that are left out because they are not understood."""
        self._waits_because = ""
        """The reason why :meth:`open` still waits."""

    async def open(self) -> None:
        """Connects; waits for a database that can't be reached yet, and logs that it waits.

        Raises Unavailable when it still can't be reached after ``ConnectionRules.patience``, and
        StoreError at once when waiting does not help: a wrong password, a database that does not
        exist.
        """
        if self._pool is not None:
            raise StoreError("The store is open already.")
        loop = asyncio.get_running_loop()
        until = loop.time() + self._rules.patience
        while self._pool is None:
            try:
                with translated(self._place):
                    self._pool = await self._connected()
            except Unavailable as error:
                left = until - loop.time()
                if left <= 0:
                    raise Unavailable(
                        f"No database at {self._place} within {self._rules.patience:.0f} s: {error}"
                    ) from error
                self._waits_because = f": {error}"
                _log.warning(
                    "waiting for the database at %s, for %.0f s more: %s", self._place, left, error
                )
                await asyncio.sleep(min(self._rules.pause, left))

    async def close(self) -> None:
        """Waits for what is under way, for as long as a statement may take; then disconnects."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(self._rules.statement):
                await pool.close()
        except TimeoutError:
            pool.terminate()

    async def check(self) -> None:
        """Raises Unavailable unless a server answers soon and takes writes."""
        if self._pool is None:
            raise Unavailable(f"waiting for the database at {self._place}{self._waits_because}")
        try:
            async with asyncio.timeout(self._rules.check), self.session() as session:
                writable = await session.value("writable")
        except TimeoutError as error:
            raise Unavailable(
                f"The database does not answer within {self._rules.check:.0f} s."
            ) from error
        if not writable:
            await self._reconnect()
            raise Unavailable("The database takes no writes just now.")

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Yields a connection on which each statement is a transaction of its own."""
        async with self._connection() as connection:
            yield Session(connection)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Yields a connection on which all statements are one transaction.

        The transaction is undone when the block fails.
        """
        async with self._connection() as connection, connection.transaction():
            yield Session(connection)

    @contextlib.asynccontextmanager
    async def long_transaction(self) -> AsyncIterator[Session]:
        """Yields a transaction on a connection of its own, for changing the schema.

        Its statements may take as long as they need.
        """
        with translated(self._place):
            connection = await asyncpg.connect(
                self._url, timeout=self._rules.connect, server_settings={"jit": "off"}
            )
            try:
                async with connection.transaction():
                    yield Session(connection)
            finally:
                await connection.close(timeout=self._rules.connect)

    @contextlib.asynccontextmanager
    async def listening(self, channel: str) -> AsyncIterator[Listening]:
        """Listens to a channel, on a connection of its own."""
        with translated(self._place):
            connection = await asyncpg.connect(
                self._url, timeout=self._rules.connect, command_timeout=self._rules.connect
            )
            try:
                listening = Listening(connection, channel)
                await listening.begin()
                yield listening
            finally:
                connection.terminate()

    async def chunks(
        self, statement: str, *values: Any, after: Sequence[Any], size: int
    ) -> AsyncIterator[Sequence[Row]]:
        """Yields all rows of a statement that gives the next rows after a key, ``size`` at a time.

        The statement takes the values, the key and the size; the key is the first columns of a row.
        ``after`` is less than every key. No connection is held between two chunks.
        """
        while True:
            async with self.session() as session:
                rows = await session.fetch(statement, *values, *after, size)
            if not rows:
                return
            yield rows
            after = rows[-1][: len(after)]

    @property
    def _open(self) -> asyncpg.Pool[Any]:
        if self._pool is None:
            raise StoreError("The store is not open.")
        return self._pool

    @functools.cached_property
    def _place(self) -> str:
        """The database's address, without the user and the password."""
        parts = urlsplit(self._url)
        return f"{parts.netloc.rpartition('@')[2] or 'this machine'}{parts.path}"

    async def _connected(self) -> asyncpg.Pool[Any]:
        pool = await asyncpg.create_pool(
            self._url,
            # The pool would restore a minimum in the background, and log a traceback for each try.
            min_size=0,
            max_size=self._rules.connections,
            timeout=self._rules.connect,
            command_timeout=self._rules.statement + _SILENCE,
            # Nothing here changes a connection's settings, and this spares a round trip each time.
            reset=_leave_as_it_is,
            server_settings={
                "application_name": "teams-campaigns",
                "statement_timeout": _milliseconds(self._rules.statement),
                "lock_timeout": _milliseconds(self._rules.statement),
                "idle_in_transaction_session_timeout": _milliseconds(2 * self._rules.statement),
                # A plan for all campaigns would lock every partition, and would not know that one
                # campaign has ten rows and another a million. Planning takes about 0.1 ms.
                "plan_cache_mode": "force_custom_plan",
                # Compiling takes longer than any statement here.
                "jit": "off",
            },
        )
        try:
            await pool.release(await pool.acquire(timeout=self._rules.connect))
        except BaseException:
            pool.terminate()
            raise
        return pool

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """Yields one connection of the pool, for this block alone."""
        with translated(self._place):
            pool = self._open
            try:
                connection = await pool.acquire(timeout=self._rules.connect)
            except TimeoutError as error:
                raise Unavailable(
                    f"No connection to the database became free within {self._rules.connect:.0f} s."
                ) from error
            try:
                yield connection
            except asyncpg.ReadOnlySQLTransactionError:
                await self._reconnect()
                raise
            except asyncpg.InternalClientError:
                # The driver is out of step with the server, as when the server ends a connection
                # while a statement is on its way. The connection can't be used any more.
                connection.terminate()
                raise
            finally:
                await pool.release(connection, timeout=self._rules.connect)

    async def _reconnect(self) -> None:
        """Makes new connections from now on: after a failover, the old ones lead to a standby."""
        if self._pool is not None:
            await self._pool.expire_connections()


async def _leave_as_it_is(_: object) -> None:
    """Resets nothing when a connection goes back to the pool."""


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1_000))
