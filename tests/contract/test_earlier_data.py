"""What earlier versions wrote is still understood: stores, buttons in chats, and links.

Each folder of tests/fixtures/stores is named after the commit that wrote it; README.md there says
how. ``expected.json`` says in plain words what was put in.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import msgspec
import pytest

from campaigns.audience import (
    AllUsers,
    Audience,
    ListAudience,
    NewcomersAudience,
    ReceivedAudience,
    UnansweredAudience,
    WaitingAudience,
)
from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.content import Content
from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.feedback.events import Event, EventKind
from campaigns.ledger import ledger
from campaigns.ledger.retry import Done
from campaigns.lists import DistributionList
from campaigns.outcome import Sent
from campaigns.report import Counts, Result
from campaigns.schedule.schedule import Schedule
from campaigns.seal import Seal, link_id
from campaigns.surveys import results
from campaigns.surveys.answers import Answer, Response
from campaigns.surveys.results import Distribution
from campaigns.surveys.survey import Survey
from campaigns.templates import Template
from campaigns.user import User
from cards.actions import Action, decode
from storage.base import Recorded, Store
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from storage.transfer import move
from tests.support.postgresql import empty_database
from tests.support.tree import ROOT

Facts: TypeAlias = dict[str, Any]

WRITTEN = ROOT / "tests" / "fixtures" / "stores" / "1392af9"
LATER = datetime(2026, 6, 1, 9, tzinfo=UTC)


def read(name: str) -> Any:
    return json.loads((WRITTEN / name).read_text(encoding="utf-8"))


EXPECTED = read("expected.json")
BUTTONS = read("buttons.json")
LINKS = read("links.json")
CAMPAIGNS: list[Facts] = EXPECTED["campaigns"]
TENANTS = sorted({of["tenant"] for of in EXPECTED["users"]})
CONTOSO, FABRIKAM = TENANTS


@asynccontextmanager
async def from_folder(where: Path) -> AsyncIterator[Store]:
    shutil.copytree(WRITTEN / "folder", where / "data")
    yield EmbeddedStore(where / "data")


@asynccontextmanager
async def from_database(server: str) -> AsyncIterator[Store]:
    async with restored(server) as url:
        yield PostgresStore(url)


@asynccontextmanager
async def restored(server: str) -> AsyncIterator[str]:
    """A database with what the dump has."""
    async with empty_database(server) as url:
        connection = await asyncpg.connect(url)
        await connection.execute((WRITTEN / "database.sql").read_text(encoding="utf-8"))
        await connection.close()
        yield url


BACKENDS = [
    pytest.param((from_folder, "tmp_path"), id="folder"),
    pytest.param((from_database, "postgresql"), id="database", marks=pytest.mark.database),
]
"""Each with the fixture that it takes."""


@pytest.fixture(params=BACKENDS)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An open store of each backend with what was written then."""
    backend, needed = request.param
    async with backend(request.getfixturevalue(needed)) as store:
        await store.open()
        yield store
        await store.close()


@pytest.fixture
async def database(postgresql: str) -> AsyncIterator[Store]:
    async with restored(postgresql) as url:
        store = PostgresStore(url)
        await store.open()
        yield store
        await store.close()


# What a value says, in the words of expected.json


def facts_of(campaign: Campaign) -> Facts:
    """The only place here that knows where a campaign has what."""
    kind, of = audience_facts(campaign.audience)
    return {
        "tenant": campaign.tenant_id,
        "id": campaign.id,
        "name": campaign.name,
        "format": campaign.format.value,
        "status": campaign.status.value,
        "author": campaign.author_id,
        "created": moment(campaign.created_at),
        "updated": moment(campaign.updated_at),
        "revision": campaign.revision,
        "content": content_facts(campaign.content),
        "replaced_content": campaign.draft.replaced and content_facts(campaign.draft.replaced),
        "audience": kind,
        "audience_of": of,
        "audience_name": campaign.run.audience.name,
        "purpose": campaign.follow_up.purpose.value,
        "followers": list(campaign.follow_up.followers),
        "schedule": campaign.schedule and schedule_facts(campaign.schedule),
        "missed": campaign.draft.missed and campaign.draft.missed.value,
        "in_doubt": campaign.in_doubt.value,
        "asks_to_acknowledge": campaign.acknowledge,
        "recipients": campaign.run.recipients,
        "sender": campaign.run.sender_id,
        "started": moment(campaign.run.started_at),
        "ended": moment(campaign.run.ended_at),
        "fault": campaign.run.fault and campaign.run.fault.value,
        "survey_closed_by_hand": campaign.survey_state.closed,
        "survey_reopened_by_hand": campaign.survey_state.reopened,
        "reminders": list(campaign.survey_state.reminders),
        "reminded_by_itself": campaign.survey_state.reminded,
        "progress_card": campaign.run.progress
        and [campaign.run.progress.user_id, campaign.run.progress.activity_id],
        "doubts_to_be_sent_again": campaign.run.reopened,
    }


def moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def audience_facts(audience: Audience | None) -> tuple[str | None, str | None]:
    """Which kind, and of which list or campaign."""
    match audience:
        case None:
            return None, None
        case AllUsers():
            return "all", None
        case ListAudience(of):
            return "list", of
        case ReceivedAudience(of):
            return "received", of
        case NewcomersAudience(of):
            return "newcomers", of
        case WaitingAudience(of):
            return "waiting", of
        case UnansweredAudience(of):
            return "unanswered", of


def content_facts(content: Content) -> Facts:
    return {
        "message": content.message,
        "notification": content.notification,
        "title": content.title,
        "image": content.image.url,
        "image_shows": content.image.alt,
        "buttons": [[button.text, button.url] for button in content.buttons],
        "pasted_card": content.card,
        "sends_pasted_card": content.pasted,
        "survey": content.survey and survey_facts(content.survey),
    }


def survey_facts(survey: Survey) -> Facts:
    return {
        "tenant": survey.tenant_id,
        "id": survey.id,
        "name": survey.name,
        "author": survey.author_id,
        "created": moment(survey.created_at),
        "updated": moment(survey.updated_at),
        "revision": survey.revision,
        "introduction": survey.introduction,
        "questions": [
            {
                "id": question.id,
                "kind": question.kind.value,
                "text": question.text,
                "help": question.help,
                "required": question.required,
                "choices": list(question.choices),
                "other": question.other,
                "low": question.low,
                "high": question.high,
                "several_lines": question.lines,
            }
            for question in survey.questions
        ],
        "questions_ever": survey.asked,
        "anonymous": survey.anonymous,
        "changeable": survey.changeable,
        "closes": moment(survey.closes_at),
        "remind_days_before": survey.remind_before,
        "who_sees_results": survey.readers.value,
        "thanks": survey.thanks,
        "used": survey.used,
    }


def schedule_facts(schedule: Schedule) -> Facts:
    window, night, series = schedule.window, schedule.night, schedule.series
    return {
        "starts": moment(schedule.at),
        "zone": schedule.zone,
        "scheduled_by": schedule.by,
        "seed": schedule.seed,
        "window": window
        and {
            "first_day": window.first_day.isoformat(),
            "days": window.days,
            "opens": f"{window.hours.opens:%H:%M}",
            "closes": f"{window.hours.closes:%H:%M}",
            "weekdays": list(window.hours.weekdays),
            "holidays_of": window.hours.country,
            "zone": window.zone,
            "in_own_zones": window.own_zones,
        },
        "sends_to": schedule.rule.value,
        "presence_unknown": schedule.fallback.value,
        "night": night and [f"{night.begins:%H:%M}", f"{night.ends:%H:%M}"],
        "series": series
        and {
            "id": series.id,
            "number": series.number,
            "every": series.recurrence.every.value,
            "days": list(series.recurrence.days),
            "at": f"{series.recurrence.at:%H:%M}",
            "zone": series.recurrence.zone,
            "until": series.recurrence.until and series.recurrence.until.isoformat(),
            "times": series.recurrence.times,
        },
    }


def user_facts(user: User) -> Facts:
    draft = user.open_draft
    return {
        "tenant": user.tenant_id,
        "id": user.id,
        "name": user.profile.name,
        "given_name": user.profile.given_name,
        "surname": user.profile.surname,
        "email": user.profile.email,
        "upn": user.profile.upn,
        "profile_known": user.profile_known,
        "department": user.details.department,
        "job_title": user.details.job_title,
        "country": user.details.country,
        "city": user.details.city,
        "details_asked": moment(user.details_at),
        "locale": user.locale,
        "time_zone": user.time_zone,
        "open_draft": draft and draft.campaign_id,
        "open_draft_since": draft and moment(draft.at),
        "reachable": user.reachable,
        "unreachable_because": user.unreachable_because and user.unreachable_because.value,
        "installed": moment(user.installed_at),
        "uninstalled": moment(user.uninstalled_at),
        "service_url": user.reference.service_url,
        "conversation": user.reference.conversation_id,
        "bot": user.reference.bot_id,
        "account": user.reference.account_id,
        "channel": user.reference.channel_id,
    }


