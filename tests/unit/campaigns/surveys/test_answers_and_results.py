"""Answers that are taken or refused, and the results they add up to."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.errors import Invalid, Refusal
from campaigns.refusals.surveys import AnswerRefusal, AnswersTooLong, MarkOutside, NumberOutside
from campaigns.refusals.text import TextField, TooLong
from campaigns.surveys import answers, results
from campaigns.surveys.answers import Answer, Unasked
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

QUESTIONS = {
    "one": Question(
        id="one", kind=QuestionKind.SINGLE, text="?", choices=("A", "B", "C"), other=True
    ),
    "some": Question(
        id="some", kind=QuestionKind.MULTIPLE, text="?", choices=("A", "B"), other=True
    ),
    "plain": Question(id="plain", kind=QuestionKind.SINGLE, text="?", choices=("A", "B")),
    "yes": Question(id="yes", kind=QuestionKind.YES_NO, text="?"),
    "mark": Question(id="mark", kind=QuestionKind.RATING, text="?"),
    "nps": Question(id="nps", kind=QuestionKind.RECOMMENDATION, text="?"),
    "number": Question(id="number", kind=QuestionKind.NUMBER, text="?", low=-1.5, high=10),
    "day": Question(id="day", kind=QuestionKind.DATE, text="?"),
    "line": Question(id="line", kind=QuestionKind.TEXT, text="?"),
    "text": Question(id="text", kind=QuestionKind.TEXT, text="?", lines=True),
}


def asking(*questions: Question) -> Survey:
    return Survey(
        tenant_id="t",
        id="s",
        name="Asked",
        author_id="a",
        created_at=NOW,
        updated_at=NOW,
        questions=questions,
    )


def read(name: str, value: object, other: object = None) -> Answer | None:
    fields = {f"a_{name}": value, f"o_{name}": other}
    return answers.read(asking(QUESTIONS[name]), fields).get(name)


@pytest.mark.parametrize(
    ("name", "value", "other", "answer"),
    [
        ("one", "2", None, Answer(choices=(2,))),
        ("one", "other", " my own ", Answer(other="my own")),
        ("one", "", "typed without choosing", Answer(other="typed without choosing")),
        ("one", "1", "left over", Answer(choices=(1,))),
        ("some", "1,0", None, Answer(choices=(0, 1))),
        ("some", "0,other", "é 😀", Answer(choices=(0,), other="é 😀")),
        ("some", "0", "typed without ticking", Answer(choices=(0,), other="typed without ticking")),
        ("yes", "1", None, Answer(choices=(1,))),
        ("mark", "5", None, Answer(number=5)),
        ("nps", 0, None, Answer(number=0)),
        ("number", "-1,5", None, Answer(number=-1.5)),
        ("number", 10, None, Answer(number=10)),
        ("day", "2024-02-29", None, Answer(day="2024-02-29")),
        ("line", "=cmd() <b>x</b>", None, Answer(text="=cmd() <b>x</b>")),
        ("text", "two\nlines", None, Answer(text="two\nlines")),
        ("text", "  \n ", None, None),
        ("number", "", None, None),
        ("some", None, None, None),
    ],
)
def test_what_a_card_gives_is_taken(
    name: str, value: object, other: object, answer: Answer | None
) -> None:
    assert read(name, value, other) == answer


@pytest.mark.parametrize(
    ("name", "value", "other", "why"),
    [
        ("one", "other", "  ", AnswerRefusal.OTHER_NOT_SAID),
        ("mark", "0", None, MarkOutside(1, 5)),
        ("mark", "6", None, MarkOutside(1, 5)),
        ("mark", "4.5", None, MarkOutside(1, 5)),
        ("nps", "11", None, MarkOutside(0, 10)),
        ("nps", "-1", None, MarkOutside(0, 10)),
        ("number", "many", None, AnswerRefusal.NOT_A_NUMBER),
        ("number", "nan", None, AnswerRefusal.NOT_A_NUMBER),
        ("number", "1e9", None, AnswerRefusal.NOT_A_NUMBER),
        ("number", "٣", None, AnswerRefusal.NOT_A_NUMBER),
        ("number", "-2", None, NumberOutside(-1.5, 10)),
        ("number", "10.1", None, NumberOutside(-1.5, 10)),
        ("day", "2026-02-30", None, AnswerRefusal.NOT_A_DATE),
        ("day", "tomorrow", None, AnswerRefusal.NOT_A_DATE),
        ("day", "9" * 100_000, None, AnswerRefusal.NOT_A_DATE),
        ("line", "x" * 201, None, TooLong(TextField.ANSWER, 201, 200)),
        ("text", "x" * 100_000, None, TooLong(TextField.ANSWER, 100_000, 2_000)),
        ("one", "other", "x" * 100_000, TooLong(TextField.ANSWER, 100_000, 200)),
    ],
)
def test_what_can_not_be_taken_is_refused_by_its_field(
    name: str, value: object, other: object, why: Refusal
) -> None:
    with pytest.raises(Invalid) as refused:
        read(name, value, other)
    assert refused.value.problems[f"a_{name}"] == why


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("one", "3"),
        ("one", "0,1"),
        ("one", "-1"),
        ("plain", "other"),
        ("yes", "2"),
        ("some", "0,7"),
        ("some", "A"),
        ("text", ["a", "list"]),
        ("text", {"an": "object"}),
        ("number", True),
    ],
)
def test_what_no_card_can_give_is_told_apart(name: str, value: object) -> None:
    with pytest.raises(Unasked):
        read(name, value)


def test_an_answer_to_a_question_that_is_not_there_is_told_apart() -> None:
    with pytest.raises(Unasked):
        answers.read(asking(QUESTIONS["day"]), {"a_mark": "5"})


def test_every_required_question_that_is_missing_is_named_at_once() -> None:
    survey = asking(
        *(msgspec.structs.replace(asked, required=True) for asked in QUESTIONS.values())
    )
    with pytest.raises(Invalid) as refused:
        answers.read(survey, {"a_day": "2026-01-01"})
    assert refused.value.problems == {
        f"a_{name}": AnswerRefusal.MISSING for name in QUESTIONS if name != "day"
    }


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("plain", " b ", Answer(choices=(1,))),
        ("plain", "1", Answer(choices=(0,))),
        ("yes", "NO", Answer(choices=(1,))),
        ("some", "b, 1", Answer(choices=(0, 1))),
        ("one", "something else", Answer(other="something else")),
        ("mark", "4", Answer(number=4)),
        ("day", "2026-12-31", Answer(day="2026-12-31")),
    ],
)
def test_a_single_question_is_answered_by_typing(name: str, text: str, answer: Answer) -> None:
    assert answers.read_typed(QUESTIONS[name], text) == answer


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain", "c"),
        ("plain", "3"),
        ("plain", "9" * 5_000),
        ("plain", ""),
        ("mark", "6"),
        ("line", " "),
    ],
)
def test_what_was_typed_and_is_no_answer_is_refused(name: str, text: str) -> None:
    with pytest.raises(Invalid):
        answers.read_typed(QUESTIONS[name], text)


@pytest.mark.parametrize("number", ["0.000000001", "0.1", "-1.5", "7", "123456789012345"])
def test_a_number_is_shown_as_it_may_be_typed_again(number: str) -> None:
    free = Question(id="q1", kind=QuestionKind.NUMBER, text="How many?")
    shown = answers.fields_of(asking(free), {"q1": answers.read_typed(free, number)})
    assert shown == {"a_q1": number}
    assert answers.read(asking(free), shown) == {"q1": answers.read_typed(free, number)}


def test_one_person_writes_so_much_altogether_and_the_longest_is_to_be_shortened() -> None:
    every = [
        Question(id=f"q{number}", kind=QuestionKind.TEXT, text="Why?", lines=True)
        for number in range(6)
    ]
    fields = {f"a_q{number}": "x" * (1_700 + number) for number in range(6)}
    with pytest.raises(Invalid) as refused:
        answers.read(asking(*every), fields)
    assert refused.value.problems == {"a_q5": AnswersTooLong(answers.WORDS_LIMIT)}
    assert answers.read(asking(*every), fields | {"a_q5": "short"})


def test_a_card_says_again_what_was_answered() -> None:
    survey = asking(*QUESTIONS.values())
    given = {
        "a_one": "other", "o_one": "mine", "a_some": "0,1", "a_yes": "0", "a_mark": "3",
        "a_nps": "10", "a_number": "7.5", "a_day": "2026-03-02", "a_line": "x", "a_text": "y\nz",
    }  # fmt: skip
    read_ = answers.read(survey, given)
    assert answers.fields_of(survey, read_) == given
    assert answers.read(survey, answers.fields_of(survey, read_)) == read_


ONE_ANSWER = st.one_of(
    st.none(),
    st.builds(Answer, choices=st.sets(st.integers(0, 2)).map(lambda chosen: tuple(sorted(chosen)))),
    st.builds(Answer, other=st.just("else")),
)


@given(st.lists(st.tuples(ONE_ANSWER, st.none() | st.integers(0, 10)), max_size=40))
def test_the_counts_are_those_of_a_plain_recount(
    given_: list[tuple[Answer | None, int | None]],
) -> None:
    single, nps = QUESTIONS["one"], QUESTIONS["nps"]
    everyone: list[dict[str, Answer]] = []
    for chosen, mark in given_:
        own = {} if chosen is None else {"one": chosen}
        everyone.append(own | ({} if mark is None else {"nps": Answer(number=mark)}))
    counted = results.tally(everyone)
    assert results.responses(counted) == len(given_)

    of_one = results.distribution(counted, single)
    answered = [chosen for chosen, _ in given_ if chosen is not None]
    assert of_one.answered == len(answered)
    assert of_one.chosen == tuple(
        sum(number in answer.choices for answer in answered) for number in range(3)
    )
    assert of_one.others == sum(bool(answer.other) for answer in answered)

    marks = [mark for _, mark in given_ if mark is not None]
    of_nps = results.distribution(counted, nps)
    assert of_nps.numbers == dict(sorted(Counter(map(float, marks)).items()))
    assert of_nps.average == pytest.approx(sum(marks) / len(marks) if marks else 0)
    score = results.score(of_nps)
    promoters, detractors = sum(mark >= 9 for mark in marks), sum(mark <= 6 for mark in marks)
    passives = len(marks) - promoters - detractors
    assert (score.promoters, score.passives, score.detractors) == (promoters, passives, detractors)
    expected = round(100 * (promoters - detractors) / len(marks)) if marks else 0
    assert score.value == expected


@pytest.mark.parametrize(
    ("number", "anonymous", "shown"),
    [(0, False, True), (1, False, True), (2, True, False), (3, True, True), (0, True, False)],
)
def test_few_anonymous_responses_are_not_shown(number: int, anonymous: bool, shown: bool) -> None:
    counted = results.tally([{} for _ in range(number)])
    assert results.may_be_shown(counted, anonymous=anonymous) is shown
