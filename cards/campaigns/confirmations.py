"""The confirmations before a campaign is sent, stopped, sent again or deleted."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.campaign import Campaign, InDoubtPolicy, Purpose, Status
from campaigns.outcome import Reason
from campaigns.report import Counts
from cards import actions
from cards import elements as ac
from cards.campaigns.left_out import left_out_lines
from cards.markdown import escape
from cards.purpose_texts import campaign_kind, campaign_title, delete_warning, stop_warning
from cards.texts import POLICIES, people
from cards.view import Notice, View, button, campaign_fields, link, show_campaign, text, view


def ask_send(
    campaign: Campaign,
    *,
    audience: str,
    reachable: int,
    left_out: Mapping[Reason, int],
    recalled: bool = False,
) -> View:
    """Returns the confirmation before a campaign is sent to everyone.

    :param audience: the audience in words.
    :param reachable: how many people of the audience can be reached.
    :param left_out: how many people of the audience can't be reached, by the reason.
    :param recalled: True when the message was recalled from everybody who had it, and this campaign
        sends it to newcomers.
    """
    fields = campaign_fields(campaign)
    body: list[ac.Element] = [
        text(
            f"**{escape(campaign.name)}** goes to **{people(reachable)}** now ({escape(audience)})."
        )
    ]
    if campaign.status is Status.SCHEDULED:
        body.append(text("To everyone at once, in place of what was scheduled."))
    if left_out:
        body += left_out_lines(left_out)
    body += [
        ac.ChoiceSet(
            "in_doubt",
            label="If Teams does not say whether a message arrived",
            value=campaign.in_doubt.value,
            style="expanded",
            choices=[ac.Choice(POLICIES[policy], policy.value) for policy in InDoubtPolicy],
            wrap=True,
        ),
        text(
            "Once sending has started, the message can only be corrected or recalled afterwards, "
            "with *Follow up* in the report.",
            subtle=True,
        ),
    ]
    return view(
        f"Send to {people(reachable)}?",
        body,
        above="Send now",
        notice=Notice("This message was recalled from everyone else's chats.", "warning")
        if recalled
        else None,
        actions=[
            button(f"Yes, send to {people(reachable)}", actions.Send(**fields), main=True),
            *([link("Show who is left out", actions.OpenLeftOut(**fields))] if left_out else []),
            link("Back", actions.OpenCampaign(**fields)),
        ],
    )


def ask_stop(campaign: Campaign, counts: Counts) -> View:
    """Returns the confirmation before the remaining deliveries are cancelled."""
    fields = campaign_fields(campaign)
    return view(
        f"Stop this {_noun(campaign)}?",
        [
            text(
                stop_warning(campaign, escape(campaign.name), counts.success, counts.open)
                + " This can't be undone."
            )
        ],
        actions=[
            link("Yes, stop it", actions.Stop(**fields), danger=True),
            link("Back", actions.OpenReport(**fields)),
        ],
    )


def ask_resend(campaign: Campaign, counts: Counts, *, corrected: bool) -> View:
    """Returns the confirmation before the deliveries in doubt are sent again.

    :param corrected: True when the message was corrected since it was sent.
    """
    fields = campaign_fields(campaign)
    number = counts.in_doubt
    return view(
        f"Send again to {people(number)}?",
        [
            text(
                "Teams did not say whether the message arrived. "
                "Whoever has it already will get it a second time."
            ),
            *([text("They get the corrected message.")] if corrected else []),
        ],
        above=escape(campaign.name),
        actions=[
            link(f"Yes, resend {number:,} in doubt", actions.Resend(**fields), main=True),
            link("Back", actions.OpenReport(**fields)),
        ],
    )


def ask_delete(campaign: Campaign) -> View:
    """Returns the confirmation before a campaign is deleted."""
    fields = campaign_fields(campaign)
    return view(
        f"Delete this {_noun(campaign)}?",
        [
            text(
                f"**{escape(campaign_title(campaign))}** will be deleted. "
                f"{delete_warning(campaign)} This can't be undone."
            )
        ],
        actions=[
            link(
                "Yes, delete it",
                actions.Delete(**fields, sent=campaign.status.has_started),
                danger=True,
            ),
            link("Back", show_campaign(campaign)),
        ],
    )


def _noun(campaign: Campaign) -> str:
    return (
        "campaign"
        if campaign.follow_up.purpose is Purpose.SEND
        else campaign_kind(campaign).lower()
    )
