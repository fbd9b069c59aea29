"""The whole bot, served over real HTTP, and people who use it as a Teams client does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec

from app import create_app
from bot.serving import served
from campaigns.pictures import Finding
from campaigns.refusals.authoring import PictureDoubt
from delivery.clock import Clock
from delivery.supervision import STANDARD, SupervisionRules
from dialogs.authoring.writing import Pictures
from settings import Admins, Cloud, Secret, Settings
from storage.base import Store
from storage.embedded.files import Files
from storage.embedded.store import EmbeddedStore
from teams.pictures import WebPictures
from teams.signed_in import STANDARD as STANDARD_SIGN_IN
from teams.signed_in import SignInRules
from teams.tokens import DEFAULTS, TokenRules
from teams.transport import TIMEOUTS, Timeouts
from tests.fake_teams import FakeTeams, FakeUser, FakeWeb, Received
from tests.support.adaptive_card_schema import assert_valid_card
from tests.support.chats.cards import Card, button, buttons, card_of, parts, texts, unescaped
from tests.support.chats.cards import inputs as input_fields
from tests.support.waiting import until

TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
APP_SECRET = "Abc8Q~of-the-tests"
PUBLIC_URL = "https://campaigns.example.com"
"""The address under which the bot's links lead to it."""


class Bot(msgspec.Struct, frozen=True):
    """A running bot and its store."""

    messages: str
    """The URL of its messaging endpoint."""
    store: Store
    signed: bool
    """False in local mode, where activities are not signed."""

    @property
    def address(self) -> str:
        return self.messages.removesuffix("/api/messages")


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
    sign_in: SignInRules = STANDARD_SIGN_IN,
    hosts: Collection[str] = (),
    other_admins: Collection[FakeUser] = (),
    files: Files | None = None,
    public_url: str = PUBLIC_URL,
    personal_tracking: bool = True,
    pictures: FakeWeb | None = None,
    store: Store | None = None,
    supervision: SupervisionRules = STANDARD,
) -> AsyncIterator[Bot]:
    """Serves the bot on a free port of this machine, registered with the fake.

    :param hosts: service hosts that it trusts besides the fake.
    :param pictures: the web in which it looks at pictures; None: there is no network.
    :param store: used in place of one in the folder.
    """
    store = store or EmbeddedStore(folder, files=files)
    admins = [admin, *other_admins]
    settings = Settings(
        app_id=fake.app_id,
        app_password=Secret(APP_SECRET),
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
        supervision=supervision,
        sign_in=sign_in,
    )
    async with served(application, "127.0.0.1", 0) as listener:
        address = f"http://127.0.0.1:{listener.ports[0]}"
        yield Bot(f"{address}/api/messages", store, signed=True)


def _pictures(web: FakeWeb | None) -> Pictures:
    return NoPictures() if web is None else WebPictures(private=True, trust=web.trust)


class NoPictures:
    """Looks at pictures as if there were no network."""

    async def look(self, address: str) -> Finding:
        return Finding(unsure=PictureDoubt.NOT_REACHED)


