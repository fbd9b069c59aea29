"""Distribution lists, on their own and on the way to a campaign's recipients."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import msgspec

from campaigns.lists import DistributionList
from tests.fake_teams import FakeTeams
from tests.support.chats.cards import buttons, shows, texts, value_of
from tests.support.chats.chat import TENANT, Bot, Person, write

NAME = "Office closed on Friday"


async def make_lists(bot: Bot, count: int, *, name: str = "List {:03}") -> list[DistributionList]:
    now = datetime.now(UTC)
    return await asyncio.gather(
        *(
            bot.store.lists.add(
                DistributionList(
                    tenant_id=TENANT,
                    id=f"{number:032x}",
                    name=name.format(number),
                    addresses=("a@example.com",),
                    author_id="somebody",
                    created_at=now,
                    updated_at=now,
                )
            )
            for number in range(count)
        )
    )


async def open_new_list(admin: Person) -> None:
    await admin.says("lists")
    await admin.presses("New list")


async def test_without_lists_the_card_says_what_they_are_for(admin: Person) -> None:
    await admin.says("lists")
    assert shows(admin.card, "There are no distribution lists yet.")
    assert shows(admin.card, "Make one")


async def test_invalid_input_is_refused_beside_its_field_and_kept(
    whole_bot: Bot, admin: Person
) -> None:
    await open_new_list(admin)
    card = await admin.presses("Save list")
    assert "⚠ Give the list a name." in texts(card)
    assert "⚠ Add at least one e-mail address." in texts(card)
    card = await admin.presses("Save list", name="n" * 81, addresses="Ann, bob at home")
    assert shows(admin.card, "A name has at most 80 characters")
    assert shows(admin.card, "None of this is an e-mail address: Ann, bob at home")
    assert value_of(card, "addresses") == "Ann, bob at home"
    card = await admin.presses("Save list", name="Us", addresses="x" * 50_000)
    assert shows(admin.card, "None of this is an e-mail address: xxx")
    assert shows(admin.card, "too long to be shown again")
    assert value_of(card, "name") == "Us"
    assert (await whole_bot.store.lists.page(TENANT, offset=0, limit=9)).total == 0


async def test_people_without_the_app_are_kept_and_marked_with_the_reason(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [user] = teams_service.add_users(1, tenant=TENANT)
    gone = Person(teams_service, whole_bot, user)
    await gone.installs()
    await open_new_list(admin)
    await admin.presses("Save list", name="Us", addresses=f"{admin.user.email} {user.email} n@x.io")
    assert shows(admin.card, "3 addresses, of which 2 can be reached and 1 can't.")
    assert shows(admin.card, "⚠ n@x.io · **does not have the app**")
    await gone.uninstalls()
    await admin.says("lists")
    await admin.presses("Open Us")
    assert shows(admin.card, f"⚠ {user.email} · **does not have the app**")
    assert shows(admin.card, f"{admin.user.email} · {admin.user.name}")


async def test_ten_thousand_people_fit_on_a_list_and_it_can_be_changed(
    whole_bot: Bot, admin: Person
) -> None:
    addresses = [f"somebody.number.{n}@department.example.com" for n in range(10_000)]
    await open_new_list(admin)
    refused = await admin.presses("Save list", addresses=", ".join(addresses))
    assert "⚠ Give the list a name." in texts(refused)
    assert shows(admin.card, "What you pasted here is too long to be shown again.")
    began = time.monotonic()
    await admin.presses("Save list", name="Everybody", addresses=", ".join(addresses))
    assert time.monotonic() - began < 5.0
    assert shows(admin.card, "10,000 addresses, of which 0 can be reached and 10,000 can't.")
    assert shows(admin.card, "1 to 15 of 10,000")

    await admin.presses("Change")
    change = {"add": "new@example.com", "remove": f"{addresses[0]}; typo"}
    card = await admin.presses("Save list", name="n" * 81, **change)
    assert shows(admin.card, "A name has at most 80 characters")
    assert {field: value_of(card, field) for field in change} == change
    await admin.presses("Save list", name="Everybody")
    assert shows(admin.card, "Saved with 10,000 addresses.")
    assert shows(admin.card, "Not an e-mail address, left out: typo.")
    await admin.says("lists")
    await admin.presses("Open Everybody")
    assert shows(admin.card, f"⚠ {addresses[1]}")
    assert not shows(admin.card, addresses[0])
    await admin.presses("Change")
    await admin.presses("Save list", name="Everybody", add="one.too.many@example.com")
    assert shows(admin.card, "A list has at most 10,000 addresses; this one has 10,001.")
    assert value_of(admin.card, "add") == "one.too.many@example.com"


async def test_a_list_that_somebody_else_changed_keeps_what_was_typed(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await open_new_list(admin)
    await admin.presses("Save list", name="Us", addresses="a@example.com")
    phone = Person(teams_service, whole_bot, admin.user)
    await admin.presses("Change")
    phone.card, phone.card_id = admin.card, "2"
    await admin.presses("Save list", addresses="a@example.com b@example.com")
    card = await phone.presses("Save list", name="Them", addresses="c@example.com")
    assert shows(phone.card, "Someone else changed this list in the meantime.")
    assert (value_of(card, "name"), value_of(card, "addresses")) == ("Them", "c@example.com")
    await phone.presses("Save list")
    assert shows(phone.card, "1 address, of which 0 can be reached and 1 can't.")


async def test_the_form_of_a_deleted_list_can_be_saved_as_a_new_list(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await open_new_list(admin)
    await admin.presses("Save list", name="Us", addresses="a@example.com")
    phone = Person(teams_service, whole_bot, admin.user)
    phone.card, phone.card_id = admin.card, "2"
    await phone.presses("Change")
    shown = admin.card
    await admin.presses("Delete")
    asking = admin.card
    await admin.presses("Yes, delete it")
    assert shows(admin.card, "“Us” has been deleted.")
    for card, button in ((asking, "Yes, delete it"), (shown, "Change"), (shown, "Delete")):
        admin.card = card
        await admin.presses(button)
        assert shows(admin.card, "This distribution list does not exist any more."), button
    await phone.presses("Save list", addresses="typed@example.com")
    assert shows(phone.card, "What you typed is kept below; save to make a new list of it.")
    await phone.presses("Save list")
    assert shows(phone.card, "typed@example.com")


async def test_a_list_that_changed_since_its_card_was_shown_is_not_deleted(
    whole_bot: Bot, admin: Person
) -> None:
    await open_new_list(admin)
    await admin.presses("Save list", name="Us", addresses="a@example.com")
    await admin.presses("Delete")
    [us] = (await whole_bot.store.lists.page(TENANT, offset=0, limit=9)).items
    await whole_bot.store.lists.save(msgspec.structs.replace(us, name="Us and them"))
    await admin.presses("Yes, delete it")
    assert shows(admin.card, "This list has changed since that card was shown.")
    assert shows(admin.card, "Us and them")


async def test_lists_are_paged_and_a_page_beyond_the_end_shows_the_last_one(
    whole_bot: Bot, admin: Person
) -> None:
    lists = await make_lists(whole_bot, 13)
    await admin.says("lists")
    assert shows(admin.card, "1 to 6 of 13")
    await admin.presses("Next")
    await admin.presses("Next")
    assert shows(admin.card, "13 to 13 of 13")
    await admin.presses("Previous")
    for distribution_list in lists[6:]:
        await whole_bot.store.lists.delete(TENANT, distribution_list.id)
    await admin.presses("Next")
    assert shows(admin.card, "List 005")
    assert not {"Previous", "Next"} & set(buttons(admin.card))


async def test_any_of_hundreds_of_lists_with_long_names_can_be_chosen(
    whole_bot: Bot, admin: Person
) -> None:
    await make_lists(whole_bot, 230, name="\U0001f600" * 76 + "{:04}")
    await write(admin, name=NAME, message="Hello")
    await admin.presses("Recipients")
    assert shows(admin.card, "Lists 1 to 100 of 230.")
    await admin.presses("More lists")
    await admin.presses("More lists")
    assert shows(admin.card, "Lists 201 to 230 of 230.")
    card = await admin.presses("Next", audience=f"list:{229:032x}")
    assert any("0229 (0 people, 1 left out)" in line for line in texts(card))
    card = await admin.presses("Recipients")
    assert value_of(card, "audience") == f"list:{229:032x}"


async def test_a_draft_says_wherever_it_matters_that_its_list_was_deleted(
    whole_bot: Bot, admin: Person
) -> None:
    await write(admin, name=NAME, message="Hello", audience="new")
    await admin.presses("Save list", name="Us", addresses=admin.user.email)
    list_card = admin.card
    await admin.presses("Use this list")
    assert shows(admin.card, "Recipients: Us (1 person)")
    choosing = await admin.presses("Recipients")
    draft = await admin.presses("Next")
    [us] = (await whole_bot.store.lists.page(TENANT, offset=0, limit=9)).items
    await admin.presses("Send now")
    asking = admin.card
    await whole_bot.store.lists.delete(TENANT, us.id)

    admin.card = draft
    await admin.presses("Send now")
    assert shows(admin.card, "The distribution list of this campaign was deleted.")
    admin.card = asking
    await admin.presses("Yes, send to 1 person")
    assert shows(admin.card, "The distribution list of this campaign was deleted.")
    for card, button in ((choosing, "Next"), (draft, "Recipients"), (list_card, "Use this list")):
        admin.card = card
        again = await admin.presses(button)
        assert "⚠ The list that was chosen has been deleted. Choose again." in texts(again)
        assert value_of(again, "audience") == ""
    await admin.presses("Next", audience="all")
    assert shows(admin.card, "Recipients: All users (1 person)")
