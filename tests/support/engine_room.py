"""A whole engine with fakes at its seams, in a loop in which waiting takes no time."""

from __future__ import annotations

import asyncio
import selectors
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from campaigns import drafting
from campaigns.audience import AllUsers, Audience
from campaigns.campaign import Campaign
from campaigns.content import Content, Format
from campaigns.message import Message
from campaigns.outcome import Outcome, Reason, Sent
from campaigns.user import ConversationReference, Profile, User
from cards.message import personal
from cards.message.personal import Personal
from cards.reports.measured import measuring
from cards.reports.messages import CampaignMessages
from delivery.engine import Engine
from delivery.leases import TenantLeases
from delivery.messenger import CallLine
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.sending.attempt import MessageRenderer
from delivery.sending.presences import Presences
from delivery.supervision import Supervisor
from storage.base import Store
from storage.embedded.store import EmbeddedStore

T = TypeVar("T")

TENANT = "tenant-1"
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)


class Clock:
    """Stands still while anything happens, and jumps to what is due next when nothing does.

    The wall clock can be set, which changes nothing for those who sleep.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._wrong = timedelta()

    def right(self) -> datetime:
        """The time that the wall clock shows when it is right."""
        return BEGAN + timedelta(seconds=self.seconds)

    def now(self) -> datetime:
        return self.right() + self._wrong

    def set_wrong(self, seconds: float) -> None:
        """Sets the wall clock so many seconds ahead of the right time; 0: right again."""
        self._wrong = timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.001, seconds))


def run(main: Callable[[Clock], Coroutine[Any, Any, T]]) -> T:
    """Runs ``main`` to its end; AssertionError when everybody waits for ever."""
    clock = Clock()
    with asyncio.Runner(loop_factory=lambda: _Loop(clock)) as runner:
        return runner.run(main(clock))


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.in_threads = 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.clock.seconds

    def run_in_executor(  # type: ignore[override]  # typeshed's needs Python 3.11's type variables
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self.in_threads += 1
        future.add_done_callback(self._back)
        return future

    def _back(self, _: asyncio.Future[Any]) -> None:
        self.in_threads -= 1


class _Selector(selectors.SelectSelector):
    def __init__(self, loop: _Loop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self._loop.in_threads:
            # A thread is at work: its end wakes the loop, and until then no time passes.
            return super().select(5.0)
        if timeout is None:
            raise AssertionError("Everybody waits, and nothing will ever happen.")
        self._loop.clock.seconds += timeout
        return super().select(0)


async def _at_once() -> None:
    pass


class Channel:
    """Messenger and roster: what it answers is scripted, and what arrived is counted."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        """Campaign messages, by the recipient's id."""
        self.tried: Counter[str] = Counter()
        self.notices: list[str] = []
        """Summaries of what the author got."""
        self.to_author: Callable[[], Outcome] = lambda: Sent("notice")
        self.updates: list[str] = []
        self.deleted: list[str] = []
        self.deletes: Callable[[str], Outcome] = Sent
        self.changes: Callable[[str], Outcome] = Sent
        self.answer: Callable[[str], tuple[float, Outcome, bool]] = lambda _: (0.0, Sent("1"), True)
        """For a recipient's id: seconds until the answer, the answer, whether it arrived."""
        self.profiles: Callable[[str], Profile | Outcome] = lambda _: Profile(name="Somebody")
        self.looked_up: list[str] = []
        self.opened: list[str] = []
        self.left: list[float] = []
        """The moments at which calls left, of all kinds."""
        self.readying: Callable[[], Awaitable[None]] = _at_once
        """Makes a call ready, such as by fetching a token; may raise."""

    async def send(
        self, reference: ConversationReference, message: Message, line: CallLine
    ) -> Outcome:
        await self._leave(line)
        recipient_id = reference.account_id
        if recipient_id == "author":
            outcome = self.to_author()
            if isinstance(outcome, Sent):
                self.notices.append(message.summary)
            return outcome
        self.tried[recipient_id] += 1
        seconds, outcome, arrived = self.answer(recipient_id)
        if arrived:
            self.arrived[recipient_id] += 1
        await asyncio.sleep(seconds)
        return outcome

    async def update(
        self, reference: ConversationReference, activity_id: str, message: Message, line: CallLine
    ) -> Outcome:
        await self._leave(line)
        self.updates.append(activity_id)
        return self.changes(activity_id)

    async def delete(
        self, reference: ConversationReference, activity_id: str, line: CallLine
    ) -> Outcome:
        await self._leave(line)
        self.deleted.append(activity_id)
        return self.deletes(activity_id)

    async def open(
        self, tenant_id: str, reference: ConversationReference, line: CallLine
    ) -> ConversationReference | Outcome:
        await self._leave(line)
        self.opened.append(reference.account_id)
        return msgspec.structs.replace(reference, conversation_id=f"new:{reference.account_id}")

    async def profile(self, reference: ConversationReference, line: CallLine) -> Profile | Outcome:
        await self._leave(line)
        self.looked_up.append(reference.account_id)
        return self.profiles(reference.account_id)

    async def _leave(self, line: CallLine) -> None:
        await self.readying()
        await line.reach()
        line.cross()
        self.left.append(asyncio.get_running_loop().time())


