"""Campaigns that follow another one: they correct it, recall it, or send it to newcomers.

Each is a campaign of its own, with its own deliveries and report. It begins as a draft that the
original knows of, and can only be sent after that. So two people who ask at the same time get the
same draft.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from campaigns.audience import Audience, NewcomersAudience, ReceivedAudience
from campaigns.campaign import Campaign, FollowUp, Purpose
from campaigns.errors import NotPossible
from campaigns.refusals.campaigns import CampaignRefusal, FollowUpRefusal


def correction(
    original: Campaign,
    follower_id: str,
    *,
    followers: Iterable[Campaign] = (),
    author_id: str,
    now: datetime,
) -> Campaign:
    """Returns a draft that replaces the original's messages with its own content.

    It begins with the content that people have in their chats now. Raises NotPossible when the
    original has not ended, or is itself a correction or recall.
    """
    _require_ended(original)
    return _follower(
        original,
        follower_id,
        Purpose.CORRECT,
        ReceivedAudience(original.id),
        followers=followers,
        author_id=author_id,
        now=now,
    )


def recall(
    original: Campaign,
    follower_id: str,
    *,
    followers: Iterable[Campaign] = (),
    author_id: str,
    now: datetime,
) -> Campaign:
    """Returns a draft that deletes the original's messages from people's chats.

    Raises NotPossible as :func:`correction` does.
    """
    _require_ended(original)
    return _follower(
        original,
        follower_id,
        Purpose.RECALL,
        ReceivedAudience(original.id),
        followers=followers,
        author_id=author_id,
        now=now,
    )


def to_newcomers(
    original: Campaign,
    follower_id: str,
    *,
    followers: Iterable[Campaign] = (),
    author_id: str,
    now: datetime,
) -> Campaign:
    """Returns a draft that sends the present content to people of the audience who have not got it.

    Raises NotPossible as :func:`correction` does, and when the audience can have no newcomers.
    """
    _require_ended(original)
    if not may_have_newcomers(original):
        raise NotPossible(FollowUpRefusal.NO_NEWCOMERS)
    return _follower(
        original,
        follower_id,
        Purpose.SEND,
        NewcomersAudience(original.id),
        followers=followers,
        author_id=author_id,
        now=now,
    )


def followed(original: Campaign, follower_id: str) -> Campaign:
    """Returns the original with this follower added."""
    return msgspec.structs.replace(
        original,
        follow_up=msgspec.structs.replace(
            original.follow_up, followers=(*original.follow_up.followers, follower_id)
        ),
    )


def may_be_followed(campaign: Campaign) -> bool:
    """Returns True when its messages may be corrected, recalled, or sent to more people."""
    return campaign.follow_up.purpose is Purpose.SEND and campaign.run.ended_at is not None


def may_have_newcomers(campaign: Campaign) -> bool:
    """Returns True when more people may join its audience later."""
    return may_be_followed(campaign) and campaign.original_key is None


def unfinished(followers: Iterable[Campaign], planned: Campaign) -> Campaign | None:
    """Returns a follower that has to end before the planned one may begin; None when none has to.

    Corrections and recalls wait for each other, because they change the same messages. A send to
    newcomers waits for another one.
    """
    return next(
        (
            follower
            for follower in followers
            if follower.run.ended_at is None and type(follower.audience) is type(planned.audience)
        ),
        None,
    )


def as_corrected(original: Campaign, followers: Iterable[Campaign]) -> Campaign:
    """Returns the original with the content that people have in their chats now."""
    standing = as_it_stands(original, followers)
    return msgspec.structs.replace(
        original, content=standing.content, acknowledge=standing.acknowledge
    )


def asking(original: Campaign, followers: Iterable[Campaign]) -> Campaign:
    """Returns the original, asking for confirmations when it or its last correction does."""
    standing = as_it_stands(original, followers)
    asked = original.acknowledge or standing.acknowledge
    return msgspec.structs.replace(original, acknowledge=asked)


def as_it_stands(original: Campaign, followers: Iterable[Campaign]) -> Campaign:
    """Returns the campaign whose content people have in their chats now.

    That is the last correction that has started, or else the original.
    """
    corrections = [
        follower
        for follower in followers
        if follower.follow_up.purpose is Purpose.CORRECT and follower.run.started_at is not None
    ]
    corrections.sort(key=lambda follower: follower.run.started_at or follower.created_at)
    return corrections[-1] if corrections else original


def recalled(followers: Iterable[Campaign]) -> bool:
    """Returns True when one of the followers has recalled the original's messages."""
    return last_recall(followers) is not None


def require_resendable(followers: Iterable[Campaign]) -> None:
    """Raises NotPossible when the original, which has these followers, must not be sent again.

    A recalled message would come back. And while a correction or recall is under way, nobody could
    say which of the two a person gets last.
    """
    followers = list(followers)
    if recalled(followers):
        raise NotPossible(CampaignRefusal.RECALLED)
    if any(
        follower.follow_up.purpose is Purpose.CORRECT
        and follower.run.started_at is not None
        and follower.run.ended_at is None
        for follower in followers
    ):
        raise NotPossible(CampaignRefusal.BEING_CORRECTED)


def last_recall(followers: Iterable[Campaign]) -> Campaign | None:
    """Returns the latest recall that has started; None when there is none."""
    recalls = [
        follower
        for follower in followers
        if follower.follow_up.purpose is Purpose.RECALL and follower.run.started_at is not None
    ]
    return max(
        recalls, key=lambda follower: follower.run.started_at or follower.created_at, default=None
    )


def _require_ended(original: Campaign) -> None:
    if original.follow_up.purpose is not Purpose.SEND:
        raise NotPossible(FollowUpRefusal.IS_A_CHANGE)
    if original.run.ended_at is None:
        raise NotPossible(FollowUpRefusal.NOT_ENDED)


def _follower(
    original: Campaign,
    follower_id: str,
    purpose: Purpose,
    audience: Audience,
    *,
    followers: Iterable[Campaign],
    author_id: str,
    now: datetime,
) -> Campaign:
    standing = as_it_stands(original, followers)
    return Campaign(
        tenant_id=original.tenant_id,
        id=follower_id,
        name=original.name,
        format=original.format,
        author_id=author_id,
        created_at=now,
        updated_at=now,
        content=standing.content,
        audience=audience,
        in_doubt=original.in_doubt,
        acknowledge=standing.acknowledge,
        follow_up=FollowUp(purpose=purpose),
    )
