"""Who is reachable: keeps users as the channel tells of them, and completes what it did not
tell.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns.outcome import Outcome, Reason
from campaigns.user import ConversationReference, Profile, User
from delivery.messenger import Roster
from delivery.pacer import Pacer
from storage.base import Store


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """What one activity tells of the person it came from."""

    tenant_id: str
    user_id: str
    """Entra object id where the channel tells it, else the channel's account id."""

    reference: ConversationReference
    at: datetime
    name: str = ""
    locale: str = ""
    time_zone: str = ""
    """IANA name."""


class Directory:
    """The tenants' users."""

    def __init__(self, store: Store, roster: Roster, pacer: Pacer) -> None:
        self._store = store
        self._roster = roster
        self._pacer = pacer

    async def installed(self, seen: Sighting) -> User:
        """The person has (again) the app: reachable from now on.

        Their profile is not asked for here, since an organisation's roll-out installs for thousands
        at once; :class:`~delivery.profiles.Profiles` fetches it at the allowed rate.
        """
        return await self._keep(seen, installed=True)

    async def seen(self, seen: Sighting) -> User:
        """The person did something: whoever writes to the bot can be written to."""
        user = await self._keep(seen, installed=False)
        completed = await self.complete(user)
        return completed if isinstance(completed, User) else user

    async def uninstalled(self, tenant_id: str, user_id: str, at: datetime) -> None:
        """The person removed the app: not reachable any more; what is known of them is kept."""
        user = await self._store.users.get(tenant_id, user_id)
        if user is not None:
            await self._store.users.put(
                msgspec.structs.replace(
                    user,
                    reachable=False,
                    unreachable_because=Reason.NOT_INSTALLED,
                    uninstalled_at=at,
                )
            )

    async def unreachable(self, user: User, because: Reason) -> None:
        """A send was refused because of this person; they are left alone until they come back."""
        now = await self._store.users.get(user.tenant_id, user.id)
        if now is not None and now.reference == user.reference:
            await self._store.users.put(
                msgspec.structs.replace(now, reachable=False, unreachable_because=because)
            )

    async def moved(self, user: User, reference: ConversationReference) -> User:
        """The chat with this person was created anew."""
        moved = msgspec.structs.replace(user, reference=reference)
        await self._store.users.put(moved)
        return moved

    async def complete(self, user: User, *, paid: bool = False) -> User | Outcome:
        """The user with their profile, fetched when it is not known yet; or else why it can't be.

        :param paid: the caller has taken a permit for the look-up.
        """
        if user.profile_known:
            return user
        if not paid:
            self._pacer.charge(user.tenant_id)
        profile = await self._roster.profile(user.reference)
        if not isinstance(profile, Profile):
            return profile
        completed = msgspec.structs.replace(user, profile=profile, profile_known=True)
        await self._store.users.put(completed)
        return completed

    async def complete_some(self, tenant_id: str, limit: int = 20) -> None:
        """Fetches the profiles of a few users of this tenant that are not known yet, now."""
        for user in await self._store.users.without_profile(limit):
            if user.tenant_id == tenant_id:
                await self.complete(user)

    async def _keep(self, seen: Sighting, *, installed: bool) -> User:
        known = await self._store.users.get(seen.tenant_id, seen.user_id)
        if known is None:
            known = User(tenant_id=seen.tenant_id, id=seen.user_id, reference=seen.reference)
        user = msgspec.structs.replace(
            known,
            reference=seen.reference,
            profile=known.profile if known.profile_known else Profile(name=seen.name),
            locale=seen.locale or known.locale,
            time_zone=seen.time_zone or known.time_zone,
            reachable=True,
            unreachable_because=None,
            installed_at=seen.at if installed or known.installed_at is None else known.installed_at,
            uninstalled_at=None,
        )
        if user != known:
            await self._store.users.put(user)
        return user
