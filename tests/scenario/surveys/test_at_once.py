"""A thousand recipients answer at the same time; and the files on disk afterwards."""

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
from tests.support.campaigns.staff import campaign, staff
from tests.support.campaigns.survey_staff import NAME, ask
from tests.support.chats.cards import card_of
from tests.support.chats.chat import Bot, Person

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
    attempts = [
        (user, some_answers(dice), some_answers(dice) if number % 2 else None)
        for number, user in enumerate(users)
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

    await asyncio.gather(*(answer(*attempt) for attempt in attempts))

    asked = await campaign(whole_bot, NAME)
    survey = asked.survey
    assert survey is not None
    recount = results.tally(read(survey, fields) for fields in last.values())
    assert await whole_bot.store.responses.tally(asked.key) == recount
    assert results.responses(recount) == PEOPLE
    days = await whole_bot.store.responses.days(asked.key)
    assert sum(days.values()) == PEOPLE
    responses = [
        response async for chunk in whole_bot.store.responses.rows(asked.key) for response in chunk
    ]
    assert _multiset(survey, (response.answers for response in responses)) == sorted(
        _line(fields_of(survey, read(survey, fields))) for fields in last.values()
    )
    if anonymous == "false":
        assert {response.id: fields_of(survey, response.answers) for response in responses} == {
            user_id: fields_of(survey, read(survey, fields)) for user_id, fields in last.items()
        }
        return
    _require_unlinked(tmp_path / "store", users, {response.id for response in responses})


def _require_unlinked(folder: Path, users: list[FakeUser], receipts: set[str]) -> None:
    """Checks that no file joins a response to a person.

    A file with the id of a response has no person, a file with people keeps them in no order of
    its own, and no other file has the id of a response.
    """
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
    [data] = [
        action["data"]
        for element in card["body"]
        if element["type"] == "ActionSet"
        for action in element["actions"]
    ]
    result: dict[str, Any] = data
    return result


def _multiset(survey: Survey, every: Any) -> list[str]:
    return sorted(_line(fields_of(survey, answers)) for answers in every)


def _line(fields: Mapping[str, str | Answer]) -> str:
    return repr(sorted(fields.items()))
