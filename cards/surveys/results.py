"""A survey's results: the number of responses, and a chart for each question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from campaigns.campaign import Campaign
from campaigns.surveys import results
from campaigns.surveys.results import RESPONSES_AT_LEAST, Tally
from campaigns.surveys.state import REMINDERS
from campaigns.surveys.survey import Survey
from cards import actions
from cards import elements as ac
from cards.actions import Action
from cards.markdown import escape
from cards.paging import page_links, page_range
from cards.size import ADMIN_ROOM, LIMIT, size_in_bytes
from cards.survey_texts import open_until, responses
from cards.surveys.charts import question_results, trend
from cards.texts import count, people, share
from cards.view import Notice, View, button, campaign_fields, heading, link, text, view

PAGE = 4
"""Questions on one card: as many charts of 25 long choices as fit into it."""


class Filter(msgspec.Struct, frozen=True):
    """Choice of the responses that are counted; all, without a list and a department."""

    of_list: str = ""
    """The id of the distribution list whose people's responses are counted; empty for any."""
    department: str = ""
    """The department whose people's responses are counted; empty for any."""
    words: str = ""
    """The filter in words, such as the name of a list; empty for everybody."""


EVERYBODY = Filter()


def results_line(campaign: Campaign) -> str:
    """Returns the line, as Markdown, over the heading of the cards that belong to the results."""
    return f"Results · {escape(campaign.name)}"


def for_admins(
    campaign: Campaign,
    survey: Survey,
    tally: Tally,
    days: Mapping[date, int],
    *,
    answered: int,
    recipients: int,
    page: int,
    filter: Filter,
    now_open: bool,
    zone: ZoneInfo,
    notice: Notice | None = None,
) -> View:
    """Returns the results for admins, with everything that can be done with the survey.

    :param tally: the counts of the responses that ``filter`` chooses.
    :param days: the number of people who answered on each day.
    :param answered: the number of all people who have answered.
    :param recipients: the number of people who have got the survey.
    :param now_open: True when the survey can be answered now.
    """
    fields = campaign_fields(campaign)
    shown = results.may_be_shown(tally, anonymous=survey.anonymous)
    body: list[ac.Element] = [
        text(f"**{answered:,} of {people(recipients)}** answered ({share(answered, recipients)}).")
    ]
    state = open_until(None if campaign.survey_state.reopened else survey.closes_at, zone)
    kind = "Anonymous" if survey.anonymous else "Named"
    body.append(text(f"{kind} · {state if now_open else 'closed'}", subtle=True, small=True))
    if filter.words:
        body.append(text(f"Only {escape(filter.words)}: {responses(results.responses(tally))}."))
    elif not page:
        body += trend(days)
    body += _results(survey, tally, page, shown=shown, campaign=campaign)

    def turn_to(number: int) -> Action:
        return actions.OpenResults(
            **fields, page=number, of_list=filter.of_list, department=filter.department
        )

    buttons = _page_links(survey, page, turn_to) if shown else []
    buttons.append(link("Refresh", turn_to(page)))
    if now_open:
        buttons.append(link("Close now", actions.CloseSurvey(**fields)))
        if len(campaign.survey_state.reminders) < REMINDERS and answered < recipients:
            buttons.append(link("Remind", actions.AskRemindToAnswer(**fields)))
    else:
        buttons.append(link("Reopen", actions.ReopenSurvey(**fields)))
    more: list[ac.CardAction] = []
    if shown and results.responses(tally):
        more.append(link("Export", actions.ExportResults(**fields)))
        if not filter.words:
            more.append(
                link("Share results", actions.ShareResults(**fields, shared=_draft_id(campaign)))
            )
    if not survey.anonymous:
        narrowed = actions.OpenResultsFilter(
            **fields, of_list=filter.of_list, department=filter.department
        )
        more.append(link("Filter", narrowed))
    more.append(link("Back to the report", actions.OpenReport(**fields)))
    return view(
        survey.name,
        body,
        above=results_line(campaign),
        notice=notice,
        actions=buttons,
        more=more,
    )


