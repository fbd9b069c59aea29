"""The Store protocols: what the product needs to remember, in the domain's own verbs.

Rules that every backend keeps, and the contract suite checks:

- When an ``await`` on a writing verb returns, the change is durable: it survives the loss of the
  process and of the machine's power.
- Everything is scoped by tenant: no verb sees another tenant's data.
- Documents carry a revision. ``add`` takes revision 0 and returns revision 1; ``save`` takes the
  revision that was read and returns the next one, or raises :class:`~storage.errors.Conflict`.
- Values handed out are immutable; changing one changes nothing in the store.
- Many coroutines may call at once.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Generic, Protocol, TypeVar

import msgspec

from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.delivery import Claim, Delivery
from campaigns.events import Engagement, Event
from campaigns.lists import DistributionList
from campaigns.outcome import Reason
from campaigns.report import Counts, Result
from campaigns.surveys.answers import Response
from campaigns.surveys.results import Tally
from campaigns.surveys.survey import Survey
from campaigns.templates import Template
from campaigns.user import User

T = TypeVar("T")
ChangedUser = TypeVar("ChangedUser", bound=User | None)


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some of a longer list, and how long it is in all."""

    items: tuple[T, ...]
    total: int


class Users(Protocol):
    """People and how to reach them."""

    async def get(self, tenant_id: str, user_id: str) -> User | None: ...

    async def get_many(self, tenant_id: str, user_ids: Collection[str]) -> dict[str, User]:
        """Those of these users that are known, by id."""
        ...

    async def put(self, user: User) -> None:
        """Remembers the user as given; the last one wins (it is the channel's truth, not a person's
        edit).
        """
        ...

    async def change(
        self, tenant_id: str, user_id: str, to: Callable[[User | None], ChangedUser]
    ) -> ChangedUser:
        """Remembers what ``to`` makes of the user as known now (None: not known), and returns it;
        nobody else changes them meanwhile, in whichever process. Nothing is done for None.

        ``to`` has to be pure: it may be applied again.
        """
        ...

    async def by_emails(self, tenant_id: str, emails: Collection[str]) -> dict[str, User]:
        """The users with one of these addresses as e-mail or UPN, by the address as asked for.

        Case does not matter. When two users have the same address, a reachable one comes first.
        """
        ...

    async def count_reachable(self, tenant_id: str) -> int: ...

    def reachable(self, tenant_id: str) -> AsyncIterator[Sequence[User]]:
        """Every reachable user, in chunks (at most about a thousand each), for streaming through
        many.
        """
        ...

    async def without_profile(
        self, limit: int, tenant_ids: Collection[str] | None = None
    ) -> Sequence[User]:
        """Some reachable users of these tenants (None: of any) whose profile is not known yet."""
        ...

    def everyone(self) -> AsyncIterator[Sequence[User]]:
        """All users of all tenants, in chunks; for moving them out."""
        ...


class Campaigns(Protocol):
    """Campaigns, without their deliveries."""

    async def get(self, key: CampaignKey) -> Campaign | None: ...

    async def add(self, campaign: Campaign) -> Campaign:
        """Keeps a new campaign; raises Conflict when there is one with this id already."""
        ...

    async def save(self, campaign: Campaign) -> Campaign:
        """Keeps a changed campaign; raises Conflict when it was changed since, or deleted."""
        ...

    async def delete(self, key: CampaignKey) -> bool:
        """Forgets the campaign (not its deliveries: ``Ledger.drop``); False when there is none."""
        ...

    async def page(
        self, tenant_id: str, statuses: Collection[Status], *, offset: int, limit: int
    ) -> Page[Campaign]:
        """The tenant's campaigns in any of these statuses, newest first: by when they started, or
        else when they were last changed.
        """
        ...

    async def count(self, tenant_id: str) -> dict[Status, int]:
        """How many campaigns the tenant has in each status (missing: none)."""
        ...

    async def in_status(self, statuses: Collection[Status]) -> Sequence[Campaign]:
        """The campaigns of all tenants in any of these statuses."""
        ...

    async def going_on(self, tenant_id: str | None = None) -> Sequence[Campaign]:
        """The campaigns of this tenant (None: of all) that :attr:`Campaign.is_going_on`: few, and
        asked for often.
        """
        ...

    def changes(self) -> AsyncIterator[CampaignKey | None]:
        """The campaigns going on that are changed from now on, by this process or by another; None
        when some may have been missed, so that one should look. Never ends.
        """
        ...

    async def starting(self, now: datetime, *, limit: int) -> Sequence[Campaign]:
        """The scheduled campaigns of all tenants whose time has come, the earliest first."""
        ...

    async def next_start(self, after: datetime) -> datetime | None:
        """When the first scheduled campaign starts after a moment, whichever tenant's; None when
        none does. Costs the same for few and many.
        """
        ...

    async def calendar(self, tenant_id: str, *, offset: int, limit: int) -> Page[Campaign]:
        """The tenant's scheduled campaigns, the one that starts next first."""
        ...


