"""Distribution lists, on their own or on the way to a campaign's recipients."""

from __future__ import annotations

from functools import partial

from campaigns import lists as domain
from campaigns.errors import Invalid
from campaigns.lists import Addresses, DistributionList
from cards import actions
from cards import lists as cards
from cards.markdown import escape
from cards.texts import count
from cards.view import Errors, Notice
from dialogs.context import Context, new_id
from dialogs.errors import Gone
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
    """All lists, one list, its form."""

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
        page = action.page
        found = await self._store.lists.page(
            turn.tenant_id, offset=page * cards.PAGE, limit=cards.PAGE
        )
        if page and not found.items:
            page = max(0, (found.total - 1) // cards.PAGE)
            found = await self._store.lists.page(
                turn.tenant_id, offset=page * cards.PAGE, limit=cards.PAGE
            )
        return show(cards.lists(found.items, page=page, total=found.total, notice=notice))

    async def new_list(self, turn: Turn, action: actions.OpenNewList) -> Reply:
        form = cards.write_list(
            new_id(),
            revision=0,
            name="",
            addresses="",
            campaign=action.campaign,
            campaign_revision=action.campaign_revision,
        )
        return show(form)

    async def open(self, turn: Turn, action: actions.OpenList) -> Reply:
        return await self._one(turn, await self._find(turn, action), action, page=action.page)

    async def edit(self, turn: Turn, action: actions.EditList) -> Reply:
        of = await self._find(turn, action)
        if not cards.in_one_field(of):
            return self._form(action, of, name=of.name, addresses="", part=True)
        return self._form(action, of, name=of.name, addresses="\n".join(of.addresses))

    async def save(self, turn: Turn, action: actions.SaveList) -> Reply:
        known = await self._store.lists.get(turn.tenant_id, action.list)
        found = _found(action, known)
        errors = _errors(action, found)
        if errors:
            return self._again(action, known, errors=errors)
        changed = self._changed(turn, action, known, found)
        if known is not None and _same(known, changed):
            return await self._saved(turn, action, known, found)
        if known is not None and action.revision != known.revision:
            return self._again(action, known, notice=_CLASH)
        if known is None and action.revision:
            # Deleted while it was being changed: what was typed can be saved as a new list.
            return self._again(action, None, notice=_GONE_BELOW)
        try:
            saved = await (
                self._store.lists.add(changed) if known is None else self._store.lists.save(changed)
            )
        except Conflict:
            now = await self._store.lists.get(turn.tenant_id, action.list)
            if now is None or not _same(now, changed):
                return self._again(action, now, notice=_CLASH)
            # The same press, twice at once: the other one has saved it.
            saved = now
        return await self._saved(turn, action, saved, found)

    async def ask_delete(self, turn: Turn, action: actions.AskDeleteList) -> Reply:
        return show(cards.ask_delete_list(await self._find(turn, action)))

    async def delete(self, turn: Turn, action: actions.DeleteList) -> Reply:
        of = await self._find(turn, action)
        if of.revision != action.revision:
            changed = Notice("This list has changed since that card was shown.", "warning")
            return await self._one(turn, of, action, notice=changed)
        await self._store.lists.delete(turn.tenant_id, of.id)
        return await self.lists(
            turn, actions.OpenLists(), Notice(f"“{escape(of.name)}” has been deleted.")
        )

    async def _find(self, turn: Turn, action: actions.OnList) -> DistributionList:
        of = await self._store.lists.get(turn.tenant_id, action.list)
        if of is None:
            raise Gone(actions.OpenLists(), _GONE)
        return of

    def _changed(
        self,
        turn: Turn,
        action: actions.SaveList,
        known: DistributionList | None,
        found: Addresses,
    ) -> DistributionList:
        if known is not None:
            return domain.change(known, name=action.name, addresses=found.valid, now=turn.at)
        return domain.create(
            turn.tenant_id,
            action.list,
            name=action.name,
            addresses=found.valid,
            author_id=turn.user.id,
            now=turn.at,
        )

    async def _saved(
        self, turn: Turn, action: actions.SaveList, of: DistributionList, found: Addresses
    ) -> Reply:
        return await self._one(turn, of, action, notice=_taken(found))

    async def _one(
        self,
        turn: Turn,
        of: DistributionList,
        action: actions.OnList,
        *,
        page: int = 0,
        notice: Notice | None = None,
    ) -> Reply:
        page = min(page, max(0, (len(of.addresses) - 1) // cards.PEOPLE_PAGE))
        view = cards.list_card(
            of,
            await self._store.users.by_emails(turn.tenant_id, of.addresses),
            page=page,
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


def _same(one: DistributionList, other: DistributionList) -> bool:
    return (one.name, one.addresses) == (other.name, other.addresses)


def _found(action: actions.SaveList, known: DistributionList | None) -> Addresses:
    """The addresses that the list is to have, and what was typed besides."""
    if not action.part or known is None:
        return domain.parse_addresses(action.add if action.part else action.addresses)
    added = domain.parse_addresses(action.add)
    removed = domain.parse_addresses(action.remove)
    gone = frozenset(removed.valid)
    kept = dict.fromkeys(address for address in known.addresses if address not in gone)
    return Addresses(
        valid=(*kept, *(address for address in added.valid if address not in kept)),
        invalid=added.invalid + removed.invalid,
        double=added.double,
    )


def _taken(found: Addresses) -> Notice:
    """What was taken, and what was not: nothing is swallowed."""
    lines = [f"Saved with {count(len(found.valid), 'address', 'addresses')}."]
    if found.double:
        lines.append(f"Named more than once, kept once: {cards.named(found.double)}.")
    if found.invalid:
        lines.append(f"Not an e-mail address, left out: {cards.named(found.invalid)}.")
    return Notice("\n\n".join(lines), "warning" if found.invalid else "good")


def _errors(action: actions.SaveList, found: Addresses) -> Errors:
    """What is wrong with each field, all at once."""
    errors = {}
    checks = (partial(domain.checked_name, action.name), partial(_require_some, found))
    for check in checks:
        try:
            check()
        except Invalid as error:
            errors[error.field] = error.message
    return errors


def _require_some(found: Addresses) -> None:
    """Raises Invalid, naming what is there in their place, when there are no addresses."""
    if found.invalid and not found.valid:
        shown = ", ".join(map(cards.shortened, found.invalid[: cards.SHOWN]))
        raise Invalid("addresses", f"None of this is an e-mail address: {shown}")
    domain.checked_addresses(found.valid)