class Person:
    """Somebody in their chat with the bot, looking at ``card``."""

    def __init__(self, fake: FakeTeams, bot: Bot, user: FakeUser) -> None:
        self.user = user
        self.card: Card = {}
        self.card_id = ""
        self._since = 0
        self._fake = fake
        self._bot = bot

    async def does(self, activity: dict[str, Any]) -> Any:
        """Delivers the activity to the bot, which must accept it, and returns the answer."""
        answer = await self._fake.deliver(self._bot.messages, activity, signed=self._bot.signed)
        assert answer.status == 200, answer
        return answer.body

    async def installs(self) -> None:
        """Sends both activities that Teams sends when the app is installed, in order."""
        await self.does(self._fake.inbound.installed(self.user))
        await self.does(self._fake.inbound.members_added(self.user))

    async def uninstalls(self) -> None:
        """Uninstalls the app; from then on the fake also refuses sends to this person."""
        self.user.installed = False
        await self.does(self._fake.inbound.uninstalled(self.user))

    async def says(self, text: str, html: str | None = None) -> Card:
        """Types a text, and looks at the card that answers it.

        :param html: the text with its formatting; None: it has none.
        """
        self._since = len(self._fake.received)
        await self.does(self._fake.inbound.said(self.user, text, html))
        [answer] = [post for post in self.inbox(self._since) if post.call == "send"]
        return self._look_at(card_of(answer), answer.activity_id)

    async def presses(self, label: str, **inputs: str) -> Card:
        """Fills in these fields, and presses the only button with this title or tooltip.

        Like a client, sends every field that is not empty, also those left as they were.
        """
        return await self.gets(self.press(label, **inputs))

    def press(self, label: str, **inputs: str) -> dict[str, Any]:
        """Returns the activity of such a press, to be delivered once or several times."""
        pressed = button(self.card, label)
        fields = {part["id"]: part.get("value", "") for part in input_fields(self.card)}
        assert inputs.keys() <= fields.keys(), f"{sorted(fields)} are the fields"
        data = dict(pressed["data"])
        if pressed.get("associatedInputs") != "none":
            data |= {name: value for name, value in (fields | inputs).items() if value}
        else:
            assert not inputs, f"{label!r} sends no fields"
        return self.press_with(data)

    def press_with(self, data: Any) -> dict[str, Any]:
        """Returns the activity of a press on a button of the card that had this data."""
        verb = str(data.get("do", "")) if isinstance(data, dict) else ""
        return self._fake.inbound.pressed(self.user, data, verb=verb, reply_to_id=self.card_id)

    async def gets(self, pressed: dict[str, Any]) -> Card:
        """Delivers a press, and looks at the card that takes the place of the one pressed on."""
        self._since = len(self._fake.received)
        answer = await self.does(pressed)
        assert answer["statusCode"] == 200, answer
        assert answer["type"] == "application/vnd.microsoft.card.adaptive"
        return self._look_at(answer["value"], self.card_id)

    async def sees(self, text: str) -> Card:
        """Waits until the bot has updated the card, since the last press, to one with this text."""

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
        """Returns the messages that reached this person.

        :param since: number of calls to the fake to leave out at the beginning.
        """
        return [
            post
            for post in self._fake.received[since:]
            if post.arrived and post.conversation_id == self.user.conversation_id
        ]

    def _look_at(self, card: Card, card_id: str) -> Card:
        assert_valid_card(card)
        self.card, self.card_id = card, card_id
        return card


async def write(
    admin: Person,
    *,
    name: str,
    message: str,
    format: str = "important",
    audience: str = "all",
    notification: str = "",
) -> Card:
    """Writes a campaign, from the menu to its card with *Send now*.

    :param notification: the notification text; empty: the campaign's name.
    """
    await admin.says("menu")
    await admin.presses("New campaign")
    await admin.presses("Next", name=name, format=format)
    await admin.presses("Next: preview", message=message, notification=notification or name)
    await admin.presses("Next: recipients")
    return await admin.presses("Next", audience=audience)


async def send(admin: Person) -> Card:
    """Sends the campaign whose card the admin looks at, and waits for its final report."""
    confirmation = await admin.presses("Send now")
    [yes] = [title for title in buttons(confirmation) if title.startswith("Yes, send to ")]
    sending = await admin.presses(yes)
    return sending if "Report · Completed" in texts(sending) else await admin.sees("· Completed")


async def recipients_with(admin: Person, result: str) -> dict[str, str]:
    """Returns what the report says about each person with this result, by e-mail address.

    The admin comes back to the report.
    """
    lines_of: dict[str, str] = {}
    page = await admin.presses(f"Show these recipients: {result}")
    while True:
        for part in parts(page):
            items = part.get("items", ())
            lines = [item["text"] for item in items if item["type"] == "TextBlock"]
            if part["type"] == "Container" and len(lines) == 2 and part.get("separator"):
                email = unescaped(lines[0]).replace("*", "").rpartition(" · ")[2]
                assert email not in lines_of
                lines_of[email] = unescaped(lines[1])
        if "Next" not in buttons(page):
            break
        page = await admin.presses("Next")
    await admin.presses("Back")
    return lines_of


async def install_all(people: Sequence[Person]) -> None:
    """Installs the app for everyone, 50 at a time, as an organisation's roll-out does."""
    limit = asyncio.Semaphore(50)

    async def install(person: Person) -> None:
        async with limit:
            await person.installs()

    await asyncio.gather(*map(install, people))
