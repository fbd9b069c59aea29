from __future__ import annotations

import asyncio

import msgspec
import pytest

from storage.base import Store
from storage.errors import Conflict
from tests.support.examples import OTHER_TENANT, TENANT, people


async def test_a_list_is_given_back_as_it_was_added_with_revision_1(store: Store) -> None:
    added = await store.lists.add(people("l"))
    assert added == msgspec.structs.replace(people("l"), revision=1)
    assert await store.lists.get(TENANT, "l") == added
    assert await store.lists.get(TENANT, "other") is None


async def test_adding_one_with_the_same_id_is_a_conflict(store: Store) -> None:
    added = await store.lists.add(people("l"))
    with pytest.raises(Conflict):
        await store.lists.add(people("l", name="Another"))
    assert await store.lists.get(TENANT, "l") == added


async def test_of_many_who_save_the_same_revision_one_wins(store: Store) -> None:
    added = await store.lists.add(people("l"))
    results = await asyncio.gather(
        *(
            store.lists.save(msgspec.structs.replace(added, name=f"Name {number}"))
            for number in range(10)
        ),
        return_exceptions=True,
    )
    kept = [result for result in results if not isinstance(result, BaseException)]
    assert [kept_list.revision for kept_list in kept] == [2]
    assert sum(isinstance(result, Conflict) for result in results) == 9
    assert await store.lists.get(TENANT, "l") == kept[0]


async def test_saving_what_was_deleted_is_a_conflict(store: Store) -> None:
    added = await store.lists.add(people("l"))
    assert await store.lists.delete(TENANT, "l") is True
    assert await store.lists.delete(TENANT, "l") is False
    with pytest.raises(Conflict):
        await store.lists.save(added)
    with pytest.raises(Conflict):
        await store.lists.save(people("never"))


async def test_a_tenant_does_not_see_another_tenants_lists(store: Store) -> None:
    here = await store.lists.add(people("l", TENANT, name="Here"))
    there = await store.lists.add(people("l", OTHER_TENANT, name="There"))
    assert await store.lists.get(TENANT, "l") == here
    page = await store.lists.page(OTHER_TENANT, offset=0, limit=9)
    assert (page.items, page.total) == ((there,), 1)
    assert await store.lists.delete("third", "l") is False


async def test_pages_are_by_name_whatever_its_case(store: Store) -> None:
    for number, name in enumerate(["beta", "Alpha", "gamma", "ALPHABET", "Zürich"]):
        await store.lists.add(people(f"l{number}", name=name))
    page = await store.lists.page(TENANT, offset=1, limit=3)
    assert [kept_list.name for kept_list in page.items] == ["ALPHABET", "beta", "gamma"]
    assert page.total == 5


async def test_a_renamed_list_moves_and_a_deleted_one_goes(store: Store) -> None:
    added = await store.lists.add(people("a", name="Alpha"))
    await store.lists.add(people("b", name="Beta"))
    await store.lists.add(people("c", name="Gamma"))
    await store.lists.save(msgspec.structs.replace(added, name="Omega"))
    await store.lists.delete(TENANT, "b")
    page = await store.lists.page(TENANT, offset=0, limit=9)
    assert [kept_list.name for kept_list in page.items] == ["Gamma", "Omega"]
    assert page.total == 2


async def test_all_lists_of_all_tenants_are_given(store: Store) -> None:
    assert [kept_list async for kept_list in store.lists.everything()] == []
    kept = [
        await store.lists.add(people(list_id, tenant_id))
        for tenant_id in (TENANT, OTHER_TENANT)
        for list_id in ("a", "b")
    ]
    await store.lists.delete(TENANT, "a")
    found = [kept_list async for kept_list in store.lists.everything()]
    assert sorted(found, key=lambda kept_list: (kept_list.tenant_id, kept_list.id)) == kept[1:]
