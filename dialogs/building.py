"""Builds all dialogs and the router that leads to them. A new feature adds its dialog here."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.seal import Seal
from cards.message.personal import Renderer
from cards.reports.measured import Measuring
from delivery.engine import Engine
from delivery.people.contacts import Contacts
from delivery.people.entra import DirectorySweep
from delivery.starting.reminders import Reminders
from dialogs.authoring.choose_survey import SurveyChoosing
from dialogs.authoring.composing import Composing
from dialogs.authoring.content_steps import ContentSteps
from dialogs.authoring.drafts import Drafts
from dialogs.authoring.ends import Authoring
from dialogs.authoring.templates import TemplatesDialog
from dialogs.authoring.writing import Pictures, Writing
from dialogs.campaigns.followup import FollowUpDialog
from dialogs.campaigns.schedule import ScheduleDialog
from dialogs.campaigns.sending import SendDialog
from dialogs.campaigns.shelf import CampaignsDialog
from dialogs.context import Context
from dialogs.home import HomeDialog
from dialogs.lists import ListsDialog
from dialogs.reports.acknowledging import Acknowledging
from dialogs.reports.report import Reports
from dialogs.router import Router
from dialogs.surveys.answering import Answering
from dialogs.surveys.author import SurveysDialog
from dialogs.surveys.drafts import SurveyDrafts
from dialogs.surveys.free_texts import SurveyAnswers
from dialogs.surveys.questions import SurveyQuestions
from dialogs.surveys.results import SurveyResults
from dialogs.surveys.settings import SurveySettingsDialog
from storage.base import Store


def build_dialogs(
    *,
    store: Store,
    engine: Engine,
    reminders: Reminders,
    contacts: Contacts,
    sweep: DirectorySweep,
    pictures: Pictures,
    renderer: Renderer,
    measured: Measuring,
    seal: Seal,
    public_url: str,
    time_zone: ZoneInfo,
    rate_per_second: float,
    schedule_days_ahead: int,
) -> Router:
    """Returns the router with all dialogs registered."""
    context = Context(
        store, time_zone, measured, rate=rate_per_second, days_ahead=schedule_days_ahead
    )
    home = HomeDialog(context)
    campaigns = CampaignsDialog(context)
    lists = ListsDialog(context)

    drafts = Drafts(context)
    steps = ContentSteps(sweep.knows)
    composing = Composing(context, drafts, steps)
    templates = TemplatesDialog(context)
    sending = SendDialog(context, engine, contacts)

    acknowledging = Acknowledging(context, renderer)

    survey_drafts = SurveyDrafts(context)
    surveys = SurveysDialog(context, survey_drafts)
    survey_results = SurveyResults(context, reminders)
    answering = Answering(context)

    return Router(
        engine,
        contacts,
        routes=[
            home.routes(),
            lists.routes(),
            # Writing a campaign.
            Authoring(context, drafts, steps).routes(),
            Writing(context, drafts, steps, pictures).routes(),
            SurveyChoosing(context, drafts, steps).routes(),
            composing.routes(),
            templates.routes(),
            # Sending it, and what can be done with it then.
            campaigns.routes(),
            sending.routes(),
            ScheduleDialog(context, engine, sending, steps).routes(),
            FollowUpDialog(context, engine, steps).routes(),
            Reports(context, seal, public_url).routes(),
            acknowledging.routes(),
            # Surveys.
            surveys.routes(),
            SurveyQuestions(survey_drafts).routes(),
            SurveySettingsDialog(context, survey_drafts).routes(),
            survey_results.routes(),
            SurveyAnswers(context, survey_results, seal, public_url).routes(),
        ],
        for_everyone=[acknowledging.for_everyone(), answering.for_everyone()],
        openers=[
            home.openers(),
            campaigns.openers(),
            lists.openers(),
            surveys.openers(),
            templates.openers(),
        ],
        refusals=[campaigns.refusals(), surveys.refusals()],
        listeners=[composing.typed],
        listeners_for_everyone=[answering.typed],
    )
