"""The Agents Playground's page, as the actions of a person who uses it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time
from pathlib import Path
from typing import Self

from playwright.async_api import Locator, Page, Response

Value = str | bool | int | date | time | Sequence[str]
"""A value for an input of a card; see `TeamsPage.fill`."""


class TeamsPage:
    """A chat with the bot. Every method waits for the page, none for the clock."""

    def __init__(self, page: Page, *, screenshots: Path) -> None:
        self.page = page
        self._screenshots = screenshots

    @classmethod
    async def open(cls, page: Page, url: str, *, screenshots: Path) -> Self:
        """Opens the playground, which installs the app, and waits until the bot was told."""
        await page.goto(url)
        for event in ("installationUpdate", "conversationUpdate"):
            await page.get_by_text(re.compile(rf"^{event} 2\d\d$")).first.wait_for()
        await page.get_by_title("Hide log panel").click()
        return cls(page, screenshots=screenshots)

    async def say(self, text: str) -> None:
        """Sends `text`, a single line. Returns once it was sent; does not wait for the answer."""
        box = self.page.locator("[role=textbox][contenteditable=true]")
        await box.click()
        await self.page.keyboard.insert_text(text)
        async with self.page.expect_response(_is_from_the_user):
            await self.page.keyboard.press("Enter")

    async def press(self, title: str, *, card: Locator | None = None, sends: bool = True) -> None:
        """Presses a button of `card`, or of the newest card that has it.

        Waits for the bot's answer and, where that is a card, until it has replaced the old one.
        `sends=False` is for buttons that stay in the browser: those that show or hide a part, open
        an address, or find that an input is missing.
        """
        if card is None:
            card = self.cards().filter(has=self._button(title)).last
        button = card.get_by_role("button", name=title, exact=True).or_(
            card.get_by_role("link", name=title, exact=True)
        )
        if not sends:
            await button.first.click()
            return
        # The renderer gives every element a new id each time it draws a card.
        drawn = await card.locator("[id^=__ac-]").first.get_attribute("id")
        async with self.page.expect_response(_is_from_the_user) as answer:
            await button.first.click()
        response = await answer.value
        assert response.ok, f"The bot answered {title!r} with HTTP {response.status}"
        if await _replaces_the_card(response):
            await self.page.locator(f'[id="{drawn}"]').wait_for(state="detached")

    async def fill(self, label: str, value: Value, *, card: Locator | None = None) -> None:
        """Fills in the input with this label, in `card` or in the newest card that has it.

        Text and numbers are typed. A choice is named by its title, several by a list of titles;
        the others are cleared. A toggle takes a bool; date and time inputs take a date or time.
        """
        wanted = re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$")
        if card is None:
            card = self.cards().filter(has=self.page.locator("label", has_text=wanted)).last
        target = await card.locator("label", has_text=wanted).first.get_attribute("for")
        field = card.locator(f'[id="{target}"]')
        kind = await field.evaluate(_KIND)
        match value:
            case bool():
                await field.set_checked(value)
            case date():
                # The playground's browser writes dates the American way.
                await self._type_and_close(field, f"{value:%m/%d/%Y}")
            case time():
                await self._type_and_close(field, f"{value:%H:%M}")
            case str() if kind == "combobox":
                await field.click()
                await self._option(value).click()
            case str() if kind == "radiogroup":
                await field.get_by_role("radio", name=value, exact=True).check()
            case str() | int():
                await field.fill(str(value))
                # The page takes a number over when its field loses the focus.
                await field.blur()
            case _ if kind == "combobox":
                await self._choose_in_list(field, value)
            case _:
                await self._choose_in_boxes(field, value)

    async def _type_and_close(self, field: Locator, text: str) -> None:
        await field.fill(text)
        await field.press("Enter")
        await field.press("Escape")

    async def _choose_in_list(self, field: Locator, titles: Sequence[str]) -> None:
        await field.click()
        options = self.page.locator(".fui-Listbox .fui-Option")
        await options.first.wait_for()
        for option in await options.all():
            chosen = await option.get_attribute("aria-checked") == "true"
            if ((await option.inner_text()).strip() in titles) != chosen:
                await option.click()
        await field.press("Escape")

    async def _choose_in_boxes(self, field: Locator, titles: Sequence[str]) -> None:
        for box in await field.locator(".fui-Checkbox").all():
            title = (await box.locator("label").inner_text()).strip()
            await box.locator("input").set_checked(title in titles)

    def _option(self, title: str) -> Locator:
        exactly = re.compile(rf"^\s*{re.escape(title)}\s*$")
        return self.page.locator(".fui-Listbox .fui-Option", has_text=exactly)

    def _button(self, title: str) -> Locator:
        return self.page.get_by_role("button", name=title, exact=True).or_(
            self.page.get_by_role("link", name=title, exact=True)
        )

    def cards(self) -> Locator:
        """Returns all cards of the chat, the newest last."""
        return self.page.locator(".ac-preview-panel > .ac-adaptiveCard")

    def newest_card(self) -> Locator:
        """Returns the card that was sent last."""
        return self.cards().last

    def messages(self) -> Locator:
        """Returns all cards and texts that the bot sent, the newest last."""
        return self.page.locator(".fai-OutputCard")

    async def wait_for_card(self, text: str) -> Locator:
        """Waits for a card with `text` in it, and returns the newest one."""
        card = self.cards().filter(has_text=text).last
        await card.wait_for()
        return card

    async def wait_for_text(self, text: str | re.Pattern[str]) -> Locator:
        """Waits for a text or card of the bot's with `text` in it, and returns the newest one."""
        message = self.messages().filter(has_text=text).last
        await message.wait_for()
        return message

    async def screenshot(self, name: str, *, card: Locator | None = None) -> Path:
        """Saves a picture of the page, or of one card, as `artifacts/screenshots/<name>.png`."""
        self._screenshots.mkdir(parents=True, exist_ok=True)
        path = self._screenshots / f"{name}.png"
        if card is None:
            await self.page.screenshot(path=path, animations="disabled")
        else:
            await card.screenshot(path=path, animations="disabled")
        return path


_KIND = "element => element.getAttribute('role') || element.tagName.toLowerCase()"


def _is_from_the_user(response: Response) -> bool:
    """True when this answers the page's request for a message or a pressed button."""
    return response.request.method == "POST" and "/_conversation/v1/" in response.url


async def _replaces_the_card(response: Response) -> bool:
    if not response.url.endswith("/invoke"):
        return False
    body = await response.json()
    return isinstance(body, dict) and body.get("type") == "application/vnd.microsoft.card.adaptive"
