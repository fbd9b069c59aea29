from __future__ import annotations

import asyncio
import random
from typing import Any

import msgspec
import pytest

from bot.activities import ID_LENGTH
from campaigns.outcome import Reason
from campaigns.user import Profile, User
from storage.base import Store
from tests.support.examples import NOW, OTHER_TENANT, SECOND, TENANT, user


async def all_reachable(store: Store, tenant_id: str = TENANT) -> list[User]:
    return [user async for chunk in store.users.reachable(tenant_id) for user in chunk]


async def test_a_user_is_given_back_as_it_was_put(store: Store) -> None:
    whole = user(
        "29:1a/b\\c é",
        profile=Profile(name="Adele Vance", given_name="Adele", upn="AdeleV@example.com"),
        profile_known=True,
        locale="de-DE",
        time_zone="Europe/Berlin",
        reachable=False,
        unreachable_because=Reason.NOT_INSTALLED,
        installed_at=NOW,
        uninstalled_at=NOW,
    )
    await store.users.put(whole)
    assert await store.users.get(TENANT, "29:1a/b\\c é") == whole


async def test_an_unknown_user_is_none(store: Store) -> None:
    assert await store.users.get(TENANT, "nobody") is None


async def test_the_last_put_wins(store: Store) -> None:
    await store.users.put(user("a", locale="de-DE"))
    await store.users.put(user("a", locale="fr-FR"))
    found = await store.users.get(TENANT, "a")
    assert found is not None
    assert found.locale == "fr-FR"
    assert await store.users.count_reachable(TENANT) == 1


async def test_get_many_gives_the_known_ones_by_id(store: Store) -> None:
    await asyncio.gather(*(store.users.put(user(f"u{number}")) for number in range(30)))
    found = await store.users.get_many(TENANT, ["u3", "u17", "nobody", "u3"])
    assert found == {"u3": user("u3"), "u17": user("u17")}


async def test_a_tenant_does_not_see_another_tenants_users(store: Store) -> None:
    await store.users.put(user("same", TENANT, email="adele@example.com"))
    await store.users.put(user("same", OTHER_TENANT, email="megan@example.com"))
    here = await store.users.get(TENANT, "same")
    there = await store.users.get(OTHER_TENANT, "same")
    assert here is not None
    assert there is not None
    assert (here.email, there.email) == ("adele@example.com", "megan@example.com")
    assert await store.users.by_emails(OTHER_TENANT, ["adele@example.com"]) == {}
    assert await store.users.count_reachable(OTHER_TENANT) == 1
    assert await all_reachable(store, OTHER_TENANT) == [there]
    assert await store.users.get_many("third", ["same"]) == {}


async def test_addresses_are_found_by_email_and_by_upn_whatever_their_case(store: Store) -> None:
    adele = user("a", profile=Profile(email="Adele@Example.com", upn="adelev@corp.example.com"))
    await store.users.put(adele)
    asked = ["ADELE@example.com", "AdeleV@corp.example.com", "nobody@example.com"]
    assert await store.users.by_emails(TENANT, asked) == {
        "ADELE@example.com": adele,
        "AdeleV@corp.example.com": adele,
    }


async def test_of_two_with_the_same_address_the_reachable_one_is_found(store: Store) -> None:
    gone = user("gone", email="adele@example.com", reachable=False)
    back = user("back", email="adele@example.com")
    also_gone = user("also-gone", email="adele@example.com", reachable=False)
    for each in (gone, back, also_gone):
        await store.users.put(each)
    assert await store.users.by_emails(TENANT, ["adele@example.com"]) == {"adele@example.com": back}


async def test_an_unreachable_user_is_found_by_address_when_there_is_no_other(store: Store) -> None:
    gone = user("gone", email="adele@example.com", reachable=False)
    await store.users.put(gone)
    assert await store.users.by_emails(TENANT, ["adele@example.com"]) == {"adele@example.com": gone}


async def test_an_address_that_changed_is_found_under_the_new_one_alone(store: Store) -> None:
    await store.users.put(user("a", email="before@example.com"))
    after = user("a", email="after@example.com")
    await store.users.put(after)
    found = await store.users.by_emails(TENANT, ["before@example.com", "after@example.com"])
    assert found == {"after@example.com": after}


async def test_an_empty_address_finds_nobody(store: Store) -> None:
    await store.users.put(user("a", email=""))
    assert await store.users.by_emails(TENANT, [""]) == {}


async def test_only_the_reachable_are_counted_and_streamed(store: Store) -> None:
    users = [user(f"u{number:04d}", reachable=number % 3 > 0) for number in range(1_500)]
    await asyncio.gather(*(store.users.put(each) for each in users))
    expected = {each.id for each in users if each.reachable}
    assert await store.users.count_reachable(TENANT) == len(expected)
    chunks = [chunk async for chunk in store.users.reachable(TENANT)]
    assert max(map(len, chunks)) <= 1_000
    streamed = [each.id for chunk in chunks for each in chunk]
    assert len(streamed) == len(expected)
    assert set(streamed) == expected


async def test_who_can_not_be_reached_is_counted_by_reason_and_streamed(store: Store) -> None:
    users = [
        user("removed", reachable=False, unreachable_because=Reason.NOT_INSTALLED),
        user("blocked", reachable=False, unreachable_because=Reason.BLOCKED),
        user("blocked too", reachable=False, unreachable_because=Reason.BLOCKED),
        user("no reason kept", reachable=False),
        user("reachable"),
        user("elsewhere", tenant_id=OTHER_TENANT, reachable=False),
    ]
    for each in users:
        await store.users.put(each)
    assert await store.users.count_unreachable(TENANT) == {
        Reason.NOT_INSTALLED: 2,
        Reason.BLOCKED: 2,
    }
    assert await store.users.count_unreachable("nobody's tenant") == {}
    streamed = [each.id async for chunk in store.users.unreachable(TENANT) for each in chunk]
    assert sorted(streamed) == ["blocked", "blocked too", "no reason kept", "removed"]
    await store.users.put(user("blocked"))
    assert (await store.users.count_unreachable(TENANT))[Reason.BLOCKED] == 1