class Lists(Protocol):
    """Distribution lists."""

    async def get(self, tenant_id: str, list_id: str) -> DistributionList | None: ...

    async def add(self, of: DistributionList) -> DistributionList:
        """Keeps a new list; raises Conflict when there is one with this id already."""
        ...

    async def save(self, of: DistributionList) -> DistributionList:
        """Keeps a changed list; raises Conflict when it was changed since, or deleted."""
        ...

    async def delete(self, tenant_id: str, list_id: str) -> bool: ...

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[DistributionList]:
        """The tenant's lists by name, case not mattering."""
        ...

    def everything(self) -> AsyncIterator[DistributionList]:
        """All lists of all tenants; for moving them out."""
        ...


class Templates(Protocol):
    """Templates of campaigns; one is never changed, only deleted."""

    async def get(self, tenant_id: str, template_id: str) -> Template | None: ...

    async def add(self, of: Template) -> Template:
        """Keeps a new template; raises Conflict when there is one with this id already."""
        ...

    async def delete(self, tenant_id: str, template_id: str) -> bool: ...

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[Template]:
        """The tenant's templates by name, case not mattering."""
        ...

    def everything(self) -> AsyncIterator[Template]:
        """All templates of all tenants; for moving them out."""
        ...


class Ledger(Protocol):
    """The durable record of deliveries, written before and after each send."""

    async def freeze(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> int:
        """Adds those deliveries whose recipient the campaign does not have yet; says how many.

        Repeating it, whole or in part, changes nothing: that makes a launch that was cut in half
        safe to do again.
        """
        ...

    async def claim(
        self, key: CampaignKey, claim: Claim, *, now: datetime, limit: int
    ) -> Sequence[Delivery]:
        """Takes up to ``limit`` due deliveries, the earliest due first (about), for this claim's
        owner.

        Nobody else gets them. Durable before it returns: send only what it returned.
        """
        ...

    async def due(self, key: CampaignKey, *, now: datetime, limit: int) -> Sequence[str]:
        """The recipients of up to ``limit`` due deliveries, about those that are claimed next."""
        ...

    async def settle(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> None:
        """Keeps these rows as they are given, in place of the claimed ones."""
        ...

    async def abandoned(
        self, key: CampaignKey, now: datetime, *, holder: str | None = None
    ) -> Sequence[Delivery]:
        """Deliveries claimed by someone who is gone: the claim's time has passed, or its owner is
        known not to exist any more.

        Their fate is not known.

        :param holder: who has the lease of the campaign's tenant, and so is the only one who may be
            sending: the claims of all others have lapsed with theirs. Without effect when somebody
            else has it meanwhile.
        """
        ...

    async def cancel(self, key: CampaignKey, now: datetime) -> int:
        """Cancels what is pending (not what is claimed); says how many."""
        ...

    async def resend_in_doubt(self, key: CampaignKey, now: datetime) -> int:
        """Makes the deliveries in doubt due again; says how many."""
        ...

    async def retry_failed(
        self, key: CampaignKey, reasons: Collection[Reason], now: datetime
    ) -> int:
        """Makes the deliveries that failed for one of these reasons due again; says how many."""
        ...

    async def counts(self, key: CampaignKey) -> Counts:
        """The counts by result; costs the same for small and large campaigns."""
        ...

    async def next_due(self, key: CampaignKey) -> datetime | None:
        """When the earliest pending delivery is due; None when none is pending."""
        ...

    async def page(
        self, key: CampaignKey, result: Result, *, offset: int, limit: int
    ) -> Page[Delivery]:
        """The deliveries that count under this result, in the order in which they were frozen."""
        ...

    async def search(
        self, key: CampaignKey, result: Result, text: str, *, offset: int, limit: int
    ) -> Page[Delivery]:
        """As ``page``, of those whose name or address has this text in it; case does not matter.

        Goes through all of that result, so it costs in proportion to their number.
        """
        ...

    async def get_many(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Delivery]:
        """The deliveries to those of these recipients who have one, by recipient."""
        ...

    async def find(self, key: CampaignKey, recipient_id: str) -> Delivery | None:
        """The delivery to this recipient; None when the campaign has none."""
        ...

    def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Delivery]]:
        """All deliveries, in an order of the store's own, in chunks (at most about a thousand
        each), for streaming through many.
        """
        ...

    async def timeline(self, key: CampaignKey, step: timedelta) -> Mapping[datetime, int]:
        """How many were sent in each step of time (counted from 1970, whole seconds), by the
        step's beginning; steps in which none were are left out.
        """
        ...

    async def drop(self, key: CampaignKey) -> None:
        """Forgets all deliveries of the campaign."""
        ...


