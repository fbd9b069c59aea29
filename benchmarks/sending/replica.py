"""One of several engines on a database, without pacing, until its standard input closes."""

from __future__ import annotations

import asyncio
import gc
import math
import sys

from benchmarks.bot import running
from storage.postgres.store import PostgresStore


async def main() -> None:
    """Runs the engine, and prints a line once it runs."""
    gc.set_threshold(50_000, 20, 50)
    async with running(PostgresStore(sys.argv[1]), rate=math.inf):
        print("running", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
