"""Plain pages for browsers; no cache keeps them and no search engine lists them."""

from __future__ import annotations

import html
from http import HTTPStatus

from aiohttp import web

HEADERS = {
    "Cache-Control": "no-store",
    # The address of the page names the person. The site that they go on to must not get it.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Headers of every answer at the public addresses."""

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; color: #242424; background: #fff;
  max-width: 34rem; margin: 15vh auto; padding: 0 1rem }}
h1 {{ font-size: 1.4rem }}
</style>
<h1>{title}</h1>
<p>{text}</p>
</html>
"""


def page(status: HTTPStatus, title: str, text: str) -> web.Response:
    """Returns a page of one heading and one paragraph."""
    content = _PAGE.format(title=html.escape(title), text=html.escape(text))
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return web.Response(
        status=status,
        text=content,
        content_type="text/html",
        headers={**HEADERS, "Content-Security-Policy": policy},
    )


def not_found() -> web.Response:
    """Returns the answer to a token that is not ours. It tells nothing about the reason."""
    return page(
        HTTPStatus.NOT_FOUND,
        "This link does not work",
        "It may be cut off or changed. Go back to the message, and press the link there.",
    )