def for_recipients(
    survey: Survey, tally: Tally, *, shown: bool, page: int, action: actions.OpenSharedResults
) -> View:
    """Returns the results for recipients who may see them.

    :param shown: True when there are enough responses to show results.
    """
    elements = _results(survey, tally, page, shown=shown)
    if shown:
        elements.insert(0, text(f"{responses(results.responses(tally))} so far."))

    def turn_to(number: int) -> Action:
        return msgspec.structs.replace(action, page=number)

    back = actions.OpenAnswers(campaign=action.campaign, receipt=action.receipt)
    return view(
        survey.name,
        elements,
        above="Results",
        actions=[
            *(_page_links(survey, page, turn_to) if shown else []),
            link("Refresh", turn_to(page)),
            link("Back", back),
        ],
    )


def shared(survey: Survey, tally: Tally) -> str:
    """Returns the JSON of a card with the results, for a campaign that shares them.

    It has charts, unless that makes it too big.
    """
    for charts in (True, False):
        body: list[ac.Element] = [
            heading(escape(survey.name)),
            text(f"{responses(results.responses(tally))}."),
        ]
        body += [
            question_results(number, question, tally, None, charts=charts)
            for number, question in enumerate(survey.questions, start=1)
        ]
        card = ac.AdaptiveCard(body).to_dict()
        if size_in_bytes(card) <= LIMIT - ADMIN_ROOM:
            break
    return msgspec.json.encode(card).decode("utf-8", "replace")


def ask_filter(
    campaign: Campaign, lists: Sequence[tuple[str, str]], *, of_list: str, department: str
) -> View:
    """Returns the form that asks whose responses are counted.

    :param lists: the ids and names of the distribution lists to choose from.
    """
    fields = campaign_fields(campaign)
    return view(
        "Whose responses?",
        [
            ac.ChoiceSet(
                "of_list",
                label="On this distribution list",
                choices=[ac.Choice("Everybody", ""), *(ac.Choice(name, id) for id, name in lists)],
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
        above=results_line(campaign),
        actions=[
            button("Show", actions.FilterResults(**fields), main=True),
            link("Back", actions.OpenResults(**fields)),
        ],
    )


def ask_remind(campaign: Campaign, reminder_id: str, *, waiting: int) -> View:
    """Returns the confirmation before people who have not answered are reminded.

    :param waiting: the number of people who have not answered.
    """
    fields = campaign_fields(campaign)
    left = REMINDERS - len(campaign.survey_state.reminders)
    return view(
        f"Remind {people(waiting)}?",
        [
            text("Everybody who has got the survey and has not answered gets it once more, now."),
            text(
                f"{count(left, 'reminder is', 'reminders are')} left for this survey.", subtle=True
            ),
        ],
        above=results_line(campaign),
        actions=[
            link(
                "Yes, remind them",
                actions.RemindToAnswer(**fields, reminder=reminder_id),
                main=True,
            ),
            link("Back", actions.OpenResults(**fields)),
        ],
    )


def _draft_id(campaign: Campaign) -> str:
    """Returns the id of the draft that shares these results, so pressing twice makes only one."""
    return f"{campaign.id[:50]}-results-{campaign.revision}"[:64]


def _results(
    survey: Survey, tally: Tally, page: int, *, shown: bool, campaign: Campaign | None = None
) -> list[ac.Element]:
    if not shown:
        least = responses(RESPONSES_AT_LEAST)
        return [text(f"Results of an anonymous survey are shown from {least} on.", subtle=True)]
    if not results.responses(tally):
        return [text("There are no responses yet.", subtle=True)]
    first = page * PAGE
    body: list[ac.Element] = []
    for number, question in enumerate(survey.questions[first : first + PAGE], start=first + 1):
        body.append(question_results(number, question, tally, campaign))
    if len(survey.questions) > PAGE:
        which = f"Questions {page_range(page, PAGE, len(survey.questions))}"
        body.append(text(which, subtle=True, small=True))
    return body


def _page_links(survey: Survey, page: int, turn_to: Callable[[int], Action]) -> list[ac.CardAction]:
    number = len(survey.questions)
    return page_links(
        page, PAGE, number, turn_to, previous="Previous questions", following="More questions"
    )
