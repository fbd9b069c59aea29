"""A survey may change until it is sent, and not any more then."""

from __future__ import annotations

import msgspec

from campaigns.campaign import Campaign
from campaigns.surveys import Survey
from storage.base import Store
from storage.errors import Conflict


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
