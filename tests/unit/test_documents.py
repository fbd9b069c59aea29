"""Documents name files that exist, and link to places that exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.tree import ROOT

TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split()
DOCUMENTS = [ROOT / name for name in TRACKED if name.endswith(".md")]
TOP = {name.split("/")[0] for name in TRACKED if "/" in name}

# `dialogs/router.py`, `storage/embedded/`: a path from the top of the tree.
PATH = re.compile(r"`([\w.-]+/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as code hosts make them."""
    text = FENCED.sub("", document.read_text("utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_in_a_document_exist(document: Path) -> None:
    named = PATH.findall(document.read_text("utf-8"))
    inside = [path for path in named if path.split("/")[0] in TOP]
    assert [path for path in inside if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    lost = []
    for link in LINK.findall(FENCED.sub("", document.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_the_list_of_decisions_has_the_headlines_of_its_pages() -> None:
    """Each headline is a bold sentence at the beginning of a paragraph."""
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^- (.+)$", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    headlines = [
        headline.replace("\n", " ").removesuffix(".")
        for page in folder.glob("2*.md")
        for headline in re.findall(
            r"^\*\*(.+?)\*\*", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
    ]
    assert sorted(listed) == sorted(headlines)
