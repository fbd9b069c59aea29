"""The settings of a survey, such as its last day and the readers of its results."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from campaigns.errors import Invalid
from campaigns.refusals.surveys import SurveyRefusal
from campaigns.surveys import survey as domain
from campaigns.surveys.survey import Readers, Survey
from cards import actions
from cards.refusals.words import errors_of
from cards.surveys.forms import YES
from cards.surveys.settings import settings
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.surveys.drafts import CLASH, SurveyDrafts, moved
from dialogs.turn import Reply, Turn, show

_DAYS = re.compile(r"[0-9]{1,3}")


class SurveySettingsDialog:
    """Shows and saves the settings."""

    def __init__(self, context: Context, drafts: SurveyDrafts) -> None:
        self._context = context
        self._drafts = drafts

    def routes(self) -> Routes:
        return {
            actions.OpenSurveySettings: self.open,
            actions.SaveSurveySettings: self.save,
        }

    async def open(self, turn: Turn, action: actions.OpenSurveySettings) -> Reply:
        survey = await self._drafts.find(turn, action)
        domain.require_unsent(survey)
        zone = self._context.zone(turn.user)
        return show(settings(survey, action, zone=zone, notice=moved(survey, action)))

    async def save(self, turn: Turn, action: actions.SaveSurveySettings) -> Reply:
        survey = await self._drafts.find(turn, action)
        zone = self._context.zone(turn.user)
        try:
            changed = domain.configure(survey, _typed(survey, action, zone), turn.at)
        except Invalid as error:
            form = settings(survey, action, zone=zone, typed=action, errors=errors_of(error))
            return show(form)
        saved = await self._drafts.saved(survey, changed, action)
        if saved is None:
            survey = await self._drafts.find(turn, action)
            return show(settings(survey, action, zone=zone, typed=action, notice=CLASH))
        return self._drafts.shown(turn, saved, action)


def _typed(
    survey: Survey, action: actions.SaveSurveySettings, zone: ZoneInfo
) -> domain.SurveySettings:
    """Returns the settings with the values of the fields. Raises Invalid."""
    remind = action.remind.strip()
    if remind and not _DAYS.fullmatch(remind):
        raise Invalid("remind", SurveyRefusal.REMINDER_NO_NUMBER)
    try:
        readers = Readers(action.readers)
    except ValueError:
        readers = survey.readers
    return domain.SurveySettings(
        anonymous=action.anonymous == YES,
        changeable=action.changeable == YES,
        closes_at=_end_of(action.closes.strip(), zone),
        remind_before=int(remind or 0),
        readers=readers,
        thanks=action.thanks,
    )


def _end_of(day: str, zone: ZoneInfo) -> datetime | None:
    """Returns the last minute of a day by the author's clock; None for no day.

    Raises Invalid.
    """
    if not day:
        return None
    try:
        last = date.fromisoformat(day)
    except ValueError:
        raise Invalid("closes", SurveyRefusal.LAST_DAY_NO_DATE) from None
    if last.year > 2200:
        raise Invalid("closes", SurveyRefusal.LAST_DAY_TOO_FAR)
    return datetime.combine(last, time(23, 59), tzinfo=zone).astimezone(UTC)
