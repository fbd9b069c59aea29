"""An admin's walk through the report: people, pages, searches, and events."""

from __future__ import annotations

from tests.support.campaigns.sent import completed
from tests.support.campaigns.staff import open_report
from tests.support.chats.cards import Card, buttons, texts
from tests.support.chats.chat import Bot, Person


def people(card: Card) -> list[str]:
    return [line.split(" · ")[0].strip("*") for line in texts(card) if line.startswith("**")]


async def test_people_of_a_result_are_paged_and_searched(whole_bot: Bot, admin: Person) -> None:
    await completed(whole_bot, 250)
    await open_report(admin)
    first = await admin.presses("Show these recipients: success")
    assert len(people(first)) == 10
    assert "1 to 10 of 225" in texts(first)
    assert any("2 Mar, 09:00:05 · 1 try" in line for line in texts(first))
    second = await admin.presses("Next")
    assert "11 to 20 of 225" in texts(second)
    several = await admin.presses("Search", search="  P 2")
    assert "54 people with “P 2”." in texts(several)
    assert people(several)[0] == "P 20"
    assert people(await admin.presses("Next"))[0] == "P 201"
    single = await admin.presses("Search", search="P217@EXAMPLE.com")
    assert people(single) == ["P 217"]
    odd = await admin.presses("Search", search="](http://evil.example")
    assert people(odd) == ["](http://evil.example)"]
    nobody = await admin.presses("Search", search="*nobody*")
    assert "Nobody here has “*nobody*” in their name or e-mail address." in texts(nobody)
    assert len(people(await admin.presses("Show all"))) == 10
    assert "Report · Completed" in texts(await admin.presses("Back"))


async def test_people_behind_a_number_are_listed_with_what_they_did(
    whole_bot: Bot, admin: Person
) -> None:
    await completed(whole_bot, 250)
    await open_report(admin)
    assert "👍 1" in texts(admin.card)
    read = await admin.presses("Show these people: read")
    assert people(read) == ["@SUM(A1)"]
    assert any("2 clicks · 👍" in line for line in texts(read))
    assert "Search" not in buttons(read)
    await admin.presses("Back")
    assert people(await admin.presses("Show these people: reacted")) == ["@SUM(A1)"]


async def test_a_page_beyond_the_end_shows_the_last_one(whole_bot: Bot, admin: Person) -> None:
    await completed(whole_bot, 12)
    await open_report(admin)
    shown = admin.press("Show these recipients: success")
    data = shown["value"]["action"]["data"] | {"page": 77}
    assert len(people(await admin.gets(admin.press_with(data)))) == 1
    data = data | {"search": "P 1"}
    assert people(await admin.gets(admin.press_with(data))) == ["P 10", "P 11"]
