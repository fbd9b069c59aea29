"""Responses and who has answered, over every store."""

from __future__ import annotations

import asyncio
import operator
import os
import uuid
from collections import Counter
from datetime import date
from pathlib import Path

import asyncpg

from campaigns.campaign import CampaignKey
from campaigns.surveys import results
from campaigns.surveys.answers import Answer, Response
from storage.base import Recorded, Store
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from tests.support.examples import KEY, TENANT
from tests.support.stores.postgresql import empty_database

OTHER = CampaignKey(TENANT, "another")
DAY = date(2026, 3, 2)


def response(response_id: str, mark: int = 3) -> Response:
    return Response(
        response_id, {"q1": Answer(number=mark), "q2": Answer(choices=(0, 2), other="é\U0001f600")}
    )


async def record(
    store: Store, person: str, given: Response, *, day: date = DAY, change: bool = True
) -> Recorded:
    return await store.responses.record(KEY, person, given, day=day, change=change)


def written_last(folder: Path) -> None:
    """Gives one of the files another time than the others have."""
    os.utime(next(folder.glob("**/*.json")), ns=(1, 1))


def written_at(folder: Path) -> list[int]:
    """The time of each file's last change, in nanoseconds."""
    return [file.stat().st_mtime_ns for file in folder.glob("**/*.json")]


async def every(store: Store, key: CampaignKey = KEY) -> dict[str, Response]:
    return {kept.id: kept async for chunk in store.responses.rows(key) for kept in chunk}


async def test_a_response_is_there_with_who_has_answered_apart(store: Store) -> None:
    assert await record(store, "ann", response("r1")) is Recorded.NEW
    assert await store.responses.get(KEY, "r1") == response("r1")
    assert await store.responses.answered(KEY, ["ann", "bob"]) == {"ann"}
    assert await every(store) == {"r1": response("r1")}
    assert await every(store, OTHER) == {}
    assert await store.responses.get(OTHER, "r1") is None


async def test_the_same_press_twice_counts_once(store: Store) -> None:
    both = await asyncio.gather(*(record(store, "ann", response("r1")) for _ in range(2)))
    assert sorted(recorded.value for recorded in both) == ["kept", "new"]
    assert results.responses(await store.responses.tally(KEY)) == 1
    assert await store.responses.days(KEY) == {DAY: 1}


async def test_the_order_of_anonymous_responses_is_not_that_of_people_in_postgresql(
    postgresql: str,
) -> None:
    people = [f"person {number:02d}" for number in range(60)]
    given = {uuid.uuid4().hex: person for person in people}
    async with empty_database(postgresql) as url:
        store = PostgresStore(url)
        await store.open()
        for receipt, person in given.items():
            await record(store, person, response(receipt))
        await store.close()
        connection = await asyncpg.connect(url)
        for order in ("xmin::text::bigint, ctid", "ctid"):
            asked = await connection.fetch(f"SELECT recipient_id FROM answered ORDER BY {order}")
            assert [person for (person,) in asked] == people
            kept = await connection.fetch(f"SELECT id FROM responses ORDER BY {order}")
            guessed = [given[receipt] for (receipt,) in kept]
            assert sum(map(operator.eq, guessed, people)) < 20
        # Nor is a response written right before its person, as the server numbers what is written.
        marked = await connection.fetch("SELECT recipient_id, xmin::text::int FROM answered")
        numbers = {str(person): int(number) for person, number in marked}
        stamped = await connection.fetch("SELECT id, xmin::text::int FROM responses")
        assert not [receipt for receipt, number in stamped if number == numbers[given[receipt]] - 1]
        alike = Counter(number for _, number in stamped)
        assert alike[max(alike)] >= 10
        # Those that were written together stand side by side, so that none of them stands apart.
        ids = sorted(given)
        last = {receipt for receipt, number in stamped if number == max(alike)}
        starts = [
            index
            for index, receipt in enumerate(ids)
            if receipt in last and ids[index - 1] not in last
        ]
        assert len(starts) == 1
        await connection.close()