def list_facts(of: DistributionList) -> Facts:
    return {
        "tenant": of.tenant_id,
        "id": of.id,
        "name": of.name,
        "addresses": list(of.addresses),
        "author": of.author_id,
        "created": moment(of.created_at),
        "updated": moment(of.updated_at),
        "revision": of.revision,
    }


def template_facts(template: Template) -> Facts:
    kind, of = audience_facts(template.audience)
    return {
        "tenant": template.tenant_id,
        "id": template.id,
        "name": template.name,
        "format": template.format.value,
        "content": content_facts(template.content),
        "audience": kind,
        "audience_of": of,
        "in_doubt": template.in_doubt.value,
        "asks_to_acknowledge": template.acknowledge,
        "author": template.author_id,
        "created": moment(template.created_at),
    }


def delivery_facts(delivery: Delivery) -> Facts:
    claim, waiting = delivery.claim, delivery.waiting
    return {
        "recipient": delivery.recipient_id,
        "name": delivery.name,
        "email": delivery.email,
        "status": delivery.status.value,
        "due": moment(delivery.due_at),
        "claimed_by": claim and claim.owner,
        "claimed_until": claim and moment(claim.until),
        "attempts": delivery.attempts,
        "throttles": delivery.throttles,
        "resends": delivery.resends,
        "tries": [
            {
                "at": moment(attempt.at),
                "outcome": attempt.outcome,
                "reason": attempt.reason and attempt.reason.value,
                "http": attempt.answer.status,
                "code": attempt.answer.code,
                "said": attempt.answer.message,
            }
            for attempt in delivery.trace
        ],
        "has_waited": waiting is not None,
        "absences": waiting.absences if waiting else 0,
        "first_look": waiting and moment(waiting.first_at),
        "runs_of_looks": waiting.runs if waiting else 0,
        "delays": waiting.delays if waiting else 0,
        "reason": delivery.reason and delivery.reason.value,
        "changes_message": delivery.target_id,
        "message": delivery.activity_id,
        "settled": moment(delivery.settled_at),
    }


def counts_facts(counts: Counts) -> dict[str, int]:
    return {result.value: counts.of(result) for result in Result}


def event_facts(event: Event) -> Facts:
    return {
        "who": event.recipient_id,
        "kind": event.kind.value,
        "at": moment(event.at),
        "detail": event.detail,
    }


def response_facts(response: Response) -> Facts:
    return {
        question_id: {
            "choices": list(answer.choices),
            "other": answer.other,
            "number": answer.number,
            "day": answer.day,
            "text": answer.text,
        }
        for question_id, answer in response.answers.items()
    }


def distribution_facts(of: Distribution) -> Facts:
    return {
        "answered": of.answered,
        "chosen": list(of.chosen),
        "others": of.others,
        "numbers": [[number, count] for number, count in of.numbers.items()],
        "days": of.days,
    }


def key_of(expected: Facts) -> CampaignKey:
    return CampaignKey(expected["facts"]["tenant"], expected["facts"]["id"])


def by_id(facts: list[Facts]) -> dict[tuple[str, str], Facts]:
    return {(of["tenant"], of["id"]): of for of in facts}


async def facts_of_all(store: Store) -> dict[tuple[str, str], Facts]:
    return by_id([facts_of(one) for one in await store.campaigns.in_status(tuple(Status))])


async def rows_of(store: Store, key: CampaignKey) -> dict[str, Delivery]:
    return {row.recipient_id: row async for chunk in store.ledger.rows(key) for row in chunk}


# What is there


async def test_the_key_that_signs_the_links_is_the_same(store: Store) -> None:
    secrets = await store.secrets.everything()
    kept = {name: base64.b64encode(value).decode() for name, value in secrets.items()}
    assert kept == EXPECTED["secrets"]


