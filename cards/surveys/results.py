"""What a survey's responses come to: how many, and a chart for each question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from campaigns.campaign import Campaign
from campaigns.surveys import results
from campaigns.surveys.results import AT_LEAST, Tally
from campaigns.surveys.state import REMINDERS
from campaigns.surveys.survey import Survey
from cards import actions
from cards import elements as ac
from cards.actions import Action
from cards.markdown import escape
from cards.size import LIMIT, size_in_bytes
from cards.survey_texts import responses, until
from cards.surveys.charts import of_question, trend
from cards.texts import count, people, share
from cards.view import Notice, View, button, link, on, paged, text, view

PAGE = 4
"""Questions on one card: as many charts of 25 long choices as fit into it."""

_AROUND = 14 * 1024
"""Bytes of a card for an admin's buttons around it."""


class Filter(msgspec.Struct, frozen=True):
    """Whose responses are counted; of everybody, when nothing is chosen."""

    of_list: str = ""
    department: str = ""
    words: str = ""
    """Of whom, for the reader."""


EVERYBODY = Filter()


def for_admins(
    campaign: Campaign,
    survey: Survey,
    tally: Tally,
    days: Mapping[date, int],
    *,
    answered: int,
    recipients: int,
    page: int,
    of: Filter,
    now_open: bool,
    zone: ZoneInfo,
    notice: Notice | None = None,
) -> View:
    """The results with all that can be done.

    :param recipients: those who have got the survey.
    :param of: whose responses ``tally`` counts.
    """
    at = on(campaign)
    shown = results.may_be_shown(tally, anonymous=survey.anonymous)
    body: list[ac.Element] = [
        text(f"**{answered:,} of {people(recipients)}** answered ({share(answered, recipients)}).")
    ]
    state = until(None if campaign.survey_state.reopened else survey.closes_at, zone)
    kind = "Anonymous" if survey.anonymous else "Named"
    body.append(text(f"{kind} · {state if now_open else 'closed'}", subtle=True, small=True))
    if of.words:
        body.append(text(f"Only {escape(of.words)}: {responses(results.responses(tally))}."))
    elif not page:
        body += trend(days)
    body += _results(survey, tally, page, shown=shown, campaign=campaign)

    def turned(to: int) -> actions.OpenResults:
        return actions.OpenResults(**at, page=to, of_list=of.of_list, department=of.department)

    buttons = _pages(survey, page, turned) if shown else []
    buttons.append(link("Refresh", turned(page)))
    if now_open:
        buttons.append(link("Close now", actions.CloseSurvey(**at)))
        if len(campaign.survey_state.reminders) < REMINDERS and answered < recipients:
            buttons.append(link("Remind", actions.AskRemindToAnswer(**at)))
    else:
        buttons.append(link("Reopen", actions.ReopenSurvey(**at)))
    more: list[ac.CardAction] = []
    if shown and results.responses(tally):
        more.append(link("Export", actions.ExportResults(**at)))
        if not of.words:
            more.append(link("Share results", actions.ShareResults(**at, shared=_shared(campaign))))
    if not survey.anonymous:
        narrowed = actions.OpenResultsFilter(**at, of_list=of.of_list, department=of.department)
        more.append(link("Filter", narrowed))
    more.append(link("Back to the report", actions.OpenReport(**at)))
    return view(
        survey.name,
        body,
        above=f"Results · {escape(campaign.name)}",
        notice=notice,
        actions=buttons,
        more=more,
    )


def for_recipients(
    survey: Survey, tally: Tally, *, shown: bool, page: int, action: actions.OpenSharedResults
) -> View:
    """The results for those who may see them."""
    elements = _results(survey, tally, page, shown=shown)
    if shown:
        elements.insert(0, text(f"{responses(results.responses(tally))} so far."))

    def turned(to: int) -> actions.OpenSharedResults:
        return msgspec.structs.replace(action, page=to)

    back = actions.OpenAnswers(campaign=action.campaign, receipt=action.receipt)
    return view(
        survey.name,
        elements,
        above="Results",
        actions=[
            *(_pages(survey, page, turned) if shown else []),
            link("Refresh", turned(page)),
            link("Back", back),
        ],
    )


