"""The report as an admin walks through it: people, pages, searches, and who did what."""

from __future__ import annotations

from tests.support.chat import Bot, Card, Person, buttons, texts
from tests.support.sent import completed
from tests.support.staff import open_report


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
    found = await admin.presses("Search", search="  P 2")
    assert "54 people with “P 2”." in texts(found)
    assert people(found)[0] == "P 20"
    assert people(await admin.presses("Next"))[0] == "P 201"
    one = await admin.presses("Search", search="P217@EXAMPLE.com")
    assert people(one) == ["P 217"]
    none = await admin.presses("Search", search="](http://evil.example")
    assert people(none) == ["](http://evil.example)"]
    nobody = await admin.presses("Search", search="*nobody*")
    assert "Nobody here has “*nobody*” in their name or e-mail address." in texts(nobody)
    assert len(people(await admin.presses("Show all"))) == 10
    assert "Report · Completed" in texts(await admin.presses("Back"))


async def test_who_did_something_is_listed_with_what_they_did(
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


async def test_a_page_that_is_no_more_shows_the_last_one(whole_bot: Bot, admin: Person) -> None:
    await completed(whole_bot, 12)
    await open_report(admin)
    shown = admin.press("Show these recipients: success")
    data = shown["value"]["action"]["data"] | {"page": 77}
    assert len(people(await admin.gets(admin.press_with(data)))) == 1
    data = data | {"search": "P 1"}
    assert people(await admin.gets(admin.press_with(data))) == ["P 10", "P 11"]