async def test_users_are_as_they_were_put_in(store: Store) -> None:
    found = [user_facts(one) async for chunk in store.users.everyone() for one in chunk]
    assert by_id(found) == by_id(EXPECTED["users"])


async def test_users_are_found_by_what_is_known_of_them(store: Store) -> None:
    for tenant in TENANTS:
        theirs = [of for of in EXPECTED["users"] if of["tenant"] == tenant]
        reachable = {of["id"] for of in theirs if of["reachable"]}
        assert await store.users.count_reachable(tenant) == len(reachable)
        streamed = {one.id async for chunk in store.users.reachable(tenant) for one in chunk}
        assert streamed == reachable
        addresses = [of["email"].upper() for of in theirs if of["email"]]
        found = await store.users.by_emails(tenant, addresses)
        assert {one.id for one in found.values()} == {of["id"] for of in theirs if of["email"]}
    assert [one.id for one in await store.users.without_profile(9)] == ["dan"]


async def test_lists_are_as_they_were_put_in(store: Store) -> None:
    found = [list_facts(one) async for one in store.lists.everything()]
    assert by_id(found) == by_id(EXPECTED["lists"])


async def test_templates_are_as_they_were_put_in(store: Store) -> None:
    found = [template_facts(one) async for one in store.templates.everything()]
    assert by_id(found) == by_id(EXPECTED["templates"])


async def test_surveys_are_as_they_were_put_in(store: Store) -> None:
    found = [survey_facts(one) async for one in store.surveys.everything()]
    assert by_id(found) == by_id(EXPECTED["surveys"])


async def test_campaigns_are_as_they_were_put_in(store: Store) -> None:
    assert await facts_of_all(store) == by_id([of["facts"] for of in CAMPAIGNS])


async def test_campaigns_are_on_their_shelves(store: Store) -> None:
    for tenant in TENANTS:
        for status in Status:
            wanted = {
                of["facts"]["id"]
                for of in CAMPAIGNS
                if (of["facts"]["tenant"], of["facts"]["status"]) == (tenant, status.value)
            }
            page = await store.campaigns.page(tenant, [status], offset=0, limit=100)
            assert {facts_of(one)["id"] for one in page.items} == wanted
            assert (await store.campaigns.count(tenant)).get(status, 0) == len(wanted)


async def test_what_goes_on_and_what_starts_next_is_known(store: Store) -> None:
    going_on = [facts_of(one) for one in await store.campaigns.going_on()]
    assert sorted([of["tenant"], of["id"]] for of in going_on) == EXPECTED["going_on"]
    starting = [facts_of(one) for one in await store.campaigns.starting(LATER, limit=100)]
    assert [[of["tenant"], of["id"]] for of in starting] == EXPECTED["starting_in_this_order"]
    first = await store.campaigns.next_start(LATER - timedelta(days=365))
    assert moment(first) == starting[0]["schedule"]["starts"]


async def test_deliveries_and_their_counts_are_as_they_were_put_in(store: Store) -> None:
    for expected in CAMPAIGNS:
        key = key_of(expected)
        rows = await rows_of(store, key)
        found = {recipient: delivery_facts(row) for recipient, row in rows.items()}
        assert found == {of["recipient"]: of for of in expected["deliveries"]}, key
        assert counts_facts(await store.ledger.counts(key)) == expected["counts"], key


async def test_events_and_what_they_come_to_are_as_they_were_put_in(store: Store) -> None:
    for expected in CAMPAIGNS:
        key = key_of(expected)
        engagement = await store.events.engagement(key)
        assert {
            "clicked": engagement.clicked,
            "clicks": engagement.clicks,
            "previews": engagement.previews,
            "links": {of: [link.clicks, link.people] for of, link in engagement.links.items()},
            "read": engagement.read,
            "reacted": engagement.reacted,
            "reactions": engagement.reactions,
            "acknowledged": engagement.acknowledged,
        } == expected["engagement"], key
        found = [event_facts(one) async for chunk in store.events.rows(key) for one in chunk]
        people = {of["recipient"] for of in expected["deliveries"]}
        for who in people | {""}:
            theirs = [of for of in found if of["who"] == who]
            assert sorted(theirs, key=lambda of: of["at"]) == [
                of for of in expected["events"] if of["who"] == who
            ]
            # What is nobody's has no order.
            assert not who or theirs == sorted(theirs, key=lambda of: of["at"])
        assert len(found) == len(expected["events"])


