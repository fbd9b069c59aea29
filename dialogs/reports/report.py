"""The report of a campaign, the people in it, its export, and its facts."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.errors import NotPossible
from campaigns.followup import as_corrected, as_it_stands, last_recall
from campaigns.refusals.campaigns import ReportRefusal
from campaigns.report import Result
from campaigns.seal import Seal
from campaigns.text.typed import one_line
from cards import actions
from cards.reports import people as report_people
from cards.reports.export import MINUTES, export
from cards.reports.information import information
from cards.reports.people import PAGE, SEARCH_LIMIT
from dialogs.context import Context, new_id
from dialogs.downloads import DownloadLinks
from dialogs.paging import page_or_last
from dialogs.reports.people import PeoplePage, find_people
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show


class ReportDialog:
    """Shows the report and the cards behind it.

    :param public_url: the bot's address for browsers, without a slash at the end; empty when it has
        none.
    """

    def __init__(self, context: Context, seal: Seal, public_url: str) -> None:
        self._context = context
        self._store = context.store
        self._links = DownloadLinks(context, seal, public_url, subject="report", minutes=MINUTES)

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
        result, search = Result(action.result), _search(action.search)
        people, page = await page_or_last(
            lambda offset: self._with_result(campaign, result, search, offset), action.page, PAGE
        )
        view = report_people.recipients_of(
            campaign,
            result,
            people.items,
            people.events,
            page=page,
            total=people.total,
            all_=people.in_all,
            search=search,
            zone=self._context.zone(turn.user),
        )
        return show(view)

    async def people(self, turn: Turn, action: actions.OpenPeople) -> Reply:
        campaign = await self._named(turn, action)
        measured = self._context.measured(await self._context.as_corrected(campaign))
        if not measured.personal and action.group not in ("acknowledged", "waiting"):
            # The card was made before personal tracking was switched off.
            return await self._context.present(turn, campaign)
        search = _search(action.search)
        people, page = await page_or_last(
            lambda offset: find_people(
                self._store,
                campaign.key,
                action.group,
                link_id=action.link,
                search=search,
                offset=offset,
                limit=PAGE,
            ),
            action.page,
            PAGE,
        )
        names = {link.id: link.label or link.address for link in measured.links}
        view = report_people.people_in_group(
            campaign,
            action.group,
            people.items,
            people.events if measured.personal else {},
            link_id=action.link,
            link_name=names.get(action.link, "one that was changed since"),
            page=page,
            total=people.total,
            all_=people.in_all,
            search=search,
            zone=self._context.zone(turn.user),
            reminder_id=new_id(),
        )
        return show(view)

    async def export(self, turn: Turn, action: actions.OpenExport) -> Reply:
        campaign = await self._named(turn, action)
        if not campaign.status.has_started:
            return await self._context.present(turn, campaign)
        csv, xlsx = (self._links.link(turn, campaign, kind) for kind in ("csv", "xlsx"))
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
                sent.run.sender_id: await self._name(turn, sent.run.sender_id)
                for sent in (campaign, standing, recall)
                if sent is not None
            },
            as_sent=action.as_sent,
            zone=self._context.zone(turn.user),
        )
        return show(view)

    async def _named(self, turn: Turn, action: actions.OnCampaign) -> Campaign:
        """Returns the campaign.

        Raises NotPossible when the people in it may not be named.
        """
        campaign = await self._context.find(turn, action)
        if campaign.hides_names:
            raise NotPossible(ReportRefusal.NAMES_HIDDEN)
        return campaign

    async def _name(self, turn: Turn, user_id: str) -> str:
        """Returns the person's name; empty when nobody is known by this id any more."""
        user = await self._store.users.get(turn.tenant_id, user_id)
        return user.full_name if user is not None else ""

    async def _with_result(
        self, campaign: Campaign, result: Result, search: str, offset: int
    ) -> PeoplePage:
        ledger, key = self._store.ledger, campaign.key
        if search:
            deliveries = await ledger.search(key, result, search, offset=offset, limit=PAGE)
            in_all = (await ledger.counts(key)).of(result)
        else:
            deliveries = await ledger.page(key, result, offset=offset, limit=PAGE)
            in_all = deliveries.total
        recipient_ids = [delivery.recipient_id for delivery in deliveries.items]
        personal = self._context.measured(campaign).personal
        events = await self._store.events.by_recipient(key, recipient_ids) if personal else {}
        return PeoplePage(deliveries.items, events, deliveries.total, in_all)


def _search(typed: str) -> str:
    return one_line(typed)[:SEARCH_LIMIT]
