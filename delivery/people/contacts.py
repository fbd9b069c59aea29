"""Keeps the users whom the bot can reach, and completes their profiles."""

from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec

from campaigns.outcome import Outcome, Reason
from campaigns.user import (
    ConversationReference,
    Details,
    LastFailure,
    OpenDraft,
    Profile,
    User,
)
from delivery.messenger import Roster
from delivery.pacing.departure import Departure
from delivery.pacing.pacer import Pacer
from delivery.people.news import PeopleNews
from storage.base import Store


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that one activity tells of the person it came from."""

    tenant_id: str
    user_id: str
    """Entra object id where the channel tells it, else the channel's account id."""

    reference: ConversationReference
    at: datetime
    name: str = ""
    locale: str = ""
    time_zone: str = ""
    """IANA name."""


class Contacts:
    """The tenants' users.

    Changes of one user are written one after the other: an activity, a profile that was looked up
    and a refused send may all come at the same time, and none may undo another.
    """

    def __init__(self, store: Store, roster: Roster, pacer: Pacer) -> None:
        self._store = store
        self._roster = roster
        self._pacer = pacer
        self.newcomers = asyncio.Event()
        """Set when a user without a profile comes; cleared by whoever fetches profiles."""
        self.newcomers_in: set[str] = set()
        """The tenants in which such users came."""
        self.undetailed = PeopleNews()
        """Users whose profile is read, and whose details are to be read next."""

    async def installed(self, seen: Sighting) -> User:
        """Keeps a person who has installed the app (again): they can be reached from now on.

        Their profile is not fetched here, because an organisation's roll-out installs the app for
        thousands at once; :class:`~delivery.people.profiles.Profiles` fetches it at the allowed
        rate.
        """
        return await self._keep(seen, installed=True)

    async def seen(self, seen: Sighting) -> User:
        """Keeps a person who did something: people who write to the bot can be written to."""
        user = await self._keep(seen, installed=False)
        completed = await self.complete(user)
        return completed if isinstance(completed, User) else user

    async def uninstalled(self, tenant_id: str, user_id: str, at: datetime) -> None:
        """Marks a person who removed the app as unreachable; what is known of them is kept."""

        def removed(user: User | None) -> User | None:
            if user is None:
                return None
            return msgspec.structs.replace(
                user,
                reachable=False,
                unreachable_because=Reason.NOT_INSTALLED,
                uninstalled_at=at,
            )

        await self._store.users.change(tenant_id, user_id, removed)

    async def unreachable(self, user: User, because: Reason) -> None:
        """Marks a person as unreachable after a refused send, until they come back."""

        def left_alone(present: User | None) -> User | None:
            if present is None or not present.reachable or present.reference != user.reference:
                return present
            return msgspec.structs.replace(present, reachable=False, unreachable_because=because)

        await self._store.users.change(user.tenant_id, user.id, left_alone)

    async def failed(self, user: User, failure: LastFailure) -> None:
        """Notes a delivery's end that may mean that the person can't be reached any more.

        They are marked as unreachable when it was the same on an earlier day, with no success and
        no sign of them in between.
        """

        def noted(present: User | None) -> User | None:
            if present is None or not present.reachable or not _is_the_same(present, user):
                return present
            earlier = present.last_failure
            if earlier is None or (earlier.reason, earlier.code) != (failure.reason, failure.code):
                return msgspec.structs.replace(present, last_failure=failure)
            if not earlier.is_confirmed_by(failure):
                return present
            return msgspec.structs.replace(
                present,
                reachable=False,
                unreachable_because=failure.reason,
                last_failure=failure,
            )

        await self._store.users.change(user.tenant_id, user.id, noted)

    async def reached(self, user: User) -> None:
        """Forgets the last failure of a person who has got a message since."""

        def cleared(present: User | None) -> User | None:
            if present is None:
                return None
            return msgspec.structs.replace(present, last_failure=None)

        await self._store.users.change(user.tenant_id, user.id, cleared)

    async def moved(self, user: User, reference: ConversationReference) -> User:
        """Keeps the reference to a chat that was created anew; returns the user with it.

        If the person has done something meanwhile, the reference from then is newer, and stays.
        """

        def moved(present: User | None) -> User:
            present = present or user
            if present.reference != user.reference:
                return present
            return msgspec.structs.replace(present, reference=reference)

        return await self._store.users.change(user.tenant_id, user.id, moved)

    async def opened(self, user: User, draft: OpenDraft | None) -> None:
        """Notes the draft that a person has open now, or none."""

        def noted(present: User | None) -> User | None:
            return None if present is None else msgspec.structs.replace(present, open_draft=draft)

        await self._store.users.change(user.tenant_id, user.id, noted)

    async def detailed(self, tenant_id: str, user_id: str, details: Details, at: datetime) -> None:
        """Keeps the details of a person that the organisation's directory tells."""

        def detailed(present: User | None) -> User | None:
            if present is None:
                return None
            return msgspec.structs.replace(present, details=details, details_at=at)

        await self._store.users.change(tenant_id, user_id, detailed)

    async def complete(
        self, user: User, *, urgent: bool = True, departure: Departure | None = None
    ) -> User | Outcome:
        """Returns the user with their profile, which is fetched when it is not known yet.

        If it can't be fetched, returns the outcome that tells why. Raises what the departure
        raises when the call must not leave.

        :param urgent: True when somebody is waiting for it.
        :param departure: of the call that fetches it; None: one of its own.
        """
        if user.profile_known:
            return user
        if departure is None:
            departure = Departure(self._pacer, user.tenant_id, urgent=urgent)
        profile = await self._roster.profile(user.reference, departure)
        if not isinstance(profile, Profile):
            return profile

        def completed(present: User | None) -> User:
            return msgspec.structs.replace(present or user, profile=profile, profile_known=True)

        self.undetailed.add(user.tenant_id, user.id)
        return await self._store.users.change(user.tenant_id, user.id, completed)

    async def complete_some(self, tenant_id: str, limit: int = 20) -> None:
        """Fetches the profiles of up to ``limit`` of this tenant's users who have none yet."""
        for user in await self._store.users.without_profile(limit, (tenant_id,)):
            await self.complete(user)

    async def _keep(self, seen: Sighting, *, installed: bool) -> User:
        def kept(known: User | None) -> User:
            if known is None:
                known = User(tenant_id=seen.tenant_id, id=seen.user_id, reference=seen.reference)
            new = installed or known.installed_at is None
            return msgspec.structs.replace(
                known,
                reference=seen.reference,
                profile=known.profile if known.profile_known else Profile(name=seen.name),
                locale=seen.locale or known.locale,
                time_zone=seen.time_zone or known.time_zone,
                reachable=True,
                unreachable_because=None,
                last_failure=None,
                installed_at=seen.at if new else known.installed_at,
                uninstalled_at=None,
            )

        user = await self._store.users.change(seen.tenant_id, seen.user_id, kept)
        if not user.profile_known:
            self.newcomers_in.add(user.tenant_id)
            self.newcomers.set()
        return user


def _is_the_same(present: User, user: User) -> bool:
    """True when the person's account is still the one that was written to.

    The chat may be another by now: the engine itself has created it anew.
    """
    return (present.reference.account_id, present.reference.service_url) == (
        user.reference.account_id,
        user.reference.service_url,
    )
