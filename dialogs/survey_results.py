"""What comes of a survey that was sent: its results, its end, reminders, export, sharing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec

from campaigns import drafting, results, surveys
from campaigns.answers import Response
from campaigns.campaign import Campaign
from campaigns.content import Content, Format
from campaigns.errors import NotPossible
from campaigns.results import Tally
from campaigns.seal import Download, Seal
from campaigns.surveys import Poll, Survey, is_open
from campaigns.typed import one_line
from cards import actions, survey_results
from cards.markdown import escape
from cards.survey_export import MINUTES
from cards.survey_results import EVERYBODY, PAGE, TEXTS_PAGE, Filter
from cards.view import Notice
from delivery.changes import change
from delivery.reminders import Reminders, require_remindable
from dialogs.routes import Routes
from dialogs.scene import Scene
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

_LISTS = 200
"""Distribution lists offered to filter by."""


class SurveyResults:
    """:param public_url: where browsers reach this bot; empty: nowhere."""

    def __init__(self, scene: Scene, reminders: Reminders, seal: Seal, public_url: str) -> None:
        self._scene = scene
        self._store = scene.store
        self._reminders = reminders
        self._seal = seal
        self._public_url = public_url

    def routes(self) -> Routes:
        return {
            actions.OpenResults: self.open,
            actions.OpenResultsFilter: self.ask_filter,
            actions.FilterResults: self.filter,
            actions.OpenTexts: self.texts,
            actions.CloseSurvey: self.close,
            actions.ReopenSurvey: self.reopen,
            actions.AskRemindToAnswer: self.ask_remind,
            actions.RemindToAnswer: self.remind,
            actions.ExportResults: self.export,
            actions.ShareResults: self.share,
        }

    async def open(self, turn: Turn, action: actions.OpenResults) -> Reply:
        campaign, survey = await self._asked(turn, action)
        of = EVERYBODY if survey.anonymous else await self._filter(turn, action)
        return await self._results(turn, campaign, survey, page=action.page, of=of)

    async def ask_filter(self, turn: Turn, action: actions.OpenResultsFilter) -> Reply:
        campaign, survey = await self._asked(turn, action)
        _require_named(survey)
        found = await self._store.lists.page(turn.tenant_id, offset=0, limit=_LISTS)
        view = survey_results.ask_filter(
            campaign,
            [(of.id, of.name) for of in found.items],
            of_list=action.of_list,
            department=action.department,
        )
        return show(view)

    async def filter(self, turn: Turn, action: actions.FilterResults) -> Reply:
        campaign, survey = await self._asked(turn, action)
        _require_named(survey)
        narrowed = actions.OpenResults(
            campaign=campaign.id,
            revision=campaign.revision,
            of_list=action.of_list,
            department=action.department,
        )
        of = await self._filter(turn, narrowed)
        return await self._results(turn, campaign, survey, of=of)

    async def texts(self, turn: Turn, action: actions.OpenTexts) -> Reply:
        campaign, survey = await self._asked(turn, action)
        question = survey.question(action.question)
        tally = await self._store.responses.tally(campaign.key)
        shown = results.may_be_shown(tally, anonymous=survey.anonymous)
        if question is None or not results.has_texts(question) or not shown:
            return await self._results(turn, campaign, survey)
        search = one_line(action.search)[:100]
        wanted = search.casefold()
        found: list[tuple[str, str]] = []
        async for chunk in self._store.responses.rows(campaign.key):
            for response in chunk:
                said = results.said(question, response.answers.get(question.id))
                if said and wanted in said.casefold():
                    found.append((response.id, said))
        page = min(action.page, max(0, (len(found) - 1) // TEXTS_PAGE))
        part = found[page * TEXTS_PAGE : (page + 1) * TEXTS_PAGE]
        who = (
            {}
            if survey.anonymous
            else await self._store.ledger.get_many(campaign.key, [of for of, _ in part])
        )
        view = survey_results.texts(
            campaign,
            question,
            [(said, who[of].name if of in who else "") for of, said in part],
            page=page,
            total=len(found),
            search=search,
        )
        return show(view)

    # --- its end

    async def close(self, turn: Turn, action: actions.CloseSurvey) -> Reply:
        said = Notice("The survey is closed. Nobody can answer it any more.")
        return await self._turned(turn, action, surveys.closed, said)

    async def reopen(self, turn: Turn, action: actions.ReopenSurvey) -> Reply:
        said = Notice("The survey is open again, until you close it.")
        return await self._turned(turn, action, surveys.reopened, said)

    async def _turned(
        self,
        turn: Turn,
        action: actions.OnCampaign,
        to: Callable[[Poll], Poll],
        said: Notice,
    ) -> Reply:
        campaign, survey = await self._asked(turn, action)
        changed = await change(
            self._store.campaigns,
            campaign.key,
            lambda of: msgspec.structs.replace(of, poll=to(of.poll)),
        )
        return await self._results(turn, changed or campaign, survey, notice=said)

    # --- reminders

    async def ask_remind(self, turn: Turn, action: actions.AskRemindToAnswer) -> Reply:
        campaign, survey = await self._asked(turn, action)
        require_remindable(campaign, turn.at)
        answered, recipients = await self._numbers(campaign)
        waiting = recipients - answered
        if waiting <= 0:
            nobody = Notice("Everybody who has got the survey has answered.")
            return await self._results(turn, campaign, survey, notice=nobody)
        number = str(len(campaign.poll.reminders) + 1)
        return show(survey_results.ask_remind(campaign, number, waiting=waiting))

    async def remind(self, turn: Turn, action: actions.RemindToAnswer) -> Reply:
        campaign, survey = await self._asked(turn, action)
        given = len(campaign.poll.reminders)
        if not action.reminder.isdecimal() or int(action.reminder) != given + 1:
            # Pressed twice, or by two: it has been sent once.
            return await self._results(turn, campaign, survey)
        reminder = await self._reminders.remind(campaign, given + 1, sender_id=turn.user.id)
        notice = Notice(f"“{escape(reminder.name)}” is being sent; it has a report of its own.")
        now = await self._store.campaigns.get(campaign.key)
        return await self._results(turn, now or campaign, survey, notice=notice)

    # --- taking results elsewhere

    async def export(self, turn: Turn, action: actions.ExportResults) -> Reply:
        campaign, survey = await self._asked(turn, action)
        tally = await self._store.responses.tally(campaign.key)
        if not results.may_be_shown(tally, anonymous=survey.anonymous):
            return await self._results(turn, campaign, survey)
        view = survey_results.ask_export(
            campaign,
            number=results.responses(tally),
            csv=self._link(turn, campaign, "csv"),
            xlsx=self._link(turn, campaign, "xlsx"),
            minutes=MINUTES,
        )
        return show(view)

    async def share(self, turn: Turn, action: actions.ShareResults) -> Reply:
        campaign, survey = await self._asked(turn, action)
        tally = await self._store.responses.tally(campaign.key)
        if not results.may_be_shown(tally, anonymous=survey.anonymous):
            return await self._results(turn, campaign, survey)
        draft = drafting.draft(
            turn.tenant_id,
            action.shared,
            name=f"Results: {survey.name}"[: drafting.NAME_LIMIT],
            format=Format.CARD,
            author_id=turn.user.id,
            now=turn.at,
        )
        content = Content(
            notification=f"Results: {survey.name}",
            card=survey_results.shared(survey, tally),
            pasted=True,
        )
        draft = msgspec.structs.replace(draft, content=content, audience=campaign.audience)
        try:
            draft = await self._store.campaigns.add(draft)
        except Conflict:
            # The same press before, or twice at once: the draft is there.
            draft = await self._store.campaigns.get(draft.key) or draft
        notice = Notice("These are the results as they are now. Look at them, then send them.")
        return await self._scene.present(turn, draft, notice)

    def _link(self, turn: Turn, campaign: Campaign, kind: str) -> str:
        if not self._public_url:
            return ""
        of = Download(
            tenant_id=campaign.tenant_id,
            campaign_id=campaign.id,
            kind=kind,
            time_zone=self._scene.zone(turn.user).key,
            until=turn.at + timedelta(minutes=MINUTES),
            subject="survey",
        )
        return f"{self._public_url}/x/{self._seal.download(of)}"

    # --- shared

    async def _asked(self, turn: Turn, action: actions.OnCampaign) -> tuple[Campaign, Survey]:
        """The campaign that the answers are kept with, and its survey. Raises NotPossible."""
        campaign = await self._scene.find(turn, action)
        survey = campaign.survey
        if survey is None or not campaign.status.has_started or campaign.original_key is not None:
            raise NotPossible("This campaign has no results: it has not asked a survey yet.")
        return campaign, survey

    async def _results(
        self,
        turn: Turn,
        campaign: Campaign,
        survey: Survey,
        *,
        page: int = 0,
        of: Filter = EVERYBODY,
        notice: Notice | None = None,
    ) -> Reply:
        answered, recipients = await self._numbers(campaign)
        view = survey_results.for_admins(
            campaign,
            survey,
            await self._tally(turn, campaign, of),
            await self._store.responses.days(campaign.key),
            answered=answered,
            recipients=recipients,
            page=min(page, max(0, (len(survey.questions) - 1) // PAGE)),
            of=of,
            now_open=is_open(survey, campaign.poll, turn.at),
            zone=self._scene.zone(turn.user),
            notice=notice,
        )
        return show(view)

    async def _numbers(self, campaign: Campaign) -> tuple[int, int]:
        """How many have answered, and how many have got it."""
        answered = sum((await self._store.responses.days(campaign.key)).values())
        counts = await self._store.ledger.counts(campaign.key)
        return answered, max(answered, counts.success + counts.in_doubt)

    async def _tally(self, turn: Turn, campaign: Campaign, of: Filter) -> Tally:
        if not of.words:
            return await self._store.responses.tally(campaign.key)
        on_list: frozenset[str] | None = None
        if of.of_list:
            found = await self._store.lists.get(turn.tenant_id, of.of_list)
            addresses = found.addresses if found is not None else ()
            users = await self._store.users.by_emails(turn.tenant_id, addresses)
            on_list = frozenset(user.id for user in users.values())
        counted: list[Response] = []
        async for chunk in self._store.responses.rows(campaign.key):
            among = [one for one in chunk if on_list is None or one.id in on_list]
            if of.department and among:
                known = await self._store.users.get_many(turn.tenant_id, [one.id for one in among])
                wanted = of.department.casefold()
                among = [
                    one
                    for one in among
                    if one.id in known and known[one.id].details.department.casefold() == wanted
                ]
            counted += among
        return results.tally(one.answers for one in counted)

    async def _filter(self, turn: Turn, action: actions.OpenResults) -> Filter:
        words = []
        of_list = ""
        found = None
        if action.of_list and len(action.of_list) <= 64:
            found = await self._store.lists.get(turn.tenant_id, action.of_list)
        if found is not None:
            of_list = found.id
            words.append(f"people on “{found.name}”")
        department = one_line(action.department)[:64]
        if department:
            words.append(f"the department {department}")
        return Filter(of_list=of_list, department=department, words=", ".join(words))


def _require_named(survey: Survey) -> None:
    if survey.anonymous:
        raise NotPossible("An anonymous survey can't be filtered: nobody knows whose is whose.")