class Room:
    """A store, a channel, and the engine of the present process."""

    def __init__(
        self,
        clock: Clock,
        *,
        store: Store | None = None,
        renderer: MessageRenderer = Personal,
        rate: float = 1_000.0,
        presences: Presences | None = None,
        others: bool = False,
        start_paused: bool = False,
    ) -> None:
        self.clock = clock
        self.store = store or EmbeddedStore(None)
        self.channel = Channel()
        self._renderer = renderer
        self._rate = rate
        self._presences = presences
        self._others = others
        self.start_paused = start_paused
        self.engine: Engine
        self.supervisor: Supervisor

    async def open(self, people: int) -> None:
        """The store, with an author and so many people; ids ``1``, ``2``..."""
        await self.store.open()
        names = ["author", *(str(number) for number in range(1, people + 1))]
        await asyncio.gather(*(self.store.users.put(person(name)) for name in names))
        await self.store.users.put(
            msgspec.structs.replace(
                person("author"), reachable=False, unreachable_because=Reason.NOT_INSTALLED
            )
        )

    async def begin(self) -> Engine:
        """A new process."""
        leases = TenantLeases(self.store.leases, self.clock, self._rate)
        clock = leases.clock
        pacer = Pacer(clock, self._rate, monotonic=clock.monotonic)
        self.pacer = pacer
        self.contacts = Contacts(self.store, self.channel, pacer)
        self.supervisor = Supervisor()
        self.engine = Engine(
            store=self.store,
            messenger=self.channel,
            contacts=self.contacts,
            pacer=pacer,
            clock=clock,
            renderer=self._renderer,
            views=CampaignMessages(
                ZoneInfo("Europe/London"), measuring(personal.Renderer(None), personal=True)
            ),
            leases=leases,
            supervisor=self.supervisor,
            presences=self._presences,
            others=self._others,
            start_paused=self.start_paused,
            fits=personal.Renderer(None).fits,
        )
        await self.engine.start()
        return self.engine

    async def crash(self) -> None:
        """The process is gone; what the store had begun to write is kept."""
        await self.supervisor.stop()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            if "Shard" not in getattr(task.get_coro(), "__qualname__", ""):
                task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def close(self) -> None:
        await self.engine.stop()
        await self.crash()
        await self.store.close()

    async def draft(self, campaign_id: str = "news", audience: Audience | None = None) -> Campaign:
        now = self.clock.now()
        draft = drafting.draft(
            TENANT, campaign_id, name="News", format=Format.IDEA, author_id="author", now=now
        )
        draft = drafting.write(draft, Content("Hello"), now)
        draft = drafting.target(draft, audience or AllUsers(), now)
        return await self.store.campaigns.add(draft)

    async def until_ended(self, campaign: Campaign, *, seconds: float = 4_000.0) -> Campaign:
        deadline = self.clock.seconds + seconds
        while True:
            now = await self.store.campaigns.get(campaign.key)
            assert now is not None
            if now.run.ended_at is not None:
                return now
            assert self.clock.seconds < deadline, now
            await asyncio.sleep(0.5)


def person(user_id: str, **changes: Any) -> User:
    return User(
        tenant_id=TENANT,
        id=user_id,
        reference=ConversationReference(
            service_url="https://example.com",
            conversation_id=f"a:{user_id}",
            bot_id="28:bot",
            account_id=user_id,
        ),
        **{
            "profile": Profile(name=f"Person {user_id}", email=f"{user_id}@example.com"),
            "profile_known": True,
            **changes,
        },
    )
