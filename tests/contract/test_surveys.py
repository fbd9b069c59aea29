"""Surveys, over every store."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey
from storage.base import Store
from storage.errors import Conflict
from tests.support.examples import NOW, OTHER_TENANT, TENANT


def survey(survey_id: str, tenant_id: str = TENANT, name: str = "Asked") -> Survey:
    question = Question(
        id="q1", kind=QuestionKind.SINGLE, text="Which? é😀", choices=("A", "B"), other=True
    )
    return Survey(
        tenant_id=tenant_id,
        id=survey_id,
        name=name,
        author_id="author",
        created_at=NOW,
        updated_at=NOW,
        closes_at=NOW,
        questions=(question,),
        asked=1,
    )


async def test_a_survey_is_given_back_as_it_was_added_with_revision_1(store: Store) -> None:
    added = await store.surveys.add(survey("s"))
    assert added == msgspec.structs.replace(survey("s"), revision=1)
    assert await store.surveys.get(TENANT, "s") == added
    assert await store.surveys.get(TENANT, "other") is None
    assert await store.surveys.get(OTHER_TENANT, "s") is None
    with pytest.raises(Conflict):
        await store.surveys.add(survey("s", name="Another"))


async def test_of_many_who_save_the_same_revision_one_wins(store: Store) -> None:
    added = await store.surveys.add(survey("s"))
    tried = await asyncio.gather(
        *(
            store.surveys.save(msgspec.structs.replace(added, name=f"Name {number}"))
            for number in range(10)
        ),
        return_exceptions=True,
    )
    kept = [each for each in tried if not isinstance(each, BaseException)]
    assert [each.revision for each in kept] == [2]
    assert sum(isinstance(each, Conflict) for each in tried) == 9
    assert await store.surveys.get(TENANT, "s") == kept[0]


async def test_saving_what_was_deleted_is_a_conflict(store: Store) -> None:
    added = await store.surveys.add(survey("s"))
    assert await store.surveys.delete(TENANT, "s") is True
    assert await store.surveys.delete(TENANT, "s") is False
    with pytest.raises(Conflict):
        await store.surveys.save(added)


async def test_surveys_are_paged_by_name_whatever_its_case_and_for_each_tenant(
    store: Store,
) -> None:
    for number, name in enumerate(["beta", "Alpha", "gamma", "ALPHA 2"]):
        await store.surveys.add(survey(f"s{number}", name=name))
    await store.surveys.add(survey("there", OTHER_TENANT, "aaa"))
    first = await store.surveys.page(TENANT, offset=0, limit=3)
    assert ([each.name for each in first.items], first.total) == (["Alpha", "ALPHA 2", "beta"], 4)
    rest = await store.surveys.page(TENANT, offset=3, limit=3)
    assert ([each.name for each in rest.items], rest.total) == (["gamma"], 4)
    everyone = {(each.tenant_id, each.id) async for each in store.surveys.everything()}
    assert everyone == {(TENANT, f"s{number}") for number in range(4)} | {(OTHER_TENANT, "there")}