async def test_responses_and_what_they_come_to_are_as_they_were_put_in(store: Store) -> None:
    for expected in CAMPAIGNS:
        key = key_of(expected)
        found = [one async for chunk in store.responses.rows(key) for one in chunk]
        assert {one.id: response_facts(one) for one in found} == expected["responses"], key
        people = [one async for chunk in store.responses.people(key) for one in chunk]
        assert sorted(people) == expected["answered"], key
        days = await store.responses.days(key)
        assert {of.isoformat(): number for of, number in days.items()} == expected["answered_on"]
        tally = await store.responses.tally(key)
        assert results.responses(tally) == len(expected["responses"]), key
        for question_id, wanted in expected["tally"].items():
            asked = expected["facts"]["content"]["survey"]
            survey = await store.surveys.get(asked["tenant"], asked["id"])
            assert survey is not None
            question = survey.question(question_id)
            assert question is not None
            assert distribution_facts(results.distribution(tally, question)) == wanted


# What can be done with it


async def test_every_campaign_can_be_saved(store: Store) -> None:
    for campaign in await store.campaigns.in_status(tuple(Status)):
        before = facts_of(campaign)
        saved = await store.campaigns.save(campaign)
        assert facts_of(saved) == before | {"revision": before["revision"] + 1}
    wanted = [of["facts"] | {"revision": of["facts"]["revision"] + 1} for of in CAMPAIGNS]
    assert await facts_of_all(store) == by_id(wanted)


async def test_every_document_can_be_saved(store: Store) -> None:
    for users in [chunk async for chunk in store.users.everyone()]:
        for user in users:
            await store.users.put(user)
    for of in [one async for one in store.lists.everything()]:
        assert (await store.lists.save(of)).revision == of.revision + 1
    for survey in [one async for one in store.surveys.everything()]:
        assert (await store.surveys.save(survey)).revision == survey.revision + 1
    found = [user_facts(one) async for chunk in store.users.everyone() for one in chunk]
    assert by_id(found) == by_id(EXPECTED["users"])


async def test_claims_of_then_are_abandoned_and_can_be_settled(store: Store) -> None:
    for expected in CAMPAIGNS:
        key = key_of(expected)
        wanted = {of["recipient"] for of in expected["deliveries"] if of["status"] == "claimed"}
        abandoned = await store.ledger.abandoned(key, LATER)
        assert {one.recipient_id for one in abandoned} == wanted
        sent = [ledger.settled(one, Sent("new"), Done("new"), LATER) for one in abandoned]
        await store.ledger.settle(key, sent)
        counts = counts_facts(await store.ledger.counts(key))
        assert counts == expected["counts"] | {
            "ongoing": expected["counts"]["ongoing"] - len(wanted),
            "success": expected["counts"]["success"] + len(wanted),
        }


async def test_what_is_pending_can_be_claimed_and_settled(store: Store) -> None:
    for expected in CAMPAIGNS:
        key = key_of(expected)
        pending = {
            of["recipient"]: of for of in expected["deliveries"] if of["status"] == "pending"
        }
        claim = Claim("dispatcher-3", LATER + timedelta(minutes=5))
        claimed = await store.ledger.claim(key, claim, now=LATER, limit=100)
        assert {one.recipient_id for one in claimed} == pending.keys()
        for one in claimed:
            assert delivery_facts(one) == pending[one.recipient_id] | {
                "status": "claimed",
                "claimed_by": "dispatcher-3",
                "claimed_until": moment(claim.until),
            }
        sent = [ledger.settled(one, Sent("new"), Done("new"), LATER) for one in claimed]
        await store.ledger.settle(key, sent)
        rows = await rows_of(store, key)
        assert all(rows[of].status is DeliveryStatus.SENT for of in pending)
        assert await store.ledger.next_due(key) is None


async def test_events_are_added_to_those_of_then(store: Store) -> None:
    key = CampaignKey(CONTOSO, "completed")
    wanted = next(of for of in CAMPAIGNS if key_of(of) == key)["engagement"]
    click = Event(kind=EventKind.CLICK, at=LATER, recipient_id="hal", detail="AAAAAAAA")
    again = Event(kind=EventKind.READ, at=LATER, recipient_id="hal")
    assert await store.events.append(key, [click, again]) == 1
    engagement = await store.events.engagement(key)
    assert (engagement.clicks, engagement.clicked, engagement.read) == (
        wanted["clicks"] + 1,
        wanted["clicked"] + 1,
        wanted["read"],
    )


