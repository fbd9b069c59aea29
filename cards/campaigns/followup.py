"""Cards for the follow-ups of a campaign: correct it, recall it, send it to newcomers."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Purpose, Status
from campaigns.feedback.acknowledging import is_asked
from campaigns.followup import may_have_newcomers
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.purpose_texts import campaign_kind, campaign_status
from cards.texts import people, when
from cards.view import (
    Notice,
    View,
    campaign_fields,
    link,
    list_row,
    show_campaign,
    small_line,
    text,
    view,
)


def follow_up(
    campaign: Campaign,
    followers: Sequence[Campaign],
    *,
    having: int,
    recalled: bool,
    new_id: str,
    zone: ZoneInfo,
    notice: Notice | None = None,
) -> View:
    """Returns the card with a campaign's follow-ups, and with buttons to make further ones.

    :param followers: the follow-ups that there are.
    :param having: how many people have the message in their chats, as far as is known.
    :param recalled: True when the message was recalled.
    :param new_id: the id of the campaign that a press on this card creates.
    """
    fields = campaign_fields(campaign)
    body: list[ac.Element] = []
    if recalled:
        body.append(text(f"This message was recalled. It had reached {people(having)}."))
    elif having:
        have = "has" if having == 1 else "have"
        body.append(text(f"**{people(having)}** {have} this message."))
    else:
        body.append(text("Nobody has this message."))
    body += [_row(follower, zone) for follower in followers]
    buttons: list[ac.CardAction] = []
    explained = []
    if having and not recalled:
        buttons.append(link("Correct", actions.Correct(**fields, follower=new_id)))
        explained.append("**Correct** changes it in place, with no new notification.")
    if having:
        recall = "Recall again" if recalled else "Recall"
        buttons.append(link(recall, actions.AskRecall(**fields)))
        explained.append(f"**{recall}** deletes it from everyone's chat.")
    if may_have_newcomers(campaign):
        buttons.append(
            link("Send to newcomers", actions.SendToNewcomers(**fields, follower=new_id))
        )
        explained.append(
            "**Send to newcomers** is for those who belong to its recipients now, can be reached, "
            "and have not got it." + (" You are asked once more." if recalled else "")
        )
    body += [text(line, subtle=True, small=True) for line in explained]
    return view(
        campaign.name,
        body,
        above="Follow up",
        notice=notice,
        actions=[*buttons, link("Back to the report", actions.OpenReport(**fields))],
    )


def ask_recall(campaign: Campaign, *, follower_id: str, having: int, unsure: int) -> View:
    """Returns the confirmation before messages are recalled.

    :param follower_id: the id of the recall that a press on this card creates.
    :param having: how many people have the message in their chats, as far as is known.
    :param unsure: how many people may have it; their delivery is in doubt.
    """
    fields = campaign_fields(campaign)
    body: list[ac.Element] = [
        text(
            f"**{escape(campaign.name)}** is deleted from the chats of **{people(having)}**. "
            "Who has read it has read it. This can't be undone."
        )
    ]
    body += _about_survey(campaign, Purpose.RECALL)
    if unsure:
        body.append(text(_unsure(unsure), subtle=True))
    return view(
        f"Recall it from {people(having)}?",
        body,
        above="Recall",
        actions=[
            link(
                f"Yes, recall it from {people(having)}",
                actions.Recall(**fields, follower=follower_id),
                danger=True,
            ),
            link("Back", actions.OpenFollowUp(**fields)),
        ],
    )


def ask_newcomers(
    original: Campaign, recall: Campaign, follower_id: str, *, zone: ZoneInfo
) -> View:
    """Returns the confirmation before a recalled message is prepared for newcomers.

    :param recall: the recall of the message.
    :param follower_id: the id of the follow-up that a press on this card creates.
    """
    fields = campaign_fields(original)
    began = recall.run.started_at or recall.created_at
    return view(
        "Send a recalled message to newcomers?",
        [
            text(
                f"**{escape(original.name)}** was recalled from people's chats on "
                f"{escape(when(began, zone))}. Newcomers would get what the others have lost."
            ),
            text(
                "If you go on, you get a draft, which you can still change. Nothing is sent yet.",
                subtle=True,
            ),
        ],
        above="Send to newcomers",
        notice=Notice("This message was recalled.", "warning"),
        actions=[
            link(
                "Yes, prepare it for newcomers",
                actions.SendToNewcomers(**fields, follower=follower_id, anyway=True),
                danger=True,
            ),
            link("Back", actions.OpenFollowUp(**fields)),
        ],
    )


def ask_change(follower: Campaign, *, having: int, unsure: int) -> View:
    """Returns the confirmation before a correction or recall starts.

    :param having: how many people have the message in their chats, as far as is known.
    :param unsure: how many people may have it; their delivery is in doubt.
    """
    fields = campaign_fields(follower)
    name = escape(follower.name)
    if follower.follow_up.purpose is Purpose.RECALL:
        title = f"Recall it from {people(having)}?"
        sentence = (
            f"**{name}** is deleted from the chats of **{people(having)}**. "
            "Who has read it has read it. This can't be undone."
        )
        yes = link(f"Yes, recall it from {people(having)}", actions.Send(**fields), danger=True)
    else:
        title = f"Correct it for {people(having)}?"
        sentence = (
            f"**{name}** is replaced in the chats of **{people(having)}** and marked as edited. "
            "There is no new notification."
        )
        yes = link(f"Yes, correct it for {people(having)}", actions.Send(**fields), main=True)
    body: list[ac.Element] = [text(sentence), *_about_survey(follower, follower.follow_up.purpose)]
    if follower.follow_up.purpose is Purpose.CORRECT and is_asked(follower):
        kept = "Who has confirmed it stays confirmed; the others are still asked."
        body.append(text(kept, subtle=True))
    if unsure:
        body.append(text(_unsure(unsure), subtle=True))
    return view(
        title,
        body,
        above=campaign_kind(follower),
        actions=[yes, link("Back", actions.OpenCampaign(**fields))],
    )


def _about_survey(campaign: Campaign, purpose: Purpose) -> list[ac.Element]:
    """Returns the sentence about the effect on the survey and its answers; nothing without one."""
    if campaign.survey is None:
        return []
    if purpose is Purpose.RECALL:
        sentence = "Its survey is closed; what has been answered stays in the results."
    else:
        sentence = "Who has answered the survey keeps the thank-you, and sees no change."
    return [text(sentence)]


def _unsure(number: int) -> str:
    whom = people(number)
    return f"Whether {whom} got it is not known. Theirs can't be changed; the report names them."


def _row(follower: Campaign, zone: ZoneInfo) -> ac.Element:
    facts = [campaign_status(follower)]
    if follower.run.recipients is not None:
        facts.append(people(follower.run.recipients))
    facts.append(when(follower.run.started_at or follower.updated_at, zone))
    kind = campaign_kind(follower)
    opened = link(
        "Go on" if follower.status is Status.DRAFT else "Open",
        show_campaign(follower),
        tooltip=f"Open the {kind.lower()}",
    )
    return list_row(kind, [small_line(" · ".join(escape(fact) for fact in facts))], [opened])
