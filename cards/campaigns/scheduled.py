"""The card of a scheduled campaign, and the confirmation before it is unscheduled."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.user import User
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.message import personal
from cards.schedule_texts import planned, schedule_facts
from cards.texts import FORMATS, STATUSES
from cards.view import Notice, View, campaign_fields, link, text, view


def scheduled_card(
    campaign: Campaign,
    reader: User,
    *,
    audience: str,
    zone: ZoneInfo,
    now: datetime,
    notice: Notice | None = None,
) -> View:
    """Returns the card of a scheduled campaign: its facts, its preview, and buttons to change it.

    :param audience: the audience in words.
    """
    fields = campaign_fields(campaign)
    schedule = campaign.schedule
    assert schedule is not None
    facts = [
        ac.Fact("Starts", escape(planned(schedule.at, zone, now))),
        *schedule_facts(schedule),
        ac.Fact("Format", FORMATS[campaign.format]),
        ac.Fact("Recipients", escape(audience)),
    ]
    unschedule = "End the series" if schedule.series is not None else "Unschedule"
    return view(
        campaign.name,
        [ac.FactSet(facts), *personal.preview(campaign, reader)],
        above=f"Campaign · {STATUSES[campaign.status]}",
        notice=notice,
        actions=[
            link(unschedule, actions.AskUnschedule(**fields)),
            link("Send now", actions.AskSend(**fields)),
            link("Modify", actions.AskUnschedule(**fields)),
        ],
        more=[
            link("Clone", actions.OpenClone(**fields)),
            link("Delete", actions.AskDelete(**fields)),
            link("Back", actions.OpenCampaigns(shelf="scheduled")),
        ],
    )


def ask_unschedule(campaign: Campaign) -> View:
    """Returns the confirmation before a scheduled campaign becomes a draft again."""
    fields = campaign_fields(campaign)
    series = campaign.schedule is not None and campaign.schedule.series is not None
    sentence = (
        "It is not sent any more, this time or later. What was sent stays as it is."
        if series
        else "It does not start by itself any more."
    )
    return view(
        "End this series?" if series else "Unschedule this campaign?",
        [text(f"**{escape(campaign.name)}** becomes a draft again. {sentence}")],
        actions=[
            link("Yes, make it a draft", actions.Unschedule(**fields), main=True),
            link("Yes, and modify it", actions.Unschedule(**fields, then="modify")),
            link("Back", actions.OpenCampaign(**fields)),
        ],
    )
