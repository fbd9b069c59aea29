"""A campaign from an admin's chat to everyone's, and a report that tells the truth about it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.fake_teams import CutOff, FakeTeams, FakeUser, Fault, Received, Reply
from tests.support.adaptive_card_schema import assert_valid_card
from tests.support.chat import (
    TENANT,
    Bot,
    Person,
    buttons,
    card_of,
    counts,
    install_all,
    recipients,
    recipients_with,
    running,
    send,
    texts,
    until_stored,
    write,
)

NAME = "Office closed on Friday"
MESSAGE = "Hello [FIRSTNAME], **the office is closed**."

BLOCKED = "has blocked or muted the app"
NO_APP = "does not have the app"
NO_ANSWER = "Teams did not answer"
SERVER_ERROR = "Teams had an error of its own"


async def staff(fake: FakeTeams, bot: Bot, count: int) -> list[Person]:
    """So many people who have installed the app, each with a first name of their own, which the
    bot has looked up by itself."""
    people = [Person(fake, bot, user) for user in fake.add_users(count, tenant=TENANT)]
    for number, person in enumerate(people):
        person.user.given_name = f"{person.user.given_name}{number}"
    await install_all(people)
    await until_stored(lambda: every_profile_is_known(bot), "the last profile")
    return people


async def every_profile_is_known(bot: Bot) -> bool:
    return not await bot.store.users.without_profile(1)


def sends(fake: FakeTeams, user: FakeUser | None = None, *, name: str = NAME) -> list[Received]:
    """The sends of this campaign, however they were answered; to one person or to all."""
    return [
        post
        for post in fake.received
        if post.call == "send"
        and post.activity is not None
        and post.activity.get("summary") == name
        and user in (None, fake.users[post.activity["recipient"]["id"]])
    ]


def received_by(fake: FakeTeams, name: str = NAME) -> Counter[str]:
    """How often the campaign arrived, by the recipient's address."""
    posts = [post for post in sends(fake, name=name) if post.arrived and post.activity]
    return Counter(fake.users[(post.activity or {})["recipient"]["id"]].email for post in posts)


