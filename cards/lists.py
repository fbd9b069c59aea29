"""Distribution lists: all of them, one of them, and the form to write one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from campaigns.lists import NAME_LIMIT, DistributionList
from campaigns.outcome import Reason
from campaigns.user import User
from cards import actions
from cards import elements as ac
from cards.actions import Action
from cards.markdown import escape
from cards.size import fits_field
from cards.texts import REASONS, count
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, paged, text, view

PAGE = 6
PEOPLE_PAGE = 15
LONGEST = 80
"""Characters shown of something that is no address."""

SHOWN = 20
"""Addresses named in a sentence; more are counted."""


def lists(
    shown: Sequence[DistributionList], *, page: int, total: int, notice: Notice | None = None
) -> View:
    """One page of the tenant's lists, by name."""
    body: list[ac.Element] = [_row(of) for of in shown]
    buttons: list[ac.CardAction] = []
    if not total:
        body.append(
            text(
                "There are no distribution lists yet. "
                "Make one to send a campaign to some people instead of everyone.",
                subtle=True,
            )
        )
    elif total > PAGE:
        body.append(text(paged(page, PAGE, total), subtle=True, small=True))
        if page:
            buttons.append(link("Previous", actions.OpenLists(page=page - 1)))
        if (page + 1) * PAGE < total:
            buttons.append(link("Next", actions.OpenLists(page=page + 1)))
    return view(
        "Distribution lists",
        body,
        notice=notice,
        actions=[
            *buttons,
            link("New list", actions.OpenNewList(), main=not total),
            link("Back", actions.OpenHome()),
        ],
    )


def write_list(
    list_id: str,
    *,
    revision: int,
    name: str,
    addresses: str,
    part: bool = False,
    removed: str = "",
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
    campaign: str = "",
    campaign_revision: int = 0,
) -> View:
    """The form for a new list (revision 0) or a changed one.

    :param part: the list is too long for a field; ``addresses`` are added to it, and ``removed``
        taken off.
    """
    save = actions.SaveList(
        list=list_id,
        revision=revision,
        part=part,
        campaign=campaign,
        campaign_revision=campaign_revision,
    )
    back: Action
    if campaign:
        back = actions.OpenRecipients(campaign=campaign, revision=campaign_revision)
    elif revision:
        back = actions.OpenList(list=list_id, revision=revision)
    else:
        back = actions.OpenLists()
    return view(
        "Change the list" if revision else "New distribution list",
        [
            ac.TextInput(
                "name",
                label="Name",
                value=name or None,
                placeholder="For example: Managers in Paris",
                max_length=NAME_LIMIT,
            ),
            *error(errors, "name"),
            *(
                [
                    *_pasted("add", "Addresses to add", addresses, of=2),
                    *error(errors, "addresses"),
                    *_pasted("remove", "Addresses to remove", removed, of=2),
                ]
                if part
                else [
                    *_pasted("addresses", "E-mail addresses", addresses),
                    *error(errors, "addresses"),
                ]
            ),
        ],
        above="Recipients" if campaign else "",
        notice=notice,
        actions=[button("Save list", save, main=True), link("Back", back)],
    )


