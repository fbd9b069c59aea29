"""The inbound edge as a real HTTP server, with stubs for dialogs and messenger."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

import msgspec

from bot.adapter import Adapter
from bot.duplicates import SharedDeduplicator
from bot.handler import Admission, Handler
from bot.http import BODY_TIMEOUT, create_http
from bot.metrics import Metrics
from bot.readiness import store_check
from bot.replies import Replies
from bot.server.limits import LIMITS, Limits
from bot.server.listener import HttpListener
from bot.serving import served
from bot.startup import Lifetime
from campaigns.message import Message
from campaigns.outcome import Outcome, Sent
from campaigns.user import ConversationReference, Profile
from delivery.clock import SystemClock
from delivery.feedback.receipts import Receipts
from delivery.feedback.recorder import Recorder
from delivery.messenger import CallLine
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.supervision import Supervisor
from dialogs.turn import Reply, Turn
from settings import Settings
from storage.embedded.store import EmbeddedStore
from teams.hosts import Hosts

NO_KEYS = "http://127.0.0.1:9/none"


class StubDialogs:
    """Records turns, and answers each with a card that has its number."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.error: Exception | None = None
        self.began = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()

    async def turn(self, turn: Turn) -> Reply:
        self.turns.append(turn)
        number = len(self.turns)
        self.began.set()
        await self.go.wait()
        if self.error is not None:
            raise self.error
        card = {"type": "AdaptiveCard", "version": "1.5", "body": [], "id": f"card {number}"}
        return Reply(card=card, summary=f"reply {number}")


class Call(msgspec.Struct, frozen=True):
    verb: str
    reference: ConversationReference
    message: Message
    activity_id: str = ""


class StubMessenger:
    """Records messages; ``outcomes`` answer the next calls, and all later ones are sent."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.outcomes: list[Outcome] = []

    @property
    def summaries(self) -> list[str]:
        return [call.message.summary for call in self.calls]

    async def send(
        self, reference: ConversationReference, message: Message, line: CallLine
    ) -> Outcome:
        await line.reach()
        return self._call(Call("send", reference, message))

    async def update(
        self, reference: ConversationReference, activity_id: str, message: Message, line: CallLine
    ) -> Outcome:
        await line.reach()
        return self._call(Call("update", reference, message, activity_id))

    async def delete(
        self, reference: ConversationReference, activity_id: str, line: CallLine
    ) -> Outcome:
        raise AssertionError("the inbound edge deletes nothing")

    async def open(
        self, tenant_id: str, reference: ConversationReference, line: CallLine
    ) -> ConversationReference | Outcome:
        raise AssertionError("the inbound edge opens no conversations")

    def _call(self, call: Call) -> Outcome:
        self.calls.append(call)
        return self.outcomes.pop(0) if self.outcomes else Sent("sent-1")


class StubRoster:
    async def profile(self, reference: ConversationReference, line: CallLine) -> Profile | Outcome:
        return Profile(name="Adele Vance", given_name="Adele", email="adele@example.com")


class InboundBot(msgspec.Struct, frozen=True):
    """A listening bot, and its stubs."""

    url: str
    """Without a slash at the end."""
    dialogs: StubDialogs
    messenger: StubMessenger
    store: EmbeddedStore
    handler: Handler
    listener: HttpListener
    not_ready: dict[str, str]
    """The reason why a check is not ready, by its name; empty: all are."""

    @property
    def messages(self) -> str:
        return f"{self.url}/api/messages"


@contextlib.asynccontextmanager
async def listening(
    settings: Settings,
    metadata_url: str = NO_KEYS,
    *,
    answer_within: float = 12.0,
    body_timeout: float = BODY_TIMEOUT,
    lifetimes: Iterable[Lifetime] = (),
    limits: Limits = LIMITS,
) -> AsyncIterator[InboundBot]:
    """Serves the inbound edge on a free port, with an empty store in memory."""
    dialogs, messenger, store = StubDialogs(), StubMessenger(), EmbeddedStore(None)
    await store.open()
    clock = SystemClock()
    recorder = Recorder(store, clock, Supervisor().crew())
    pacer = Pacer(clock, settings.rate_per_second)
    metrics = Metrics()
    handler = Handler(
        dialogs=dialogs,
        contacts=Contacts(store, StubRoster(), pacer),
        receipts=Receipts(store, recorder),
        replies=Replies(messenger, pacer, metrics),
        admission=Admission(
            serves=settings.serves,
            trusts=Hosts(["127.0.0.1"], local=settings.local).allows,
            is_admin=settings.admins.include,
        ),
        clock=clock,
        shared=SharedDeduplicator(store.inbox, "this process"),
        answer_within=answer_within,
    )
    adapter = Adapter(
        handler,
        app_id=settings.app_id,
        token_issuer=settings.cloud.token_issuer,
        openid_metadata_url=metadata_url,
    )
    not_ready: dict[str, str] = {}

    async def engine_check() -> str:
        return not_ready.get("engine", "")

    checks = {"store": store_check(store), "engine": engine_check}
    application = create_http(
        adapter, metrics=metrics, checks=checks, lifetimes=lifetimes, body_timeout=body_timeout
    )
    try:
        async with served(application, "127.0.0.1", 0, limits) as listener:
            try:
                yield InboundBot(
                    url=f"http://127.0.0.1:{listener.ports[0]}",
                    dialogs=dialogs,
                    messenger=messenger,
                    store=store,
                    handler=handler,
                    not_ready=not_ready,
                    listener=listener,
                )
            finally:
                dialogs.go.set()
                await handler.finish(5.0)
    finally:
        await store.close()
