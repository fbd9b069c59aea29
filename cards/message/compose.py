"""Converts a message from Teams' compose box to the Markdown of a campaign's message.

Teams sends it as HTML (``text/html`` beside the plain text). Formatting that cards can't show is
removed, and its name is reported. The words in it stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from bs4 import BeautifulSoup, Tag
from markdownify import ATX, MarkdownConverter

from campaigns.text import placeholders, typed
from cards.markdown import escape

LIMIT = 200_000
"""Characters of HTML that are read. A message in Teams may have about 28 KB."""

_LOST = {
    "u": "underlining",
    "ins": "underlining",
    "table": "tables (each row is a line now)",
    "sup": "raised and lowered letters",
    "sub": "raised and lowered letters",
    "hr": "lines across",
    "video": "videos",
    "audio": "recordings",
    "iframe": "embedded pages",
}
"""Names of the formatting that is lost, by HTML tag."""

_COLOURED = re.compile(r"(?:^|;)\s*(?:background(?:-color)?|color)\s*:", re.IGNORECASE)
# Teams itself writes 14 px everywhere, which is no choice of the author.
_SIZED = re.compile(r"(?:^|;)\s*font-size\s*:(?!\s*(?:14px|inherit|initial))", re.IGNORECASE)
_MARKDOWN = re.compile(r"[\\`*]|~(?=~)|(?<=~)~|<(?=[A-Za-z/!?])|(?<!\w)_|_(?!\w)|(?<=\])\(")
_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+>](?=\s)|\d{1,9}(?=[.)]\s))")
_BLANK_LINES = re.compile(r"\n{3,}")


class Written(msgspec.Struct, frozen=True):
    """A message, and the formatting that could not be kept."""

    markdown: str
    lost: tuple[str, ...] = ()
    """Names of the lost formatting, such as ``underlining``."""


def from_html(html: str) -> Written:
    """Returns the message that the HTML of the compose box has."""
    page = BeautifulSoup(html[:LIMIT], "html.parser")
    lost = tuple(dict.fromkeys(_lost(page)))
    for tag in page.find_all(["script", "style", "head", "title"]):
        tag.decompose()
    converter = _Converter(heading_style=ATX, bullets="-", strip_document=None)
    try:
        return Written(_tidy(converter.convert_soup(page)), lost)
    except RecursionError:
        return Written(escape(page.get_text(" ")), (*lost, "formatting (it is nested too deeply)"))


def _lost(page: BeautifulSoup) -> Iterator[str]:
    for tag in page.find_all(True):
        if tag.name in _LOST:
            yield _LOST[tag.name]
        elif tag.name == "img" and not _is_emoji(tag):
            yield "pictures"
        elif tag.name in ("s", "strike", "del", "code") and tag.find_parent("li") is not None:
            yield "strike-through and code within lists"
        elif _is_mention(tag):
            yield "mentions (the names are plain text now)"
        style = str(tag.get("style") or "")
        if _COLOURED.search(style) or tag.name in ("font", "mark"):
            yield "colours"
        if _SIZED.search(style) and not _is_emoji(tag) and tag.find("img") is None:
            yield "sizes of letters"


class _Converter(MarkdownConverter):
    """Converts to Markdown as :mod:`cards.message.prose` reads it."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        if not text:
            return ""
        parts = placeholders.parse(text, placeholders.Place.PLAIN)
        kept = "".join(
            _MARKDOWN.sub(r"\\\g<0>", part) if isinstance(part, str) else part.token
            for part in parts
        )
        return _LINE_START.sub(_escape_start, kept)

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return " " if "_inline" in parent_tags else "\n"

    def convert_div(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Converts a line. Teams writes a ``div`` for each line, and a ``p`` for each paragraph."""
        if "_inline" in parent_tags:
            return f" {text.strip()} "
        return f"\n{text}\n"

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        address = "".join(str(el.get("href") or "").split())
        words = " ".join(text.split())
        if not address or not words:
            return text
        if words == address and re.match(r"https?://", address):
            return address
        return f"[{words}]({address.replace('(', '%28').replace(')', '%29')})"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self.escape(str(el.get("alt") or ""), parent_tags) if _is_emoji(el) else ""

    def convert_emoji(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(el.get("alt") or text)

    def convert_s(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        words = text.strip()
        if not words or "li" in parent_tags or "pre" in parent_tags:
            return text
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return f"{before}~~{words}~~{after}"

    convert_del = convert_strike = convert_s

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "pre" in parent_tags:
            return text
        plain = el.get_text().replace("`", "'")
        if not plain.strip() or "li" in parent_tags:
            return self.escape(plain, parent_tags)
        return f"`{plain}`"

    def convert_codeblock(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self.convert_pre(el, text, parent_tags)

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        for line_break in el.find_all("br"):
            line_break.replace_with("\n")
        return f"\n\n```\n{el.get_text().strip(chr(10))}\n```\n\n"

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        rows = (
            " · ".join(
                self.escape(typed.one_line(cell.get_text(" ")), parent_tags)
                for cell in row.find_all(["td", "th"])
            )
            for row in el.find_all("tr")
        )
        return "\n\n" + "\n".join(row for row in rows if row) + "\n\n"

    def convert_hr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return "\n\n"

    def convert_hN(  # noqa: N802  # the library calls it by this name
        self, n: int, el: Tag, text: str, parent_tags: set[str]
    ) -> str:
        words = " ".join(text.replace("**", "").split())
        return f"\n\n{'#' * min(n, 3)} {words}\n\n" if words else ""


def _is_emoji(tag: Tag) -> bool:
    """Returns True for a picture that stands for the character in its alt text."""
    kind = str(tag.get("itemtype") or "")
    return tag.name == "img" and ("Emoji" in kind or _looks_like_emoji(str(tag.get("alt") or "")))


def _looks_like_emoji(text: str) -> bool:
    return 0 < len(text) <= 12 and not any(character.isascii() for character in text)


def _is_mention(tag: Tag) -> bool:
    return tag.name == "at" or "Mention" in str(tag.get("itemtype") or "")


def _escape_start(match: re.Match[str]) -> str:
    space, mark = match[1], match[2]
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"


def _tidy(markdown: str) -> str:
    text = markdown.replace("\xa0", " ").replace("\r", "")
    lines = [line.rstrip() for line in text.split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
