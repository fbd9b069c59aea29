"""Starts this project's bot in local mode, for the playground."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playground.process import Child, Write, show

STORE = "tinydb:playground/data"
"""Separate from any real store: all people in it are invented."""

ROOT = Path(__file__).resolve().parent.parent

START_SECONDS = 30.0


async def start(
    port: int,
    *,
    store: str = STORE,
    rate_per_second: float = 50.0,
    write: Write = show,
) -> Child:
    """Starts the bot on 127.0.0.1 and returns when it answers.

    `store` and `rate_per_second` are the settings of these names. Raises `ProcessError` when the
    bot does not answer in time.
    """
    environment = {
        **os.environ,
        # The playground can't sign its requests. A variable that is set here, even to nothing, wins
        # over an `.env` made for the real Teams.
        "MICROSOFT_APP_ID": "",
        "MICROSOFT_APP_PASSWORD": "",
        "MICROSOFT_APP_TENANT_ID": "",
        "ALLOWED_TENANTS": "",
        "ADMINS": "",
        "PUBLIC_URL": "",
        "STORE": store,
        "RATE_PER_SECOND": str(rate_per_second),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    child = await Child.start(
        "bot", [sys.executable, "app.py"], cwd=ROOT, environment=environment, write=write
    )
    try:
        await child.answers(f"http://127.0.0.1:{port}/readyz", within=START_SECONDS)
    except BaseException:
        await child.stop()
        raise
    return child


def endpoint(port: int) -> str:
    """Returns the address at which a bot on `port` takes activities."""
    return f"http://127.0.0.1:{port}/api/messages"
