"""The schema's version: numbered files, applied in order, once each, and never undone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from storage.errors import StoreError
from storage.postgres.connection.database import Database

_log = logging.getLogger(__name__)

FOLDER = Path(__file__).with_name("migrations")


async def migrate(database: Database, folder: Path = FOLDER) -> None:
    """Brings the schema to this program's version, one process at a time, wholly or not at all.

    Raises StoreError for a schema that is newer than this program.
    """
    scripts = read(folder)
    async with database.long_transaction() as session:
        await session.run("schema_lock")
        await session.run("schema_table")
        version = await session.value("schema_version")
        if version > len(scripts):
            raise StoreError(
                f"The database was set up by a newer version (schema {version}; this one knows"
                f" {len(scripts)}). Install that version again, or use another database."
            )
        for number, script in enumerate(scripts[version:], start=version + 1):
            await session.script(script)
            await session.run("schema_applied", number)
            _log.info("the database has schema %d now", number)


def read(folder: Path) -> Sequence[str]:
    """Returns the scripts in the order of their numbers; raises ValueError when one is missing."""
    paths = sorted(folder.glob("*.sql"))
    for number, path in enumerate(paths, start=1):
        if not path.name.startswith(f"{number:04d}_"):
            raise ValueError(f"{path.name} should be number {number:04d}")
    return [path.read_text(encoding="utf-8") for path in paths]
