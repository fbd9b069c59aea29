"""The first and the last step of writing a campaign: name and format, and recipients."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.audience import AllUsers, ListAudience, WaitingAudience
from campaigns.campaign import Campaign
from campaigns.content import Format
from campaigns.drafting import NAME_LIMIT
from campaigns.lists import DistributionList
from cards import actions
from cards import elements as ac
from cards.paging import page_links, page_range
from cards.texts import FORMATS_EXPLAINED, count, people
from cards.view import (
    NO_ERRORS,
    Errors,
    Notice,
    View,
    button,
    campaign_fields,
    choice_style,
    error,
    link,
    text,
    view,
)

WAITING = "waiting"
"""Value of the choice for a reminder's own audience."""

LISTS_PAGE = 100
"""Lists offered on one card. Even with the longest names the card stays well under 80 KB."""


def new_campaign(
    campaign_id: str, *, name: str = "", format: str = "message", errors: Errors = NO_ERRORS
) -> View:
    """Returns step 1 for a campaign that does not exist yet."""
    return view(
        "New campaign",
        _basics_fields(name, format, errors),
        above="Step 1 of 4 · Name and format",
        actions=[
            button("Next", actions.CreateCampaign(campaign=campaign_id), main=True),
            link("Start from a template", actions.OpenTemplates()),
            link("Back", actions.OpenHome()),
        ],
    )


def basics(
    campaign: Campaign,
    *,
    name: str,
    format: str,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Returns step 1 for a draft."""
    fields = campaign_fields(campaign)
    return view(
        campaign.name,
        _basics_fields(name, format, errors),
        above="Step 1 of 4 · Name and format",
        notice=notice,
        actions=[
            button("Next", actions.SaveBasics(**fields), main=True),
            button("Save draft", actions.SaveBasics(**fields, then="draft")),
            button("Back", actions.SaveBasics(**fields, then="back")),
        ],
    )


def recipients(
    campaign: Campaign,
    *,
    reachable: int,
    lists: Sequence[DistributionList],
    page: int = 0,
    total: int,
    chosen: str,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Returns step 4: everyone, a distribution list, or a new list.

    :param reachable: the number of all users whom the bot can reach.
    :param lists: the lists of this page, and the chosen one.
    :param total: the number of lists on all pages.
    :param chosen: the value of the chosen audience, see :func:`chosen`.
    """
    fields = campaign_fields(campaign)
    pages = page_links(
        page,
        LISTS_PAGE,
        total,
        lambda number: actions.OpenRecipients(**fields, page=number),
        previous="Earlier lists",
        following="More lists",
    )
    choices = [ac.Choice(f"All users ({people(reachable)})", "all")]
    choices += [_list_choice(distribution_list) for distribution_list in lists]
    choices.append(ac.Choice("A new distribution list", "new"))
    if isinstance(campaign.audience, WaitingAudience):
        choices.insert(0, ac.Choice("Those who have not confirmed yet", WAITING))
    return view(
        campaign.name,
        [
            ac.ChoiceSet(
                "audience",
                label="Who gets this campaign?",
                choices=choices,
                value=chosen or None,
                style=choice_style(len(choices)),
                wrap=True,
                placeholder="Choose",
            ),
            *error(errors, "audience"),
            *(
                [text(f"Lists {page_range(page, LISTS_PAGE, total)}.", subtle=True, small=True)]
                if pages
                else []
            ),
        ],
        above="Step 4 of 4 · Recipients",
        notice=notice,
        actions=[
            button("Next", actions.SaveRecipients(**fields), main=True),
            button("Save draft", actions.SaveRecipients(**fields, then="draft")),
            button("Back", actions.SaveRecipients(**fields, then="back")),
        ],
        more=pages,
    )


def chosen(campaign: Campaign) -> str:
    """Returns the value of the choice for the campaign's audience; empty without an audience."""
    match campaign.audience:
        case AllUsers():
            return "all"
        case ListAudience(list_id):
            return f"list:{list_id}"
        case WaitingAudience():
            return WAITING
        case _:
            return ""


def _list_choice(distribution_list: DistributionList) -> ac.Choice:
    size = count(len(distribution_list.addresses), "address", "addresses")
    return ac.Choice(f"{distribution_list.name} ({size})", f"list:{distribution_list.id}")


def _basics_fields(name: str, format: str, errors: Errors) -> list[ac.Element]:
    return [
        ac.TextInput(
            "name",
            label="Name",
            value=name or None,
            placeholder="For example: Office closed on Friday",
            max_length=NAME_LIMIT,
        ),
        *error(errors, "name"),
        text("Only admins see the name.", subtle=True, small=True),
        ac.ChoiceSet(
            "format",
            label="Format",
            value=format,
            style="expanded",
            choices=[ac.Choice(FORMATS_EXPLAINED[option], option.value) for option in Format],
        ),
        *error(errors, "format"),
    ]