async def test_a_thousand_people_get_their_own_message_once(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    people = [admin, *await staff(teams_service, whole_bot, 999)]
    look_ups = Counter(of.account_id for of in teams_service.received if of.call == "member")
    assert look_ups == Counter(person.user.account_id for person in people)

    await write(admin, name=NAME, message=MESSAGE)
    assert "Recipients: All users (1,000 people)" in texts(admin.card)
    report = await send(admin)

    assert received_by(teams_service) == Counter(person.user.email for person in people)
    template, *_ = (card_of(post) for post in sends(teams_service))
    assert_valid_card(template)
    for person in people:
        [post] = sends(teams_service, person.user)
        assert post.activity is not None
        assert post.activity["channelData"] == {"notification": {"alert": True}}
        assert f"Hello {person.user.given_name}, **the office is closed**." in texts(card_of(post))

    assert recipients(report) == 1_000
    assert counts(report) == {"Success": 1_000, "Error": 0, "Rescheduled": 0, "Ongoing": 0}
    successes = await recipients_with(admin, "success")
    assert successes.keys() == {person.user.email for person in people}

    # The card that Send was pressed on showed how it went, without anybody pressing a button.
    progress = [
        card_of(post)
        for post in admin.inbox()
        if post.call == "update" and post.activity_id == admin.card_id
    ]
    assert len(progress) > 1
    states = [next(line for line in texts(card) if line.startswith("Report")) for card in progress]
    assert states == ["Report · Sending"] * (len(progress) - 1) + ["Report · Completed"]
    done = [counts(card).get("Success", 0) for card in progress]
    assert done == sorted(done)
    assert {sum(counts(card).values()) for card in progress} == {1_000}
    for card in progress:
        assert_valid_card(card)


class Case(msgspec.Struct, frozen=True):
    """What the service answers to the sends to one person, and what the report makes of it."""

    faults: tuple[Fault, ...]
    answers: tuple[int, ...]
    """Of all sends; 0 where the connection was cut."""
    result: str
    why: str = ""
    arrived: int = 0


CASES = {
    "throttled": Case((Reply(429, retry_after=1),), (429, 201), "success", arrived=1),
    "asked to try again": Case((Reply(412, "PreconditionFailed"),), (412, 201), "success", "", 1),
    "token refused once": Case((Reply(401, "Unauthorized"),), (401, 201), "success", arrived=1),
    "answer cut": Case((CutOff(in_body=True),), (0,), "success", arrived=1),
    "muted": Case(
        (Reply(403, body={"errorCode": 209, "message": "(MessageWritesBlocked)"}),),
        (403,),
        "error",
        BLOCKED,
    ),
    "left the chat": Case((Reply(403, "BotNotInConversationRoster"),), (403,), "error", NO_APP),
    "removed while sending": Case(
        (Reply(403, "BotNotInConversationRoster"),), (403,), "error", NO_APP
    ),
    "switched off": Case(
        (Reply(403, "BotDisabledByAdmin"),),
        (403,),
        "error",
        "the app is switched off by the organisation",
    ),
    "wrong host": Case(
        (Reply(403, "InvalidBotApiHost"),),
        (403,),
        "error",
        "the chat's address is not one of Teams' own",
    ),
    "bad": Case((Reply(400, "BadArgument"),), (400,), "error", "Teams refused the message"),
    "too big": Case(
        (Reply(413, "MessageSizeTooBig"),), (413,), "error", "the message is too big for Teams"
    ),
    "gone for good": Case(
        (Reply(404, "ConversationNotFound"), Reply(404, "ConversationNotFound")),
        (404, 404),
        "error",
        "the chat with this person no longer exists",
    ),
    "timeout": Case((Reply(408),), (408,), "in_doubt", NO_ANSWER),
    "reset": Case((CutOff(),), (0,), "in_doubt", NO_ANSWER, arrived=1),
    "500": Case((Reply(500),), (500,), "in_doubt", SERVER_ERROR),
    "502": Case((Reply(502, done=True),), (502,), "in_doubt", SERVER_ERROR, arrived=1),
    "503": Case((Reply(503),), (503,), "in_doubt", SERVER_ERROR),
    "504": Case((Reply(504, body=b"<html>"),), (504,), "in_doubt", SERVER_ERROR),
}


async def test_of_a_thousand_each_who_did_not_get_it_is_named_with_the_reason(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    people = await staff(teams_service, whole_bot, 999)
    gone, unaware, stale, *rest = people[:2], people[2], people[3], *people[4:]
    blocked, rest = rest[:3], rest[3:]
    for person in gone:
        await person.uninstalls()
    # This one has removed the app, and nobody has told the bot.
    unaware.user.installed = False
    for person in blocked:
        person.user.blocked = True
    lost = stale.user.conversation_id
    teams_service.lose_conversation(stale.user)
    by_case = dict(zip(CASES, rest, strict=False))
    for name, case in CASES.items():
        teams_service.script(by_case[name].user.conversation_id, case.faults)

    await write(admin, name=NAME, message=MESSAGE)
    report = await send(admin)

    assert recipients(report) == 998
    assert sum(counts(report).values()) == 998
    expected = {
        result: {
            by_case[name].user.email: case.why
            for name, case in CASES.items()
            if case.result == result
        }
        for result in ("error", "in_doubt")
    }
    expected["error"] |= {person.user.email: BLOCKED for person in blocked}
    expected["error"] |= {unaware.user.email: NO_APP}
    for result, people_with in expected.items():
        told = await recipients_with(admin, result.replace("_", " "))
        assert {who: why.split(" · ")[0] for who, why in told.items()} == people_with
    succeeded = len(people) + 1 - 2 - len(expected["error"]) - len(expected["in_doubt"])
    assert counts(report) == {
        "Success": succeeded,
        "Error": len(expected["error"]),
        "Rescheduled": 0,
        "Ongoing": 0,
        "In doubt": len(expected["in_doubt"]),
    }

    for name, case in CASES.items():
        user = by_case[name].user
        answers = tuple(post.status for post in sends(teams_service, user))
        assert (name, answers) == (name, case.answers)
        assert (name, received_by(teams_service)[user.email]) == (name, case.arrived)
    first, then = sends(teams_service, by_case["throttled"].user)
    assert then.at - first.at >= 1.0
    tries = [(post.status, post.conversation_id) for post in sends(teams_service, stale.user)]
    assert tries == [(404, lost), (201, stale.user.conversation_id)]
    assert stale.user.conversation_id != lost
    assert not any(sends(teams_service, person.user) for person in gone)
    assert max(received_by(teams_service).values()) == 1


async def test_what_is_in_doubt_is_sent_again_only_when_the_admin_says_so(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [arrived, lost, fine] = await staff(teams_service, whole_bot, 3)
    teams_service.script(arrived.user.conversation_id, [Reply(502, done=True)])
    teams_service.script(lost.user.conversation_id, [Reply(502)])
    await write(admin, name=NAME, message=MESSAGE)
    report = await send(admin)
    assert (counts(report)["Success"], counts(report)["In doubt"]) == (2, 2)

    await admin.presses("Resend 2 in doubt")
    resending = await admin.presses("Yes, resend 2 in doubt")
    assert "Sending again to 2 people." in texts(resending)
    report = await admin.sees("Report · Completed")
    assert counts(report) == {"Success": 4, "Error": 0, "Rescheduled": 0, "Ongoing": 0}
    everyone = received_by(teams_service)
    assert [everyone[of.user.email] for of in (arrived, lost, fine, admin)] == [2, 1, 1, 1]


async def test_send_pressed_twice_at_once_sends_once(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await staff(teams_service, whole_bot, 20)
    await write(admin, name=NAME, message=MESSAGE)
    await admin.presses("Send now")
    yes = "Yes, send to 21 people"
    await asyncio.gather(admin.presses(yes), admin.presses(yes), admin.presses(yes))
    report = await admin.sees("Report · Completed")
    assert counts(report)["Success"] == 21
    assert set(received_by(teams_service).values()) == {1}
    assert received_by(teams_service).total() == 21


async def test_of_a_list_those_without_the_app_are_skipped_and_named(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    first, second, gone, _ = people = await staff(teams_service, whole_bot, 4)
    await gone.uninstalls()
    await write(admin, name=NAME, message=MESSAGE, audience="new")
    pasted = (
        f"{first.user.email}\n{second.user.email.upper()}; {gone.user.email},\n"
        f"nobody@example.com {first.user.email} not-an-address"
    )
    saved = await admin.presses("Save list", name="Managers", addresses=pasted)
    assert any(f"{first.user.email}" in line and "once" in line for line in texts(saved))
    assert any("not-an-address" in line for line in texts(saved))
    assert any("4 addresses, of which 2 can be reached" in line for line in texts(saved))

    await admin.presses("Use this list")
    report = await send(admin)
    assert recipients(report) == 4
    assert counts(report) == {
        "Success": 2,
        "Error": 0,
        "Rescheduled": 0,
        "Ongoing": 0,
        "Skipped": 2,
    }
    skipped = await recipients_with(admin, "skipped")
    assert {who: why.split(" · ")[0] for who, why in skipped.items()} == {
        gone.user.email: NO_APP,
        "nobody@example.com": NO_APP,
    }
    assert received_by(teams_service) == {person.user.email: 1 for person in people[:2]}


async def test_a_test_goes_to_one_verified_person_and_is_no_delivery(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [person] = await staff(teams_service, whole_bot, 1)
    await write(admin, name=NAME, message=MESSAGE)
    await admin.presses("Try")
    refused = await admin.presses("Verify", email="nobody@example.com")
    assert any("Nobody with this address has the app." in line for line in texts(refused))
    assert "Send test" not in buttons(refused)
    await admin.presses("Verify", email=person.user.email)
    await admin.presses("Send test")
    [test] = [post for post in person.inbox() if post.call == "send"]
    assert test.activity is not None
    assert test.activity["summary"] == f"Test: {NAME}"
    assert f"Test message · {NAME}" in texts(card_of(test))
    await admin.presses("Back")
    report = await send(admin)
    assert counts(report)["Success"] == 2


async def test_a_paused_campaign_waits_and_a_stopped_one_cancels_the_rest(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    async with running(
        teams_service, tmp_path / "store", admin=administrator, rate_per_second=20.0
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        await staff(teams_service, bot, 60)
        await write(admin, name=NAME, message=MESSAGE)
        await admin.presses("Send now")
        await admin.presses("Yes, send to 61 people")
        paused = await admin.presses("Pause")
        assert "Report · Paused" in texts(paused)
        await admin.presses("Resume")
        await admin.presses("Stop")
        await admin.presses("Yes, stop it")
        report = await admin.sees("Report · Stopped")
        while counts(report)["Ongoing"]:
            report = await admin.presses("Refresh")
    got = received_by(teams_service)
    assert set(got.values()) <= {1}
    assert counts(report)["Success"] == got.total() < 61
    assert counts(report)["Cancelled"] == 61 - got.total()


async def test_only_admins_send(teams_service: FakeTeams, whole_bot: Bot, admin: Person) -> None:
    [person] = await staff(teams_service, whole_bot, 1)
    assert "Hello!" in texts(await person.says("new campaign"))
    await write(admin, name=NAME, message=MESSAGE)
    await admin.presses("Send now")
    # Somebody who got hold of the admin's card.
    person.card, person.card_id = admin.card, "1"
    assert "Hello!" in texts(await person.presses("Yes, send to 2 people"))
    assert not sends(teams_service)
    assert counts(await admin.presses("Yes, send to 2 people"))


@contextlib.contextmanager
def nobody_listening() -> Iterator[str]:
    """The address of a service that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
