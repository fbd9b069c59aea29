"""Every answer of Teams, and what the report makes of it."""

from __future__ import annotations

import msgspec

from tests.fake_teams import CutOff, FakeTeams, Fault, Reply
from tests.support.campaigns.staff import NAME, got, installed_staff, sends
from tests.support.chats.cards import counts, recipients
from tests.support.chats.chat import Bot, Person, recipients_with, send, write

MESSAGE = "Hello [FIRSTNAME], **the office is closed**."

BLOCKED = "has blocked or muted the app"
NO_APP = "does not have the app"
NO_ANSWER = "Teams did not answer"
SERVER_ERROR = "Teams had an error of its own"


class Case(msgspec.Struct, frozen=True):
    """The scripted answers to the sends to one person, and the result in the report."""

    faults: tuple[Fault, ...]
    answers: tuple[int, ...]
    """The status of each send; 0 where the connection was cut."""
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
    "chat not found for a while": Case(
        (Reply(404, "ConversationNotFound"),) * 3, (404, 404, 404, 201), "success", arrived=1
    ),
    "not decrypted for a while": Case(
        (Reply(403, "BadArgument", "Failed to decrypt conversation id"),) * 2,
        (403, 403, 201),
        "success",
        arrived=1,
    ),
    "refused in another encoding": Case(
        (Reply(403, body='{"error":{"message":"Zugriff für Gäste gesperrt"}}'.encode("cp1252")),),
        (403, 201),
        "success",
        arrived=1,
    ),
    "throttled until no day at all": Case(
        (Reply(429, retry_after="Sat, 28 Nov 2026 18:10:00 99999"),), (429, 201), "success", "", 1
    ),
    "timeout": Case((Reply(408),), (408,), "in_doubt", NO_ANSWER),
    "reset": Case((CutOff(),), (0,), "in_doubt", NO_ANSWER, arrived=1),
    "500": Case((Reply(500),), (500,), "in_doubt", SERVER_ERROR),
    "502": Case((Reply(502, done=True),), (502,), "in_doubt", SERVER_ERROR, arrived=1),
    "503": Case((Reply(503),), (503,), "in_doubt", SERVER_ERROR),
    "504": Case((Reply(504, body=b"<html>"),), (504,), "in_doubt", SERVER_ERROR),
}


async def test_every_recipient_who_did_not_get_it_is_named_with_the_reason(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    people = await installed_staff(teams_service, whole_bot, 999)
    gone, unaware, stale, *rest = people[:2], people[2], people[3], *people[4:]
    blocked, rest = rest[:3], rest[3:]
    for person in gone:
        await person.uninstalls()
    # This person has removed the app, and the bot was not told.
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
        assert {email: why.split(" · ")[0] for email, why in told.items()} == people_with
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
        answers = tuple(post.status for post in sends(teams_service, user=user))
        assert (name, answers) == (name, case.answers)
        assert (name, got(teams_service)[user.account_id]) == (name, case.arrived)
    first, then = sends(teams_service, user=by_case["throttled"].user)
    assert then.arrived_at - first.arrived_at >= 1.0
    tries = [(post.status, post.conversation_id) for post in sends(teams_service, user=stale.user)]
    assert tries == [(404, lost), (201, stale.user.conversation_id)]
    assert stale.user.conversation_id != lost
    assert not any(sends(teams_service, user=person.user) for person in gone)
    assert max(got(teams_service).values()) == 1
