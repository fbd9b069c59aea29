"""Writing surveys: all of them, one living card, its questions and settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from campaigns import surveys as domain
from campaigns.campaign import Campaign
from campaigns.content import Content, Format
from campaigns.errors import Invalid, NotPossible
from campaigns.surveys import BOUND, Kind, Question, Readers, Survey
from cards import actions, survey_form
from cards import surveys as cards
from cards.markdown import escape
from cards.view import Notice
from dialogs.errors import SurveyGone
from dialogs.routes import Routes
from dialogs.scene import Scene, new_id
from dialogs.survey_shelf import survey_shelf
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

GONE = Notice("This survey does not exist any more.", "warning")
MOVED_ON = Notice(
    "This survey has changed since that card was shown. Here it is as it is now.", "warning"
)
_CLASH = Notice(
    "Someone else changed this survey in the meantime. What you typed is kept below; "
    "save again to put it into the survey as it is now.",
    "warning",
)
_TOO_BIG = "With this, the survey gets too big for Teams. Shorten it, or make two surveys of it."


class Surveys:
    """Stateless: every press saves, and shows the survey as it is then."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._store = scene.store

    def routes(self) -> Routes:
        return {
            actions.OpenSurveys: self.shelf,
            actions.OpenNewSurvey: self.new,
            actions.OpenSurvey: self.open,
            actions.DescribeSurvey: self.describe,
            actions.SaveSurvey: self.save,
            actions.OpenSurveySettings: self.settings,
            actions.SaveSurveySettings: self.save_settings,
            actions.NewQuestion: self.new_question,
            actions.EditQuestion: self.edit_question,
            actions.SaveQuestion: self.save_question,
            actions.ArrangeQuestion: self.arrange,
            actions.PreviewSurvey: self.preview,
            actions.CloneSurvey: self.clone,
            actions.AskDeleteSurvey: self.ask_delete,
            actions.DeleteSurvey: self.delete,
        }

    async def shelf(
        self, turn: Turn, action: actions.OpenSurveys, notice: Notice | None = None
    ) -> Reply:
        return await survey_shelf(
            self._store,
            turn.tenant_id,
            page=action.page,
            campaign=action.campaign,
            campaign_revision=action.campaign_revision,
            notice=notice,
        )

    async def refused(self, turn: Turn, action: actions.OnSurvey, refusal: NotPossible) -> Reply:
        """The survey as it is, and why it does not allow what was asked."""
        survey = await self._find(turn, action)
        return self._one(turn, survey, action, Notice(str(refusal), "warning"))

    # --- title and introduction

    async def new(self, turn: Turn, action: actions.OpenNewSurvey) -> Reply:
        of = actions.OpenSurvey(
            survey=new_id(),
            campaign=action.campaign,
            campaign_revision=action.campaign_revision,
        )
        return show(cards.describe(of, revision=0))

    async def open(self, turn: Turn, action: actions.OpenSurvey) -> Reply:
        return self._one(turn, await self._find(turn, action), action)

    async def describe(self, turn: Turn, action: actions.DescribeSurvey) -> Reply:
        survey = await self._find(turn, action)
        domain.require_changeable(survey)
        form = cards.describe(
            action,
            revision=survey.revision,
            name=survey.name,
            introduction=survey.introduction,
            notice=_moved(survey, action),
        )
        return show(form)

    async def save(self, turn: Turn, action: actions.SaveSurvey) -> Reply:
        known = await self._store.surveys.get(turn.tenant_id, action.survey)
        revision = known.revision if known is not None else 0

        def again(**said: object) -> Reply:
            form = cards.describe(
                action,
                revision=revision,
                name=action.name,
                introduction=action.introduction,
                **said,  # type: ignore[arg-type]
            )
            return show(form)

        try:
            if known is None:
                changed = domain.create(
                    turn.tenant_id,
                    action.survey,
                    name=action.name,
                    introduction=action.introduction,
                    author_id=turn.user.id,
                    now=turn.at,
                )
            else:
                changed = domain.describe(
                    known, name=action.name, introduction=action.introduction, now=turn.at
                )
        except Invalid as error:
            return again(errors=error.errors)
        if known is None:
            if action.revision:
                return again(notice=GONE)
            try:
                return self._one(turn, await self._store.surveys.add(changed), action)
            except Conflict:
                # The same press, twice at once: the other one has made it.
                return self._one(turn, await self._find(turn, action), action)
        saved = await self._saved(known, changed, action)
        if saved is None:
            now = await self._find(turn, action)
            revision = now.revision
            return again(notice=_CLASH)
        return self._one(turn, saved, action)

    # --- questions

    async def new_question(self, turn: Turn, action: actions.NewQuestion) -> Reply:
        survey = await self._find(turn, action)
        domain.require_changeable(survey)
        question = Question(id="", kind=_kind(action.kind), text="")
        form = cards.write_question(survey, action, question, notice=_moved(survey, action))
        return show(form)

    async def edit_question(self, turn: Turn, action: actions.EditQuestion) -> Reply:
        survey = await self._find(turn, action)
        domain.require_changeable(survey)
        question = survey.question(action.question)
        if question is None:
            return self._one(turn, survey, action, MOVED_ON)
        form = cards.write_question(survey, action, question, notice=_moved(survey, action))
        return show(form)

    async def save_question(self, turn: Turn, action: actions.SaveQuestion) -> Reply:
        survey = await self._find(turn, action)
        domain.require_changeable(survey)
        known = survey.question(action.question) if action.question else None
        kind = known.kind if known is not None else _kind(action.kind)
        # One that was deleted meanwhile comes back as a new one.
        question = Question(id=known.id if known is not None else "", kind=kind, text="")
        try:
            question = _question(question, action)
            changed = domain.put(survey, question, turn.at)
            if survey_form.is_too_big(changed):
                raise Invalid("text", _TOO_BIG)
        except Invalid as error:
            form = cards.write_question(survey, action, question, typed=action, errors=error.errors)
            return show(form)
        saved = await self._saved(survey, changed, action)
        if saved is None:
            now = await self._find(turn, action)
            if _is_saved(now, changed, action):
                # The same press, twice at once: the other one has saved it.
                return self._one(turn, now, action)
            form = cards.write_question(now, action, question, typed=action, notice=_CLASH)
            return show(form)
        return self._one(turn, saved, action)

    async def arrange(self, turn: Turn, action: actions.ArrangeQuestion) -> Reply:
        change: dict[str, Callable[[Survey], Survey]] = {
            "up": lambda of: domain.move(of, action.question, -1, turn.at),
            "down": lambda of: domain.move(of, action.question, 1, turn.at),
            "duplicate": lambda of: domain.duplicate(of, action.question, turn.at),
            "delete": lambda of: domain.drop(of, action.question, turn.at),
        }
        survey = await self._find(turn, action)
        changed = change[action.what](survey)
        if survey_form.is_too_big(changed):
            raise NotPossible(_TOO_BIG)
        saved = await self._saved(survey, changed, action)
        if saved is None:
            return self._one(turn, await self._find(turn, action), action, MOVED_ON)
        return self._one(turn, saved, action)

    # --- settings

    async def settings(self, turn: Turn, action: actions.OpenSurveySettings) -> Reply:
        survey = await self._find(turn, action)
        domain.require_changeable(survey)
        zone = self._scene.zone(turn.user)
        return show(cards.settings(survey, action, zone=zone, notice=_moved(survey, action)))

    async def save_settings(self, turn: Turn, action: actions.SaveSurveySettings) -> Reply:
        survey = await self._find(turn, action)
        zone = self._scene.zone(turn.user)
        try:
            changed = domain.settle(survey, _settings(survey, action, zone), turn.at)
        except Invalid as error:
            form = cards.settings(survey, action, zone=zone, typed=action, errors=error.errors)
            return show(form)
        saved = await self._saved(survey, changed, action)
        if saved is None:
            now = await self._find(turn, action)
            return show(cards.settings(now, action, zone=zone, typed=action, notice=_CLASH))
        return self._one(turn, saved, action)

    # --- the whole survey

    async def preview(self, turn: Turn, action: actions.PreviewSurvey) -> Reply:
        survey = await self._find(turn, action)
        asking = Campaign(
            tenant_id=turn.tenant_id,
            id="preview",
            name=survey.name,
            format=Format.SURVEY,
            author_id=turn.user.id,
            created_at=turn.at,
            updated_at=turn.at,
            content=Content(survey=survey),
        )
        return show(cards.preview(survey, action, survey_form.asked(asking, survey, "preview")))

    async def clone(self, turn: Turn, action: actions.CloneSurvey) -> Reply:
        survey = await self._find(turn, action)
        clone = domain.clone(survey, action.clone, author_id=turn.user.id, now=turn.at)
        try:
            clone = await self._store.surveys.add(clone)
        except Conflict:
            # The same press before, or twice at once: the clone is there.
            found = await self._store.surveys.get(turn.tenant_id, action.clone)
            if found is None:
                raise SurveyGone from None
            clone = found
        notice = Notice(f"This is the clone of “{escape(survey.name)}”.")
        return self._one(turn, clone, action, notice)

    async def ask_delete(self, turn: Turn, action: actions.AskDeleteSurvey) -> Reply:
        return show(cards.ask_delete(await self._find(turn, action), action))

    async def delete(self, turn: Turn, action: actions.DeleteSurvey) -> Reply:
        survey = await self._find(turn, action)
        if survey.revision != action.revision:
            return self._one(turn, survey, action, MOVED_ON)
        await self._store.surveys.delete(turn.tenant_id, survey.id)
        back = actions.OpenSurveys(
            campaign=action.campaign, campaign_revision=action.campaign_revision
        )
        return await self.shelf(turn, back, Notice(f"“{escape(survey.name)}” has been deleted."))

    # --- shared

    async def _find(self, turn: Turn, action: actions.OnSurvey) -> Survey:
        survey = await self._store.surveys.get(turn.tenant_id, action.survey)
        if survey is None:
            raise SurveyGone
        return survey

    async def _saved(
        self, survey: Survey, changed: Survey, action: actions.OnSurvey
    ) -> Survey | None:
        """The saved change; None when someone else changed it since the card was shown."""
        if msgspec.structs.replace(changed, updated_at=survey.updated_at) == survey:
            return survey
        if action.revision != survey.revision:
            return None
        try:
            return await self._store.surveys.save(changed)
        except Conflict:
            return None

    def _one(
        self, turn: Turn, survey: Survey, action: actions.OnSurvey, notice: Notice | None = None
    ) -> Reply:
        zone = self._scene.zone(turn.user)
        view = cards.one_survey(survey, action, clone_id=new_id(), zone=zone, notice=notice)
        return show(view)


