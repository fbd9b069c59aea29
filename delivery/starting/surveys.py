"""Surveys that are sent: they are fixed from then on, and go to all recipients of a campaign."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

import msgspec

from campaigns.campaign import Campaign, CampaignKey, Purpose
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.surveys import state
from campaigns.surveys.survey import Survey
from delivery.changes import change
from storage.base import Store
from storage.errors import Conflict, Damaged

_log = logging.getLogger(__name__)

HAS_IT = frozenset({DeliveryStatus.SENT, DeliveryStatus.IN_DOUBT})
"""Deliveries whose recipients have the message, or may have it."""


async def mark_used(store: Store, survey: Survey) -> None:
    """Marks the survey as used, so that nobody changes it any more.

    A survey that was deleted does not matter: the campaign has a copy.
    """
    while True:
        try:
            known = await store.surveys.get(survey.tenant_id, survey.id)
        except Damaged as error:
            # Nobody can change it meanwhile, and the campaign has a copy.
            _log.error("survey %s is not marked as used: %s", survey.id, error)
            return
        if known is None or known.used:
            return
        try:
            await store.surveys.save(msgspec.structs.replace(known, used=True))
        except Conflict:
            continue
        return


async def with_present_survey(store: Store, campaign: Campaign) -> Campaign:
    """Returns the campaign with its survey as it is now, unless the campaign has started."""
    asked = campaign.survey
    if asked is None or campaign.status.has_started or campaign.original_key is not None:
        return campaign
    present = await store.surveys.get(campaign.tenant_id, asked.id)
    if present is None or present == asked:
        return campaign
    content = msgspec.structs.replace(campaign.content, survey=present)
    return msgspec.structs.replace(campaign, content=content)


async def home_of(store: Store, campaign: Campaign) -> Campaign | None:
    """Returns the campaign that the answers are kept with: the original that follows no other one.

    Returns None when it has been deleted.
    """
    home: Campaign | None = campaign
    while home is not None and home.original_key is not None:
        home = await store.campaigns.get(home.original_key)
    return home


async def is_over(store: Store, campaign: Campaign, now: datetime) -> bool:
    """Returns True when the campaign would send a survey that nobody can answer any more."""
    survey = campaign.survey
    if survey is None or campaign.follow_up.purpose is not Purpose.SEND:
        return False
    home = await home_of(store, campaign)
    return home is None or not state.is_open(survey, home.survey_state, now)


async def close_recalled(store: Store, recall: Campaign) -> None:
    """Closes a survey that is taken out of people's chats; its answers stay."""
    home = await home_of(store, recall)
    if home is not None and not home.survey_state.closed:
        await change(
            store.campaigns,
            home.key,
            lambda present: msgspec.structs.replace(
                present, survey_state=state.closed(present.survey_state)
            ),
        )


async def asking(store: Store, campaign: Campaign) -> list[CampaignKey]:
    """Returns the campaigns that have brought this one's survey to people for the first time.

    These are the campaign itself, and its follow-ups to newcomers.
    """
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
    """Returns how many people have the campaign's survey."""
    total = 0
    for key in await asking(store, campaign):
        counts = await store.ledger.counts(key)
        total += counts.success + counts.in_doubt
    return total


async def deliveries_of(
    store: Store, campaign: Campaign, recipient_ids: Collection[str]
) -> dict[str, Delivery]:
    """Returns the deliveries with which these people got the survey, by their ids."""
    deliveries: dict[str, Delivery] = {}
    for key in await asking(store, campaign):
        deliveries |= await store.ledger.get_many(key, recipient_ids)
    return deliveries


async def unanswered(store: Store, campaign: Campaign) -> AsyncIterator[Sequence[Delivery]]:
    """Yields the deliveries of people who have the survey and have not answered it."""
    for key in await asking(store, campaign):
        async for rows in store.ledger.rows(key):
            holders = {row.recipient_id: row for row in rows if row.status in HAS_IT}
            answered = await store.responses.answered(campaign.key, holders)
            yield [row for user_id, row in holders.items() if user_id not in answered]
