"""The whole bot, running over real HTTP, and people who use it as a Teams client does."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from app import create_app
from campaigns.pictures import Finding
from cards.texts import RESULTS
from delivery.clock import Clock
from dialogs.authoring.writing import Pictures
from settings import Admins, Cloud, Secret, Settings
from storage.base import Store
from storage.embedded.files import Files
from storage.embedded.store import EmbeddedStore
from teams.pictures import WebPictures
from teams.tokens import DEFAULTS, TokenRules
from teams.transport import TIMEOUTS, Timeouts
from tests.fake_teams import FakeTeams, FakeUser, FakeWeb, Received
from tests.support.adaptive_card_schema import assert_valid_card

TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
PUBLIC_URL = "https://campaigns.example.com"
"""Where people's browsers reach the bot, if this were more than a test."""
WITHIN = 30.0
"""Seconds that anything may take."""

Card = dict[str, Any]
T = TypeVar("T")


class Bot(msgspec.Struct, frozen=True):
    """A bot that runs, and what it remembers."""

    messages: str
    """Its endpoint."""
    store: Store

    @property
    def address(self) -> str:
        return self.messages.removesuffix("/api/messages")

    signed: bool
    """False: it is in local mode, where nobody signs."""


@contextlib.asynccontextmanager
async def running(
    fake: FakeTeams,
    folder: Path,
    *,
    admin: FakeUser,
    rate_per_second: float = 400.0,
    clock: Clock | None = None,
    timeouts: Timeouts = TIMEOUTS,
    token_rules: TokenRules = DEFAULTS,
    hosts: Collection[str] = (),
    other_admins: Collection[FakeUser] = (),
    files: Files | None = None,
    public_url: str = PUBLIC_URL,
    personal_tracking: bool = True,
    pictures: FakeWeb | None = None,
    store: Store | None = None,
) -> AsyncIterator[Bot]:
    """The bot, registered with the fake and served on a free port of this machine.

    :param hosts: service hosts that it trusts besides the fake.
    :param pictures: where it looks at pictures; None: nowhere, as without a network.
    :param store: in place of one in the folder."""
    store = store or EmbeddedStore(folder, files=files)
    admins = [admin, *other_admins]
    settings = Settings(
        app_id=fake.app_id,
        app_password=Secret("the secret"),
        app_tenant_id=TENANT,
        allowed_tenants=frozenset(person.tenant for person in admins),
        admins=Admins(people=frozenset(person.email.lower() for person in admins)),
        rate_per_second=rate_per_second,
        public_url=public_url,
        personal_tracking=personal_tracking,
        cloud=Cloud(
            login_url=fake.identity.login_url,
            openid_metadata_url=fake.identity.metadata_url,
            graph_url=fake.graph_url,
            service_hosts=frozenset({"127.0.0.1", *hosts}),
        ),
    )
    application = create_app(
        settings,
        clock=clock,
        store=store,
        pictures=_pictures(pictures),
        trusted=str(fake.identity.certificate),
        timeouts=timeouts,
        token_rules=token_rules,
    )
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield Bot(f"{address}/api/messages", store, signed=True)
    finally:
        await runner.cleanup()


def _pictures(web: FakeWeb | None) -> Pictures:
    return NoPictures() if web is None else WebPictures(private=True, trust=web.trust)


class NoPictures:
    """The web, when there is none."""

    async def look(self, address: str) -> Finding:
        return Finding(unsure="there is no network")


