"""Templates: campaigns to start others from."""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns import drafting
from campaigns.audience import Audience
from campaigns.campaign import Campaign, InDoubtPolicy
from campaigns.content import Content, Format
from campaigns.drafting import NAME_LIMIT
from campaigns.moment import require_aware
from campaigns.refusals.authoring import AuthoringRefusal
from campaigns.text import typed


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign to start others from. It is never changed, only deleted.

    ``revision`` is 0 until it is saved.
    """

    tenant_id: str
    id: str
    name: str
    format: Format
    content: Content
    audience: Audience | None
    in_doubt: InDoubtPolicy
    author_id: str
    created_at: datetime
    acknowledge: bool = False
    revision: int = 0

    def __post_init__(self) -> None:
        require_aware(self.created_at)


def template_of(
    campaign: Campaign, template_id: str, *, name: str, author_id: str, now: datetime
) -> Template:
    """Returns a template with everything of the campaign but its results.

    Raises Invalid when the name is empty or too long.
    """
    return Template(
        tenant_id=campaign.tenant_id,
        id=template_id,
        name=typed.checked_name(name, limit=NAME_LIMIT, missing=AuthoringRefusal.NO_TEMPLATE_NAME),
        format=campaign.format,
        content=campaign.content,
        audience=campaign.audience,
        in_doubt=campaign.in_doubt,
        acknowledge=campaign.acknowledge,
        author_id=author_id,
        created_at=now,
    )


def campaign_from(
    template: Template, campaign_id: str, *, name: str, author_id: str, now: datetime
) -> Campaign:
    """Returns a draft with everything that the template has.

    Raises Invalid when the name is empty or too long.
    """
    return msgspec.structs.replace(
        drafting.draft(
            template.tenant_id,
            campaign_id,
            name=name,
            format=template.format,
            author_id=author_id,
            now=now,
        ),
        content=template.content,
        audience=template.audience,
        in_doubt=template.in_doubt,
        acknowledge=template.acknowledge,
    )
