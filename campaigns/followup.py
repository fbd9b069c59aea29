"""Campaigns that follow another one: they correct or recall what it sent, or send it to newcomers.

Each is a campaign of its own, with its own deliveries and report. It begins as a draft that the
original knows of; only then it can be sent, so that two people who ask at the same time get the
same one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from campaigns.audience import Audience, NewcomersAudience, ReceivedAudience
from campaigns.campaign import Campaign, FollowUp, Purpose
from campaigns.errors import NotPossible
from campaigns.refusals.campaigns import FollowUpRefusal


def correction(
    original: Campaign,
    follower_id: str,
    *,
    followers: Iterable[Campaign] = (),
    author_id: str,
    now: datetime,
) -> Campaign:
    """A draft that puts its content in the place of what the original sent.

    It begins with what people have in their chats now. Raises NotPossible.
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
    """A draft that takes what the original sent out of people's chats. Raises NotPossible."""
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
    """A draft that sends what people have now to those of the original's audience who have not got
    it.

    Raises NotPossible.
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
    """The original, which knows of this follower now."""
    return msgspec.structs.replace(
        original,
        follow_up=msgspec.structs.replace(
            original.follow_up, followers=(*original.follow_up.followers, follower_id)
        ),
    )


def may_be_followed(campaign: Campaign) -> bool:
    """Whether there may be messages of it to correct, recall, or send to others as well."""
    return campaign.follow_up.purpose is Purpose.SEND and campaign.run.ended_at is not None


def may_have_newcomers(campaign: Campaign) -> bool:
    """Whether others may join its audience later."""
    return may_be_followed(campaign) and campaign.original_key is None


def unfinished(followers: Iterable[Campaign], like: Campaign) -> Campaign | None:
    """The follower that has to come to its end before one ``like`` this may begin.

    What changes messages waits for what changes the same messages; newcomers wait for newcomers.
    """
    return next(
        (
            one
            for one in followers
            if one.run.ended_at is None and type(one.audience) is type(like.audience)
        ),
        None,
    )


def as_corrected(original: Campaign, followers: Iterable[Campaign]) -> Campaign:
    """The original with what people have in their chats in place of what it sent first."""
    now = as_it_stands(original, followers)
    return msgspec.structs.replace(original, content=now.content, acknowledge=now.acknowledge)


def asking(original: Campaign, followers: Iterable[Campaign]) -> Campaign:
    """The original, which asks for confirmations if it did at first or a correction began to."""
    now = as_it_stands(original, followers)
    asked = original.acknowledge or now.acknowledge
    return msgspec.structs.replace(original, acknowledge=asked)


def as_it_stands(original: Campaign, followers: Iterable[Campaign]) -> Campaign:
    """What people have in their chats: the original, or its last correction."""
    corrections = [
        one
        for one in followers
        if one.follow_up.purpose is Purpose.CORRECT and one.run.started_at is not None
    ]
    corrections.sort(key=lambda one: one.run.started_at or one.created_at)
    return corrections[-1] if corrections else original


def recalled(followers: Iterable[Campaign]) -> bool:
    """Whether its messages have been taken back."""
    return last_recall(followers) is not None


def last_recall(followers: Iterable[Campaign]) -> Campaign | None:
    """What took its messages back, the latest; None when nothing did."""
    recalls = [
        one
        for one in followers
        if one.follow_up.purpose is Purpose.RECALL and one.run.started_at is not None
    ]
    return max(recalls, key=lambda one: one.run.started_at or one.created_at, default=None)


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
