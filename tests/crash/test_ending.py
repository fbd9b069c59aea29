"""The end of the process at the worst moment: between claiming and sending."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from pathlib import Path

from campaigns.campaign import Status
from campaigns.delivery import DeliveryStatus
from storage.embedded.files import Disk
from tests.fake_teams import FakeTeams
from tests.support.chats.chat import TENANT, Person, install_all, running, write
from tests.support.processes.bot_process import opened, read
from tests.support.waiting import until


class HaltingDisk(Disk):
    """A real disk that halts at the first claim until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.claiming = threading.Event()
        self.may_claim = threading.Event()

    def replace(self, path: Path, content: bytes) -> None:
        if "ledger" in path.parts and b'"claimed"' in content:
            self.claiming.set()
            assert self.may_claim.wait(30)
        super().replace(path, content)


def is_dispatching() -> bool:
    return any(task.get_name().startswith("dispatcher of") for task in asyncio.all_tasks())


async def test_what_is_just_being_claimed_is_let_go_before_the_end(
    tmp_path: Path,
) -> None:
    folder, disk = tmp_path / "store", HaltingDisk()
    async with FakeTeams(auth=True) as fake, contextlib.AsyncExitStack() as ending:
        people = fake.add_users(20, tenant=TENANT)
        bot = await ending.enter_async_context(running(fake, folder, admin=people[0], files=disk))
        [admin, *others] = [Person(fake, bot, user) for user in people]
        await install_all([admin, *others])
        await write(admin, name="News", message="Hello")
        await admin.presses("Send now")
        await admin.presses("Yes, send to 20 people")
        await until(disk.claiming.is_set, "the claim")
        assert is_dispatching()
        end = asyncio.create_task(ending.aclose())
        await until(lambda: not is_dispatching(), "the end of dispatching")
        disk.may_claim.set()
        await end

        async with opened(folder) as store:
            [campaign] = await store.campaigns.in_status([Status.SENDING, Status.COMPLETED])
        ledger = await read(folder, campaign.key)
        assert ledger.having(DeliveryStatus.CLAIMED) == set()
        assert ledger.having(DeliveryStatus.IN_DOUBT) == set()
        news = [post for post in fake.received if (post.activity or {}).get("summary") == "News"]
        sent = ledger.having(DeliveryStatus.SENT)
        assert len(news) == len(sent)
        assert ledger.having(DeliveryStatus.PENDING) == ledger.deliveries.keys() - sent
