"""The icons that Teams is given show what the drawings beside them say."""

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
    return drawn.filter((value, at) => Math.abs(value - kept[at]) > 32).length / drawn.length;
}
"""
"""The share of values (red, green, blue, alpha of each pixel) that differ so that one sees it."""


def address(file: Path, kind: str) -> str:
    return f"data:image/{kind};base64,{b64encode(file.read_bytes()).decode()}"


@pytest.mark.parametrize("icon", ["color", "outline"])
async def test_an_icon_is_its_drawing_as_a_browser_renders_it(icon: str, page: Page) -> None:
    drawing = address(FOLDER / f"{icon}.svg", "svg+xml")
    picture = address(FOLDER / f"{icon}.png", "png")
    # A few, because browsers differ in how they smooth an edge.
    assert await page.evaluate(DIFFERENCE, [drawing, picture]) < 0.002