def one_list(
    of: DistributionList,
    users: Mapping[str, User],
    *,
    page: int,
    notice: Notice | None = None,
    campaign: str = "",
    campaign_revision: int = 0,
) -> View:
    """A list's people, a page at a time.

    :param users: those who are known, by address.
    """
    total = len(of.addresses)
    reachable = sum(users[it].reachable for it in of.addresses if it in users)
    without = total - reachable
    body: list[ac.Element] = [
        text(
            f"{count(total, 'address', 'addresses')}, of which {reachable:,} can be reached"
            + (f" and {without:,} can't." if without else ".")
        )
    ]
    part = of.addresses[page * PEOPLE_PAGE : (page + 1) * PEOPLE_PAGE]
    body += [_person(address, users.get(address)) for address in part]
    buttons: list[ac.CardAction] = []
    if campaign:
        use = actions.SaveRecipients(
            campaign=campaign, revision=campaign_revision, audience=f"list:{of.id}"
        )
        buttons.append(link("Use this list", use, main=True))
    if total > PEOPLE_PAGE:
        body.append(text(paged(page, PEOPLE_PAGE, total), subtle=True, small=True))
        if page:
            buttons.append(link("Previous", _open(of, page - 1, campaign, campaign_revision)))
        if (page + 1) * PEOPLE_PAGE < total:
            buttons.append(link("Next", _open(of, page + 1, campaign, campaign_revision)))
    buttons.append(
        link(
            "Change",
            actions.EditList(
                list=of.id,
                revision=of.revision,
                campaign=campaign,
                campaign_revision=campaign_revision,
            ),
        )
    )
    if campaign:
        back: Action = actions.OpenRecipients(campaign=campaign, revision=campaign_revision)
    else:
        back = actions.OpenLists()
        buttons.append(link("Delete", actions.AskDeleteList(list=of.id, revision=of.revision)))
    buttons.append(link("Back", back))
    return view(of.name, body, above="Distribution list", notice=notice, actions=buttons)


def ask_delete_list(of: DistributionList) -> View:
    """The confirmation before a list is forgotten."""
    return view(
        "Delete this list?",
        [
            text(
                f"**{escape(of.name)}** with {count(len(of.addresses), 'address', 'addresses')} "
                "will be deleted. Reports of campaigns that were sent to it stay. "
                "This can't be undone."
            )
        ],
        actions=[
            link(
                "Yes, delete it",
                actions.DeleteList(list=of.id, revision=of.revision),
                danger=True,
            ),
            link("Back", actions.OpenList(list=of.id, revision=of.revision)),
        ],
    )


def named(addresses: Sequence[str]) -> str:
    """The addresses as a sentence's part, the first ones by name."""
    shown = ", ".join(escape(shortened(address)) for address in addresses[:SHOWN])
    more = len(addresses) - SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown


def shortened(address: str) -> str:
    """What stood in an address's place may be a whole text."""
    return address if len(address) <= LONGEST else f"{address[: LONGEST - 1]}…"


def in_one_field(of: DistributionList) -> bool:
    """Whether a card can show all its addresses in a field, to be changed there."""
    return fits_field("\n".join(of.addresses))


def _pasted(field: str, label: str, content: str, *, of: int = 1) -> list[ac.Element]:
    """A field for addresses; what it can't show again has to be pasted again."""
    fits = fits_field(content, of=of)
    elements: list[ac.Element] = [
        ac.TextInput(
            field,
            label=label,
            value=content if content and fits else None,
            is_multiline=True,
            placeholder="Paste them as they are: one a line, or with commas or semicolons",
        )
    ]
    if not fits:
        elements.append(
            text("What you pasted here is too long to be shown again. Paste it once more.")
        )
    return elements


def _open(of: DistributionList, page: int, campaign: str, revision: int) -> actions.OpenList:
    return actions.OpenList(
        list=of.id,
        revision=of.revision,
        campaign=campaign,
        campaign_revision=revision,
        page=page,
    )


def _row(of: DistributionList) -> ac.Element:
    opened = actions.OpenList(list=of.id, revision=of.revision)
    return ac.ColumnSet(
        [
            ac.Column(
                [
                    ac.TextBlock(escape(of.name), weight="bolder", wrap=True),
                    ac.TextBlock(
                        count(len(of.addresses), "address", "addresses"),
                        is_subtle=True,
                        size="small",
                        spacing="none",
                    ),
                ],
                width="stretch",
            ),
            ac.Column(
                [ac.ActionSet([link("Open", opened, tooltip=f"Open {of.name}")])],
                width="auto",
                vertical_content_alignment="center",
            ),
        ],
        separator=True,
    )


def _person(address: str, user: User | None) -> ac.Element:
    if user is None or not user.reachable:
        why = REASONS[(user and user.unreachable_because) or Reason.NOT_INSTALLED]
        line = f"⚠ {escape(address)} · **{why}**"
        return ac.TextBlock(line, wrap=True, spacing="small")
    return ac.TextBlock(f"{escape(address)} · {escape(user.full_name)}", wrap=True, spacing="small")
