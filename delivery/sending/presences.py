"""Looks up presence: many people with one call, and no more calls than are allowed.

A result stays valid for a moment, so that people whose turns come one after the other are looked up
together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from campaigns.outcome import Outcome, Reason, Rejected, TeamsAnswer, Throttled, Transient
from campaigns.schedule.presence import Presence
from delivery.clock import Clock

_log = logging.getLogger(__name__)

AT_ONCE = 650
"""Most people in one call; what Graph allows (getPresencesByUserId)."""

FRESH_FOR = 30.0
"""Seconds for which a presence result stays valid."""

EVERY = 0.1
"""Seconds between two calls: a fifth of what Graph allows the app (1,500 in 30 seconds).

The rest is left to other processes.
"""

AFTER_REFUSAL = 300.0
"""Seconds until the next call when the bot may not look, or nobody answers."""

PATIENCE = 5.0
"""Seconds that an answer may take: the deliveries it is about are claimed, and others of the tenant
wait behind them.
"""

NO_GRAPH = Rejected(
    Reason.UNAUTHORISED, TeamsAnswer(message="There is no Microsoft Graph in local mode.")
)


class Presences(Protocol):
    """Tells people's presence. Each look-up makes one call, and retries nothing."""

    async def presences(
        self, tenant_id: str, user_ids: Sequence[str]
    ) -> Mapping[str, Presence] | Outcome:
        """Returns the presence of these people (at most AT_ONCE) by id.

        People whom the channel does not know are left out.
        """
        ...


class Looks:
    """The latest looks, in all tenants.

    :param presences: answers the look-ups; None: nothing does.
    """

    def __init__(self, presences: Presences | None, clock: Clock) -> None:
        self._presences = presences
        self._clock = clock
        self._seen: dict[str, dict[str, tuple[float, Presence]]] = {}
        """Presences by tenant and person, each with the moment of its look."""
        self._not_before: dict[str, float] = {}
        """The moment until which nothing is looked up in a tenant, after a look that failed."""
        self._throttled: set[str] = set()
        self._last: float | None = None
        """The moment of the latest call."""

    async def can_look(self, tenant_id: str, user_id: str) -> Outcome | None:
        """Looks up one person.

        Returns None, or the outcome that tells why that is not possible.
        """
        if self._presences is None:
            return NO_GRAPH
        answer = await self._answer(self._presences, tenant_id, [user_id])
        if not isinstance(answer, Mapping):
            return answer
        self._not_before.pop(tenant_id, None)
        return None

    def is_throttled(self, tenant_id: str) -> bool:
        """Returns True when nothing can be looked up just now because of too many look-ups."""
        return tenant_id in self._throttled

    def knows(self, tenant_id: str, user_id: str) -> bool:
        """Returns True when this person was looked up a moment ago."""
        seen = self._seen.get(tenant_id, {}).get(user_id)
        return seen is not None and self._clock.monotonic() - seen[0] < FRESH_FOR

    async def look(
        self, tenant_id: str, user_ids: Collection[str], others: Collection[str] = ()
    ) -> Mapping[str, Presence] | None:
        """Returns the presence of these people by id; None when it can't be known just now.

        :param others: people whose turn comes soon; those who fit into the same call are looked up,
            too.
        """
        seen = self._seen.setdefault(tenant_id, {})
        self._forget(seen)
        unknown = [user_id for user_id in user_ids if user_id not in seen]
        if unknown:
            more = [user_id for user_id in others if user_id not in seen and user_id not in unknown]
            wanted = [*unknown, *more]
            for start in range(0, len(unknown), AT_ONCE):
                answer = await self._ask(tenant_id, wanted[start : start + AT_ONCE])
                if answer is None:
                    return None
                seen |= answer
        return {user_id: seen[user_id][1] for user_id in user_ids}

    async def _ask(
        self, tenant_id: str, user_ids: Sequence[str]
    ) -> dict[str, tuple[float, Presence]] | None:
        now = self._clock.monotonic()
        if self._presences is None or now < self._not_before.get(tenant_id, now):
            return None
        if self._last is not None and now - self._last < EVERY:
            await self._clock.sleep(EVERY - (now - self._last))
        self._last = now = self._clock.monotonic()
        answer = await self._answer(self._presences, tenant_id, user_ids)
        self._throttled.discard(tenant_id)
        if isinstance(answer, Mapping):
            return {user_id: (now, answer.get(user_id, Presence.UNKNOWN)) for user_id in user_ids}
        wait = AFTER_REFUSAL
        if isinstance(answer, Throttled) and answer.retry_after is not None:
            wait = answer.retry_after
            self._throttled.add(tenant_id)
        _log.warning("who is there can't be known for %.0f s: %s", wait, answer)
        self._not_before[tenant_id] = now + wait
        return None

    async def _answer(
        self, presences: Presences, tenant_id: str, user_ids: Sequence[str]
    ) -> Mapping[str, Presence] | Outcome:
        try:
            async with asyncio.timeout(PATIENCE):
                return await presences.presences(tenant_id, user_ids)
        except TimeoutError:
            return Transient(Reason.NO_ANSWER, TeamsAnswer(message=f"No answer in {PATIENCE:g} s."))

    def _forget(self, seen: dict[str, tuple[float, Presence]]) -> None:
        oldest = self._clock.monotonic() - FRESH_FOR
        for user_id in [user_id for user_id, (seen_at, _) in seen.items() if seen_at <= oldest]:
            del seen[user_id]
