"""PostgreSQL: connections, statements by name, and its errors as ours. The only importer of the
driver.

What the statements mean is known in ``postgres_users`` and its siblings.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import asyncpg
import msgspec

from storage.errors import StoreError, Unavailable
from storage.postgres import queries
from storage.postgres.encoding import storable

_log = logging.getLogger(__name__)

Row = Sequence[Any]
"""A row's values, in the order in which the statement names them."""


class ConnectionRules(msgspec.Struct, frozen=True, kw_only=True):
    """How long is waited for what. All in seconds."""

    patience: float = 60.0
    """For a database to be there when opening."""

    pause: float = 2.0
    """Between two tries to open."""

    connect: float = 5.0
    """For one connection to be made, or to become free when all are busy."""

    statement: float = 15.0
    """For a statement. The hot ones take milliseconds; this is for when something is wrong."""

    check: float = 3.0
    """For the answer to a readiness probe."""

    connections: int = 10
    """At most, per process. A server takes 100 unless it is told otherwise."""


STANDARD = ConnectionRules()

_SILENCE = 2.0
"""Seconds that a server has, past a statement's limit, to say that it was exceeded."""


_Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"


class Session:
    """One connection, for statements that belong together."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    async def fetch(self, name: str, *given: Any) -> Sequence[Row]:
        """The rows that the statement of this name gives."""
        found: Sequence[Row] = await self._connection.fetch(_QUERIES[name], *_storable(given))
        return found

    async def row(self, name: str, *given: Any) -> Row | None:
        """Its first row."""
        found: Row | None = await self._connection.fetchrow(_QUERIES[name], *_storable(given))
        return found

    async def value(self, name: str, *given: Any) -> Any:
        """The first value of its first row; None when there is no row."""
        return await self._connection.fetchval(_QUERIES[name], *_storable(given))

    async def run(self, name: str, *given: Any) -> int:
        """How many rows the statement changed."""
        tag = await self._connection.execute(_QUERIES[name], *_storable(given))
        number = tag.rpartition(" ")[2]
        return int(number) if number.isdecimal() else 0

    async def script(self, statements: str) -> None:
        """Statements that are not among the named ones, without values."""
        await self._connection.execute(statements)


class Listening:
    """One channel, as it is heard on one connection."""

    def __init__(self, connection: asyncpg.Connection[Any], channel: str) -> None:
        self._connection = connection
        self._channel = channel
        self._said: asyncio.Queue[str | None] = asyncio.Queue()

    async def begin(self) -> None:
        self._connection.add_termination_listener(lambda _: self._said.put_nowait(None))
        await self._connection.add_listener(
            self._channel, lambda *heard: self._said.put_nowait(str(heard[-1]))
        )

    async def next(self) -> str:
        """Waits for it; raises Unavailable when the connection is lost."""
        said = await self._said.get()
        if said is None:
            raise Unavailable("The connection to the database was lost.")
        return said

    async def say(self, what: str) -> None:
        """For all who listen, this one included."""
        await self._connection.execute(_QUERIES["notify"], self._channel, what)


class Database:
    """A bounded pool of connections to one database.

    Every error is a StoreError: Unavailable for what passes by itself.
    """

    def __init__(self, url: str, rules: ConnectionRules = STANDARD) -> None:
        self._url = url
        self._rules = rules
        self._pool: asyncpg.Pool[Any] | None = None

    async def open(self) -> None:
        """Connects; waits for a database that is not there yet, and says so in the log.

        Raises Unavailable when it still is not there after ``ConnectionRules.patience``, and
        StoreError at once for what waiting does not mend: a wrong password, a database that does
        not exist.
        """
        if self._pool is not None:
            raise StoreError("The store is open already.")
        loop = asyncio.get_running_loop()
        until = loop.time() + self._rules.patience
        while self._pool is None:
            try:
                with self._errors():
                    self._pool = await self._connected()
            except Unavailable as error:
                left = until - loop.time()
                if left <= 0:
                    raise Unavailable(
                        f"No database at {self._place} within {self._rules.patience:.0f} s: {error}"
                    ) from error
                _log.warning(
                    "waiting for the database at %s, for %.0f s more: %s", self._place, left, error
                )
                await asyncio.sleep(min(self._rules.pause, left))

    async def close(self) -> None:
        """Lets what is under way end, for as long as a statement may take; then disconnects."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(self._rules.statement):
                await pool.close()
        except TimeoutError:
            pool.terminate()

    async def check(self) -> None:
        """Raises Unavailable unless there is a server that answers soon and takes writes."""
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
        """A connection, on which each statement is a transaction of its own."""
        async with self._connection() as connection:
            yield Session(connection)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """A connection, on which all statements are one transaction, if the block ends well."""
        async with self._connection() as connection, connection.transaction():
            yield Session(connection)

    @contextlib.asynccontextmanager
    async def long_transaction(self) -> AsyncIterator[Session]:
        """A transaction on a connection of its own, whose statements may take as long as they need
        (for changing the schema).
        """
        with self._errors():
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
        """What is said on a channel, on a connection of its own."""
        with self._errors():
            connection = await asyncpg.connect(
                self._url, timeout=self._rules.connect, command_timeout=self._rules.connect
            )
            try:
                listening = Listening(connection, channel)
                await listening.begin()
                yield listening
            finally:
                connection.terminate()

    @property
    def _open(self) -> asyncpg.Pool[Any]:
        if self._pool is None:
            raise StoreError("The store is not open.")
        return self._pool

    @property
    def _place(self) -> str:
        """Where the database is, without who signs in and how."""
        parts = urlsplit(self._url)
        return f"{parts.netloc.rpartition('@')[2] or 'this machine'}{parts.path}"

    async def _connected(self) -> asyncpg.Pool[Any]:
        pool = await asyncpg.create_pool(
            self._url,
            # More would be restored in the background, with a traceback in the log for each try.
            min_size=0,
            max_size=self._rules.connections,
            timeout=self._rules.connect,
            command_timeout=self._rules.statement + _SILENCE,
            # Nothing here leaves a connection other than it was: this spares a round trip each.
            reset=_as_it_is,
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
    async def _connection(self) -> AsyncIterator[_Connection]:
        """One of the pool, for this block alone."""
        with self._errors():
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
                # The driver has lost count, as when the server ends a connection while a statement
                # is on its way: nothing more can be said on it.
                connection.terminate()
                raise
            finally:
                await pool.release(connection, timeout=self._rules.connect)

    async def _reconnect(self) -> None:
        """Makes new connections from now on: after a failover, the old ones lead to a standby."""
        if self._pool is not None:
            await self._pool.expire_connections()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """The driver's errors as the store's."""
        try:
            yield
        except _REFUSED as error:
            raise StoreError(f"The database at {self._place} refuses: {_said(error)}.") from error
        except _PASSING as error:
            raise Unavailable(f"The database can't serve just now: {_said(error)}.") from error
        except (asyncpg.PostgresError, asyncpg.DataError) as error:
            raise StoreError(f"The database refuses: {_said(error)}.") from error
        except asyncpg.InternalClientError as error:
            # What it says is about the driver's inside.
            raise Unavailable("The connection to the database was lost.") from error
        except asyncpg.InterfaceError as error:
            # The connection, or all of them, have been closed meanwhile.
            raise Unavailable(f"The database can't serve just now: {_said(error)}.") from error
        except TimeoutError as error:
            raise Unavailable("The database does not answer in time.") from error
        except OSError as error:
            raise Unavailable(
                f"There is no connection to the database: {error.strerror or error}."
            ) from error


_QUERIES = queries.load(Path(__file__).with_name("queries.sql"))

_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ClientConfigurationError,
    ssl.SSLCertVerificationError,
)
"""What stays wrong until somebody puts it right. (The SSL error is an OSError as well, and so has
to be looked for first.)"""

_PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, a statement's time is over
    asyncpg.InsufficientResourcesError,  # too many connections, no room, no memory
    asyncpg.TransactionRollbackError,  # a deadlock
    asyncpg.ReadOnlySQLTransactionError,  # a standby, after a failover
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""What is over sooner or later by itself."""


async def _as_it_is(_: object) -> None:
    pass


def _storable(given: Sequence[Any]) -> list[Any]:
    """The values, with what PostgreSQL can't keep replaced: here, so that nobody forgets it."""
    return [
        storable(value)
        if isinstance(value, str)
        else [storable(one) if isinstance(one, str) else one for one in value]
        if isinstance(value, list)
        else value
        for value in given
    ]


def _said(error: BaseException) -> str:
    """What the error says, without the details, which may have people's data in them."""
    said = str(error.args[0]) if error.args else type(error).__name__
    return said.strip().rstrip(".")


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1_000))
