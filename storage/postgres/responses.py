"""Responses to surveys in the PostgreSQL store."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date

from campaigns.campaign import CampaignKey
from campaigns.surveys import results
from campaigns.surveys.answers import Answer, Response
from storage.base import Recorded
from storage.postgres.connection.database import Database
from storage.postgres.connection.session import Session
from storage.postgres.encoding import json_text, row_name, storable, understood

_CHUNK = 1_000
"""Responses or people read at a time when all are streamed."""

_MIXED = 15
"""How many other responses are written anew with each new one, so that it can't be told from them.
"""


class PostgresResponses:
    """Responses in one table, the people who have answered in another."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self, key: CampaignKey, recipient_id: str, response: Response, *, day: date, change: bool
    ) -> Recorded:
        person = (key.tenant_id, key.campaign_id, recipient_id)
        async with self._database.session() as session:
            await session.value("hold_person", *person)
            try:
                if await session.value("has_answered", *person) is not None:
                    return await self._again(session, key, response, change=change)
                # Not in one transaction: the server writes a transaction's number into each of its
                # rows, and a response must not have a number in common with its person.
                await _put(session, key, response)
                await session.run("mark_answered", *person, day)
                if response.id != recipient_id:
                    await _mix(session, key, response.id)
            finally:
                await session.value("release_person", *person)
        return Recorded.NEW

    async def get(self, key: CampaignKey, response_id: str) -> Response | None:
        async with self._database.session() as session:
            return await _get(session, key, response_id)

    async def answered(self, key: CampaignKey, recipient_ids: Collection[str]) -> frozenset[str]:
        async with self._database.session() as session:
            rows = await session.fetch(
                "answered_among", key.tenant_id, key.campaign_id, list(recipient_ids)
            )
        answered = {recipient_id for (recipient_id,) in rows}
        return frozenset(
            recipient_id for recipient_id in recipient_ids if storable(recipient_id) in answered
        )

    async def days(self, key: CampaignKey) -> Mapping[date, int]:
        async with self._database.session() as session:
            rows = await session.fetch("answered_days", key.tenant_id, key.campaign_id)
        return dict(map(tuple, rows))

    async def tally(self, key: CampaignKey) -> Mapping[str, int]:
        async with self._database.session() as session:
            rows = await session.fetch("tally", key.tenant_id, key.campaign_id)
        return dict(map(tuple, rows))

    async def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Response]]:
        async for found in self._database.chunks(
            "responses_after", key.tenant_id, key.campaign_id, after=("",), size=_CHUNK
        ):
            yield self._database.damages.understood(
                found, lambda row: _decoded(key, row[0], row[1])
            )

    async def people(self, key: CampaignKey) -> AsyncIterator[Sequence[str]]:
        async for found in self._database.chunks(
            "people_after", key.tenant_id, key.campaign_id, after=("",), size=_CHUNK
        ):
            yield [recipient_id for (recipient_id,) in found]

    async def put(self, key: CampaignKey, responses: Sequence[Response]) -> None:
        """Keeps these responses as given; for moving in."""
        async with self._database.session() as session:
            for response in responses:
                await _put(session, key, response)

    async def put_people(self, key: CampaignKey, people: Sequence[str]) -> None:
        """Keeps the people who have answered; for moving in."""
        async with self._database.session() as session:
            await session.run("put_people", key.tenant_id, key.campaign_id, list(people))

    async def put_days(self, key: CampaignKey, days: Sequence[tuple[date, int]]) -> None:
        """Keeps the number of people who answered on each day; for moving in."""
        async with self._database.session() as session:
            for day, number in days:
                await session.run("put_answered_day", key.tenant_id, key.campaign_id, day, number)

    async def drop(self, key: CampaignKey) -> None:
        async with self._database.transaction() as session:
            for statement in ("drop_responses", "drop_answered", "drop_answered_days"):
                await session.run(statement, key.tenant_id, key.campaign_id)

    async def _again(
        self, session: Session, key: CampaignKey, response: Response, *, change: bool
    ) -> Recorded:
        """Records the response of a person who has answered before."""
        kept = await _get(session, key, response.id)
        if kept is None:
            return Recorded.ELSEWHERE
        if kept == response or not change:
            return Recorded.KEPT
        await _put(session, key, response)
        return Recorded.CHANGED


async def _mix(session: Session, key: CampaignKey, response_id: str) -> None:
    """Writes other responses anew with a new one, so that it can't be told when each was given.

    The server numbers what is written, one after the other. Without this, the responses would have
    the same order as the people who gave them.
    """
    # The new one may be the first, the last, or any between: else it would stand apart.
    behind = secrets.randbelow(_MIXED + 1)
    await session.run(
        "mix_responses", key.tenant_id, key.campaign_id, response_id, behind, _MIXED - behind
    )


async def _get(session: Session, key: CampaignKey, response_id: str) -> Response | None:
    text = await session.value("response", key.tenant_id, key.campaign_id, response_id)
    return None if text is None else _decoded(key, response_id, text)


def _decoded(key: CampaignKey, response_id: str, text: str) -> Response:
    row = row_name("responses", key.tenant_id, key.campaign_id, response_id)
    return Response(response_id, understood(text, dict[str, Answer], row=row))


async def _put(session: Session, key: CampaignKey, response: Response) -> None:
    await session.run(
        "put_response",
        key.tenant_id,
        key.campaign_id,
        response.id,
        json_text(response.answers),
        results.tokens(response.answers),
    )
