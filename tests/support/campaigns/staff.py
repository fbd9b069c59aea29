"""Many recipients at once, and what reached them."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec

from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.delivery import Delivery
from campaigns.report import Counts, Result
from campaigns.user import User
from tests.fake_teams import FakeTeams, FakeUser, Received
from tests.support.chats.cards import Card, buttons, card_of
from tests.support.chats.chat import TENANT, Bot, Person, install_all
from tests.support.processes.bot_process import as_user
from tests.support.waiting import until_stored

NAME = "Office closed on Friday"
MESSAGE = "Hello [FIRSTNAME], the office is closed."


async def staff(
    fake: FakeTeams, bot: Bot, count: int, *, tenant: str = TENANT, service_url: str = ""
) -> list[FakeUser]:
    """Adds people whom the bot knows as if they had installed the app long ago."""
    people = fake.add_users(count, tenant=tenant)
    await asyncio.gather(
        *(
            bot.store.users.put(_known(fake, person, service_url or fake.service_url))
            for person in people
        )
    )
    return people


async def installed_staff(fake: FakeTeams, bot: Bot, count: int) -> list[Person]:
    """Lets people install the app, and waits until the bot has looked up their profiles.

    Each has a first name of their own.
    """
    people = [Person(fake, bot, user) for user in fake.add_users(count, tenant=TENANT)]
    for number, person in enumerate(people):
        person.user.given_name = f"{person.user.given_name}{number}"
    await install_all(people)

    async def every_profile_is_known() -> bool:
        return not await bot.store.users.without_profile(1)

    await until_stored(every_profile_is_known, "the last profile")
    return people


def _known(fake: FakeTeams, person: FakeUser, service_url: str) -> User:
    user = as_user(fake, person)
    reference = msgspec.structs.replace(user.reference, service_url=service_url)
    return msgspec.structs.replace(user, reference=reference)


def sends(fake: FakeTeams, name: str = NAME, *, user: FakeUser | None = None) -> list[Received]:
    """Returns the sends of this campaign in the order of arrival, however they were answered.

    :param user: the recipient; None: all.
    """
    return [
        post
        for post in fake.received
        if post.call == "send"
        and post.activity
        and post.activity.get("summary") == name
        and (user is None or post.activity["recipient"]["id"] == user.account_id)
    ]


def got(fake: FakeTeams, name: str = NAME) -> Counter[str]:
    """Counts how often the campaign reached each person, by account id.

    A person whose chat was lost has no other id that stays.
    """
    return Counter(
        (post.activity or {})["recipient"]["id"] for post in sends(fake, name) if post.arrived
    )


def accounts(*people: FakeUser, times: int = 1) -> Counter[str]:
    """Returns what :func:`got` returns when each of these people got the campaign."""
    return Counter({person.account_id: times for person in people})


async def campaign(bot: Bot, name: str = NAME, tenant: str = TENANT) -> Campaign:
    """Returns the campaign of this name from the store."""
    page = await bot.store.campaigns.page(tenant, tuple(Status), offset=0, limit=50)
    [named] = [campaign for campaign in page.items if campaign.name == name]
    return named


async def rows(bot: Bot, key: CampaignKey) -> dict[str, Delivery]:
    """Returns every delivery by its recipient's id, and checks that nobody has two results."""
    deliveries: dict[str, Delivery] = {}
    for result in Result:
        page = await bot.store.ledger.page(key, result, offset=0, limit=10_000)
        assert not deliveries.keys() & {row.recipient_id for row in page.items}
        deliveries |= {row.recipient_id: row for row in page.items}
    return deliveries


async def totals(bot: Bot, name: str = NAME, tenant: str = TENANT) -> Counts:
    """Returns the counts, and checks them against the size of the frozen audience."""
    sent = await campaign(bot, name, tenant)
    counts = await bot.store.ledger.counts(sent.key)
    assert sent.run.recipients in (None, counts.recipients)
    return counts


async def until_status(
    bot: Bot, status: Status, name: str = NAME, tenant: str = TENANT
) -> Campaign:
    """Waits until the campaign has this status; a stopped one must have ended, too."""

    async def reached() -> Campaign | None:
        present = await campaign(bot, name, tenant)
        has_ended = status is not Status.STOPPED or present.run.ended_at is not None
        return present if present.status is status and has_ended else None

    return await until_stored(reached, f"{name!r} {status.value}")


async def until_nothing_is_in_flight(bot: Bot, name: str = NAME) -> None:
    """Waits until no delivery of the campaign is claimed."""
    key = (await campaign(bot, name)).key
    later = datetime.now(UTC) + timedelta(days=2)

    async def quiet() -> bool:
        # By then every claim has expired and would count as abandoned.
        return not await bot.store.ledger.abandoned(key, later)

    await until_stored(quiet, "the end of what is in flight")


async def start(admin: Person, people: int) -> None:
    """Sends the campaign whose card the admin looks at."""
    await admin.presses("Send now")
    await admin.presses(f"Yes, send to {people:,} people")


def open_notice(admin: Person, name: str = NAME, *, about: str = "Paused") -> bool:
    """Looks at the notice that the campaign was paused; False when it has not come.

    :param about: ``Going on again`` for the notice that it goes on by itself.
    """
    notices = [
        post
        for post in admin.inbox()
        if post.call == "send" and (post.activity or {})["summary"] == f"{about}: {name}"
    ]
    if not notices:
        return False
    admin.card, admin.card_id = card_of(notices[-1]), notices[-1].activity_id
    return True


async def open_report(admin: Person, name: str = NAME) -> Card:
    """Opens the report of a campaign that has ended, from the shelf of completed ones."""
    await admin.says("campaigns")
    [shelf] = [title for title in buttons(admin.card) if title.startswith("Completed (")]
    await admin.presses(shelf)
    return await admin.presses(f"Open {name}")
