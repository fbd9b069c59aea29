"""Distribution lists, on their own or on the way to a campaign's recipients."""

from __future__ import annotations

from functools import partial

from campaigns import lists as domain
from campaigns.errors import Invalid
from campaigns.lists import Addresses, DistributionList
from campaigns.refusals.lists import NotAddresses
from cards import actions
from cards import lists as cards
from cards.markdown import escape
from cards.refusals.words import in_words
from cards.texts import count
from cards.view import Errors, Notice
from dialogs.context import Context, new_id
from dialogs.errors import Gone
from dialogs.paging import last_page, page_or_last
from dialogs.routes import Openers, Routes
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

_GONE = Notice("This distribution list does not exist any more.", "warning")
_GONE_BELOW = Notice(
    "This distribution list does not exist any more. What you typed is kept below; "
    "save to make a new list of it.",
    "warning",
)
_CLASH = Notice(
    "Someone else changed this list in the meantime. What you typed is kept below; "
    "save again to put it in place of the other version.",
    "warning",
)


class ListsDialog:
    """Shows, writes and deletes lists."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    def routes(self) -> Routes:
        return {
            actions.OpenLists: self.lists,
            actions.OpenNewList: self.new_list,
            actions.OpenList: self.open,
            actions.EditList: self.edit,
            actions.SaveList: self.save,
            actions.AskDeleteList: self.ask_delete,
            actions.DeleteList: self.delete,
        }

    def openers(self) -> Openers:
        return {actions.OpenLists: self.lists}

    async def lists(
        self, turn: Turn, action: actions.OpenLists, notice: Notice | None = None
    ) -> Reply:
        lists, page = await page_or_last(
            lambda offset: self._store.lists.page(turn.tenant_id, offset=offset, limit=cards.PAGE),
            action.page,
            cards.PAGE,
        )
        return show(cards.lists(lists.items, page=page, total=lists.total, notice=notice))

    async def new_list(self, turn: Turn, action: actions.OpenNewList) -> Reply:
        return new_list_form(action.campaign, action.campaign_revision)

    async def open(self, turn: Turn, action: actions.OpenList) -> Reply:
        distribution_list = await self._find(turn, action)
        return await self._shown(turn, distribution_list, action, page=action.page)

    async def edit(self, turn: Turn, action: actions.EditList) -> Reply:
        known = await self._find(turn, action)
        if not cards.in_one_field(known):
            return self._form(action, known, name=known.name, addresses="", part=True)
        return self._form(action, known, name=known.name, addresses="\n".join(known.addresses))

    async def save(self, turn: Turn, action: actions.SaveList) -> Reply:
        known = await self._store.lists.get(turn.tenant_id, action.list)
        addresses = _addresses(action, known)
        errors = _errors(action, addresses)
        if errors:
            return self._again(action, known, errors=errors)
        changed = self._changed(turn, action, known, addresses)
        if known is not None and _same(known, changed):
            return await self._shown(turn, known, action, notice=_taken(addresses))
        if known is not None and action.revision != known.revision:
            return self._again(action, known, notice=_CLASH)
        if known is None and action.revision:
            # It was deleted while it was being changed. The form lets the person save a new list.
            return self._again(action, None, notice=_GONE_BELOW)
        try:
            saved = await (
                self._store.lists.add(changed) if known is None else self._store.lists.save(changed)
            )
        except Conflict:
            present = await self._store.lists.get(turn.tenant_id, action.list)
            if present is None or not _same(present, changed):
                return self._again(action, present, notice=_CLASH)
            # The same press came twice at once, and the other one has saved it.
            saved = present
        return await self._shown(turn, saved, action, notice=_taken(addresses))

    async def ask_delete(self, turn: Turn, action: actions.AskDeleteList) -> Reply:
        return show(cards.ask_delete_list(await self._find(turn, action)))

    async def delete(self, turn: Turn, action: actions.DeleteList) -> Reply:
        known = await self._find(turn, action)
        if known.revision != action.revision:
            moved_on = Notice("This list has changed since that card was shown.", "warning")
            return await self._shown(turn, known, action, notice=moved_on)
        await self._store.lists.delete(turn.tenant_id, known.id)
        return await self.lists(
            turn, actions.OpenLists(), Notice(f"“{escape(known.name)}” has been deleted.")
        )

    async def _find(self, turn: Turn, action: actions.OnList) -> DistributionList:
        """Returns the list as it is now. Raises Gone."""
        known = await self._store.lists.get(turn.tenant_id, action.list)
        if known is None:
            raise Gone(actions.OpenLists(), _GONE)
        return known

    def _changed(
        self,
        turn: Turn,
        action: actions.SaveList,
        known: DistributionList | None,
        addresses: Addresses,
    ) -> DistributionList:
        """Returns the list as the press would make it."""
        if known is not None:
            return domain.change(known, name=action.name, addresses=addresses.valid, now=turn.at)
        return domain.create(
            turn.tenant_id,
            action.list,
            name=action.name,
            addresses=addresses.valid,
            author_id=turn.user.id,
            now=turn.at,
        )

    async def _shown(
        self,
        turn: Turn,
        distribution_list: DistributionList,
        action: actions.OnList,
        *,
        page: int = 0,
        notice: Notice | None = None,
    ) -> Reply:
        addresses = distribution_list.addresses
        view = cards.list_card(
            distribution_list,
            await self._store.users.by_emails(turn.tenant_id, addresses),
            page=min(page, last_page(len(addresses), cards.PEOPLE_PAGE)),
            notice=notice,
            campaign=action.campaign,
            campaign_revision=action.campaign_revision,
        )
        return show(view)

    def _again(
        self,
        action: actions.SaveList,
        known: DistributionList | None,
        *,
        errors: Errors | None = None,
        notice: Notice | None = None,
    ) -> Reply:
        """Shows the form again, with the typed text still in it."""
        return self._form(
            action,
            known,
            name=action.name,
            addresses=action.add if action.part else action.addresses,
            part=action.part and known is not None,
            removed=action.remove,
            errors=errors,
            notice=notice,
        )

    def _form(
        self,
        action: actions.OnList,
        known: DistributionList | None,
        *,
        name: str,
        addresses: str,
        part: bool = False,
        removed: str = "",
        errors: Errors | None = None,
        notice: Notice | None = None,
    ) -> Reply:
        form = cards.write_list(
            action.list,
            revision=known.revision if known is not None else 0,
            name=name,
            addresses=addresses,
            part=part,
            removed=removed,
            errors=errors or {},
            notice=notice,
            campaign=action.campaign,
            campaign_revision=action.campaign_revision,
        )
        return show(form)


def new_list_form(campaign: str, campaign_revision: int) -> Reply:
    """Shows the empty form of a new list.

    :param campaign: the id of the campaign that the list is made for; empty: none.
    """
    form = cards.write_list(
        new_id(),
        revision=0,
        name="",
        addresses="",
        campaign=campaign,
        campaign_revision=campaign_revision,
    )
    return show(form)


def _same(first: DistributionList, second: DistributionList) -> bool:
    return (first.name, first.addresses) == (second.name, second.addresses)


def _addresses(action: actions.SaveList, known: DistributionList | None) -> Addresses:
    """Returns the addresses that the list will have, and those that were typed twice or wrong."""
    if not action.part or known is None:
        return domain.parse_addresses(action.add if action.part else action.addresses)
    added = domain.parse_addresses(action.add)
    removed = domain.parse_addresses(action.remove)
    leaving = frozenset(removed.valid)
    kept = dict.fromkeys(address for address in known.addresses if address not in leaving)
    return Addresses(
        valid=(*kept, *(address for address in added.valid if address not in kept)),
        invalid=added.invalid + removed.invalid,
        double=added.double,
    )


def _taken(addresses: Addresses) -> Notice:
    """Returns a notice of the addresses kept and left out, so that none is lost in silence."""
    lines = [f"Saved with {count(len(addresses.valid), 'address', 'addresses')}."]
    if addresses.double:
        lines.append(f"Named more than once, kept once: {cards.named(addresses.double)}.")
    if addresses.invalid:
        lines.append(f"Not an e-mail address, left out: {cards.named(addresses.invalid)}.")
    return Notice("\n\n".join(lines), "warning" if addresses.invalid else "good")


def _errors(action: actions.SaveList, addresses: Addresses) -> Errors:
    """Returns the mistakes in all fields at once."""
    errors = {}
    checks = (partial(domain.checked_name, action.name), partial(_require_some, addresses))
    for check in checks:
        try:
            check()
        except Invalid as error:
            errors[error.field] = in_words(error.refusal)
    return errors


def _require_some(addresses: Addresses) -> None:
    """Raises Invalid when there are no addresses; the error names the text typed instead."""
    if addresses.invalid and not addresses.valid:
        raise Invalid("addresses", NotAddresses(addresses.invalid))
    domain.checked_addresses(addresses.valid)
