"""Whatever the service does, each delivery ends with the right result, and the totals add up."""

from __future__ import annotations

import random
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest

from campaigns.campaign import Status
from campaigns.delivery import DeliveryStatus
from campaigns.outcome import Reason
from teams.transport import Timeouts
from tests.fake_teams import CutOff, FakeTeams, FakeUser, Fault, Reply, Slow
from tests.support.campaigns.staff import (
    MESSAGE,
    NAME,
    accounts,
    campaign,
    got,
    open_report,
    rows,
    staff,
    start,
    totals,
    until_status,
)
from tests.support.chats.cards import counts, recipients
from tests.support.chats.chat import TENANT, Bot, Person, running, send, write
from tests.support.chats.clocks import FastClock
from tests.support.waiting import until_stored

NO_SUCH_HOST = "https://teams.invalid"
SENT, FAILED, IN_DOUBT = DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.IN_DOUBT


@pytest.fixture
async def impatient_bot(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> AsyncIterator[Bot]:
    """Waits half a second for answers; its clock runs fast, for the waits between tries."""
    async with running(
        teams_service,
        tmp_path / "store",
        admin=administrator,
        clock=FastClock(10.0),
        timeouts=Timeouts(connect=2.0, total=0.5),
        hosts=["teams.invalid"],
    ) as bot:
        yield bot


@pytest.fixture
def closed_port() -> Iterator[str]:
    """The address of a service that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


class Case(msgspec.Struct, frozen=True):
    """The answers to the sends to one person, and the end of the delivery."""

    faults: tuple[Fault, ...]
    status: DeliveryStatus
    reason: Reason | None = None
    tries: int = 1
    arrived: int = 0
    after_loss: tuple[Fault, ...] | None = None
    """The chat is lost; what its creation is answered with first."""
    if_resent: int | None = None
    """How often it arrives when what is in doubt is resent by itself; None: the same."""


def forbidden(code: str) -> Reply:
    return Reply(403, code)


CASES = {
    "fine": Case((), SENT, arrived=1),
    "throttled": Case((Reply(429, retry_after=1),) * 3, SENT, None, 4, 1),
    "throttled, nobody says how long": Case((Reply(429),), SENT, None, 2, 1),
    "throttled until a date long past": Case(
        (Reply(429, retry_after="Sun, 06 Nov 1994 08:49:37 GMT"),), SENT, None, 2, 1
    ),
    "412": Case((Reply(412, "PreconditionFailed"),) * 2, SENT, None, 3, 1),
    "blocked": Case((forbidden("ConversationBlockedByUser"),), FAILED, Reason.BLOCKED),
    "muted": Case((Reply(403, body={"errorCode": 209}),), FAILED, Reason.BLOCKED),
    "writes blocked": Case((forbidden("MessageWritesBlocked"),), FAILED, Reason.BLOCKED),
    "switched off": Case((forbidden("BotDisabledByAdmin"),), FAILED, Reason.DISABLED_BY_ADMIN),
    "forbidden": Case((forbidden("ForbiddenOperationException"),), FAILED, Reason.NOT_INSTALLED),
    "not in chat": Case((forbidden("BotNotInConversationRoster"),), FAILED, Reason.NOT_INSTALLED),
    "wrong host": Case((forbidden("InvalidBotApiHost"),), FAILED, Reason.WRONG_HOST),
    "400": Case((Reply(400, "BadArgument"),), FAILED, Reason.BAD_REQUEST),
    "413": Case((Reply(413, "MessageSizeTooBig"),), FAILED, Reason.TOO_BIG),
    "401 once": Case((Reply(401, "Unauthorized"),), SENT, None, 2, 1),
    "chat lost": Case((), SENT, None, 2, 1, after_loss=()),
    # Creating a chat twice does no harm: nothing about it is ever in doubt.
    "chat lost, creation throttled": Case((), SENT, None, 3, 1, (Reply(429, retry_after=1),)),
    "chat lost, creation fails": Case((), SENT, None, 3, 1, (Reply(500),)),
    "chat lost, creation cut off": Case((), SENT, None, 3, 1, (CutOff(done=False),)),
    "408": Case((Reply(408),), IN_DOUBT, Reason.NO_ANSWER, if_resent=1),
    "500": Case((Reply(500),), IN_DOUBT, Reason.SERVER_ERROR, if_resent=1),
    "502 and done": Case(
        (Reply(502, done=True),), IN_DOUBT, Reason.SERVER_ERROR, 1, 1, if_resent=2
    ),
    "503": Case((Reply(503),), IN_DOUBT, Reason.SERVER_ERROR, if_resent=1),
    "504, twice": Case((Reply(504), Reply(504)), IN_DOUBT, Reason.SERVER_ERROR, if_resent=0),
    "cut off": Case((CutOff(),), IN_DOUBT, Reason.NO_ANSWER, 1, 1, if_resent=2),
    "cut off, not done": Case((CutOff(done=False),), IN_DOUBT, Reason.NO_ANSWER, if_resent=1),
    "cut off in the answer's body": Case((CutOff(in_body=True),), SENT, arrived=1),
    "slow": Case((Slow(0.1),), SENT, arrived=1),
    "too slow": Case((Slow(2.0),), IN_DOUBT, Reason.NO_ANSWER, 1, 1, if_resent=2),
}


async def people_by_case(fake: FakeTeams, bot: Bot) -> dict[str, FakeUser]:
    """Somebody for each case, and around each some for whom all is well: or else many refusals in
    a row would rightly pause the campaign."""
    people = await staff(fake, bot, 4 * len(CASES))
    by_case = dict(zip(CASES, people[::4], strict=True))
    for name, case in CASES.items():
        user = by_case[name]
        if case.after_loss is not None:
            fake.lose_conversation(user)
            fake.script(user.account_id, case.after_loss)
        else:
            fake.script(user.conversation_id, case.faults)
    return by_case


@pytest.mark.parametrize("resend", [False, True])
async def test_each_answer_leads_to_its_result_and_the_campaign_completes(
    teams_service: FakeTeams, impatient_bot: Bot, administrator: FakeUser, resend: bool
) -> None:
    admin = Person(teams_service, impatient_bot, administrator)
    await admin.installs()
    by_case = await people_by_case(teams_service, impatient_bot)
    everyone = len(teams_service.users)
    await write(admin, name=NAME, message=MESSAGE)
    await admin.presses("Send now")
    await admin.presses(f"Yes, send to {everyone} people", in_doubt="resend" if resend else "ask")
    await until_status(impatient_bot, Status.COMPLETED)

    found = await rows(impatient_bot, (await campaign(impatient_bot)).key)
    arrived = got(teams_service)
    for name, case in CASES.items():
        user, expected = by_case[name], case
        if resend and case.if_resent is not None:
            ends_in_doubt = case.if_resent == 0
            expected = msgspec.structs.replace(
                case,
                status=IN_DOUBT if ends_in_doubt else SENT,
                reason=case.reason if ends_in_doubt else None,
                tries=2,
                arrived=case.if_resent,
            )
        row = found[user.id]
        assert (name, row.status, row.reason, row.attempts, arrived[user.account_id]) == (
            name,
            expected.status,
            expected.reason,
            expected.tries,
            expected.arrived,
        )
    tried = {user.id for user in by_case.values()}
    assert {row.status for user_id, row in found.items() if user_id not in tried} == {SENT}
    assert (await totals(impatient_bot)).recipients == len(found) == everyone
    # The report says the same.
    report = await open_report(admin)
    assert recipients(report) == sum(counts(report).values()) == everyone


@pytest.mark.parametrize("where", ["no such host", "refused"])
async def test_who_could_not_be_reached_gets_it_when_the_way_is_there_again(
    teams_service: FakeTeams,
    impatient_bot: Bot,
    administrator: FakeUser,
    closed_port: str,
    where: str,
) -> None:
    admin = Person(teams_service, impatient_bot, administrator)
    await admin.installs()
    address = NO_SUCH_HOST if where == "no such host" else closed_port
    cut_off = await staff(teams_service, impatient_bot, 3, service_url=address)
    others = await staff(teams_service, impatient_bot, 3)
    await write(admin, name=NAME, message=MESSAGE)
    await start(admin, 7)
    key = (await campaign(impatient_bot)).key

    async def all_were_tried() -> bool:
        found = await rows(impatient_bot, key)
        return all(found[user.id].attempts for user in cut_off if user.id in found) and bool(found)

    await until_stored(all_were_tried, "a first try for each")
    for user in cut_off:
        # Whatever a person does tells where they are now.
        await Person(teams_service, impatient_bot, user).does(
            teams_service.inbound.reacted(user, "1")
        )
    await until_status(impatient_bot, Status.COMPLETED)
    assert got(teams_service) == accounts(*cut_off, *others, administrator)
    found = await rows(impatient_bot, key)
    for user in cut_off:
        assert found[user.id].trace[0].reason is Reason.NOT_CONNECTED
    assert (await totals(impatient_bot)).success == 7


async def test_inside_the_strictest_limits_with_429s_at_random_everyone_gets_it_once(
    tmp_path: Path,
) -> None:
    dice = random.Random(20261122)
    async with FakeTeams(auth=True, limits=True) as fake:
        [administrator] = fake.add_users(1, tenant=TENANT)
        async with running(
            fake, tmp_path / "store", admin=administrator, rate_per_second=50.0
        ) as bot:
            admin = Person(fake, bot, administrator)
            await admin.installs()
            people = await staff(fake, bot, 99)
            for user in dice.sample(people, 20):
                fake.script(user.conversation_id, [Reply(429, retry_after=1)])
            await write(admin, name=NAME, message=MESSAGE)
            report = await send(admin)
            assert counts(report) == {"Success": 100, "Error": 0, "Rescheduled": 0, "Ongoing": 0}
            assert (await totals(bot)).success == 100
        assert got(fake) == accounts(*people, administrator)
        # Of the refusals only those at random; the pace itself caused none.
        assert sum(post.status == 429 for post in fake.received) == 20
