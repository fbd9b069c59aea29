"""`python app.py` as a process that tests can kill, and its data folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec

from campaigns.audience import Audience, FrozenAudience
from campaigns.campaign import Campaign, CampaignKey
from campaigns.content import Content, Format
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.drafting import draft, target, write
from campaigns.lifecycle import start
from campaigns.report import Counts, Result
from campaigns.user import ConversationReference, Profile, User
from playground.process import free_port
from storage.embedded.store import EmbeddedStore
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.tree import ROOT

TENANT = "tenant-1"
START_WITHIN = 30.0


class BotProcess:
    """A bot in local mode.

    :param folder: the folder of its store; a text is used as its ``STORE`` setting.
    :param log: file that its log is appended to.
    :param program: arguments of Python.
    :param descriptors: file descriptors that it has at most; None: as many as this process.
    :param hard_descriptors: file descriptors up to which it may raise that itself.
    :param port: the port that it listens at; 0: a free one.
    :param settings: further settings.
    """

    def __init__(
        self,
        folder: Path | str,
        log: Path,
        *,
        program: Sequence[str] = ("app.py",),
        descriptors: int | None = None,
        hard_descriptors: int | None = None,
        port: int = 0,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._descriptors = descriptors
        self._hard_descriptors = hard_descriptors or descriptors
        self._store = folder if isinstance(folder, str) else f"tinydb:{folder}"
        self._log = log
        self._program = program
        self._port = port or free_port()
        self._settings = settings or {}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def messages(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/messages"

    @property
    def log(self) -> str:
        """The log of all runs so far."""
        return self._log.read_text("utf-8", "replace")

    async def start(self) -> None:
        """Starts the process, without waiting until it is ready."""
        environment = {
            **os.environ,
            "MICROSOFT_APP_ID": "",
            "MICROSOFT_APP_PASSWORD": "",
            "MICROSOFT_APP_TENANT_ID": "",
            "ALLOWED_TENANTS": "",
            "ADMINS": "",
            "HOST": "127.0.0.1",
            "PORT": str(self._port),
            "PUBLIC_URL": "",
            "STORE": self._store,
            "RATE_PER_SECOND": "50",
            "LOG_LEVEL": "INFO",
            **self._settings,
        }
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._limited(sys.executable, *self._program),
                cwd=ROOT,
                env=environment,
                stderr=log,
            )

    def _limited(self, *command: str) -> Sequence[str]:
        """Returns the command with the limits of file descriptors that it is to start with."""
        if self._descriptors is None:
            return command
        limits = f"ulimit -S -n {self._descriptors} && ulimit -H -n {self._hard_descriptors}"
        return ("/bin/sh", "-c", f'{limits} && exec "$0" "$@"', *command)

    def descriptors_in_use(self) -> int:
        """Returns the number of open descriptors of the process."""
        return len(list(Path(f"/proc/{self._running.pid}/fd").iterdir()))

    async def is_ready(self) -> bool:
        """Returns the bot's own answer to whether it is ready."""
        url = f"http://127.0.0.1:{self._port}/readyz"
        try:
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def answers(self) -> None:
        """Waits until the bot is ready for activities."""
        deadline = time.monotonic() + START_WITHIN
        while not await self.is_ready():
            assert self._running.returncode is None, self.log
            assert time.monotonic() < deadline, self.log
            await asyncio.sleep(0.05)

    async def until(self, condition: Callable[[], bool], *, within: float = 60.0) -> None:
        """Waits for a condition; the process must not end in the meantime."""
        deadline = time.monotonic() + within
        while not condition():
            assert self._running.returncode is None, self.log
            assert time.monotonic() < deadline, self.log
            await asyncio.sleep(0.002)

    async def terminate(self) -> tuple[int, float]:
        """Sends SIGTERM; returns the exit code, and the seconds until the process ended."""
        began = time.monotonic()
        self._running.terminate()
        code = await asyncio.wait_for(self._running.wait(), 30)
        self._process = None
        return code, time.monotonic() - began

    async def ended(self) -> int:
        """Waits until the process ends by itself; returns the exit code."""
        return await self._running.wait()

    async def kill(self) -> None:
        """Sends SIGKILL."""
        self._running.kill()
        await self._running.wait()
        self._process = None

    def freeze(self) -> None:
        """Sends SIGSTOP: the process stands still without noticing."""
        self._running.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Sends SIGCONT: the process goes on as if no time had passed."""
        self._running.send_signal(signal.SIGCONT)

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()

    @property
    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "it has not been started"
        return self._process


@contextlib.asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[EmbeddedStore]:
    """Opens the store in this folder; no other process may be using it."""
    store = EmbeddedStore(folder)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def as_user(fake: FakeTeams, user: FakeUser) -> User:
    """Returns the user as the bot keeps them, with their profile."""
    return User(
        tenant_id=user.tenant,
        id=user.id,
        reference=ConversationReference(
            service_url=fake.service_url,
            conversation_id=user.conversation_id,
            bot_id=fake.bot_id,
            account_id=user.account_id,
        ),
        profile=Profile(
            name=user.name,
            given_name=user.given_name,
            surname=user.surname,
            email=user.email,
            upn=user.upn,
        ),
        profile_known=True,
    )


async def remember(folder: Path, fake: FakeTeams, people: Sequence[FakeUser]) -> None:
    """Puts these people into the store."""
    async with opened(folder) as store:
        await asyncio.gather(*(store.users.put(as_user(fake, user)) for user in people))


async def begin(folder: Path, author: FakeUser, audience: Audience) -> CampaignKey:
    """Puts a campaign into the store on which *Send* was just pressed.

    The next process that starts has to freeze its audience and to send it.
    """
    now = datetime.now(UTC)
    content = Content("Hello [FIRSTNAME]", notification="News")
    campaign = draft(
        TENANT, "a-campaign", name="News", format=Format.MESSAGE, author_id=author.id, now=now
    )
    campaign = target(write(campaign, content, now), audience, now)
    async with opened(folder) as store:
        kept = await store.campaigns.add(campaign)
        await store.campaigns.save(start(kept, audience=FrozenAudience(), now=now))
    return kept.key


class Ledger(msgspec.Struct, frozen=True):
    """A campaign and its deliveries, as the store has them."""

    campaign: Campaign
    counts: Counts
    deliveries: dict[str, Delivery]
    """The deliveries by recipient id."""

    def having(self, status: DeliveryStatus) -> set[str]:
        """Returns the ids of the recipients with this status."""
        return {
            recipient_id for recipient_id, row in self.deliveries.items() if row.status is status
        }


async def read(folder: Path, key: CampaignKey) -> Ledger:
    """Reads the campaign from a copy of the folder, which leaves the folder untouched."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(folder, Path(copy) / "store", ignore=shutil.ignore_patterns("lock"))
        async with opened(Path(copy) / "store") as store:
            campaign = await store.campaigns.get(key)
            assert campaign is not None
            rows = [
                row
                for result in Result
                for row in (await store.ledger.page(key, result, offset=0, limit=100_000)).items
            ]
            deliveries = {row.recipient_id: row for row in rows}
            assert len(deliveries) == len(rows)
            return Ledger(campaign, await store.ledger.counts(key), deliveries)