class FastClock:
    """Runs ``speed`` times as fast as the machine's."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began = time.monotonic()
        self._at = datetime.now(UTC)

    def now(self) -> datetime:
        passed = (time.monotonic() - self._began) * self._speed
        return datetime.fromtimestamp(self._at.timestamp() + passed, UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


class Person:
    """Somebody in their chat with the bot. ``card`` is the one they are looking at."""

    def __init__(self, fake: FakeTeams, bot: Bot, user: FakeUser) -> None:
        self.user = user
        self.card: Card = {}
        self.card_id = ""
        self._since = 0
        self._fake = fake
        self._bot = bot

    async def does(self, activity: dict[str, Any]) -> Any:
        """Has the activity delivered to the bot, which has to take it; returns its answer."""
        answer = await self._fake.deliver(self._bot.messages, activity, signed=self._bot.signed)
        assert answer.status == 200, answer
        return answer.body

    async def installs(self) -> None:
        """Delivers the two activities that Teams sends when the app is installed."""
        await self.does(self._fake.inbound.installed(self.user))
        await self.does(self._fake.inbound.members_added(self.user))

    async def uninstalls(self) -> None:
        """From here on the fake refuses what the bot sends, too."""
        self.user.installed = False
        await self.does(self._fake.inbound.uninstalled(self.user))

    async def says(self, text: str, html: str | None = None) -> Card:
        """Types, and looks at the card that comes in answer.

        :param html: the text with its formatting; by default it has none."""
        self._since = len(self._fake.received)
        await self.does(self._fake.inbound.said(self.user, text, html))
        [answer] = [post for post in self.inbox(self._since) if post.call == "send"]
        return self._look_at(card_of(answer), answer.activity_id)

    async def presses(self, label: str, **inputs: str) -> Card:
        """Presses the one button with this title or tooltip, after filling these fields in.

        The client sends every field, also those left as they were, but not the empty ones."""
        return await self.gets(self.press(label, **inputs))

    def press(self, label: str, **inputs: str) -> dict[str, Any]:
        """The activity of such a press, to be delivered once or more often."""
        button = _button(self.card, label)
        fields = {part["id"]: part.get("value", "") for part in _inputs(self.card)}
        assert inputs.keys() <= fields.keys(), f"{sorted(fields)} are the fields"
        data = dict(button["data"])
        if button.get("associatedInputs") != "none":
            data |= {name: value for name, value in (fields | inputs).items() if value}
        else:
            assert not inputs, f"{label!r} sends no fields"
        return self.press_with(data)

    def press_with(self, data: Any) -> dict[str, Any]:
        """The activity of a press on the card whose button had this data, whatever that is."""
        verb = str(data.get("do", "")) if isinstance(data, dict) else ""
        return self._fake.inbound.pressed(self.user, data, verb=verb, reply_to_id=self.card_id)

    async def gets(self, pressed: dict[str, Any]) -> Card:
        """The card that takes the place of the one pressed on."""
        self._since = len(self._fake.received)
        answer = await self.does(pressed)
        assert answer["statusCode"] == 200, answer
        assert answer["type"] == "application/vnd.microsoft.card.adaptive"
        return self._look_at(answer["value"], self.card_id)

    async def sees(self, text: str) -> Card:
        """Waits, without doing anything, until the card has changed in place, since it was pressed
        on, to one that has this text in it."""

        def updated() -> Received | None:
            updates = (
                post
                for post in reversed(self.inbox(self._since))
                if post.call == "update" and post.activity_id == self.card_id
            )
            newest = next(updates, None)
            shown = newest is not None and any(text in line for line in texts(card_of(newest)))
            return newest if shown else None

        return self._look_at(card_of(await until(updated, f"a card with {text!r}")), self.card_id)

    def inbox(self, since: int = 0) -> list[Received]:
        """Returns the calls that reached this person, from that index among the fake's calls on."""
        return [
            post
            for post in self._fake.received[since:]
            if post.arrived and post.conversation_id == self.user.conversation_id
        ]

    def _look_at(self, card: Card, card_id: str) -> Card:
        assert_valid_card(card)
        self.card, self.card_id = card, card_id
        return card


async def until(met: Callable[[], T | None], what: str, *, within: float = WITHIN) -> T:
    """Returns the result of ``met``, as soon as that is neither None nor False."""

    async def look() -> T | None:
        return met()

    return await until_stored(look, what, within=within)


async def until_stored(
    met: Callable[[], Awaitable[T | None]], what: str, *, within: float = WITHIN
) -> T:
    """Waits like :func:`until`, for a condition that asks the store."""
    deadline = time.monotonic() + within
    while True:
        found = await met()
        if found is not None and found is not False:
            return found
        assert time.monotonic() < deadline, f"{what} did not come within {within:g} s"
        await asyncio.sleep(0.01)


async def write(
    admin: Person,
    *,
    name: str,
    message: str,
    format: str = "important",
    audience: str = "all",
    notification: str = "",
) -> Card:
    """Writes a campaign, from the menu to its card with *Send now*; the notification says the
    campaign's name unless told otherwise."""
    await admin.says("menu")
    await admin.presses("New campaign")
    await admin.presses("Next", name=name, format=format)
    await admin.presses("Next: preview", message=message, notification=notification or name)
    await admin.presses("Next: recipients")
    return await admin.presses("Next", audience=audience)