def _is_saved(now: Survey, changed: Survey, action: actions.SaveQuestion) -> bool:
    """Whether the survey has become what this press would have made of it."""
    return now.questions == changed.questions and now.revision == action.revision + 1


def _moved(survey: Survey, action: actions.OnSurvey) -> Notice | None:
    return MOVED_ON if survey.revision != action.revision else None


def _kind(value: str) -> Kind:
    try:
        return Kind(value)
    except ValueError:
        raise NotPossible("Choose what kind of question it is.") from None


def _question(question: Question, action: actions.SaveQuestion) -> Question:
    """The question with what the fields say. Raises Invalid."""
    return msgspec.structs.replace(
        question,
        text=action.text,
        help=action.help,
        required=action.required == cards.YES,
        choices=tuple(action.choices.splitlines()),
        other=action.other == cards.YES,
        low=_bound("low", action.low),
        high=_bound("high", action.high),
        lines=action.lines == cards.YES,
    )


def _bound(field: str, value: str) -> float | None:
    if not value.strip():
        return None
    try:
        number = float(value.strip().replace(",", "."))
    except ValueError:
        raise Invalid(field, "Type a number, or leave it empty.") from None
    if not abs(number) <= BOUND:
        raise Invalid(field, "This number is too large.")
    return number


def _settings(
    survey: Survey, action: actions.SaveSurveySettings, zone: ZoneInfo
) -> domain.Settings:
    """What the fields say. Raises Invalid."""
    remind = action.remind.strip()
    if remind and not (remind.isdecimal() and remind.isascii()):
        raise Invalid("remind", "Type a number of days, or leave it empty.")
    try:
        readers = Readers(action.readers)
    except ValueError:
        readers = survey.readers
    return domain.Settings(
        anonymous=action.anonymous == cards.YES,
        changeable=action.changeable == cards.YES,
        closes_at=_end_of(action.closes.strip(), zone),
        remind_before=int(remind or 0),
        readers=readers,
        thanks=action.thanks,
    )


def _end_of(day: str, zone: ZoneInfo) -> datetime | None:
    """The last minute of a day by the author's clock."""
    if not day:
        return None
    try:
        last = date.fromisoformat(day)
    except ValueError:
        raise Invalid("closes", "This is not a date. Write it as 2026-12-31.") from None
    if last.year > 2200:
        raise Invalid("closes", "This day is too far away.")
    return datetime.combine(last, time(23, 59), tzinfo=zone).astimezone(UTC)