def shared(survey: Survey, tally: Tally) -> str:
    """The results as the JSON of a card that can be sent: with charts, unless that is too big."""
    for charts in (True, False):
        body: list[ac.Element] = [
            ac.TextBlock(
                escape(survey.name), size="large", weight="bolder", style="heading", wrap=True
            ),
            text(f"{responses(results.responses(tally))}."),
        ]
        body += [
            of_question(number, question, tally, None, charts=charts)
            for number, question in enumerate(survey.questions, start=1)
        ]
        card = ac.AdaptiveCard(body).to_dict()
        if size_in_bytes(card) <= LIMIT - _AROUND:
            break
    return msgspec.json.encode(card).decode("utf-8", "replace")


def ask_filter(
    campaign: Campaign, lists: Sequence[tuple[str, str]], *, of_list: str, department: str
) -> View:
    """Asks whose responses are to be counted.

    :param lists: ids and names.
    """
    at = on(campaign)
    return view(
        "Whose responses?",
        [
            ac.ChoiceSet(
                "of_list",
                label="On this distribution list",
                choices=[ac.Choice("Everybody", ""), *(ac.Choice(of, id) for id, of in lists)],
                value=of_list,
                style="compact",
            ),
            ac.TextInput(
                "department",
                label="In this department",
                value=department or None,
                placeholder="As it is in the directory; empty: any",
                max_length=64,
            ),
        ],
        above=f"Results · {escape(campaign.name)}",
        actions=[
            button("Show", actions.FilterResults(**at), main=True),
            link("Back", actions.OpenResults(**at)),
        ],
    )


def ask_remind(campaign: Campaign, reminder_id: str, *, waiting: int) -> View:
    """The confirmation before those who have not answered are reminded."""
    at = on(campaign)
    left = REMINDERS - len(campaign.survey_state.reminders)
    return view(
        f"Remind {people(waiting)}?",
        [
            text("Everybody who has got the survey and has not answered gets it once more, now."),
            text(
                f"{count(left, 'reminder is', 'reminders are')} left for this survey.", subtle=True
            ),
        ],
        above=f"Results · {escape(campaign.name)}",
        actions=[
            link(
                "Yes, remind them",
                actions.RemindToAnswer(**at, reminder=reminder_id),
                main=True,
            ),
            link("Back", actions.OpenResults(**at)),
        ],
    )


def _shared(campaign: Campaign) -> str:
    """The id of the draft that shares these results: pressing twice makes one."""
    return f"{campaign.id[:50]}-results-{campaign.revision}"[:64]


def _results(
    survey: Survey, tally: Tally, page: int, *, shown: bool, campaign: Campaign | None = None
) -> list[ac.Element]:
    if not shown:
        said = f"Results of an anonymous survey are shown from {AT_LEAST} responses on."
        return [text(said, subtle=True)]
    if not results.responses(tally):
        return [text("There are no responses yet.", subtle=True)]
    first = page * PAGE
    body: list[ac.Element] = []
    for number, question in enumerate(survey.questions[first : first + PAGE], start=first + 1):
        body.append(of_question(number, question, tally, campaign))
    if len(survey.questions) > PAGE:
        of = f"Questions {paged(page, PAGE, len(survey.questions))}"
        body.append(text(of, subtle=True, small=True))
    return body


def _pages(survey: Survey, page: int, turned: Callable[[int], Action]) -> list[ac.CardAction]:
    buttons: list[ac.CardAction] = []
    if page:
        buttons.append(link("Previous questions", turned(page - 1)))
    if (page + 1) * PAGE < len(survey.questions):
        buttons.append(link("More questions", turned(page + 1)))
    return buttons
