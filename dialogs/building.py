"""Builds all dialogs and the router that leads to them. A new feature adds its dialog here."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.seal import Seal
from cards.message.personal import Renderer
from cards.reports.measured import Measuring
from delivery.engine import Engine
from delivery.people.contacts import Contacts
from delivery.people.entra import DirectorySweep
from dialogs.authoring.basics import BasicsDialog
from dialogs.authoring.choose_survey import ChooseSurveyDialog
from dialogs.authoring.composing import ComposeDialog
from dialogs.authoring.content_steps import ContentSteps
from dialogs.authoring.drafts import Drafts
from dialogs.authoring.recipients import RecipientsDialog
from dialogs.authoring.templates import TemplatesDialog
from dialogs.authoring.writing import Pictures, WriteDialog
from dialogs.campaigns.control import ControlDialog
from dialogs.campaigns.followup import FollowUpDialog
from dialogs.campaigns.schedule.later import SendLaterDialog
from dialogs.campaigns.schedule.over_days import SendOverDaysDialog
from dialogs.campaigns.schedule.repeat import RepeatDialog
from dialogs.campaigns.schedule.scheduling import Scheduling
from dialogs.campaigns.schedule.unschedule import UnscheduleDialog
from dialogs.campaigns.sending import SendDialog
from dialogs.campaigns.shelf import CampaignsDialog
from dialogs.campaigns.trying import TryDialog
from dialogs.context import Context
from dialogs.home import HomeDialog
from dialogs.lists import ListsDialog
from dialogs.reports.acknowledging import AcknowledgeDialog
from dialogs.reports.report import ReportDialog
from dialogs.router import Router
from dialogs.surveys.answering import AnswerDialog
from dialogs.surveys.author import SurveysDialog
from dialogs.surveys.drafts import SurveyDrafts
from dialogs.surveys.free_texts import FreeTextsDialog
from dialogs.surveys.questions import SurveyQuestionsDialog
from dialogs.surveys.results import SurveyResultsDialog
from dialogs.surveys.sent import SentSurveys
from dialogs.surveys.settings import SurveySettingsDialog
from dialogs.surveys.sharing import ShareResultsDialog
from storage.base import Store


def build_dialogs(
    *,
    store: Store,
    engine: Engine,
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
    composing = ComposeDialog(context, drafts, steps)
    templates = TemplatesDialog(context)
    sending = SendDialog(context, engine)
    scheduling = Scheduling(context, engine, sending)

    acknowledging = AcknowledgeDialog(context, renderer)

    survey_drafts = SurveyDrafts(context)
    surveys = SurveysDialog(context, survey_drafts)
    sent_surveys = SentSurveys(context)
    answering = AnswerDialog(context)

    return Router(
        engine,
        contacts,
        routes=[
            home.routes(),
            lists.routes(),
            # Writing a campaign.
            BasicsDialog(context, drafts, steps).routes(),
            WriteDialog(context, drafts, steps, pictures).routes(),
            ChooseSurveyDialog(context, drafts, steps).routes(),
            RecipientsDialog(context, drafts, steps).routes(),
            composing.routes(),
            templates.routes(),
            # Sending it, and everything after that.
            campaigns.routes(),
            TryDialog(context, engine, contacts).routes(),
            sending.routes(),
            SendLaterDialog(context, scheduling).routes(),
            SendOverDaysDialog(context, scheduling).routes(),
            RepeatDialog(context, scheduling).routes(),
            UnscheduleDialog(context, engine, steps).routes(),
            ControlDialog(context, engine).routes(),
            FollowUpDialog(context, engine, steps).routes(),
            ReportDialog(context, seal, public_url).routes(),
            acknowledging.routes(),
            # Surveys.
            surveys.routes(),
            SurveyQuestionsDialog(survey_drafts).routes(),
            SurveySettingsDialog(context, survey_drafts).routes(),
            SurveyResultsDialog(context, sent_surveys, engine.reminders).routes(),
            FreeTextsDialog(context, sent_surveys).routes(),
            ShareResultsDialog(context, sent_surveys, seal, public_url).routes(),
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
