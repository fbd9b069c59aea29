"""The icons for Teams look like the drawings beside them."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from playwright.async_api import Page

from manifest.package import FOLDER

DIFFERENCE = """
async ([drawing, picture]) => {
    const pixels = async (address) => {
        const image = new Image();
        image.src = address;
        await image.decode();
        const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, canvas.width, canvas.height).data;
    };
    const [drawn, kept] = [await pixels(drawing), await pixels(picture)];
    if (drawn.length !== kept.length) throw Error("of different sizes");
    return drawn.filter((value, index) => Math.abs(value - kept[index]) > 32).length / drawn.length;
}
"""
"""Returns the share of values that differ visibly; each pixel has red, green, blue and alpha."""


def address(file: Path, kind: str) -> str:
    return f"data:image/{kind};base64,{b64encode(file.read_bytes()).decode()}"


@pytest.mark.parametrize("icon", ["color", "outline"])
async def test_an_icon_is_its_drawing_as_a_browser_renders_it(icon: str, page: Page) -> None:
    drawing = address(FOLDER / f"{icon}.svg", "svg+xml")
    picture = address(FOLDER / f"{icon}.png", "png")
    # Not zero, because browsers smooth edges in different ways.
    assert await page.evaluate(DIFFERENCE, [drawing, picture]) < 0.002
