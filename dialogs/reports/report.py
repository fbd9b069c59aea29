"""What became of a campaign: its report, the people in it, its export, the facts."""

from __future__ import annotations

from datetime import timedelta

from campaigns.campaign import Campaign
from campaigns.errors import NotPossible
from campaigns.followup import as_corrected, as_it_stands, last_recall
from campaigns.report import Result
from campaigns.seal import Download, Seal
from campaigns.text.typed import one_line
from cards import actions
from cards.reports import people as report_people
from cards.reports.export import MINUTES, export
from cards.reports.information import information
from cards.reports.people import PAGE, SEARCH_LIMIT
from dialogs.context import Context, new_id
from dialogs.reports.people import FoundPeople, find
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show


class Reports:
    """The report and what it leads to.

    :param public_url: where browsers reach this bot, without a slash at the end; empty: nowhere.
    """

    def __init__(self, context: Context, seal: Seal, public_url: str) -> None:
        self._context = context
        self._store = context.store
        self._seal = seal
        self._public_url = public_url

    def routes(self) -> Routes:
        return {
            actions.OpenReport: self.report,
            actions.OpenResult: self.result,
            actions.OpenPeople: self.people,
            actions.OpenExport: self.export,
            actions.OpenInformation: self.information,
        }

    async def report(self, turn: Turn, action: actions.OpenReport) -> Reply:
        campaign = await self._context.find(turn, action)
        return await self._context.present(turn, campaign)

    async def result(self, turn: Turn, action: actions.OpenResult) -> Reply:
        campaign = await self._named(turn, action)
        result, search, page = Result(action.result), _looked_for(action.search), action.page
        found = await self._of_result(campaign, result, search, page)
        if page and not found.items:
            page = _last(found)
            found = await self._of_result(campaign, result, search, page)
        view = report_people.recipients_of(
            campaign,
            result,
            found.items,
            found.did,
            page=page,
            total=found.total,
            all_=found.all_,
            search=search,
            zone=self._context.zone(turn.user),
        )
        return show(view)

    async def people(self, turn: Turn, action: actions.OpenPeople) -> Reply:
        campaign = await self._named(turn, action)
        measured = self._context.measured(await self._context.as_corrected(campaign))
        if not measured.personal and action.group not in ("acknowledged", "waiting"):
            # From a card that was made before that was switched off.
            return await self._context.present(turn, campaign)
        search, page = _looked_for(action.search), action.page
        found = await self._who(campaign, action, search, page)
        if page and not found.items:
            page = _last(found)
            found = await self._who(campaign, action, search, page)
        named = {link.id: link.label or link.address for link in measured.links}
        view = report_people.people_who(
            campaign,
            action.group,
            found.items,
            found.did if measured.personal else {},
            link_id=action.link,
            link_name=named.get(action.link, "one that was changed since"),
            page=page,
            total=found.total,
            all_=found.all_,
            search=search,
            zone=self._context.zone(turn.user),
            reminder_id=new_id(),
        )
        return show(view)

    async def export(self, turn: Turn, action: actions.OpenExport) -> Reply:
        campaign = await self._named(turn, action)
        if not campaign.status.has_started:
            return await self._context.present(turn, campaign)
        csv, xlsx = (self._link(turn, campaign, kind) for kind in ("csv", "xlsx"))
        counts = await self._store.ledger.counts(campaign.key)
        return show(export(campaign, recipients=counts.recipients, csv=csv, xlsx=xlsx))

    async def information(self, turn: Turn, action: actions.OpenInformation) -> Reply:
        campaign = await self._context.find(turn, action)
        if not campaign.status.has_started:
            return await self._context.present(turn, campaign)
        followers = await self._context.followers(campaign)
        standing = as_it_stands(campaign, followers)
        recall = last_recall(followers)
        view = information(
            campaign,
            turn.user,
            await self._context.insight(turn, campaign),
            self._context.measured(as_corrected(campaign, followers)),
            standing=standing,
            recall=recall,
            senders={
                one.run.sender_id: await self._name(turn, one.run.sender_id)
                for one in (campaign, standing, recall)
                if one is not None
            },
            as_sent=action.as_sent,
            zone=self._context.zone(turn.user),
        )
        return show(view)

    async def _named(self, turn: Turn, action: actions.OnCampaign) -> Campaign:
        """The campaign, of which people may be named. Raises NotPossible."""
        campaign = await self._context.find(turn, action)
        if campaign.hides_names:
            raise NotPossible("Who these people are is not shown: the survey is anonymous.")
        return campaign

    async def _name(self, turn: Turn, user_id: str) -> str:
        """Empty when nobody is known by this id any more."""
        user = await self._store.users.get(turn.tenant_id, user_id)
        return user.full_name if user is not None else ""

    async def _of_result(
        self, campaign: Campaign, result: Result, search: str, page: int
    ) -> FoundPeople:
        ledger, key = self._store.ledger, campaign.key
        if search:
            found = await ledger.search(key, result, search, offset=page * PAGE, limit=PAGE)
            all_ = (await ledger.counts(key)).of(result)
        else:
            found = await ledger.page(key, result, offset=page * PAGE, limit=PAGE)
            all_ = found.total
        shown = [delivery.recipient_id for delivery in found.items]
        personal = self._context.measured(campaign).personal
        did = await self._store.events.of(key, shown) if personal else {}
        return FoundPeople(found.items, did, found.total, all_)

    async def _who(
        self, campaign: Campaign, action: actions.OpenPeople, search: str, page: int
    ) -> FoundPeople:
        return await find(
            self._store,
            campaign.key,
            action.group,
            link_id=action.link,
            search=search,
            offset=page * PAGE,
            limit=PAGE,
        )

    def _link(self, turn: Turn, campaign: Campaign, kind: str) -> str:
        if not self._public_url:
            return ""
        of = Download(
            campaign.tenant_id,
            campaign.id,
            kind,
            self._context.zone(turn.user).key,
            turn.at + timedelta(minutes=MINUTES),
        )
        return f"{self._public_url}/x/{self._seal.download(of)}"


def _looked_for(typed: str) -> str:
    return one_line(typed)[:SEARCH_LIMIT]


def _last(found: FoundPeople) -> int:
    """The last page, for when there are fewer people than when the card was shown."""
    return max(0, (found.total - 1) // PAGE)
