"""The rules of the house that import-linter can't see.

`app.py` is a single module, which import-linter doesn't take as a root; and the environment is read
through an attribute of `os`, not by an import of its own.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tree import ROOT

LAYERS = ("bot", "campaigns", "cards", "delivery", "dialogs", "storage", "teams")
# What is shipped and runs in production, or is run by an operator.
PRODUCT = (*LAYERS, "manifest", "settings", "app.py")


def modules(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path] * path.exists()


def imported(source: str) -> set[str]:
    """The top-level modules that a source imports, wherever in it the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def reads_environment(source: str) -> bool:
    names = {"environ", "environb", "getenv", "getenvb"}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in names:
            if isinstance(node.value, ast.Name) and node.value.id == "os":
                return True
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            if names & {alias.name for alias in node.names}:
                return True
        elif isinstance(node, ast.Import | ast.ImportFrom) and "dotenv" in ast.unparse(node):
            return True
    return False


def importers(module: str, *places: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in modules(*places)
        if module in imported(path.read_text("utf-8"))
    }


def test_only_settings_reads_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in modules(*PRODUCT)
        if reads_environment(path.read_text("utf-8"))
    }
    assert readers == {"settings/environment.py"}


def test_the_product_never_imports_its_composition_root() -> None:
    assert importers("app", *PRODUCT) == set()


def test_only_the_programs_know_the_settings() -> None:
    outside = [place for place in PRODUCT if place != "settings"]
    assert importers("settings", *outside) <= {"app.py", "manifest/__main__.py"}


def test_the_product_imports_neither_its_tests_nor_its_benchmarks() -> None:
    for development in ("tests", "benchmarks", "playground"):
        assert importers(development, *PRODUCT) == set()


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_says_what_it_is(layer: str) -> None:
    source = (ROOT / layer / "__init__.py").read_text("utf-8")
    assert ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "import os\nhome = os.environ['HOME']",
        "import os\ndef f():\n    return os.getenv('HOME')",
        "from os import environ",
        "from os import getenv as g",
        "from dotenv import load_dotenv",
        "import dotenv",
    ],
)
def test_each_way_to_the_environment_is_noticed(source: str) -> None:
    assert reads_environment(source)


def test_an_import_inside_a_function_is_noticed() -> None:
    assert imported("def f():\n    from app.x import y\n    import settings") == {"app", "settings"}