class Events(Protocol):
    """What people do with what they were sent: appended, never changed, and counted from there."""

    async def append(self, key: CampaignKey, events: Sequence[Event]) -> int:
        """Keeps those of these events that say anything new; says how many.

        Of somebody who is no recipient of the campaign, and beyond ``events.PER_PERSON`` of one
        person, nothing is kept.
        """
        ...

    async def engagement(self, key: CampaignKey) -> Engagement:
        """What is counted from the campaign's events."""
        ...

    async def of(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Sequence[Event]]:
        """The events of those of these recipients who have any, oldest first.

        Costs least for recipients that ``Ledger.rows`` or ``Ledger.page`` gave together.
        """
        ...

    def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Event]]:
        """All events, those included that are nobody's, in chunks of at most about a thousand;
        each person's stand together, oldest first.
        """
        ...

    async def drop(self, key: CampaignKey) -> None:
        """Forgets all events of the campaign. Call it after ``Ledger.drop``: a campaign without
        deliveries keeps no new ones.
        """
        ...


class Surveys(Protocol):
    """Surveys, without their responses."""

    async def get(self, tenant_id: str, survey_id: str) -> Survey | None: ...

    async def add(self, of: Survey) -> Survey:
        """Keeps a new survey; raises Conflict when there is one with this id already."""
        ...

    async def save(self, of: Survey) -> Survey:
        """Keeps a changed survey; raises Conflict when it was changed since, or deleted."""
        ...

    async def delete(self, tenant_id: str, survey_id: str) -> bool: ...

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[Survey]:
        """The tenant's surveys by name, case not mattering."""
        ...

    def everything(self) -> AsyncIterator[Survey]:
        """All surveys of all tenants; for moving them out."""
        ...


class Recorded(enum.Enum):
    """What became of a response."""

    NEW = "new"
    CHANGED = "changed"
    KEPT = "kept"
    """The one that was there before stays."""
    ELSEWHERE = "elsewhere"
    """This person has answered, under another id; nothing was kept of this."""