async def test_times_of_files_join_no_anonymous_response_to_its_person(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    await store.open()
    for number in range(8):
        await record(store, f"person {number}", response(uuid.uuid4().hex))
    await store.close()
    times = written_at(tmp_path / "responses") + written_at(tmp_path / "answered")
    assert len(times) > 2
    assert len(set(times)) == 1


async def test_also_when_the_process_was_killed_right_after_writing(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    await store.open()
    for number in range(20):
        await record(store, f"person {number}", response(uuid.uuid4().hex))
    await store.close()
    # What a process leaves that is killed between writing an answer and making the times alike.
    written_last(tmp_path / "responses")
    written_last(tmp_path / "answered")
    store = EmbeddedStore(tmp_path)
    await store.open()
    times = written_at(tmp_path / "responses") + written_at(tmp_path / "answered")
    assert len(set(times)) == 1
    await store.close()


async def test_an_answer_is_changed_only_where_that_is_allowed(store: Store) -> None:
    await record(store, "ann", response("r1", 1))
    assert await record(store, "ann", response("r1", 2), change=False) is Recorded.KEPT
    assert await store.responses.get(KEY, "r1") == response("r1", 1)
    assert await record(store, "ann", response("r1", 2)) is Recorded.CHANGED
    assert await every(store) == {"r1": response("r1", 2)}
    assert await store.responses.tally(KEY) == results.tally([response("r1", 2).answers])


async def test_nobody_answers_twice_under_two_ids(store: Store) -> None:
    both = await asyncio.gather(
        record(store, "ann", response("r1")), record(store, "ann", response("r2"))
    )
    assert sorted(recorded.value for recorded in both) == ["elsewhere", "new"]
    assert len(await every(store)) == 1


async def test_what_a_crash_left_half_done_is_completed_by_the_same_press(store: Store) -> None:
    await record(store, "bob", response("r9"))  # a response is there; to Ann's mark it came not
    assert await record(store, "ann", response("r9", 5)) is Recorded.NEW
    assert await every(store) == {"r9": response("r9", 5)}


async def test_tallies_equal_a_recount(store: Store) -> None:
    given = [response(f"r{number}", number % 7) for number in range(300)]
    await asyncio.gather(*(record(store, f"p{each.id}", each) for each in given))
    counted = await store.responses.tally(KEY)
    assert counted == results.tally(each.answers for each in given)
    assert results.responses(counted) == 300
    assert await every(store) == {each.id: each for each in given}


async def test_days_are_counted_by_the_first_answer(store: Store) -> None:
    later = date(2026, 3, 3)
    await record(store, "ann", response("r1"))
    await record(store, "bob", response("r2"), day=later)
    await record(store, "ann", response("r1", 4), day=later)
    assert await store.responses.days(KEY) == {DAY: 1, later: 1}


async def test_all_who_have_answered_are_given(store: Store) -> None:
    people = [f"p{number:04d}" for number in range(1_100)]
    # Not all at once: on a busy machine the last ones would wait too long for a connection.
    for first in range(0, len(people), 100):
        some = people[first : first + 100]
        await asyncio.gather(*(record(store, person, response(f"r{person}")) for person in some))
    found = [person async for chunk in store.responses.people(KEY) for person in chunk]
    assert sorted(found) == people
    assert [person async for chunk in store.responses.people(OTHER) for person in chunk] == []


async def test_what_is_dropped_is_gone_and_a_new_one_may_come(store: Store) -> None:
    await record(store, "ann", response("r1"))
    await store.responses.drop(KEY)
    assert await every(store) == {}
    assert await store.responses.answered(KEY, ["ann"]) == frozenset()
    assert not await store.responses.days(KEY)
    assert await record(store, "ann", response("r2")) is Recorded.NEW


async def test_the_files_have_no_order_of_arrival(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    await store.open()
    people = [f"person-{number * 7919 % 1000:03d}" for number in range(200)]
    for number, person in enumerate(people):
        await record(store, person, response(f"{number * 104729 % 1000:03d}"))
    await store.close()
    _require_sorted(tmp_path, people)


def _require_sorted(folder: Path, people: list[str]) -> None:
    answers = [file.read_text() for file in folder.glob("responses/*/*/*.json")]
    marks = [file.read_text() for file in folder.glob("answered/*/*/*.json")]
    assert answers
    assert marks
    assert not any("person" in text for text in answers)
    for text in marks:
        found = sorted(person for person in people if person in text)
        assert found == sorted(found, key=text.index)
