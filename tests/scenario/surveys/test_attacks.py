"""Hostile and unlucky input to surveys."""

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
from tests.support.campaigns.staff import staff
from tests.support.campaigns.survey_staff import (
    NAME,
    ONE,
    TITLE,
    Written,
    ask,
    author,
    choose,
    opens,
    original,
    person,
    results,
    tally,
    web_links,
)
from tests.support.chats.browser import follow
from tests.support.chats.cards import buttons, shows, texts
from tests.support.chats.chat import TENANT, Bot, Person, running, send
from tests.support.chats.clocks import MovedClock
from tests.support.stores.postgresql import empty_database

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
    urls = web_links(card)
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
    """Checks that no text that a client reads as Markdown has markup, fallbacks included."""
    for text in _markdown(card):
        for evil in ("<b>", "[free](", "{{DATE", "1. *Beer*"):
            assert evil not in text


def _markdown(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "TextBlock" else []
        return own + [
            text for key, item in value.items() if key != "data" for text in _markdown(item)
        ]
    return [text for item in value for text in _markdown(item)] if isinstance(value, list) else []


async def test_placeholders_are_refused_in_a_survey_because_its_results_are_shared(
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
    assert shows(
        await admin.presses("Save", name="[FIRSTNAME]"), "work in the message above the survey"
    )


async def test_the_longest_answers_fit_on_every_card(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(
        admin, [("text", {"text": f"Why {number}?", "lines": "true"}) for number in range(20)]
    )
    opens(bob)
    fields = {f"a_q{number}": "*" * 2_000 for number in range(1, 21)}
    card = await bob.presses("Send my answers", **fields)
    assert shows(card, "together have at most 10,000 characters")
    assert await tally(whole_bot) == {}
    fields = {f"a_q{number}": "*" * 500 for number in range(1, 21)}
    assert shows(await bob.presses("Send my answers", **fields), "Thank you")
    await bob.presses("Change my answers")
    assert shows(await bob.presses("Send my answers"), "Thank you")


async def test_huge_numbers_are_neither_answers_nor_settings(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = await staff(teams_service, whole_bot, 1)
    bob = person(teams_service, whole_bot, user)
    await ask(admin, ONE)
    assert shows(await bob.says("9" * 5_000), "Type one of the choices")
    await admin.says("surveys")
    await admin.presses("New survey")
    await admin.presses("Save", name="Another")
    await admin.presses("Settings")
    pressed = admin.press("Save settings")
    pressed["value"]["action"]["data"]["remind"] = "9" * 5_000
    assert shows(await admin.gets(pressed), "Type a number of days")


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
        assert shows(await bob.gets(late), "what you answered now has not been kept")
        assert shows(await results(admin), "closed")
        assert shows(await admin.presses("Reopen"), "open until it is closed")
        # A new press, since the one before was answered.
        opens(bob)
        assert shows(await bob.presses("Send my answers", a_q1="0"), "Thank you")
        clock.move(30 * DAY)
        assert shows(await bob.presses("Change my answers"), TITLE)
        await admin.presses("Close now")
        assert shows(await bob.presses("Send my answers", a_q1="1"), "has not been kept")
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
    assert shows(admin.card, "Campaigns that use it keep their copy")
    delete = admin.press("Yes, delete it")
    await asyncio.gather(admin.gets(delete), admin.gets({**delete, "id": "once more"}))
    await admin.says("campaigns")
    await admin.presses(f"Open {NAME}")
    await send(admin)
    bob = person(teams_service, whole_bot, user)
    opens(bob)
    assert shows(await bob.presses("Send my answers", a_q1="0"), "Thank you")


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
    assert shows(admin.card, "Someone else changed this survey")
    await admin.presses("Save question")
    [survey] = (await whole_bot.store.surveys.page(TENANT, offset=0, limit=9)).items
    assert survey.anonymous
    assert [question.text for question in survey.questions] == ["Are you staying?"]


async def test_texts_are_paged_and_searched_and_a_page_beyond_the_end_shows_the_last_one(
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
    assert shows(card, f"1 to {PAGE} of {PAGE + 1}")
    card = await admin.presses("Next")
    assert shows(card, f"{PAGE + 1} to {PAGE + 1} of {PAGE + 1}")
    assert "Next" not in buttons(card)
    # The search finds one page only.
    data = admin.press("Previous")["value"]["action"]["data"] | {"page": 1, "search": "COFFEE"}
    card = await admin.gets(admin.press_with(data))
    assert shows(card, "Because of coffee.")
    assert not shows(card, "Because of tea.")
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
                response.id
                async for chunk in store.responses.rows((await original(bot)).key)
                for response in chunk
            }
            tables = await _rows_with(url, {"word-", *receipts})
            assert tables["responses"] == len(users)
            if anonymous == "true":
                assert tables.keys() == {"responses"}
                known = {user.id for user in users} | {user.email for user in users}
                assert "responses" not in await _rows_with(url, known)
            else:
                assert "inbox" in tables


async def _rows_with(url: str, words: set[str]) -> dict[str, int]:
    """Counts the rows that have any of these words, in text or in bytes, by table."""
    connection = await asyncpg.connect(url)
    rows: dict[str, int] = {}
    tables = await connection.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    for (table,) in tables:
        for (text,) in await connection.fetch(f"SELECT t::text FROM {table} AS t"):
            shown = text + bytes.fromhex("".join(_HEX.findall(text))).decode("utf-8", "replace")
            rows[table] = rows.get(table, 0) + any(word in shown for word in words)
    await connection.close()
    return {table: number for table, number in rows.items() if number}
