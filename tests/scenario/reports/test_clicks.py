"""Clicks: links that lead through the bot, and their numbers in the report."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from campaigns.feedback.events import Engagement, EventKind, LinkCount
from campaigns.seal import link_id
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.campaigns.staff import NAME, campaign, staff
from tests.support.chats.browser import follow, links
from tests.support.chats.chat import PUBLIC_URL, Bot, Person, running, send, write
from tests.support.waiting import until_stored

MESSAGE = (
    "[Register](https://example.com/register?from=[EMAIL]) or read [the rules](https://example.com/r(1))."
    "\n\nOr go to https://example.com/plain by yourself."
)
REGISTER = "https://example.com/register?from=[EMAIL]"
RULES = "https://example.com/r(1)"


async def engagement(bot: Bot) -> Engagement:
    return await bot.store.events.engagement((await campaign(bot)).key)


async def until_clicks(bot: Bot, number: int) -> Engagement:
    async def counted() -> Engagement | None:
        numbers = await engagement(bot)
        return numbers if numbers.clicks + numbers.previews >= number else None

    return await until_stored(counted, f"{number} clicks")


async def test_a_link_leads_through_the_bot_to_its_own_address_and_is_counted(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [bob] = await staff(teams_service, whole_bot, 1)
    await write(admin, name=NAME, message=MESSAGE)
    await send(admin)
    register, rules, plain = links(Person(teams_service, whole_bot, bob), NAME)
    assert plain == "https://example.com/plain"
    assert register.startswith(f"{PUBLIC_URL}/r/")

    page = await follow(whole_bot, register)
    assert page.status == 302
    address = bob.email.replace("@", "%40")
    assert page.location == f"https://example.com/register?from={address}"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert (await follow(whole_bot, rules)).location == RULES
    await follow(whole_bot, rules)

    of_admin = links(admin, NAME)
    assert of_admin[0] != register
    await follow(whole_bot, of_admin[1])

    counted = await until_clicks(whole_bot, 4)
    assert (counted.clicked, counted.clicks) == (2, 4)
    assert counted.links == {link_id(REGISTER): LinkCount(1, 1), link_id(RULES): LinkCount(3, 2)}


@pytest.mark.parametrize("byte", [0, 20, 100, -1, -20])
async def test_a_link_with_one_changed_byte_is_not_found(
    whole_bot: Bot, admin: Person, byte: int
) -> None:
    await write(admin, name=NAME, message=MESSAGE)
    await send(admin)
    base, _, token = links(admin, NAME)[0].rpartition("/")
    index = byte % len(token)
    changed = "A" if token[index] != "A" else "B"
    forged = f"{base}/{token[:index]}{changed}{token[index + 1 :]}"
    page = await follow(whole_bot, forged)
    assert page.status == 404
    assert b"This link does not work" in page.body
    assert "Location" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b.c",
        "....",
        "%00",
        "%F0%9F%8E%89",
        "https:%2F%2Fevil.example",
        "A" * 7_000,
        "..%2F..%2Fmetrics",
    ],
)
async def test_a_link_without_a_valid_token_is_not_found(whole_bot: Bot, token: str) -> None:
    assert (await follow(whole_bot, f"{PUBLIC_URL}/r/{token}")).status == 404


async def test_a_link_takes_no_other_method(whole_bot: Bot, admin: Person) -> None:
    await write(admin, name=NAME, message=MESSAGE)
    await send(admin)
    [link, *_] = links(admin, NAME)
    for method in ("POST", "PUT", "DELETE"):
        assert (await follow(whole_bot, link, method=method)).status == 405
    head = await follow(whole_bot, link, method="HEAD")
    assert (head.status, head.body) == (302, b"")
    counted = await until_clicks(whole_bot, 1)
    assert (counted.clicks, counted.previews) == (0, 1)


async def test_previews_by_programs_are_not_counted_as_clicks(
    whole_bot: Bot, admin: Person
) -> None:
    await write(admin, name=NAME, message=MESSAGE)
    await send(admin)
    [link, *_] = links(admin, NAME)
    agents = [
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@ms.com",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "curl/8.5.0",
        "",
    ]
    for agent in agents:
        assert (await follow(whole_bot, link, agent=agent)).status == 302
    phone = "Mozilla/5.0 (Linux; Android 14; CUBOT X90) AppleWebKit/537.36 Chrome/129.0 Mobile"
    await follow(whole_bot, link, agent=phone)
    counted = await until_clicks(whole_bot, 5)
    assert (counted.clicks, counted.previews, counted.clicked) == (1, 4, 1)


async def test_links_work_after_a_restart_and_after_their_campaign_was_deleted(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    async with running(teams_service, folder, admin=administrator) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        await write(admin, name=NAME, message=MESSAGE)
        await send(admin)
        _, rules, _ = links(admin, NAME)
        # The test does not wait: a bot that is told to end loses nothing.
        await follow(bot, rules)
    async with running(teams_service, folder, admin=administrator) as bot:
        assert (await engagement(bot)).clicks == 1
        sent = await campaign(bot)
        events = await bot.store.events.by_recipient(sent.key, [administrator.id])
        [event] = events[administrator.id]
        assert (event.kind, event.detail) == (EventKind.CLICK, link_id(RULES))
        admin = Person(teams_service, bot, administrator)
        await admin.says("campaigns")
        await admin.presses("Completed (1)")
        await admin.presses(f"Open {NAME}")
        await admin.presses("Delete")
        await admin.presses("Yes, delete it")
        assert (await follow(bot, rules)).location == RULES
    async with running(teams_service, folder, admin=administrator) as bot:
        assert (await bot.store.events.engagement(sent.key)).clicks == 0


async def test_without_a_public_address_links_are_direct(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    async with running(teams_service, tmp_path, admin=administrator, public_url="") as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        await write(admin, name=NAME, message=MESSAGE)
        await send(admin)
        assert links(admin, NAME)[1] == "https://example.com/r"  # as far as a bracket


async def test_with_personal_tracking_off_everyone_has_the_same_link(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    async with running(
        teams_service, tmp_path, admin=administrator, personal_tracking=False
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        [bob] = await staff(teams_service, bot, 1)
        await write(admin, name=NAME, message="[Rules](https://example.com/rules)")
        await send(admin)
        [link] = links(admin, NAME)
        assert [link] == links(Person(teams_service, bot, bob), NAME)
        await follow(bot, link)
        counted = await until_clicks(bot, 1)
        assert (counted.clicks, counted.clicked) == (1, 0)
        assert (
            await bot.store.events.by_recipient((await campaign(bot)).key, [administrator.id]) == {}
        )


@pytest.mark.parametrize("size", [9_000, 31_000])
async def test_cookies_of_the_whole_domain_lose_no_click(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, size: int
) -> None:
    await write(admin, name=NAME, message="[Rules](https://example.com/rules)")
    await send(admin)
    [link] = links(admin, NAME)
    cookies = {"Cookie": "; ".join(f"c{number}={'x' * 990}" for number in range(size // 1_000))}
    page = await follow(whole_bot, link, headers=cookies)
    assert (page.status, page.location) == (302, "https://example.com/rules")
    assert (await until_clicks(whole_bot, 1)).clicks == 1
    too_many = await follow(whole_bot, link, headers={"Cookie": "x" * 60_000})
    assert too_many.status in (400, 431)


TOKENS = ["%", "%00", "%ff", "%zz", "a" * 5_000, "a.b.c", "..", "%2e%2e%2f", "%0d%0aX:%20y", "é"]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("path", ["/r/", "/x/"])
async def test_no_token_at_a_public_address_costs_an_error(
    whole_bot: Bot, caplog: pytest.LogCaptureFixture, path: str, token: str
) -> None:
    page = await follow(whole_bot, f"{PUBLIC_URL}{path}{token}")
    assert page.status in (400, 404)
    assert b"X: y" not in page.body
    assert [line for line in caplog.records if line.levelno >= logging.WARNING] == []
