"""The admins' menu, the help, and the card for everyone else."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.campaign import Status
from cards import actions
from cards.markdown import escape
from cards.texts import people
from cards.view import Notice, View, link, text, view


def home(
    *,
    given_name: str,
    campaigns: Mapping[Status, int],
    reachable: int,
    notice: Notice | None = None,
) -> View:
    """Returns the menu.

    :param campaigns: the number of campaigns in each status.
    :param reachable: how many people the bot can reach.
    """
    greeting = f"Hello {escape(given_name)}. " if given_name else ""
    drafts = campaigns.get(Status.DRAFT, 0)
    scheduled = campaigns.get(Status.SCHEDULED, 0)
    sending = campaigns.get(Status.SENDING, 0) + campaigns.get(Status.PAUSED, 0)
    ended = campaigns.get(Status.COMPLETED, 0) + campaigns.get(Status.STOPPED, 0)
    parts = [f"{drafts:,} in draft"] if drafts else []
    parts += [f"{scheduled:,} scheduled"] if scheduled else []
    parts += [f"{sending:,} being sent"] if sending else []
    parts += [f"{ended:,} completed"] if ended else []
    campaign_counts = f"Campaigns: {', '.join(parts)}. " if parts else "No campaigns yet. "
    return view(
        "Push campaigns",
        [
            text(f"{greeting}What would you like to do?"),
            text(
                f"{campaign_counts}{people(reachable)} can be reached in Teams.",
                subtle=True,
                small=True,
            ),
        ],
        notice=notice,
        actions=[
            link("New campaign", actions.OpenNewCampaign(), main=True),
            link("Campaigns", actions.OpenCampaigns()),
            link("Surveys", actions.OpenSurveys()),
            link("Distribution lists", actions.OpenLists()),
            link("Templates", actions.OpenTemplates()),
            link("Help", actions.OpenHelp()),
        ],
    )


def help_() -> View:
    """Returns the help."""
    return view(
        "How this works",
        [
            text(
                "I send a message to many people at once, to each one in their own chat with me. "
                "You write it, look at it, try it on one person, and send it: now, later, or over "
                "several days."
            ),
            text(
                "- **menu** shows what you can do\n"
                "- **new campaign** starts a campaign\n"
                "- **campaigns** lists drafts, what is scheduled and what was sent\n"
                "- **surveys** shows the questions that campaigns can ask\n"
                "- **lists** shows your distribution lists\n"
                "- **templates** shows what campaigns can be started from\n"
                "- **help** shows this card"
            ),
            text("Type a word, or use the buttons.", subtle=True),
        ],
        actions=[
            link("New campaign", actions.OpenNewCampaign(), main=True),
            link("Menu", actions.OpenHome()),
        ],
    )


def unreadable(*, of_campaign: bool) -> View:
    """Returns the card that is shown when a record in the store is damaged.

    :param of_campaign: True for the record of a campaign.
    """
    record = "The record of this campaign" if of_campaign else "Something that I have kept"
    return view(
        "This can't be read",
        [
            text(f"{record} is damaged, and trying again does not help."),
            text(
                "Please tell the people who run this bot. Its log says which file it is, and its "
                "operator guide what to do."
            ),
        ],
        actions=[link("Menu", actions.OpenHome(), main=True)],
    )


def visitor() -> View:
    """Returns the card for a visitor: it says what the bot is, and who sends through it."""
    return view(
        "Hello!",
        [
            text(
                "I bring you news from your organisation, right here in this chat. "
                "Your communications team sends it through me."
            ),
            text(
                "There is nothing you have to do, and I can't answer questions. "
                "If something in a message is unclear, please ask your communications team.",
                subtle=True,
            ),
        ],
    )
