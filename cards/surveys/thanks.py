"""The cards that replace a survey's questions: the thank-you, the end of the survey, a refusal."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.surveys.answers import Answers, in_words
from campaigns.surveys.questions import Question
from campaigns.surveys.survey import THANKS, Survey
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.message.survey import answer_fields, title
from cards.survey_texts import ANONYMOUS, NAMED
from cards.view import View, link, text, view


def thanks(
    campaign: Campaign,
    survey: Survey,
    receipt: str,
    answers: Answers | None,
    *,
    is_open: bool,
    sees_results: bool,
    note: str = "",
) -> View:
    """Returns the thank-you, which a person sees after answering.

    :param receipt: the receipt of an anonymous response.
    :param answers: this person's answers; None when the bot can't tell which they are.
    :param is_open: True when the survey can still be answered.
    :param sees_results: True when this person may see the results.
    :param note: a sentence to add; empty for none.
    """
    fields = answer_fields(campaign, receipt)
    body: list[ac.Element] = [
        ac.Container(
            [
                ac.TextBlock(f"✓ {escape(line)}" if number == 0 else escape(line), wrap=True)
                for number, line in enumerate((survey.thanks or THANKS).splitlines())
            ],
            style="good",
            bleed=True,
        ),
        title(survey),
    ]
    body += [text(note)] if note else []
    if answers is not None:
        body.append(text("Your answers:", subtle=True, small=True))
        body += [_answered(question, answers) for question in survey.questions]
    buttons: list[ac.CardAction] = []
    if is_open and survey.changeable and answers is not None:
        buttons.append(link("Change my answers", actions.OpenAnswers(**fields, change=True)))
    if sees_results:
        buttons.append(link("Results", actions.OpenSharedResults(**fields)))
    if buttons:
        body.append(ac.ActionSet(buttons, spacing="medium"))
    body.append(text(ANONYMOUS if survey.anonymous else NAMED, subtle=True, small=True))
    return View(survey.name, ac.AdaptiveCard(body).to_dict())


def over(
    campaign: Campaign,
    survey: Survey,
    receipt: str,
    answers: Answers | None,
    *,
    sees_results: bool,
    unsent: bool,
) -> View:
    """Returns the card of a survey that is over.

    :param answers: the answers that this person gave in time; None when there are none, or the bot
        can't tell which they are.
    :param unsent: True when the person has just sent answers, which came too late.
    """
    if unsent:
        sentence = "This survey is over, so what you answered now has not been kept."
    else:
        sentence = "This survey is over."
    body: list[ac.Element] = [title(survey), text(sentence)]
    if answers is not None:
        body.append(text("What you answered before counts:", subtle=True, small=True))
        body += [_answered(question, answers) for question in survey.questions]
    if sees_results:
        shown = actions.OpenSharedResults(**answer_fields(campaign, receipt))
        body.append(ac.ActionSet([link("Results", shown)], spacing="medium"))
    return View(survey.name, ac.AdaptiveCard(body).to_dict())


def refused(reason: str) -> View:
    """Returns the card that says why the answers were not kept."""
    return view("Survey", [text(reason)])


def _answered(question: Question, answers: Answers) -> ac.Element:
    answer = answers.get(question.id)
    words = in_words(question, answer) if answer is not None else ""
    lines = [escape(line) for line in words.splitlines() if line.strip()]
    return ac.Container(
        [
            ac.TextBlock(escape(question.text), weight="bolder", wrap=True),
            *(ac.TextBlock(line, wrap=True, spacing="none") for line in lines or ["*No answer*"]),
        ],
        spacing="small",
    )
