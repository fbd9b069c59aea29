"""The card with all surveys of a tenant, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.surveys.survey import Survey
from cards import actions
from cards import elements as ac
from cards.actions import Action
from cards.markdown import escape
from cards.paging import page_line, page_links
from cards.survey_texts import questions
from cards.surveys.forms import SurveyFields
from cards.view import Notice, View, link, list_row, small_line, text, view

PAGE = 6
"""Surveys on a page."""


def surveys(
    shown: Sequence[Survey],
    *,
    page: int,
    total: int,
    campaign: str = "",
    campaign_revision: int = 0,
    notice: Notice | None = None,
) -> View:
    """Returns one page of the tenant's surveys, by name.

    :param campaign: the id of the campaign for which a survey is chosen; empty for none.
    """
    body: list[ac.Element] = [_row(survey, campaign, campaign_revision) for survey in shown]
    if not total:
        none = "There are no surveys yet. Make one, and send it with a campaign."
        body.append(text(none, subtle=True))

    def turn_to(number: int) -> Action:
        return actions.OpenSurveys(
            page=number, campaign=campaign, campaign_revision=campaign_revision
        )

    new = actions.OpenNewSurvey(campaign=campaign, campaign_revision=campaign_revision)
    back: Action = actions.OpenHome()
    if campaign:
        back = actions.OpenContent(campaign=campaign, revision=campaign_revision)
    return view(
        "Choose a survey" if campaign else "Surveys",
        [*body, *page_line(page, PAGE, total)],
        notice=notice,
        actions=[
            *page_links(page, PAGE, total, turn_to),
            link("New survey", new, main=not total),
            link("Back", back),
        ],
    )


def _row(survey: Survey, campaign: str, campaign_revision: int) -> ac.Element:
    facts = [questions(len(survey.questions)), "anonymous" if survey.anonymous else "named"]
    facts += ["sent"] if survey.used else []
    fields = SurveyFields(
        survey=survey.id,
        revision=survey.revision,
        campaign=campaign,
        campaign_revision=campaign_revision,
    )
    buttons: list[ac.CardAction] = []
    if campaign and survey.questions:
        use = actions.UseSurvey(campaign=campaign, revision=campaign_revision, survey=survey.id)
        buttons.append(link("Use", use, main=True, tooltip=f"Use {survey.name}"))
    buttons.append(link("Open", actions.OpenSurvey(**fields), tooltip=f"Open {survey.name}"))
    return list_row(escape(survey.name), [small_line(" · ".join(facts))], buttons)
