"""Translates the driver's errors into the store's."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator

import asyncpg

from storage.errors import StoreError, Unavailable

_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ClientConfigurationError,
    ssl.SSLCertVerificationError,
)
"""Errors that stay until somebody puts them right.

The SSL error is an OSError as well, and so has to be caught first.
"""

_PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, a statement's time is over
    asyncpg.InsufficientResourcesError,  # too many connections, no room, no memory
    asyncpg.TransactionRollbackError,  # a deadlock
    asyncpg.ReadOnlySQLTransactionError,  # a standby, after a failover
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""Errors that pass by themselves, sooner or later."""


@contextlib.contextmanager
def translated(place: str) -> Iterator[None]:
    """Raises the driver's errors as StoreError: Unavailable for those that pass by themselves.

    ``place`` names the database, without the user and the password.
    """
    try:
        yield
    except _REFUSED as error:
        raise StoreError(f"The database at {place} refuses: {_message(error)}.") from error
    except _PASSING as error:
        raise Unavailable(f"The database can't serve just now: {_message(error)}.") from error
    except (asyncpg.PostgresError, asyncpg.DataError) as error:
        raise StoreError(f"The database refuses: {_message(error)}.") from error
    except asyncpg.InternalClientError as error:
        # Its message is about the driver's inside.
        raise Unavailable("The connection to the database was lost.") from error
    except asyncpg.InterfaceError as error:
        # The connection, or all of them, have been closed meanwhile.
        raise Unavailable(f"The database can't serve just now: {_message(error)}.") from error
    except TimeoutError as error:
        raise Unavailable("The database does not answer in time.") from error
    except OSError as error:
        raise Unavailable(
            f"There is no connection to the database: {error.strerror or error}."
        ) from error


def _message(error: BaseException) -> str:
    """Returns the error's message without the details, which may contain people's data."""
    message = str(error.args[0]) if error.args else type(error).__name__
    return message.strip().rstrip(".")