async def test_answers_are_added_to_those_of_then(store: Store) -> None:
    key = CampaignKey(CONTOSO, "survey-named-sent")
    expected = next(of for of in CAMPAIGNS if key_of(of) == key)
    [*_, who] = expected["answered"]
    new = Response("dan", {"q3": Answer(choices=(0,))})
    day = date(2026, 3, 5)
    assert await store.responses.record(key, "dan", new, day=day, change=True) is Recorded.NEW
    other = Response(who, {"q3": Answer(choices=(0,))})
    assert await store.responses.record(key, who, other, day=day, change=True) is Recorded.CHANGED
    assert results.responses(await store.responses.tally(key)) == len(expected["responses"]) + 1


async def test_a_new_campaign_goes_beside_those_of_then(store: Store) -> None:
    key = CampaignKey(FABRIKAM, "new")
    assert await store.ledger.freeze(key, [Delivery(recipient_id="jan", due_at=LATER)]) == 1
    assert (await store.ledger.counts(key)).ongoing == 1
    read = Event(kind=EventKind.READ, at=LATER, recipient_id="jan")
    assert await store.events.append(key, [read]) == 1


async def test_turns_of_then_are_known_and_leases_are_free(database: Store) -> None:
    for turn, answer in EXPECTED["turns"].items():
        assert await database.inbox.begin(turn, "new") == base64.b64decode(answer)
    assert await database.inbox.begin("turn-unanswered", "new") is None
    standing = await database.leases.beat("new", seconds=10.0, wanted=[], now=datetime.now(UTC))
    assert standing.tenants == frozenset(TENANTS)


async def test_a_folder_of_then_can_be_moved_into_a_database(
    tmp_path: Path, postgresql: str
) -> None:
    async with from_folder(tmp_path) as folder, empty_database(postgresql) as url:
        target = PostgresStore(url)
        assert isinstance(folder, EmbeddedStore)
        await folder.open()
        await target.open()
        await move(folder, target, lambda _: None)
        assert await facts_of_all(target) == by_id([of["facts"] for of in CAMPAIGNS])
        await target.close()
        await folder.close()


# What is in people's chats


def fields_of(action: Action, expected: Facts) -> Facts:
    """The action's values, by the names that they have on the button."""
    names = {field.encode_name: field.name for field in msgspec.structs.fields(action)}
    return {name: getattr(action, names[name]) for name in expected["fields"]}


@pytest.mark.parametrize("expected", BUTTONS["buttons"], ids=lambda of: of["do"])
def test_a_button_of_then_still_means_the_same(expected: Facts) -> None:
    of_execute, of_submit = expected["button"]["data"], expected["button"]["fallback"]["data"]
    for data in (of_execute, of_submit):
        action = decode(data)
        assert type(action).__struct_config__.tag == expected["do"]
        assert fields_of(action, expected) == expected["fields"]


@pytest.mark.parametrize("expected", BUTTONS["pressed"], ids=lambda of: of["what"])
def test_what_clients_send_with_a_button_of_then_is_understood(expected: Facts) -> None:
    action = decode(expected["data"])
    assert fields_of(action, expected) == expected["fields"]


@pytest.fixture
def seal() -> Seal:
    seal = Seal()
    seal.use(base64.b64decode(EXPECTED["secrets"]["links"]))
    return seal


def test_links_in_messages_still_lead_where_they_led(seal: Seal) -> None:
    for expected in LINKS["clicks"]:
        target, whose = seal.clicked(expected["token"])
        assert (target.tenant_id, target.campaign_id) == (
            expected["tenant"],
            expected["counts_for"],
        )
        assert (target.address, whose) == (expected["address"], expected["whose"])
        assert target.link == link_id(expected["as_written"])


def test_links_to_downloads_still_lead_where_they_led(seal: Seal) -> None:
    for expected in LINKS["downloads"]:
        found = seal.downloaded(expected["token"])
        assert {
            "token": expected["token"],
            "tenant": found.tenant_id,
            "campaign": found.campaign_id,
            "kind": found.kind,
            "time_zone": found.time_zone,
            "until": moment(found.until),
            "subject": found.subject,
        } == expected
