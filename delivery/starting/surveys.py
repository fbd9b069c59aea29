"""Surveys that are sent: fixed from then on, and asked of all to whom a campaign has gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

import msgspec

from campaigns.campaign import Campaign, CampaignKey, Purpose
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.surveys import state
from campaigns.surveys.survey import Survey
from delivery.changes import change
from storage.base import Store
from storage.errors import Conflict

HAS_IT = frozenset({DeliveryStatus.SENT, DeliveryStatus.IN_DOUBT})
"""Whoever has such a delivery has the message, or may have it."""


async def mark_used(store: Store, survey: Survey) -> None:
    """From now on nobody changes it. One that has been deleted is no concern: what is sent has a
    copy.
    """
    while True:
        known = await store.surveys.get(survey.tenant_id, survey.id)
        if known is None or known.used:
            return
        try:
            await store.surveys.save(msgspec.structs.replace(known, used=True))
        except Conflict:
            continue
        return


async def with_present_survey(store: Store, campaign: Campaign) -> Campaign:
    """The campaign; one that has not started asks its survey as that is now."""
    asked = campaign.survey
    if asked is None or campaign.status.has_started or campaign.original_key is not None:
        return campaign
    now = await store.surveys.get(campaign.tenant_id, asked.id)
    if now is None or now == asked:
        return campaign
    content = msgspec.structs.replace(campaign.content, survey=now)
    return msgspec.structs.replace(campaign, content=content)


async def home_of(store: Store, campaign: Campaign) -> Campaign | None:
    """The campaign that the answers are kept with: the first one of those that this one follows.

    None when it has been deleted.
    """
    found: Campaign | None = campaign
    while found is not None and found.original_key is not None:
        found = await store.campaigns.get(found.original_key)
    return found


async def is_over(store: Store, campaign: Campaign, now: datetime) -> bool:
    """Whether it would ask a survey that nobody can answer any more."""
    survey = campaign.survey
    if survey is None or campaign.follow_up.purpose is not Purpose.SEND:
        return False
    home = await home_of(store, campaign)
    return home is None or not state.is_open(survey, home.survey_state, now)


async def close_recalled(store: Store, recall: Campaign) -> None:
    """What is taken out of people's chats is not asked any more; its answers stay."""
    home = await home_of(store, recall)
    if home is not None and not home.survey_state.closed:
        await change(
            store.campaigns,
            home.key,
            lambda of: msgspec.structs.replace(of, survey_state=state.closed(of.survey_state)),
        )


async def asking(store: Store, campaign: Campaign) -> list[CampaignKey]:
    """The campaigns that have brought this one's survey to people for the first time: itself, and
    those that went to newcomers."""
    keys = [campaign.key]
    for follower_id in campaign.follow_up.followers:
        follower = await store.campaigns.get(CampaignKey(campaign.tenant_id, follower_id))
        if (
            follower is not None
            and follower.audience is not None
            and follower.audience.adds_recipients
        ):
            keys.append(follower.key)
    return keys


async def recipients_of(store: Store, campaign: Campaign) -> int:
    """How many people have its survey."""
    total = 0
    for key in await asking(store, campaign):
        counts = await store.ledger.counts(key)
        total += counts.success + counts.in_doubt
    return total


async def names_of(
    store: Store, campaign: Campaign, recipient_ids: Collection[str]
) -> dict[str, Delivery]:
    """The deliveries with which these people got the survey, by their ids."""
    found: dict[str, Delivery] = {}
    for key in await asking(store, campaign):
        found |= await store.ledger.get_many(key, recipient_ids)
    return found


async def unanswered(store: Store, campaign: Campaign) -> AsyncIterator[Sequence[Delivery]]:
    """The deliveries of the people who have the survey and have not answered it."""
    for key in await asking(store, campaign):
        async for rows in store.ledger.rows(key):
            having = {row.recipient_id: row for row in rows if row.status in HAS_IT}
            answered = await store.responses.answered(campaign.key, having)
            yield [row for of, row in having.items() if of not in answered]
