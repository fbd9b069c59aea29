"""Everything that an earlier version put into its stores is there."""

from __future__ import annotations

import base64
from datetime import timedelta

from campaigns.campaign import Status
from campaigns.surveys import results
from storage.base import Store
from tests.support.earlier.document_facts import (
    facts_of,
    list_facts,
    moment,
    survey_facts,
    template_facts,
    user_facts,
)
from tests.support.earlier.ledger_facts import (
    counts_facts,
    delivery_facts,
    distribution_facts,
    event_facts,
    response_facts,
)
from tests.support.earlier.stores import (
    CAMPAIGNS,
    EXPECTED,
    LATER,
    TENANTS,
    by_id,
    facts_of_all,
    key_of,
    rows_of,
)


async def test_the_key_that_signs_the_links_is_the_same(store: Store) -> None:
    secrets = await store.secrets.everything()
    kept = {name: base64.b64encode(value).decode() for name, value in secrets.items()}
    assert kept == EXPECTED["secrets"]


async def test_users_are_as_they_were_put_in(store: Store) -> None:
    found = [user_facts(user) async for chunk in store.users.everyone() for user in chunk]
    assert by_id(found) == by_id(EXPECTED["users"])


async def test_users_are_found_by_what_is_known_of_them(store: Store) -> None:
    for tenant in TENANTS:
        theirs = [user for user in EXPECTED["users"] if user["tenant"] == tenant]
        reachable = {user["id"] for user in theirs if user["reachable"]}
        assert await store.users.count_reachable(tenant) == len(reachable)
        streamed = {user.id async for chunk in store.users.reachable(tenant) for user in chunk}
        assert streamed == reachable
        addresses = [user["email"].upper() for user in theirs if user["email"]]
        found = await store.users.by_emails(tenant, addresses)
        assert {user.id for user in found.values()} == {
            user["id"] for user in theirs if user["email"]
        }
    assert [user.id for user in await store.users.without_profile(9)] == ["dan"]


async def test_lists_are_as_they_were_put_in(store: Store) -> None:
    found = [list_facts(document) async for document in store.lists.everything()]
    assert by_id(found) == by_id(EXPECTED["lists"])


async def test_templates_are_as_they_were_put_in(store: Store) -> None:
    found = [template_facts(document) async for document in store.templates.everything()]
    assert by_id(found) == by_id(EXPECTED["templates"])


async def test_surveys_are_as_they_were_put_in(store: Store) -> None:
    found = [survey_facts(document) async for document in store.surveys.everything()]
    assert by_id(found) == by_id(EXPECTED["surveys"])


async def test_campaigns_are_as_they_were_put_in(store: Store) -> None:
    assert await facts_of_all(store) == by_id([expected["facts"] for expected in CAMPAIGNS])


async def test_campaigns_are_on_their_shelves(store: Store) -> None:
    for tenant in TENANTS:
        for status in Status:
            wanted = {
                expected["facts"]["id"]
                for expected in CAMPAIGNS
                if (expected["facts"]["tenant"], expected["facts"]["status"])
                == (tenant, status.value)
            }
            page = await store.campaigns.page(tenant, [status], offset=0, limit=100)
            assert {facts_of(campaign)["id"] for campaign in page.items} == wanted
            assert (await store.campaigns.count(tenant)).get(status, 0) == len(wanted)


async def test_what_goes_on_and_what_starts_next_is_known(store: Store) -> None:
    going_on = [facts_of(campaign) for campaign in await store.campaigns.going_on()]
    assert (
        sorted([campaign["tenant"], campaign["id"]] for campaign in going_on)
        == EXPECTED["going_on"]
    )
    starting = [facts_of(campaign) for campaign in await store.campaigns.starting(LATER, limit=100)]
    assert [[campaign["tenant"], campaign["id"]] for campaign in starting] == EXPECTED[
        "starting_in_this_order"
    ]
    first = await store.campaigns.next_start(LATER - timedelta(days=365))
    assert moment(first) == starting[0]["schedule"]["starts"]


async def test_deliveries_and_their_counts_are_as_they_were_put_in(store: Store) -> None:
    for expected in CAMPAIGNS:
        key = key_of(expected)
        rows = await rows_of(store, key)
        found = {recipient: delivery_facts(row) for recipient, row in rows.items()}
        assert found == {row["recipient"]: row for row in expected["deliveries"]}, key
        assert counts_facts(await store.ledger.counts(key)) == expected["counts"], key


async def test_events_and_what_they_come_to_are_as_they_were_put_in(store: Store) -> None:
    for expected in CAMPAIGNS:
        key = key_of(expected)
        engagement = await store.events.engagement(key)
        assert {
            "clicked": engagement.clicked,
            "clicks": engagement.clicks,
            "previews": engagement.previews,
            "links": {
                address: [link.clicks, link.people] for address, link in engagement.links.items()
            },
            "read": engagement.read,
            "reacted": engagement.reacted,
            "reactions": engagement.reactions,
            "acknowledged": engagement.acknowledged,
        } == expected["engagement"], key
        found = [event_facts(event) async for chunk in store.events.rows(key) for event in chunk]
        people = {row["recipient"] for row in expected["deliveries"]}
        for person in people | {""}:
            theirs = [event for event in found if event["who"] == person]
            assert sorted(theirs, key=lambda event: event["at"]) == [
                event for event in expected["events"] if event["who"] == person
            ]
            # Events that are nobody's have no order.
            assert not person or theirs == sorted(theirs, key=lambda event: event["at"])
        assert len(found) == len(expected["events"])


async def test_responses_and_what_they_come_to_are_as_they_were_put_in(store: Store) -> None:
    for expected in CAMPAIGNS:
        key = key_of(expected)
        found = [response async for chunk in store.responses.rows(key) for response in chunk]
        assert {response.id: response_facts(response) for response in found} == expected[
            "responses"
        ], key
        people = [person async for chunk in store.responses.people(key) for person in chunk]
        assert sorted(people) == expected["answered"], key
        days = await store.responses.days(key)
        assert {day.isoformat(): number for day, number in days.items()} == expected["answered_on"]
        tally = await store.responses.tally(key)
        assert results.responses(tally) == len(expected["responses"]), key
        for question_id, wanted in expected["tally"].items():
            asked = expected["facts"]["content"]["survey"]
            survey = await store.surveys.get(asked["tenant"], asked["id"])
            assert survey is not None
            question = survey.question(question_id)
            assert question is not None
            assert distribution_facts(results.distribution(tally, question)) == wanted
