from __future__ import annotations

import msgspec
import pytest

from campaigns.templates import Template
from storage.base import Store
from storage.errors import Conflict
from tests.support.examples import OTHER_TENANT, TENANT, template


async def test_a_template_is_given_back_as_it_was_added(store: Store) -> None:
    added = await store.templates.add(template("t"))
    assert added == msgspec.structs.replace(template("t"), revision=1)
    assert await store.templates.get(TENANT, "t") == added
    assert await store.templates.get(TENANT, "other") is None


async def test_adding_one_with_the_same_id_is_a_conflict(store: Store) -> None:
    added = await store.templates.add(template("t"))
    with pytest.raises(Conflict):
        await store.templates.add(template("t", name="Another"))
    assert await store.templates.get(TENANT, "t") == added


async def test_a_tenant_does_not_see_another_tenants_templates(store: Store) -> None:
    here = await store.templates.add(template("t", TENANT, name="Here"))
    there = await store.templates.add(template("t", OTHER_TENANT, name="There"))
    assert await store.templates.get(TENANT, "t") == here
    page = await store.templates.page(OTHER_TENANT, offset=0, limit=9)
    assert (page.items, page.total) == ((there,), 1)
    assert await store.templates.delete("third", "t") is False


async def test_pages_are_by_name_whatever_its_case_and_without_what_was_deleted(
    store: Store,
) -> None:
    for number, name in enumerate(["beta", "Alpha", "gamma", "ALPHABET", "Zürich", "Aaa"]):
        await store.templates.add(template(f"t{number}", name=name))
    assert await store.templates.delete(TENANT, "t5") is True
    assert await store.templates.delete(TENANT, "t5") is False
    page = await store.templates.page(TENANT, offset=1, limit=3)
    assert [each.name for each in page.items] == ["ALPHABET", "beta", "gamma"]
    assert page.total == 5


async def test_all_templates_of_all_tenants_are_given(store: Store) -> None:
    assert [each async for each in store.templates.everything()] == []
    kept = [
        await store.templates.add(template(f"t{number}", tenant_id))
        for tenant_id in (TENANT, OTHER_TENANT)
        for number in range(101)
    ]
    await store.templates.delete(TENANT, "t0")
    found = [each async for each in store.templates.everything()]
    assert sorted(found, key=_place) == sorted(kept[1:], key=_place)


def _place(each: Template) -> tuple[str, str]:
    return each.tenant_id, each.id


async def test_saving_counts_the_revision_up_and_a_stale_one_is_a_conflict(store: Store) -> None:
    added = await store.templates.add(template("t"))
    saved = await store.templates.save(msgspec.structs.replace(added, name="Renamed"))
    assert saved == msgspec.structs.replace(added, name="Renamed", revision=2)
    assert await store.templates.get(TENANT, "t") == saved
    for stale in (added, template("never")):
        with pytest.raises(Conflict):
            await store.templates.save(stale)
    assert await store.templates.get(TENANT, "t") == saved
    assert (await store.templates.page(TENANT, offset=0, limit=9)).items == (saved,)