async def test_becoming_unreachable_and_back_is_counted(store: Store) -> None:
    await store.users.put(user("a"))
    await store.users.put(user("a", reachable=False))
    assert await store.users.count_reachable(TENANT) == 0
    assert await all_reachable(store) == []
    await store.users.put(user("a"))
    assert await store.users.count_reachable(TENANT) == 1


async def test_users_put_while_others_are_streamed_do_no_harm(store: Store) -> None:
    await asyncio.gather(*(store.users.put(user(f"u{number}")) for number in range(1_200)))
    seen: list[str] = []
    async for chunk in store.users.reachable(TENANT):
        seen += [each.id for each in chunk]
        await asyncio.gather(*(store.users.put(each) for each in chunk[:10]))
    assert sorted(seen) == sorted(f"u{number}" for number in range(1_200))


async def test_without_profile_gives_reachable_users_of_any_tenant(store: Store) -> None:
    wanted = [user("a"), user("b", OTHER_TENANT)]
    others = [user("known", profile_known=True), user("gone", reachable=False)]
    for each in wanted + others:
        await store.users.put(each)
    found = await store.users.without_profile(10)
    assert sorted(each.id for each in found) == ["a", "b"]
    assert len(await store.users.without_profile(1)) == 1
    for each in wanted:
        await store.users.put(msgspec.structs.replace(each, profile_known=True))
    assert list(await store.users.without_profile(10)) == []


async def test_everyone_is_given_of_whatever_tenant(store: Store) -> None:
    everybody = [
        user("a"),
        user("a", OTHER_TENANT),
        user("gone", reachable=False),
        *(user(f"u{number:04d}") for number in range(1_100)),
    ]
    await asyncio.gather(*(store.users.put(each) for each in everybody))
    found = [each async for chunk in store.users.everyone() for each in chunk]
    assert sorted(found, key=_place) == sorted(everybody, key=_place)


def _place(user: User) -> tuple[str, str]:
    return user.tenant_id, user.id


async def test_changes_of_one_user_come_one_after_the_other(store: Store) -> None:
    def longer(known: User | None) -> User:
        known = known or user("a")
        return msgspec.structs.replace(known, locale=known.locale + "x")

    await asyncio.gather(*(store.users.change(TENANT, "a", longer) for _ in range(20)))
    kept = await store.users.get(TENANT, "a")
    assert kept is not None
    assert kept.locale == "x" * 20


async def test_a_change_to_nothing_leaves_the_user_as_they_are(store: Store) -> None:
    def nothing(known: User | None) -> User | None:
        return None

    await store.users.put(user("a"))
    assert await store.users.change(TENANT, "a", nothing) is None
    assert await store.users.change(TENANT, "nobody", lambda known: known) is None
    assert await store.users.get(TENANT, "a") == user("a")
    assert await store.users.get(TENANT, "nobody") is None


async def test_ids_as_long_as_the_bot_takes_them_can_be_kept(store: Store) -> None:
    # PostgreSQL has a limit for what is in an index, and compresses what repeats.
    chance = random.Random(1)
    tenant_id, user_id, conversation = (
        "".join(chr(chance.randrange(0x10000, 0x10FFFF)) for _ in range(ID_LENGTH // 4))
        for _ in range(3)
    )
    whole = msgspec.structs.replace(user(user_id), tenant_id=tenant_id)
    await store.users.put(whole)
    assert await store.users.get(tenant_id, user_id) == whole
    key = "\n".join((tenant_id, conversation, user_id))
    assert await store.inbox.begin(key, "us") is None
    await store.inbox.answered(key, "us", b"done")


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ({}, {}, "a"),
        ({"installed_at": NOW}, {"installed_at": NOW + SECOND}, "b"),
        ({"installed_at": NOW}, {}, "a"),
        ({"installed_at": NOW}, {"reachable": False, "installed_at": NOW + SECOND}, "a"),
    ],
    ids=["the smallest id", "the last to install", "of known installation", "the reachable one"],
)
async def test_of_people_with_one_address_the_same_one_is_found_whoever_was_written_last(
    store: Store, first: dict[str, Any], second: dict[str, Any], found: str
) -> None:
    a = user("a", email="same@example.com", **first)
    b = user("b", profile=Profile(name="B", upn="Same@example.com"), **second)
    for written in (b, a, b, a):
        await store.users.put(msgspec.structs.replace(written, locale="fr-FR"))
        await store.users.put(written)
        if await store.users.get(TENANT, "a") is not None:
            owner = (await store.users.by_emails(TENANT, ["SAME@example.com"]))["SAME@example.com"]
            assert owner.id == found


async def test_an_address_that_somebody_gave_up_leads_to_them_no_more(store: Store) -> None:
    await store.users.put(user("a", email="same@example.com"))
    await store.users.put(user("a", email="new@example.com"))
    await store.users.put(user("b", email="same@example.com"))
    found = await store.users.by_emails(TENANT, ["same@example.com", "new@example.com", ""])
    assert {email: owner.id for email, owner in found.items()} == {
        "same@example.com": "b",
        "new@example.com": "a",
    }
