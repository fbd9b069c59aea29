"""Cards of distribution lists: all lists, one list, and the form for a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from campaigns.lists import NAME_LIMIT, DistributionList
from campaigns.outcome import Reason
from campaigns.user import User
from cards import actions
from cards import elements as ac
from cards.actions import Action
from cards.markdown import escape
from cards.paging import page_line, page_links
from cards.size import fits_field
from cards.texts import REASONS, count
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, list_row, text, view

PAGE = 6
"""Lists on a page."""

PEOPLE_PAGE = 15
"""People of a list on a page."""

_LONGEST = 80
"""Characters shown of an entry that is not an address."""

SHOWN = 20
"""Most addresses that a sentence names. It only counts further ones."""


def lists(
    shown: Sequence[DistributionList], *, page: int, total: int, notice: Notice | None = None
) -> View:
    """Returns one page of the tenant's lists, by name."""
    body: list[ac.Element] = [_row(distribution_list) for distribution_list in shown]
    if not total:
        body.append(
            text(
                "There are no distribution lists yet. "
                "Make one to send a campaign to some people instead of everyone.",
                subtle=True,
            )
        )
    return view(
        "Distribution lists",
        [*body, *page_line(page, PAGE, total)],
        notice=notice,
        actions=[
            *page_links(page, PAGE, total, lambda number: actions.OpenLists(page=number)),
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
    """Returns the form for a new list (revision 0), or for changing a list.

    :param addresses: the text in the field for addresses.
    :param part: True when the list is too long for a field. Then the form asks for the addresses to
        add and to remove, with the texts ``addresses`` and ``removed``.
    :param campaign: the id of the campaign whose recipients the admin is choosing; empty for none.
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
                    *_addresses_field("add", "Addresses to add", addresses, fields=2),
                    *error(errors, "addresses"),
                    *_addresses_field("remove", "Addresses to remove", removed, fields=2),
                ]
                if part
                else [
                    *_addresses_field("addresses", "E-mail addresses", addresses),
                    *error(errors, "addresses"),
                ]
            ),
        ],
        above="Recipients" if campaign else "",
        notice=notice,
        actions=[button("Save list", save, main=True), link("Back", back)],
    )


def list_card(
    distribution_list: DistributionList,
    users: Mapping[str, User],
    *,
    page: int,
    notice: Notice | None = None,
    campaign: str = "",
    campaign_revision: int = 0,
) -> View:
    """Returns the card of a list, with one page of its people.

    :param users: the known users, by address.
    :param campaign: the id of the campaign whose recipients the admin is choosing; empty for none.
    """
    addresses = distribution_list.addresses
    total = len(addresses)
    reachable = sum(users[address].reachable for address in addresses if address in users)
    unreachable = total - reachable
    shown = addresses[page * PEOPLE_PAGE : (page + 1) * PEOPLE_PAGE]
    body: list[ac.Element] = [
        text(
            f"{count(total, 'address', 'addresses')}, of which {reachable:,} can be reached"
            + (f" and {unreachable:,} can't." if unreachable else ".")
        ),
        *(_person(address, users.get(address)) for address in shown),
        *page_line(page, PEOPLE_PAGE, total),
    ]
    list_id, revision = distribution_list.id, distribution_list.revision

    def turn_to(number: int) -> Action:
        return actions.OpenList(
            list=list_id,
            revision=revision,
            campaign=campaign,
            campaign_revision=campaign_revision,
            page=number,
        )

    change = actions.EditList(
        list=list_id, revision=revision, campaign=campaign, campaign_revision=campaign_revision
    )
    buttons = [*page_links(page, PEOPLE_PAGE, total, turn_to), link("Change", change)]
    if campaign:
        use = actions.SaveRecipients(
            campaign=campaign, revision=campaign_revision, audience=f"list:{list_id}"
        )
        back = actions.OpenRecipients(campaign=campaign, revision=campaign_revision)
        buttons = [link("Use this list", use, main=True), *buttons, link("Back", back)]
    else:
        delete = actions.AskDeleteList(list=list_id, revision=revision)
        buttons += [link("Delete", delete), link("Back", actions.OpenLists())]
    return view(
        distribution_list.name, body, above="Distribution list", notice=notice, actions=buttons
    )


def ask_delete_list(distribution_list: DistributionList) -> View:
    """Returns the confirmation before a list is deleted."""
    list_id, revision = distribution_list.id, distribution_list.revision
    size = count(len(distribution_list.addresses), "address", "addresses")
    return view(
        "Delete this list?",
        [
            text(
                f"**{escape(distribution_list.name)}** with {size} "
                "will be deleted. Reports of campaigns that were sent to it stay. "
                "This can't be undone."
            )
        ],
        actions=[
            link(
                "Yes, delete it",
                actions.DeleteList(list=list_id, revision=revision),
                danger=True,
            ),
            link("Back", actions.OpenList(list=list_id, revision=revision)),
        ],
    )


def named(addresses: Sequence[str]) -> str:
    """Returns the first addresses, joined for a sentence, and the number of further ones."""
    names = ", ".join(escape(shortened(address)) for address in addresses[:SHOWN])
    more = len(addresses) - SHOWN
    return f"{names} and {more:,} more" if more > 0 else names


def shortened(address: str) -> str:
    """Returns an entry of a list, cut when it is long: it may be a whole text and no address."""
    return address if len(address) <= _LONGEST else f"{address[: _LONGEST - 1]}…"


def in_one_field(distribution_list: DistributionList) -> bool:
    """Returns True when one field of a card has room for all addresses, so they can be edited."""
    return fits_field("\n".join(distribution_list.addresses))


def _addresses_field(field: str, label: str, content: str, *, fields: int = 1) -> list[ac.Element]:
    """Returns a field for addresses. Content that is too long for it has to be pasted again."""
    fits = fits_field(content, fields=fields)
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


def _row(distribution_list: DistributionList) -> ac.Element:
    opened = actions.OpenList(list=distribution_list.id, revision=distribution_list.revision)
    size = count(len(distribution_list.addresses), "address", "addresses")
    return list_row(
        escape(distribution_list.name),
        [ac.TextBlock(size, is_subtle=True, size="small", spacing="none")],
        [link("Open", opened, tooltip=f"Open {distribution_list.name}")],
    )


def _person(address: str, user: User | None) -> ac.Element:
    if user is None or not user.reachable:
        reason = REASONS[(user and user.unreachable_because) or Reason.NOT_INSTALLED]
        line = f"⚠ {escape(address)} · **{reason}**"
        return ac.TextBlock(line, wrap=True, spacing="small")
    return ac.TextBlock(f"{escape(address)} · {escape(user.full_name)}", wrap=True, spacing="small")
