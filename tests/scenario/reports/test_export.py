"""Exports: a signed link to a table of all recipients, valid for a quarter of an hour."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.fake_teams import FakeTeams, FakeUser
from tests.support.campaigns.sent import ODD, PEOPLE, completed
from tests.support.campaigns.staff import NAME, open_report
from tests.support.chats.browser import Page, follow
from tests.support.chats.cards import Card, buttons
from tests.support.chats.chat import Bot, Person, running
from tests.support.chats.clocks import MovedClock


def link(card: Card, title: str) -> str:
    [url] = [
        action["url"]
        for part in card["body"]
        for action in part.get("actions", [])
        if action["title"] == title
    ]
    assert isinstance(url, str)
    return url


@pytest.fixture
async def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def bot(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path, clock: MovedClock
) -> AsyncIterator[Bot]:
    async with running(teams_service, tmp_path / "store", admin=administrator, clock=clock) as bot:
        yield bot


@pytest.fixture
async def author(teams_service: FakeTeams, bot: Bot, administrator: FakeUser) -> Person:
    person = Person(teams_service, bot, administrator)
    await person.installs()
    return person


async def exported(author: Person, name: str = NAME) -> Card:
    await open_report(author, name)
    return await author.presses("Export")


async def test_csv_has_everyone_and_no_formula(bot: Bot, author: Person) -> None:
    await completed(bot)
    card = await exported(author)
    tracemalloc.start()
    page = await follow(bot, link(card, "CSV file"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert page.headers["Content-Disposition"].startswith(
        'attachment; filename="Office closed on Friday.csv"'
    )
    assert page.headers["Cache-Control"] == "no-store"
    assert page.body.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(page.body.decode("utf-8-sig"), newline=""))
    assert header == [
        "Name", "E-mail", "Result", "Reason", "Time (Europe/London)", "Tries",
        "Read", "Clicks", "First click", "Reactions",
    ]  # fmt: skip
    assert len(rows) == PEOPLE
    assert [row[0] for row in rows[: len(ODD)]] == [
        f"'{name}" if name[0] in "=+-@" else name for name, _ in ODD
    ]
    assert rows[0][1] == "'=1+1@example.com"
    moment = "2026-03-02 09:00:05"
    assert rows[3][2:] == ["Success", "", moment, "1", moment, "2", moment, "👍"]
    assert rows[9][2:] == ["Error", "has blocked or muted the app", moment, "1", "", "0", "", ""]
    # The bot runs in this process, and so does the browser, which holds the whole file.
    assert peak < 20_000_000


async def test_a_workbook_has_everyone_and_no_formula(bot: Bot, author: Person) -> None:
    await completed(bot)
    page = await follow(bot, link(await exported(author), "Excel workbook"))
    assert page.status == 200
    assert page.headers["Content-Type"].endswith("spreadsheetml.sheet")
    rows = sheet(page)
    assert len(rows) == PEOPLE + 1
    assert rows[0][:3] == ["Name", "E-mail", "Result"]
    assert [row[0] for row in rows[1 : len(ODD) + 1]] == [name for name, _ in ODD]
    assert rows[4][2] == "Success"
    assert float(rows[4][3]) == pytest.approx(46083.375, abs=0.01)  # 2 March 2026, 09:00


def sheet(page: Page) -> list[list[str]]:
    """Returns the cells of the first sheet, as texts."""
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(page.body)) as book:
        root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        assert not list(root.iter(f"{name}f")), "a formula"
        assert not list(root.iter(f"{name}hyperlink"))
    return [
        ["".join(cell.itertext()) for cell in row.iter(f"{name}c")]
        for row in root.iter(f"{name}row")
    ]


async def test_a_link_works_for_a_quarter_of_an_hour(
    bot: Bot, author: Person, clock: MovedClock
) -> None:
    await completed(bot, 3)
    url = link(await exported(author), "CSV file")
    clock.move(14 * 60)
    assert (await follow(bot, url)).status == 200
    assert (await follow(bot, url, method="HEAD")).body == b""
    clock.move(2 * 60)
    page = await follow(bot, url)
    assert page.status == 410
    assert b"This link has expired" in page.body
    assert b"press Export again" in page.body


async def test_a_link_that_was_changed_gives_nothing(bot: Bot, author: Person) -> None:
    await completed(bot, 3)
    url = link(await exported(author), "CSV file")
    for changed in (url[:-1] + ("A" if url[-1] != "A" else "B"), url + "x", url[:-30]):
        page = await follow(bot, changed)
        assert page.status == 404
        assert b"This link does not work" in page.body
    assert (await follow(bot, url, method="POST")).status == 405
    click = url.replace("/x/", "/r/")
    assert (await follow(bot, click)).status == 404


async def test_the_link_of_a_deleted_campaign_says_that_it_is_gone(
    bot: Bot, author: Person
) -> None:
    await completed(bot, 3)
    url = link(await exported(author), "CSV file")
    await author.presses("Back to the report")
    await author.presses("Delete")
    await author.presses("Yes, delete it")
    page = await follow(bot, url)
    assert page.status == 404
    assert b"does not exist any more" in page.body


async def test_any_name_makes_a_file_name(bot: Bot, author: Person) -> None:
    await completed(bot, 1, name='Früh"ling/../\\x 🎉')
    page = await follow(bot, link(await exported(author, 'Früh"ling/../\\x 🎉'), "CSV file"))
    assert page.status == 200
    assert 'filename="Fr_h_ling_.._' in page.headers["Content-Disposition"]
    assert "filename*=UTF-8''Fr%C3%BCh%22ling%2F.." in page.headers["Content-Disposition"]


async def test_without_a_public_address_the_card_says_what_to_do(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    async with running(teams_service, tmp_path, admin=administrator, public_url="") as bot:
        author = Person(teams_service, bot, administrator)
        await author.installs()
        await completed(bot, 3)
        assert buttons(await exported(author)) == ["Back to the report"]


async def test_with_personal_tracking_off_the_export_tells_nothing_about_single_people(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    async with running(
        teams_service, tmp_path, admin=administrator, personal_tracking=False
    ) as bot:
        author = Person(teams_service, bot, administrator)
        await author.installs()
        await completed(bot, 5)
        card = await exported(author)
        page = await follow(bot, link(card, "CSV file"))
        header, *rows = csv.reader(io.StringIO(page.body.decode("utf-8-sig"), newline=""))
        assert (header[-1], len(rows[3])) == ("Tries", 6)
        await author.presses("Back to the report")
        shown = buttons(author.card)
        assert shown.count("Show") == 1
