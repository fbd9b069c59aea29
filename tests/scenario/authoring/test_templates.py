"""Templates: any campaign becomes one, and any admin starts from it."""

from __future__ import annotations

from tests.fake_teams import FakeTeams
from tests.support.chats.cards import buttons, texts, value_of
from tests.support.chats.chat import Bot, Person, write


async def saved(admin: Person, name: str) -> None:
    await write(admin, name=name, message=f"Hello from {name}")
    await admin.presses("Save as template")
    await admin.presses("Save")


async def test_an_empty_shelf_says_how_to_make_a_template(admin: Person) -> None:
    await admin.says("new campaign")
    empty = await admin.presses("Start from a template")
    assert any("press Save as template" in line for line in texts(empty))
    assert "Push campaigns" in texts(await admin.presses("Back"))


async def test_pressing_twice_saves_once_and_starts_once(whole_bot: Bot, admin: Person) -> None:
    await write(admin, name="News", message="Hello")
    await admin.presses("Save as template")
    twice = [admin.press("Save", name="Letters") for _ in range(2)]
    for press in twice:
        await admin.gets(press)
    page = await whole_bot.store.templates.page(admin.user.tenant, offset=0, limit=9)
    assert [template.name for template in page.items] == ["Letters"]
    await admin.presses("Use Letters")
    twice = [admin.press("Next", name="May letter") for _ in range(2)]
    for press in twice:
        card = await admin.gets(press)
        assert "Send now" in buttons(card)
    counted = await whole_bot.store.campaigns.count(admin.user.tenant)
    assert sum(counted.values()) == 2


async def test_a_name_is_asked_for_and_checked(admin: Person) -> None:
    await write(admin, name="News", message="Hello")
    await admin.presses("Save as template")
    refused = await admin.presses("Save", name=" ")
    assert "⚠ Give the template a name." in texts(refused)
    await admin.presses("Save", name="Letters")
    await admin.presses("Use Letters")
    refused = await admin.presses("Next", name="x" * 81)
    assert any("at most 80 characters" in line for line in texts(refused))
    assert value_of(refused, "name") == "x" * 81


async def test_templates_are_paged_and_deleted_after_a_question(admin: Person) -> None:
    for number in range(7):
        await saved(admin, f"Template {number}")
    shelf = await admin.says("templates")
    assert "1 to 6 of 7" in texts(shelf)
    await admin.presses("Next")
    question = await admin.presses("Delete Template 6")
    assert "Delete this template?" in texts(question)
    shelf = await admin.presses("Yes, delete it")
    assert "The template “Template 6” has been deleted." in texts(shelf)
    assert "1 to 6 of 7" not in texts(shelf)


async def test_using_a_deleted_template_says_that_it_is_gone(admin: Person) -> None:
    await saved(admin, "Letters")
    shelf, card_id = admin.card, admin.card_id
    await admin.presses("Delete Letters")
    await admin.presses("Yes, delete it")
    admin.card, admin.card_id = shelf, card_id
    gone = await admin.presses("Use Letters")
    assert "This template does not exist any more." in texts(gone)


async def test_a_template_does_not_change_with_its_campaign(admin: Person) -> None:
    await saved(admin, "Letters")
    await admin.says("campaigns")
    await admin.presses("Open Letters")
    await admin.presses("Modify")
    await admin.presses("Save draft", message="Changed")
    await admin.says("templates")
    await admin.presses("Use Letters")
    await admin.presses("Next", name="Another")
    assert value_of(await admin.presses("Modify"), "message") == "Hello from Letters"


async def test_another_tenants_templates_are_not_seen(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await saved(admin, "Letters")
    page = await whole_bot.store.templates.page("another", offset=0, limit=9)
    assert page.total == 0
