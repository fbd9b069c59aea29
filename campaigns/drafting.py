"""Writing a campaign while it is a draft.

Each function takes a campaign and returns the changed one, or raises
:class:`~campaigns.errors.CampaignError`.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns.audience import Audience
from campaigns.campaign import Campaign, DraftState, InDoubtPolicy, with_draft
from campaigns.content import Content, Format, checked, kept
from campaigns.errors import NotPossible
from campaigns.lifecycle import require_draft
from campaigns.refusals.authoring import AuthoringRefusal
from campaigns.refusals.campaigns import FollowUpRefusal
from campaigns.text import typed

NAME_LIMIT = 80
"""Characters; as many as fit on one line of a card's list on a phone and in a notification."""


def checked_name(name: str) -> str:
    """Returns the name as it is kept: one line, no space around it.

    Raises Invalid when nothing visible is left or it is longer than NAME_LIMIT.
    """
    return typed.checked_name(name, limit=NAME_LIMIT, missing=AuthoringRefusal.NO_NAME)


def draft(
    tenant_id: str, campaign_id: str, *, name: str, format: Format, author_id: str, now: datetime
) -> Campaign:
    """Returns a new draft.

    Raises Invalid when the name is empty or too long.
    """
    return Campaign(
        tenant_id=tenant_id,
        id=campaign_id,
        name=checked_name(name),
        format=format,
        author_id=author_id,
        created_at=now,
        updated_at=now,
    )


def rename(campaign: Campaign, name: str, format: Format, now: datetime) -> Campaign:
    """Returns the campaign with this name and format.

    Raises Invalid when the name is empty or too long.
    """
    require_draft(campaign)
    return msgspec.structs.replace(campaign, name=checked_name(name), format=format, updated_at=now)


def write(campaign: Campaign, content: Content, now: datetime) -> Campaign:
    """Returns the campaign with this content.

    Raises Invalid when a part can't be sent.
    """
    require_draft(campaign)
    return msgspec.structs.replace(
        with_draft(campaign, replaced=None),
        content=checked(content, campaign.format),
        updated_at=now,
    )


def keep(campaign: Campaign, content: Content, now: datetime) -> Campaign:
    """Returns the campaign with this content, finished or not.

    Unlike in :func:`write`, parts may be missing or have mistakes;
    :func:`~campaigns.readiness.missing` names them later. Raises Invalid when a part can't even be
    kept, for instance because it is too long.
    """
    require_draft(campaign)
    return msgspec.structs.replace(
        with_draft(campaign, replaced=None), content=kept(content), updated_at=now
    )


def replace_text(campaign: Campaign, message: str, now: datetime) -> Campaign:
    """Returns the campaign with this message in place of its own; :func:`take_back` restores that.

    Raises Invalid when the message can't be kept, for instance because it is too long.
    """
    content = msgspec.structs.replace(campaign.content, message=message)
    return msgspec.structs.replace(
        keep(campaign, content, now), draft=DraftState(replaced=campaign.content)
    )


def take_back(campaign: Campaign, now: datetime) -> Campaign:
    """Returns the campaign as it was before :func:`replace_text`, or unchanged without one."""
    require_draft(campaign)
    if campaign.draft.replaced is None:
        return campaign
    return msgspec.structs.replace(
        with_draft(campaign, replaced=None), content=campaign.draft.replaced, updated_at=now
    )


def target(campaign: Campaign, audience: Audience, now: datetime) -> Campaign:
    """Returns the campaign for this audience.

    Raises NotPossible for a campaign that follows another, since its recipients are fixed.
    """
    require_draft(campaign)
    if campaign.original_key is not None:
        raise NotPossible(FollowUpRefusal.RECIPIENTS_GIVEN)
    return msgspec.structs.replace(campaign, audience=audience, updated_at=now)


def when_in_doubt(campaign: Campaign, policy: InDoubtPolicy) -> Campaign:
    """Returns the campaign with this policy for deliveries whose fate is not known.

    Raises NotPossible when it has started.
    """
    if campaign.status.has_started:
        # Raises: a started campaign is no draft. A scheduled one may still change its policy.
        require_draft(campaign)
    return msgspec.structs.replace(campaign, in_doubt=policy)


def clone(
    campaign: Campaign, campaign_id: str, *, name: str, author_id: str, now: datetime
) -> Campaign:
    """Returns a draft with the same content and audience, and none of the results.

    The clone of a follow-up has no audience yet. Raises Invalid when the name is empty or too long.
    """
    return msgspec.structs.replace(
        draft(
            campaign.tenant_id,
            campaign_id,
            name=name,
            format=campaign.format,
            author_id=author_id,
            now=now,
        ),
        content=campaign.content,
        audience=None if campaign.original_key is not None else campaign.audience,
        in_doubt=campaign.in_doubt,
        acknowledge=campaign.acknowledge,
    )