class Responses(Protocol):
    """What was answered to a campaign's survey; and, apart from it, who has answered."""

    async def record(
        self, key: CampaignKey, recipient_id: str, response: Response, *, day: date, change: bool
    ) -> Recorded:
        """Keeps the response unless this person has answered before; then it takes the place of
        the one with its id, if ``change`` allows that.

        Nothing that is kept joins the response to the person, but for an id that is the person's.
        The same response may be recorded again, also after a crash in the middle: it is there once.
        """
        ...

    async def get(self, key: CampaignKey, response_id: str) -> Response | None: ...

    async def answered(self, key: CampaignKey, recipient_ids: Collection[str]) -> frozenset[str]:
        """Those of these people who have answered."""
        ...

    async def days(self, key: CampaignKey) -> Mapping[date, int]:
        """How many have answered first on each day, in the order of days."""
        ...

    async def tally(self, key: CampaignKey) -> Tally:
        """The counts of all responses, see ``campaigns.surveys.results``."""
        ...

    def people(self, key: CampaignKey) -> AsyncIterator[Sequence[str]]:
        """All who have answered, in chunks of at most about a thousand; for moving them out."""
        ...

    def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Response]]:
        """All responses, in chunks of at most about a thousand, in an order that says nothing."""
        ...

    async def drop(self, key: CampaignKey) -> None:
        """Forgets all of it."""
        ...


class Secrets(Protocol):
    """What this installation alone knows. Never in a log, a card or an answer."""

    async def get_or_keep(self, name: str, value: bytes) -> bytes:
        """The secret of this name: what was kept at first, by whichever process, else ``value``,
        which is kept from now on.
        """
        ...

    async def everything(self) -> Mapping[str, bytes]:
        """All secrets by their names; for moving them out."""
        ...


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a process may do, among others with the same store."""

    tenants: frozenset[str] | None
    """Those whose lease it has: it alone sends their campaigns. None: all, for good, because
    nobody else can have the store.
    """

    others: int = 0
    """Other processes that may be making calls, the recently lost ones included."""

    surplus: int = 0
    """How many tenants it should give up, so that others have as many."""

    known: bool = True
    """Whether all others have learnt that this one is there."""

    ahead: timedelta = timedelta(0)
    """How far the store's clock is ahead of the one that was given."""


class Leases(Protocol):
    """Which of several processes sends for which tenant: one at a time.

    The time that counts is the store's own.
    """

    async def beat(
        self, owner: str, *, seconds: float, wanted: Collection[str], now: datetime
    ) -> Standing:
        """The owner lives on for so many seconds from now, and keeps what it has as long; takes
        its share of the tenants that nobody has.

        A lease whose owner has not beaten in time is free. ``wanted``: tenants that have something
        to do; those with campaigns or users are known already. ``now``: by the caller's clock.
        """
        ...

    async def release(self, owner: str, tenant_ids: Collection[str]) -> None:
        """Others may take these."""
        ...

    async def leave(self, owner: str) -> None:
        """The owner is there no more: others may take all that it had."""
        ...


class Inbox(Protocol):
    """What people's clients have sent, so that one thing told to several processes is acted on
    once.
    """

    async def begin(self, key: str, owner: str) -> bytes | None:
        """None when it is for this owner to act, who says :meth:`answered` or :meth:`failed` then;
        or else the answer that it was given, waited for if somebody else is at it.

        Raises Unavailable when that takes too long.
        """
        ...

    async def answered(self, key: str, owner: str, answer: bytes) -> None:
        """What to answer whoever is told of it within the next ten minutes."""
        ...

    async def failed(self, key: str, owner: str) -> None:
        """It may be begun anew."""
        ...


class Store(Protocol):
    """All of it."""

    @property
    def users(self) -> Users: ...

    @property
    def campaigns(self) -> Campaigns: ...

    @property
    def lists(self) -> Lists: ...

    @property
    def templates(self) -> Templates: ...

    @property
    def surveys(self) -> Surveys: ...

    @property
    def responses(self) -> Responses: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def events(self) -> Events: ...

    @property
    def secrets(self) -> Secrets: ...

    @property
    def leases(self) -> Leases: ...

    @property
    def inbox(self) -> Inbox: ...

    async def open(self) -> None:
        """Makes it ready; raises StoreError when it can't be."""
        ...

    async def close(self) -> None:
        """Finishes what is being written and lets go."""
        ...

    async def check(self) -> None:
        """Raises StoreError when it can't serve now (for readiness)."""
        ...
