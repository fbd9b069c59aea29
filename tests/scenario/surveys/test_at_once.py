"""A thousand recipients answer at the same time; and what is left on the disk of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from campaigns.surveys import results
from campaigns.surveys.answers import Answer, fields_of, read
from campaigns.surveys.survey import Survey
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.chat import Bot, Person, card_of
from tests.support.staff import campaign, staff
from tests.support.survey_staff import NAME, ask

PEOPLE = 1_000

_VALUES: Mapping[str, list[str]] = {
    "a_q1": ["0", "1", "2"],
    "a_q2": ["", "0", "0,2", "1,other", "2"],
    "a_q3": ["", "0", "1"],
    "a_q4": ["1", "2", "3", "4", "5"],
    "a_q5": ["", *map(str, range(11))],
    "a_q6": ["", "0", "2.5", "5"],
    "a_q7": ["", "2026-03-02", "2025-12-31"],
    "a_q8": ["", "=1+1", "<b>Fine</b>", "Ä\n😀"],
}


def some_answers(dice: random.Random) -> dict[str, str]:
    fields = {name: dice.choice(values) for name, values in _VALUES.items()}
    if fields["a_q2"].endswith("other"):
        fields["o_q2"] = f"Sofa {dice.randrange(9)}"
    return {name: value for name, value in fields.items() if value}


@pytest.mark.parametrize("anonymous", ["true", "false"])
async def test_a_thousand_answer_at_once_and_every_answer_is_there_once(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, tmp_path: Path, anonymous: str
) -> None:
    dice = random.Random(7)
    users = await staff(teams_service, whole_bot, PEOPLE)
    await ask(admin, anonymous=anonymous)
    last: dict[str, dict[str, str]] = {}
    raw = [
        (user, some_answers(dice), some_answers(dice) if at % 2 else None)
        for at, user in enumerate(users)
    ]
    people = {user.id: Person(teams_service, whole_bot, user) for user in users}
    cards = {
        post.conversation_id: card_of(post)
        for post in teams_service.received
        if post.arrived and "Send my answers" in str(post.activity)
    }

    async def answer(user: FakeUser, first: dict[str, str], then: dict[str, str] | None) -> None:
        data = _data(cards[user.conversation_id])
        for fields in (first, then):
            if fields is not None:
                person = people[user.id]
                answered = await person.does(person.press_with(data | fields))
                assert "Thank you" in str(answered), answered
                last[user.id] = fields

    await asyncio.gather(*(answer(*of) for of in raw))

    of = await campaign(whole_bot, NAME)
    survey = of.survey
    assert survey is not None
    recount = results.tally(read(survey, fields) for fields in last.values())
    assert await whole_bot.store.responses.tally(of.key) == recount
    assert results.responses(recount) == PEOPLE
    days = await whole_bot.store.responses.days(of.key)
    assert sum(days.values()) == PEOPLE
    kept = [one async for chunk in whole_bot.store.responses.rows(of.key) for one in chunk]
    assert _multiset(survey, (one.answers for one in kept)) == sorted(
        _line(fields_of(survey, read(survey, fields))) for fields in last.values()
    )
    if anonymous == "false":
        assert {one.id: fields_of(survey, one.answers) for one in kept} == {
            who: fields_of(survey, read(survey, fields)) for who, fields in last.items()
        }
        return
    _require_unlinked(tmp_path / "store", users, {one.id for one in kept})


def _require_unlinked(folder: Path, users: list[FakeUser], receipts: set[str]) -> None:
    """No file that has a response's id has a person; none of what has people has an order of its
    own; and no other file knows of any response."""
    assert len(receipts) == PEOPLE
    assert list(folder.glob("responses/*/*/*.json"))
    assert list(folder.glob("answered/*/*/*.json"))
    people = {name for user in users for name in (user.id, user.email, user.conversation_id)}
    for file in folder.rglob("*.json"):
        text = file.read_text()
        if file.parts[-4] == "responses":
            assert not any(name in text for name in people), file
            [row] = msgspec.json.decode(text)["rows"].values()
            assert row.keys() == {"responses", "counts"}
            assert list(row["responses"]) == sorted(row["responses"])
            assert row["responses"].keys() <= receipts
            for answers in row["responses"].values():
                assert answers.keys() <= {f"q{number}" for number in range(1, 9)}
            continue
        assert not any(receipt in text for receipt in receipts), file
        if file.parts[-4] == "answered":
            [row] = msgspec.json.decode(text)["rows"].values()
            assert row.keys() == {"people", "days"}
            assert row["people"] == sorted(row["people"])


def _data(card: Any) -> dict[str, Any]:
    [found] = [
        action["data"]
        for element in card["body"]
        if element["type"] == "ActionSet"
        for action in element["actions"]
    ]
    data: dict[str, Any] = found
    return data


def _multiset(survey: Survey, every: Any) -> list[str]:
    return sorted(_line(fields_of(survey, answers)) for answers in every)


def _line(fields: Mapping[str, str | Answer]) -> str:
    return repr(sorted(fields.items()))
