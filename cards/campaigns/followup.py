"""What can be done after a campaign was sent: correct it, take it back, send it to newcomers."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Purpose, Status
from campaigns.feedback.acknowledging import is_asked
from campaigns.followup import may_have_newcomers
from cards import actions
from cards import elements as ac
from cards.actions import Action
from cards.markdown import escape
from cards.purposes import kind, status
from cards.texts import people, when
from cards.view import Notice, View, link, on, text, view


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
    """What has been done after it was sent, and what can be.

    :param having: how many people have the message in their chats, as far as is known.
    :param new_id: the id of the campaign that a press on this card begins.
    """
    at = on(campaign)
    body: list[ac.Element] = []
    if recalled:
        body.append(text(f"This message was recalled. It had reached {people(having)}."))
    elif having:
        have = "has" if having == 1 else "have"
        body.append(text(f"**{people(having)}** {have} this message."))
    else:
        body.append(text("Nobody has this message."))
    body += [_row(one, zone) for one in followers]
    buttons: list[ac.CardAction] = []
    explained = []
    if having and not recalled:
        buttons.append(link("Correct", actions.Correct(**at, follower=new_id)))
        explained.append("**Correct** changes it in place, with no new notification.")
    if having:
        again = "Recall again" if recalled else "Recall"
        buttons.append(link(again, actions.AskRecall(**at)))
        explained.append(f"**{again}** deletes it from everyone's chat.")
    if may_have_newcomers(campaign):
        buttons.append(link("Send to newcomers", actions.SendToNewcomers(**at, follower=new_id)))
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
        actions=[*buttons, link("Back to the report", actions.OpenReport(**at))],
    )


def ask_recall(campaign: Campaign, *, follower_id: str, having: int, unsure: int) -> View:
    """The confirmation before what was sent is taken back."""
    at = on(campaign)
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
                actions.Recall(**at, follower=follower_id),
                danger=True,
            ),
            link("Back", actions.OpenFollowUp(**at)),
        ],
    )


def ask_newcomers(
    original: Campaign, recall: Campaign, follower_id: str, *, zone: ZoneInfo
) -> View:
    """The question before a message that was recalled goes out again."""
    at = on(original)
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
                actions.SendToNewcomers(**at, follower=follower_id, anyway=True),
                danger=True,
            ),
            link("Back", actions.OpenFollowUp(**at)),
        ],
    )


def ask_change(follower: Campaign, *, having: int, unsure: int) -> View:
    """The confirmation before a correction or recall that is a draft begins."""
    at = on(follower)
    name = escape(follower.name)
    if follower.follow_up.purpose is Purpose.RECALL:
        title = f"Recall it from {people(having)}?"
        said = (
            f"**{name}** is deleted from the chats of **{people(having)}**. "
            "Who has read it has read it. This can't be undone."
        )
        yes = link(f"Yes, recall it from {people(having)}", actions.Send(**at), danger=True)
    else:
        title = f"Correct it for {people(having)}?"
        said = (
            f"**{name}** is replaced in the chats of **{people(having)}** and marked as edited. "
            "There is no new notification."
        )
        yes = link(f"Yes, correct it for {people(having)}", actions.Send(**at), main=True)
    body: list[ac.Element] = [text(said), *_about_survey(follower, follower.follow_up.purpose)]
    if follower.follow_up.purpose is Purpose.CORRECT and is_asked(follower):
        kept = "Who has confirmed it stays confirmed; the others are still asked."
        body.append(text(kept, subtle=True))
    if unsure:
        body.append(text(_unsure(unsure), subtle=True))
    return view(
        title,
        body,
        above=kind(follower),
        actions=[yes, link("Back", actions.OpenCampaign(**at))],
    )


def _about_survey(campaign: Campaign, purpose: Purpose) -> list[ac.Element]:
    """What becomes of the survey and its answers."""
    if campaign.survey is None:
        return []
    if purpose is Purpose.RECALL:
        said = "Its survey is closed; what has been answered stays in the results."
    else:
        said = "Who has answered the survey keeps the thank-you, and sees no change."
    return [text(said)]


def _unsure(number: int) -> str:
    whom = people(number)
    return f"Whether {whom} got it is not known. Theirs can't be changed; the report names them."


def _row(follower: Campaign, zone: ZoneInfo) -> ac.Element:
    opened: Action = (
        actions.OpenReport(**on(follower))
        if follower.status.has_started
        else actions.OpenCampaign(**on(follower))
    )
    facts = [status(follower)]
    if follower.run.recipients is not None:
        facts.append(people(follower.run.recipients))
    facts.append(when(follower.run.started_at or follower.updated_at, zone))
    title = kind(follower)
    return ac.ColumnSet(
        [
            ac.Column(
                [
                    ac.TextBlock(title, weight="bolder", wrap=True),
                    ac.TextBlock(
                        " · ".join(escape(fact) for fact in facts),
                        is_subtle=True,
                        size="small",
                        spacing="none",
                        wrap=True,
                    ),
                ],
                width="stretch",
            ),
            ac.Column(
                [
                    ac.ActionSet(
                        [
                            link(
                                "Go on" if follower.status is Status.DRAFT else "Open",
                                opened,
                                tooltip=f"Open the {title.lower()}",
                            )
                        ]
                    )
                ],
                width="auto",
                vertical_content_alignment="center",
            ),
        ],
        separator=True,
    )
