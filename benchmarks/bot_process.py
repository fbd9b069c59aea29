"""The whole bot in a process of its own (``python app.py``), sending at the allowed rate.

The campaign is started in the data folder before the process starts. The process then goes on with
it, as after any restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.sending.sends import campaign, person
from campaigns import lifecycle
from campaigns.audience import FrozenAudience
from campaigns.campaign import Campaign
from storage.embedded.store import EmbeddedStore
from tests.fake_teams.inbound import Inbound
from tests.fake_teams.people import make_user


class Admin:
    """Presses buttons in the chat with the bot."""

    def __init__(self, session: aiohttp.ClientSession, url: str, server: str) -> None:
        self._session = session
        self._url = url
        self._user = make_user(0, person(0, server).tenant_id, with_conversation=True)
        self._inbound = Inbound(bot_id="28:bot", service_url=server)

    async def presses(self, data: dict[str, Any]) -> None:
        """Presses a button, and returns when the card that replaces the pressed one has come."""
        pressed = self._inbound.pressed(self._user, data, reply_to_id="1")
        async with self._session.post(self._url, json=pressed) as response:
            answer = await response.json()
            if response.status != 200 or answer.get("statusCode") != 200:
                raise AssertionError(f"{data}: {response.status} {answer}")


@contextlib.asynccontextmanager
async def sending(folder: Path, server: str) -> AsyncIterator[tuple[Admin, Campaign]]:
    """Runs a bot that is sending to everyone; yields an admin and the campaign."""
    store = EmbeddedStore(folder)
    await store.open()
    draft = await store.campaigns.add(campaign())
    started = await store.campaigns.save(
        lifecycle.start(draft, audience=FrozenAudience(), now=datetime.now(UTC))
    )
    await store.close()
    async with serving(folder) as (url, session):
        yield Admin(session, f"{url}/api/messages", server), started


@contextlib.asynccontextmanager
async def serving(
    folder: Path, *, core: int | None = None
) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    """Runs a bot on a data folder; yields its address and a client.

    :param core: the only processor core that it may use; None: all.
    """
    port = free_port()
    kept = ("PATH", "SYSTEMROOT")
    environment = {name: value for name, value in os.environ.items() if name in kept}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "app.py",
        cwd=Path(__file__).parent.parent,
        env=environment | {"PORT": str(port), "STORE": f"tinydb:{folder}", "LOG_LEVEL": "WARNING"},
    )  # fmt: skip
    if core is not None:
        os.sched_setaffinity(process.pid, {core})
    try:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{port}"
            await _until_ready(session, f"{url}/readyz", process)
            yield url, session
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def free_port() -> int:
    """Returns a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def _until_ready(
    session: aiohttp.ClientSession, url: str, process: asyncio.subprocess.Process
) -> None:
    while process.returncode is None:
        with contextlib.suppress(aiohttp.ClientConnectionError):
            async with session.get(url) as response:
                if response.status == 200:
                    return
        await asyncio.sleep(0.05)
    raise AssertionError(f"The bot ended with {process.returncode}.")
