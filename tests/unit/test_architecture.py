"""The rules of the house that import-linter can't see: imports of `app.py`, the environment, names
and docstrings.

`app.py` is a single module, which import-linter doesn't take as a root; and the environment is read
through an attribute of `os`, not by an import of its own.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tree import ROOT

LAYERS = ("bot", "campaigns", "cards", "delivery", "dialogs", "storage", "teams")
# What is shipped and runs in production, or is run by an operator.
PRODUCT = (*LAYERS, "manifest", "settings", "app.py")

STYLED = (*PRODUCT, "benchmarks", "playground", "tests")
"""Places whose names and docstrings are held to the rules of style."""

BAD_NAMES = {"of", "to", "it", "said", "at"}
# A docstring that begins so has no subject and is read twice.
BAD_BEGINNING = re.compile(r"(Who|What|Of|As|Whether|Whom|By)\b")


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


def trees(*places: str) -> Iterator[tuple[str, ast.Module]]:
    """The syntax trees of the modules, by their paths."""
    for path in modules(*places):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def defined_types(tree: ast.Module) -> Iterator[str]:
    """The public classes of a module, and its type aliases; not the type variables."""
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if is_type_variable(value):
                    continue
            case ast.AnnAssign(target=ast.Name(id=name)):
                pass
            case _:
                continue
        if re.fullmatch(r"[A-Z]\w*[a-z]\w*", name):
            yield name


def is_type_variable(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) in ("TypeVar", "ParamSpec")


def test_no_public_class_name_stands_twice() -> None:
    places: dict[str, list[str]] = {}
    for path, tree in trees(*PRODUCT):
        for name in defined_types(tree):
            places.setdefault(name, []).append(path)
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The docstrings of modules, classes and functions, and the texts under assignments."""
    for node in ast.walk(tree):
        for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if not isinstance(body, list):
                continue
            for statement in body:
                match statement:
                    case ast.Expr(value=ast.Constant(value=str() as text)):
                        yield statement.lineno, text.strip()


def test_docstrings_begin_with_a_verb_or_a_noun() -> None:
    wrong = [
        f"{path}:{line}: {text.splitlines()[0]}"
        for path, tree in trees(*STYLED)
        for line, text in docstrings(tree)
        if BAD_BEGINNING.match(text)
    ]
    assert wrong == []


def is_time(annotation: ast.expr | None) -> bool:
    """True for `datetime`, alone or with None."""
    return annotation is not None and ast.unparse(annotation).replace(" | None", "") == "datetime"


def bad_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Where a variable, argument or attribute has one of the names that say nothing.

    `at` is allowed where it is annotated as a point in time.
    """
    times = set[ast.expr]()
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and is_time(node.annotation):
            times.add(node.target)
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name, annotation=annotation):
                allowed = is_time(annotation)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                allowed = node in times
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                allowed = False
            case ast.ExceptHandler(name=str() as name) | ast.alias(asname=str() as name):
                allowed = False
            case _:
                continue
        if name in BAD_NAMES and not (name == "at" and allowed):
            yield node.lineno, name


def test_no_name_says_nothing() -> None:
    wrong = [
        f"{path}:{line}: {name}" for path, tree in trees(*STYLED) for line, name in bad_names(tree)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("of = 1", 1),
        ("def f(to): pass", 1),
        ("def f(*, at: float): pass", 1),
        ("def f(at: datetime | None = None): pass", 0),
        ("class C:\n    at: datetime", 0),
        ("class C:\n    at: int", 1),
        ("at = now()", 1),
        ("for at in range(3): pass", 1),
        ("x = [of for of in y]", 1),
        ("x = lambda it: it", 1),
        ("self.said = 1", 1),
        ("with open() as of: pass", 1),
        ("f(at=1, to=2)", 0),
    ],
)
def test_each_name_that_says_nothing_is_noticed(source: str, count: int) -> None:
    assert len(list(bad_names(ast.parse(source)))) == count


def test_each_docstring_is_seen() -> None:
    source = '"""M."""\nX = 1\n"""A."""\nclass C:\n    """C."""\n    a: int\n    """F."""\n'
    source += '    def f(self):\n        """D."""\n'
    assert {text for _, text in docstrings(ast.parse(source))} == {"M.", "A.", "C.", "F.", "D."}


def test_classes_and_aliases_are_noticed_and_constants_are_not() -> None:
    source = (
        "class Ab: pass\nBc: TypeAlias = int\nCd = int | str\nTv = TypeVar('Tv')\nMAX = 1\nde = 2"
    )
    assert list(defined_types(ast.parse(source))) == ["Ab", "Bc", "Cd"]