async def send(admin: Person) -> Card:
    """Sends the campaign whose card the admin looks at, and waits for its report."""
    confirmation = await admin.presses("Send now")
    [yes] = [title for title in buttons(confirmation) if title.startswith("Yes, send to ")]
    sending = await admin.presses(yes)
    return sending if "Report · Completed" in texts(sending) else await admin.sees("· Completed")


def card_of(post: Received) -> Card:
    """The card in a message that the fake received."""
    assert post.activity is not None
    [attachment] = post.activity["attachments"]
    card: Card = attachment["content"]
    return card


def texts(card: Card) -> list[str]:
    """All that can be read on it, as people read it: without the escapes of Markdown."""
    found = []
    for part in _parts(card):
        if part["type"] == "TextBlock":
            found.append(part["text"])
        elif part["type"] == "RichTextBlock":
            found.append("".join(run["text"] for run in part["inlines"]))
        elif part["type"] == "FactSet":
            found += [f"{fact['title']}: {fact['value']}" for fact in part["facts"]]
    return [_unescaped(text) for text in found]


def buttons(card: Card) -> list[str]:
    return [part["title"] for part in _parts(card) if part["type"].startswith("Action.")]


def value_of(card: Card, field: str) -> str:
    """Returns the text in the field."""
    [found] = [part for part in _inputs(card) if part["id"] == field]
    value: str = found.get("value", "")
    return value


def counts(report: Card) -> dict[str, int]:
    """How many people the report has under each result."""
    rows: dict[str, int] = {}
    for part in _parts(report):
        if part["type"] == "ColumnSet":
            line = [text["text"] for text in _parts(part) if text["type"] == "TextBlock"]
            if (
                len(line) == 2
                and line[0] in RESULTS.values()
                and (number := re.match(r"([\d,]+) \(", line[1]))
            ):
                rows[line[0]] = int(number[1].replace(",", ""))
    return rows


def recipients(report: Card) -> int:
    """How many people the report says it is about."""
    [fact] = [line for line in texts(report) if line.startswith("Recipients: ")]
    return int(fact.split()[1].replace(",", ""))


async def recipients_with(admin: Person, result: str) -> dict[str, str]:
    """Returns what the report says beside the address of each recipient with this result.

    The admin comes back to the report.
    """
    found: dict[str, str] = {}
    page = await admin.presses(f"Show these recipients: {result}")
    while True:
        for part in _parts(page):
            lines = [
                block["text"] for block in part.get("items", ()) if block["type"] == "TextBlock"
            ]
            if part["type"] == "Container" and len(lines) == 2 and part.get("separator"):
                who = _unescaped(lines[0]).replace("*", "").rpartition(" · ")[2]
                assert who not in found
                found[who] = _unescaped(lines[1])
        if "Next" not in buttons(page):
            break
        page = await admin.presses("Next")
    await admin.presses("Back")
    return found


async def install_all(people: Sequence[Person]) -> None:
    """Everyone at about the same time, as in an organisation's roll-out."""
    at_once = asyncio.Semaphore(50)

    async def install(person: Person) -> None:
        async with at_once:
            await person.installs()

    await asyncio.gather(*map(install, people))


def _button(card: Card, label: str) -> dict[str, Any]:
    every = [part for part in _parts(card) if part["type"] == "Action.Execute"]
    found = [button for button in every if label in (button["title"], button.get("tooltip"))]
    assert len(found) == 1, f"{len(found)} buttons {label!r} among {buttons(card)}"
    return found[0]


def _inputs(card: Card) -> Iterator[dict[str, Any]]:
    return (part for part in _parts(card) if part["type"].startswith("Input."))


def _parts(value: object) -> Iterator[dict[str, Any]]:
    """Every typed object of a card, but not what is only shown in another's place."""
    if isinstance(value, dict):
        if "type" in value:
            yield value
        for key, item in value.items():
            if key not in ("fallback", "data"):
                yield from _parts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _parts(item)


def _unescaped(markdown: str) -> str:
    return re.sub(r"\\(\W)", r"\1", markdown)
