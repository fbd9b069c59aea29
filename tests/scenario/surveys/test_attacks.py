"""What people may send to a survey who mean it no good, or have bad luck."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cards.surveys.free_texts import PAGE
from storage.postgres.store import PostgresStore
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.browser import follow
from tests.support.chat import TENANT, Bot, Person, buttons, running, send, texts
from tests.support.postgresql import empty_database
from tests.support.staff import MovedClock, staff
from tests.support.survey_staff import (
    NAME,
    ONE,
    TITLE,
    Written,
    ask,
    author,
    choose,
    opened,
    opens,
    original,
    person,
    results,
    says,
    tally,
)

DAY = 86_400.0
_HEX = re.compile(r"\\x([0-9a-f]+)")

EVIL = [
    "<b>Bold</b><script>",
    "[free](http://evil.example)",
    "=HYPERLINK(1)",
    "{{DATE(2026-01-01)}}",
    "1. *Beer*",
]
HARMFUL: Written = [
    ("single", {"text": "=1+1", "choices": "\n".join(EVIL), "other": "true"}),
    ("text", {"text": "# Why?", "lines": "true"}),
]


async def test_nothing_that_people_write_is_markup_or_a_formula_anywhere(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    users = await staff(teams_service, whole_bot, len(EVIL))
    await ask(admin, HARMFUL, readers="answered")
    for number, user in enumerate(users):
        bob = person(teams_service, whole_bot, user)
        opens(bob)
        await bob.presses("Send my answers", a_q1=str(number), a_q2=EVIL[number])
        assert EVIL[number] in texts(bob.card)
        _require_plain(bob.card)
    await bob.presses("Results")
    _require_plain(bob.card)
    await results(admin)
    _require_plain(admin.card)
    await admin.presses(f"Read {len(EVIL)} texts")
    _require_plain(admin.card)
    await admin.presses("Back")
    card = await admin.presses("Export")
    urls = {of["title"]: of["url"] for of in opened(card)}
    page = await follow(whole_bot, urls["CSV file"])
    header, *lines = csv.reader(io.StringIO(page.body.decode("utf-8-sig")))
    cells = [cell for line in (header, *lines) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert {"'=1+1", "'=HYPERLINK(1)"} <= set(cells)
    page = await follow(whole_bot, urls["Excel workbook"])
    with zipfile.ZipFile(io.BytesIO(page.body)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    await admin.presses("Back to the results")
    await admin.presses("Share results")
    await send(admin)
    _require_plain(bob.card)


def _require_plain(card: Any) -> None:
    """No text that a client takes for Markdown has any of it unescaped, fallbacks included."""
    for text in _markdown(card):
        for evil in ("<b>", "[free](", "{{DATE", "1. *Beer*"):
            assert evil not in text


def _markdown(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "TextBlock" else []
        return own + [of for key, item in value.items() if key != "data" for of in _markdown(item)]
    return [of for item in value for of in _markdown(item)] if isinstance(value, list) else []


async def test_placeholders_are_refused_in_a_survey_since_its_results_are_everybodys(
    admin: Person,
) -> None:
    await author(admin, [])
    await admin.presses("Add a question", kind="single")
    card = await admin.presses(
        "Save question", text="[FIRSTNAME], which?", choices="A\n[LASTNAME]", help="[EMAIL]"
    )
    assert sum("work in the message above the survey" in line for line in texts(card)) == 3
    await admin.presses("Back")
    await admin.presses("Title")
    assert says(
        await admin.presses("Save", name="[FIRSTNAME]"), "work in the message above the survey"
    )


async def test_as_much_as_anybody_may_write_fits_into_every_card(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, [("text", {"text": f"Why {at}?", "lines": "true"}) for at in range(20)])
    opens(bob)
    fields = {f"a_q{at}": "*" * 2_000 for at in range(1, 21)}
    card = await bob.presses("Send my answers", **fields)
    assert says(card, "together have at most 10,000 characters")
    assert await tally(whole_bot) == {}
    fields = {f"a_q{at}": "*" * 500 for at in range(1, 21)}
    assert says(await bob.presses("Send my answers", **fields), "Thank you")
    await bob.presses("Change my answers")
    assert says(await bob.presses("Send my answers"), "Thank you")


async def test_numbers_without_end_are_no_answers_and_no_settings(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE)
    assert says(await bob.says("9" * 5_000), "Type one of the choices")
    await admin.says("surveys")
    await admin.presses("New survey")
    await admin.presses("Save", name="Another")
    await admin.presses("Settings")
    pressed = admin.press("Save settings")
    pressed["value"]["action"]["data"]["remind"] = "9" * 5_000
    assert says(await admin.gets(pressed), "Type a number of days")


async def test_after_its_last_day_a_survey_is_over_until_it_is_reopened_and_closed_again(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    clock = MovedClock()
    async with running(teams_service, tmp_path, admin=administrator, clock=clock) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        [user] = await staff(teams_service, bot, 1)
        bob = person(teams_service, bot, user)
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        await ask(admin, ONE, closes=tomorrow.isoformat())
        clock.move(3 * DAY)
        opens(bob)
        late = bob.press("Send my answers", a_q1="0")
        assert says(await bob.gets(late), "what you answered now has not been kept")
        assert says(await results(admin), "closed")
        assert says(await admin.presses("Reopen"), "open until it is closed")
        # A new press: the one before has its answer.
        opens(bob)
        assert says(await bob.presses("Send my answers", a_q1="0"), "Thank you")
        clock.move(30 * DAY)
        assert says(await bob.presses("Change my answers"), TITLE)
        await admin.presses("Close now")
        assert says(await bob.presses("Send my answers", a_q1="1"), "has not been kept")
        assert (await tally(bot))["q1=c:0"] == 1


async def test_a_draft_keeps_the_survey_that_was_deleted(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    await author(admin, ONE)
    await choose(admin)
    await admin.says("surveys")
    await admin.presses(f"Open {TITLE}")
    await admin.presses("Delete survey")
    assert says(admin.card, "Campaigns that use it keep their copy")
    delete = admin.press("Yes, delete it")
    await asyncio.gather(admin.gets(delete), admin.gets({**delete, "id": "once more"}))
    await admin.says("campaigns")
    await admin.presses(f"Open {NAME}")
    await send(admin)
    bob = person(teams_service, whole_bot, user)
    opens(bob)
    assert says(await bob.presses("Send my answers", a_q1="0"), "Thank you")


async def test_two_admins_who_change_settings_and_questions_at_once_lose_nothing(
    whole_bot: Bot, admin: Person
) -> None:
    await author(admin, ONE)
    await admin.presses("Settings")
    settings = admin.press("Save settings", anonymous="true")
    await admin.presses("Back")
    await admin.presses("Edit", question="q1")
    question = admin.press("Save question", text="Are you staying?")
    await admin.gets(settings)
    await admin.gets(question)
    assert says(admin.card, "Someone else changed this survey")
    await admin.presses("Save question")
    [survey] = (await whole_bot.store.surveys.page(TENANT, offset=0, limit=9)).items
    assert survey.anonymous
    assert [of.text for of in survey.questions] == ["Are you staying?"]


async def test_texts_are_paged_searched_and_the_last_page_stays_when_there_are_fewer(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    users = await staff(teams_service, whole_bot, PAGE + 1)
    await ask(admin, [("text", {"text": "Why?"})])
    for number, user in enumerate(users):
        bob = person(teams_service, whole_bot, user)
        opens(bob)
        await bob.presses("Send my answers", a_q1=f"Because of {'tea' if number else 'coffee'}.")
    await results(admin)
    card = await admin.presses(f"Read {PAGE + 1} texts")
    assert says(card, f"1 to {PAGE} of {PAGE + 1}")
    card = await admin.presses("Next")
    assert says(card, f"{PAGE + 1} to {PAGE + 1} of {PAGE + 1}")
    assert "Next" not in buttons(card)
    # Of those that are found by a search there is one page only.
    data = admin.press("Previous")["value"]["action"]["data"] | {"page": 1, "search": "COFFEE"}
    card = await admin.gets(admin.press_with(data))
    assert says(card, "Because of coffee.")
    assert not says(card, "Because of tea.")
    assert not {"Next", "Previous"} & set(buttons(card))


@pytest.mark.parametrize("anonymous", ["true", "false"])
async def test_no_table_of_the_database_joins_an_anonymous_answer_to_a_person(
    teams_service: FakeTeams,
    administrator: FakeUser,
    tmp_path: Path,
    postgresql: str,
    anonymous: str,
) -> None:
    async with empty_database(postgresql) as url:
        store = PostgresStore(url)
        async with running(teams_service, tmp_path, admin=administrator, store=store) as bot:
            admin = Person(teams_service, bot, administrator)
            await admin.installs()
            users = await staff(teams_service, bot, 5)
            await ask(admin, [("text", {"text": "Why?"})], anonymous=anonymous, readers="answered")
            for number, user in enumerate(users):
                bob = person(teams_service, bot, user)
                opens(bob)
                twice = bob.press("Send my answers", a_q1=f"word-{number}")
                await asyncio.gather(bob.does(twice), bob.does(twice))
                await bob.gets(twice)
                await bob.presses("Results")
                await bob.presses("Back")
                await bob.presses("Change my answers")
                await bob.presses("Send my answers", a_q1=f"word-{number}!")
            assert (await tally(bot))["*"] == len(users)
            receipts = {
                of.id
                async for chunk in store.responses.rows((await original(bot)).key)
                for of in chunk
            }
            found = await _rows_with(url, {"word-", *receipts})
            assert found["responses"] == len(users)
            if anonymous == "true":
                assert found.keys() == {"responses"}
                known = {of.id for of in users} | {of.email for of in users}
                assert "responses" not in await _rows_with(url, known)
            else:
                assert "inbox" in found


async def _rows_with(url: str, words: set[str]) -> dict[str, int]:
    """How many rows of which table have any of these words in them, however written."""
    connection = await asyncpg.connect(url)
    found: dict[str, int] = {}
    tables = await connection.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    for (table,) in tables:
        for (text,) in await connection.fetch(f"SELECT t::text FROM {table} AS t"):
            shown = text + bytes.fromhex("".join(_HEX.findall(text))).decode("utf-8", "replace")
            found[table] = found.get(table, 0) + any(word in shown for word in words)
    await connection.close()
    return {table: rows for table, rows in found.items() if rows}
