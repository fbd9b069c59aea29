"""The first and the last step of writing a campaign: name and format, recipients."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.audience import AllUsers, ListAudience, WaitingAudience
from campaigns.campaign import Campaign
from campaigns.content import Format
from campaigns.drafting import NAME_LIMIT
from campaigns.lists import DistributionList
from cards import actions
from cards import elements as ac
from cards.texts import FORMATS_EXPLAINED, count, people
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, on, paged, text, view


def new_campaign(
    campaign_id: str, *, name: str = "", format: str = "message", errors: Errors = NO_ERRORS
) -> View:
    """Step 1, for a campaign that does not exist yet."""
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
    """Step 1, for a draft."""
    at = on(campaign)
    return view(
        campaign.name,
        _basics_fields(name, format, errors),
        above="Step 1 of 4 · Name and format",
        notice=notice,
        actions=[
            button("Next", actions.SaveBasics(**at), main=True),
            button("Save draft", actions.SaveBasics(**at, then="draft")),
            button("Back", actions.SaveBasics(**at, then="back")),
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
    """Step 4: everyone, a distribution list, or a new one.

    :param lists: those of this page, and the chosen one.
    :param total: how many lists there are on all pages.
    """
    at = on(campaign)
    pages: list[ac.CardAction] = []
    if page:
        pages.append(link("Earlier lists", actions.OpenRecipients(**at, page=page - 1)))
    if (page + 1) * LISTS_PAGE < total:
        pages.append(link("More lists", actions.OpenRecipients(**at, page=page + 1)))
    choices = [ac.Choice(f"All users ({people(reachable)})", "all")]
    choices += [
        ac.Choice(
            f"{of.name} ({count(len(of.addresses), 'address', 'addresses')})", f"list:{of.id}"
        )
        for of in lists
    ]
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
                style="expanded" if len(choices) <= EXPANDED else "compact",
                wrap=True,
                placeholder="Choose",
            ),
            *error(errors, "audience"),
            *(
                [text(f"Lists {paged(page, LISTS_PAGE, total)}.", subtle=True, small=True)]
                if pages
                else []
            ),
        ],
        above="Step 4 of 4 · Recipients",
        notice=notice,
        actions=[
            button("Next", actions.SaveRecipients(**at), main=True),
            button("Save draft", actions.SaveRecipients(**at, then="draft")),
            button("Back", actions.SaveRecipients(**at, then="back")),
        ],
        more=pages,
    )


WAITING = "waiting"
"""The choice of a reminder's own audience."""

LISTS_PAGE = 100
"""Lists offered on one card; the longest names of so many keep it well under 80 KB."""

EXPANDED = 8
"""Up to so many choices stand open one under the other; more fold into a drop-down."""


def chosen(campaign: Campaign) -> str:
    """The campaign's audience as the recipients step's choice; empty when there is none yet."""
    match campaign.audience:
        case AllUsers():
            return "all"
        case ListAudience(list_id):
            return f"list:{list_id}"
        case WaitingAudience():
            return WAITING
        case _:
            return ""


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
            choices=[ac.Choice(FORMATS_EXPLAINED[it], it.value) for it in Format],
        ),
        *error(errors, "format"),
    ]
