"""What a survey's responses come to: numbers, charts, and the words of those who wrote some."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from campaigns import results
from campaigns.answers import shown_number
from campaigns.campaign import Campaign
from campaigns.results import AT_LEAST, Distribution, Tally
from campaigns.surveys import REMINDERS, Kind, Question, Survey
from cards import actions
from cards import elements as ac
from cards.actions import Action
from cards.markdown import escape
from cards.size import LIMIT, size_in_bytes
from cards.survey_texts import responses, until
from cards.texts import count, people, share
from cards.view import Notice, View, button, link, on, paged, text, view

PAGE = 4
"""Questions on one card: as many charts of 25 long choices as fit into it."""

TEXTS_PAGE = 10
_TEXT_SHOWN = 500
"""Characters shown of a free text; the export has all of it."""

_BARS = 12
"""Numbers and days that get a bar each; more share one."""

_DAYS = 31

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
    state = until(None if campaign.poll.reopened else survey.closes_at, zone)
    kind = "Anonymous" if survey.anonymous else "Named"
    body.append(text(f"{kind} · {state if now_open else 'closed'}", subtle=True, small=True))
    if of.words:
        body.append(text(f"Only {escape(of.words)}: {responses(results.responses(tally))}."))
    else:
        body += _trend(days)
    body += _results(survey, tally, page, shown=shown, campaign=campaign)

    def turned(to: int) -> actions.OpenResults:
        return actions.OpenResults(**at, page=to, of_list=of.of_list, department=of.department)

    buttons = _pages(survey, page, turned) if shown else []
    buttons.append(link("Refresh", turned(page)))
    if now_open:
        buttons.append(link("Close now", actions.CloseSurvey(**at)))
        if len(campaign.poll.reminders) < REMINDERS and answered < recipients:
            buttons.append(link("Remind", actions.AskRemindToAnswer(**at)))
    else:
        buttons.append(link("Reopen", actions.ReopenSurvey(**at)))
    more: list[ac.Action] = []
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
            _of_question(number, question, tally, None, charts=charts)
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


def texts(
    campaign: Campaign,
    question: Question,
    shown: Sequence[tuple[str, str]],
    *,
    page: int,
    total: int,
    search: str,
) -> View:
    """What people wrote, a page at a time.

    :param shown: the text and who wrote it; nobody, in an anonymous survey.
    """
    at = on(campaign)
    body: list[ac.Element] = [
        ac.TextInput("search", label="Search", value=search or None, max_length=100)
    ]
    for said, who in shown:
        cut = f"{said[:_TEXT_SHOWN]}…" if len(said) > _TEXT_SHOWN else said
        items: list[ac.Element] = [text(escape(line)) for line in cut.splitlines() if line.strip()]
        items += [text(escape(who), subtle=True, small=True)] if who else []
        body.append(ac.Container(items, separator=True, spacing="small"))
    if not total:
        body.append(text("Nothing found." if search else "Nobody has written anything yet."))
    elif total > TEXTS_PAGE:
        body.append(text(paged(page, TEXTS_PAGE, total), subtle=True, small=True))

    def turned(to: int) -> actions.OpenTexts:
        return actions.OpenTexts(**at, question=question.id, search=search, page=to)

    buttons: list[ac.Action] = [
        button("Search", actions.OpenTexts(**at, question=question.id), main=True)
    ]
    if page:
        buttons.append(link("Previous", turned(page - 1)))
    if (page + 1) * TEXTS_PAGE < total:
        buttons.append(link("Next", turned(page + 1)))
    buttons.append(link("Back", actions.OpenResults(**at)))
    return view(question.text, body, above=f"Results · {escape(campaign.name)}", actions=buttons)


def ask_remind(campaign: Campaign, reminder_id: str, *, waiting: int) -> View:
    """The confirmation before those who have not answered are reminded."""
    at = on(campaign)
    left = REMINDERS - len(campaign.poll.reminders)
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


def ask_export(campaign: Campaign, *, number: int, csv: str, xlsx: str, minutes: int) -> View:
    """The links to the downloads; empty: there are none, because the bot has no public address."""
    back = link("Back to the results", actions.OpenResults(**on(campaign)))
    above = f"Results · {escape(campaign.name)}"
    if not csv:
        said = (
            "Downloads are not set up: the bot has no address that browsers can reach. Ask the "
            "people who run it to set PUBLIC_URL."
        )
        return view("Export", [text(said)], above=above, actions=[back])
    return view(
        "Export",
        [
            text(f"A table with a row for each of {responses(number)}."),
            text(
                f"The links work for {minutes} minutes. Whoever has them can download the table, "
                "so don't pass them on.",
                subtle=True,
            ),
        ],
        above=above,
        actions=[
            ac.OpenUrl("Excel workbook", url=xlsx),
            ac.OpenUrl("CSV file", url=csv),
            back,
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
        body.append(_of_question(number, question, tally, campaign))
    if len(survey.questions) > PAGE:
        of = f"Questions {paged(page, PAGE, len(survey.questions))}"
        body.append(text(of, subtle=True, small=True))
    return body


def _pages(survey: Survey, page: int, turned: Callable[[int], Action]) -> list[ac.Action]:
    buttons: list[ac.Action] = []
    if page:
        buttons.append(link("Previous questions", turned(page - 1)))
    if (page + 1) * PAGE < len(survey.questions):
        buttons.append(link("More questions", turned(page + 1)))
    return buttons


def _of_question(
    number: int,
    question: Question,
    tally: Tally,
    campaign: Campaign | None,
    *,
    charts: bool = True,
) -> ac.Element:
    of = results.distribution(tally, question)
    items: list[ac.Element] = [
        ac.TextBlock(f"{number}\\. {escape(question.text)}", weight="bolder", wrap=True),
        text(_summary(question, of), subtle=True, small=True),
    ]
    if of.answered:
        items += _chart(question, of) if charts else _said(question, of)
    if campaign is not None and results.has_texts(question):
        written = of.answered if question.kind is Kind.TEXT else of.others
        if written:
            title = f"Read {count(written, 'text', 'texts')}"
            opened = actions.OpenTexts(**on(campaign), question=question.id)
            items.append(ac.ActionSet([link(title, opened)]))
    return ac.Container(items, separator=True, spacing="medium")


def _summary(question: Question, of: Distribution) -> str:
    said = count(of.answered, "answer", "answers")
    if not of.answered:
        return said
    if question.kind is Kind.RECOMMENDATION:
        score = results.score(of)
        return (
            f"{said} · NPS **{score.value:+d}**: {count(score.promoters, 'promoter', 'promoters')},"
            f" {count(score.passives, 'passive', 'passives')},"
            f" {count(score.detractors, 'detractor', 'detractors')}"
        )
    if question.kind in (Kind.RATING, Kind.NUMBER):
        return f"{said} · average **{of.average:.2f}**"
    return said


def _bars(question: Question, of: Distribution) -> list[tuple[str, int]]:
    """What is counted, and how often."""
    match question.kind:
        case Kind.SINGLE | Kind.MULTIPLE | Kind.YES_NO:
            bars = list(zip(question.offered, of.chosen, strict=True))
            return [*bars, ("Other", of.others)] if question.other else bars
        case Kind.RATING | Kind.RECOMMENDATION:
            return [(str(mark), of.numbers.get(float(mark), 0)) for mark in question.scale]
        case Kind.NUMBER:
            return _number_bars(of.numbers)
        case Kind.DATE:
            return _day_bars(of.days)
        case Kind.TEXT:
            return []


def _number_bars(numbers: Mapping[float, int]) -> list[tuple[str, int]]:
    if len(numbers) <= _BARS:
        return [(shown_number(number), often) for number, often in numbers.items()]
    low, high = min(numbers), max(numbers)
    width = (high - low) / 10
    bars = [0] * 10
    for number, often in numbers.items():
        bars[min(9, int((number - low) / width))] += often
    return [
        (f"{low + at * width:.4g} to {low + (at + 1) * width:.4g}", often)
        for at, often in enumerate(bars)
    ]


def _day_bars(days: Mapping[str, int]) -> list[tuple[str, int]]:
    """Days; months or years, when there are too many."""
    for length in (10, 7, 4):
        bars: dict[str, int] = {}
        for day, often in days.items():
            bars[day[:length]] = bars.get(day[:length], 0) + often
        if len(bars) <= _DAYS:
            return list(bars.items())
    return list(bars.items())[-_DAYS:]


def _chart(question: Question, of: Distribution) -> list[ac.Element]:
    bars = _bars(question, of)
    if not bars:
        return []
    fallback = ac.Container(_said(question, of))
    if question.kind in (Kind.SINGLE, Kind.MULTIPLE, Kind.YES_NO):
        return [
            ac.HorizontalBarChart(
                [ac.Bar(name, often) for name, often in bars],
                display_mode="AbsoluteWithAxis",
                fallback=fallback,
            )
        ]
    return [
        ac.VerticalBarChart(
            [ac.Bar(name, often) for name, often in bars], show_bar_values=True, fallback=fallback
        )
    ]


def _said(question: Question, of: Distribution) -> list[ac.Element]:
    return [ac.TextBlock(line, wrap=True, spacing="none") for line in _lines(question, of)]


def _lines(question: Question, of: Distribution) -> list[str]:
    """The same in words, for clients without charts."""
    if question.kind is Kind.TEXT:
        return [count(of.answered, "text", "texts")] if of.answered else []
    lines = [
        f"{escape(name)}: {often:,} ({share(often, of.answered)})"
        for name, often in _bars(question, of)
    ]
    return lines if of.answered else []


def _trend(days: Mapping[date, int]) -> list[ac.Element]:
    """How many answered on each of the last days, when there is more than one."""
    if len(days) < 2:
        return []
    last = list(days.items())[-_DAYS:]
    lines: list[ac.Element] = [
        ac.TextBlock(f"{day.isoformat()}: {often:,}", wrap=True, spacing="none")
        for day, often in last
    ]
    return [
        ac.VerticalBarChart(
            [ac.Bar(f"{day.day} {day:%b}", often) for day, often in last],
            title="People who answered, by day",
            show_bar_values=True,
            fallback=ac.Container(lines),
        )
    ]
