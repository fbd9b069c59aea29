"""Many recipients at once, what reached them, and a clock to be moved."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from datetime import UTC, datetime, timedelta

from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.delivery import Delivery
from campaigns.report import Counts, Result
from campaigns.user import ConversationReference, Profile, User
from tests.fake_teams import FakeTeams, FakeUser, Received
from tests.support.chat import TENANT, Bot, Card, Person, buttons, card_of, until_stored

NAME = "Office closed on Friday"
MESSAGE = "Hello [FIRSTNAME], the office is closed."


class MovedClock:
    """The machine's clock, which can be put forward; whoever sleeps past that wakes."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        until = self.now() + timedelta(seconds=seconds)
        while (left := (until - self.now()).total_seconds()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()


async def staff(
    fake: FakeTeams, bot: Bot, count: int, *, tenant: str = TENANT, service_url: str = ""
) -> list[FakeUser]:
    """So many people, whom the bot knows as if they had installed the app long ago."""
    people = fake.add_users(count, tenant=tenant)
    await asyncio.gather(
        *(
            bot.store.users.put(_known(fake, user, service_url or fake.service_url))
            for user in people
        )
    )
    return people


def _known(fake: FakeTeams, user: FakeUser, service_url: str) -> User:
    return User(
        tenant_id=user.tenant,
        id=user.id,
        reference=ConversationReference(
            service_url=service_url,
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


def sends(fake: FakeTeams, name: str = NAME) -> list[Received]:
    """The sends of this campaign in the order of arrival, however they were answered."""
    return [
        post
        for post in fake.received
        if post.call == "send" and post.activity and post.activity.get("summary") == name
    ]


def got(fake: FakeTeams, name: str = NAME) -> Counter[str]:
    """How often the campaign reached each person, by account id: a lost chat has no other."""
    return Counter(
        (post.activity or {})["recipient"]["id"] for post in sends(fake, name) if post.arrived
    )


def accounts(*people: FakeUser, times: int = 1) -> Counter[str]:
    return Counter({user.account_id: times for user in people})


async def campaign(bot: Bot, name: str = NAME, tenant: str = TENANT) -> Campaign:
    """The campaign of this name, as the store has it."""
    page = await bot.store.campaigns.page(tenant, tuple(Status), offset=0, limit=50)
    [found] = [found for found in page.items if found.name == name]
    return found


async def rows(bot: Bot, key: CampaignKey) -> dict[str, Delivery]:
    """Every delivery, by the recipient's id. Nobody is under two results."""
    found: dict[str, Delivery] = {}
    for result in Result:
        page = await bot.store.ledger.page(key, result, offset=0, limit=10_000)
        assert not found.keys() & {row.recipient_id for row in page.items}
        found |= {row.recipient_id: row for row in page.items}
    return found


async def totals(bot: Bot, name: str = NAME, tenant: str = TENANT) -> Counts:
    """The counts, held against how many the audience was frozen into."""
    found = await campaign(bot, name, tenant)
    counts = await bot.store.ledger.counts(found.key)
    assert found.run.recipients in (None, counts.recipients)
    return counts


async def until_status(
    bot: Bot, status: Status, name: str = NAME, tenant: str = TENANT
) -> Campaign:
    """Waits until the campaign is there; until a stopped one is wound up, too."""

    async def there() -> Campaign | None:
        found = await campaign(bot, name, tenant)
        wound_up = status is not Status.STOPPED or found.run.ended_at is not None
        return found if found.status is status and wound_up else None

    return await until_stored(there, f"{name!r} {status.value}")


async def until_nothing_is_in_flight(bot: Bot, name: str = NAME) -> None:
    key = (await campaign(bot, name)).key
    later = datetime.now(UTC) + timedelta(days=2)

    async def quiet() -> bool:
        # Whatever is claimed counts as abandoned once its time has passed.
        return not await bot.store.ledger.abandoned(key, later)

    await until_stored(quiet, "the end of what is in flight")


async def start(admin: Person, people: int) -> None:
    """Presses Send on the campaign that the admin has before them."""
    await admin.presses("Send now")
    await admin.presses(f"Yes, send to {people:,} people")


def open_notice(admin: Person, name: str = NAME) -> bool:
    """True when the notice of the pause has come; the admin then looks at it."""
    notices = [
        post
        for post in admin.inbox()
        if post.call == "send" and (post.activity or {})["summary"] == f"Paused: {name}"
    ]
    if not notices:
        return False
    admin.card, admin.card_id = card_of(notices[-1]), notices[-1].activity_id
    return True


async def open_report(admin: Person, name: str = NAME) -> Card:
    """The report of a campaign that has ended, by the way there from the menu."""
    await admin.says("campaigns")
    [shelf] = [title for title in buttons(admin.card) if title.startswith("Completed (")]
    await admin.presses(shelf)
    return await admin.presses(f"Open {name}")
