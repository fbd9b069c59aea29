"""Department, job title, country and city: from the directory when known, else the fallback."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivery.people.entra import AFTER_REFUSAL
from tests.fake_teams import FakeTeams, FakeUser, Reply
from tests.support.campaigns.staff import staff
from tests.support.chats.cards import card_of, texts
from tests.support.chats.chat import TENANT, Bot, Person, running, write
from tests.support.chats.clocks import MovedClock
from tests.support.waiting import until_stored

MESSAGE = "Dear [JOBTITLE|colleague] in [CITY|your office], [DEPARTMENT|your team], [COUNTRY|here]"
PLAIN = "Dear colleague in your office, your team, here"


async def detailed(bot: Bot, user: FakeUser) -> None:
    async def known() -> bool:
        stored = await bot.store.users.get(TENANT, user.id)
        return stored is not None and stored.details_at is not None

    await until_stored(known, "what the directory says")


async def received(admin: Person) -> list[str]:
    """The lines of the campaign that the admin writes and sends to themselves."""
    await write(admin, name="News", message=MESSAGE, notification="For you")
    await admin.presses("Send now")
    await admin.presses("Yes, send to 1 person")
    await admin.sees("· Completed")
    [post] = [post for post in admin.inbox() if (post.activity or {}).get("summary") == "For you"]
    return texts(card_of(post))


async def test_what_the_directory_says_is_filled_in(
    whole_bot: Bot, admin: Person, administrator: FakeUser
) -> None:
    await detailed(whole_bot, administrator)
    assert PLAIN in "".join(await received(admin))


async def test_of_whom_it_says_something_gets_that(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    user = administrator
    user.job_title, user.city, user.department, user.country = (
        "*Head*",
        "Bern",
        "](http://evil)",
        "CH",
    )
    async with running(teams_service, tmp_path, admin=user) as bot:
        admin = Person(teams_service, bot, user)
        await admin.installs()
        await detailed(bot, user)
        [line, *_] = [text for text in await received(admin) if "Dear" in text]
        assert line == "Dear *Head* in Bern, ](http://evil), CH"
        content = await admin.says("new campaign")
        await admin.presses("Next", name="More", format="idea")
        content = await admin.presses("Next: preview", message="In [CITY]")
        assert not any("will be empty" in text for text in texts(content))


async def test_without_permission_fallbacks_are_used_and_the_author_is_told(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    teams_service.graph.allowed = False
    administrator.city = "Bern"
    clock = MovedClock()
    async with running(teams_service, tmp_path, admin=administrator, clock=clock) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        assert PLAIN in "".join(await received(admin))
        await admin.says("new campaign")
        await admin.presses("Next", name="More", format="idea")
        preview = await admin.presses("Next: preview", message="[CITY], [COUNTRY|x] [JOBTITLE]")
        warning = (
            "⚠ [JOBTITLE] and [CITY] will be empty: I can't read your organisation's directory. "
        )
        assert any(text.startswith(warning) for text in texts(preview))

        teams_service.graph.allowed = True
        clock.move(AFTER_REFUSAL + 1)
        await detailed(bot, administrator)
        preview = await admin.presses("Refresh preview")
        assert "Bern,  " in "".join(texts(preview)) or "Bern, x" in "".join(texts(preview))
        assert not any("will be empty" in text for text in texts(preview))


@pytest.mark.parametrize("people", [45, 450])
async def test_everyone_is_asked_for_in_few_calls_and_retry_after_is_obeyed(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path, people: int
) -> None:
    async with running(teams_service, tmp_path, admin=administrator) as bot:
        known = await staff(teams_service, bot, people)
    for user in known:
        user.department = f"D {user.id[:4]}"
    teams_service.graph.calls.clear()
    teams_service.graph.script.append(Reply(429, "TooManyRequests", retry_after=60))
    clock = MovedClock()
    async with running(teams_service, tmp_path, admin=administrator, clock=clock) as bot:
        await until_stored(lambda: _calls(teams_service, 1), "the first call")
        assert len(teams_service.graph.calls) == 1

        async def again() -> bool:
            # More than once, as the answer may not have been read yet.
            clock.move(61)
            return await _calls(teams_service, 2)

        await until_stored(again, "the second call")
        for user in known:
            await detailed(bot, user)
            stored = await bot.store.users.get(TENANT, user.id)
            assert stored is not None
            assert stored.details.department == user.department
    batches = [call for call in teams_service.graph.calls if "$batch" in call or "$top" in call]
    assert len(batches) == (1 + 3 if people == 45 else 1 + 1)


async def _calls(fake: FakeTeams, count: int) -> bool:
    return len(fake.graph.calls) >= count
