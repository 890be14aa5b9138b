"""The rules of the house, read off the code itself: who may import whom, who may print, how long things may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "sfa").rglob("*.py"))
TREES = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}

MAY_IMPORT = {
    "sales": ("sales", "errors", "messages"),
    "store": ("store", "sales", "errors", "messages"),
    "output": ("drawing", "page", "plainly", "wrapping", "writing", "sales", "errors", "messages", "languages"),
    "plainly": (),
    "wrapping": (),
    "progress": ("messages", "languages", "wrapping"),
    "languages": ("messages", "wrapping"),
    "drawing": ("charts", "page", "messages"),
    "settings": ("places", "daysoff", "sales", "errors", "messages", "languages"),
    "daysoff": ("errors", "messages"),
    "places": (),
    "keys": (),
    "prompting": ("completing", "plainly"),
    "completing": ("commands", "store", "places", "messages", ""),
    "entry": ("completing", "cli"),
    "errors": ("messages",),
    "messages": (),
    "reading": ("reading", "sales", "errors", "messages"),
    "writing": ("writing", "reading", "output", "sales", "errors", "messages"),
    "page": ("messages",),
    "charts": ("page", "sales", "messages"),
    "printing": ("charts", "page", "sales", "errors", "messages"),
    "commands": (
        "commands",
        "store",
        "sales",
        "output",
        "page",
        "printing",
        "errors",
        "messages",
        "languages",
        "settings",
        "daysoff",
        "reading",
        "writing",
        "keys",
        "prompting",
        "wrapping",
        "progress",
        "cli",
        "",
    ),
    "cli": ("commands", "store", "sales", "output", "plainly", "errors", "messages", "languages", "settings", ""),
}
"""Part of the program → the parts that it may import; "" is the package itself (its version). Parts that are not named may import all."""
ONLY_IN = {
    "sqlite3": ("sfa/store/",),
    "sqlite_utils": ("sfa/store/",),
    "rich": ("sfa/drawing.py",),
    "plotille": ("sfa/drawing.py",),
    "tabulate": ("sfa/output.py",),
    "typer": ("sfa/commands/", "sfa/cli.py"),
    "prompt_toolkit": ("sfa/prompting.py",),
    "typst": ("sfa/printing.py",),
    "icalendar": ("sfa/reading/calendars.py", "sfa/writing/exchange.py", "sfa/writing/schedule.py"),
    "holidays": ("sfa/daysoff.py",),
    "python_calamine": ("sfa/reading/workbooks.py",),
}
IMPURE = ("os", "time", "random", "socket", "subprocess", "pathlib", "sys")
"""What the rules of selling may not see: the clock, the environment, files."""
LONGEST_FUNCTION = 60
"""Lines of a function's body, without its signature (a command's options stand there) and its docstring."""
LONGEST_FILE = 500


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported anywhere in the file, inside functions and under TYPE_CHECKING too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module
            # `from sfa.store import lookup` imports sfa.store.lookup; `from sfa import output` imports sfa.output.
            yield from (f"{node.module}.{a.name}" if node.module.startswith("sfa") else node.module for a in node.names)


def part(name: str) -> str:
    """The part of the program that a file or module belongs to: sales, store, output …"""
    words = name.removesuffix(".py").replace("/", ".").split(".")
    return words[1] if len(words) > 1 else ""


@pytest.mark.parametrize("name", TREES)
def test_imports_go_one_way(name: str) -> None:
    mine = part(name)
    parts = {p.stem for p in (ROOT / "sfa").iterdir()}
    for module in imported(TREES[name]):
        top = module.partition(".")[0]
        if top == "sfa":
            theirs = part(module) if part(module) in parts else ""
            assert mine not in MAY_IMPORT or theirs in MAY_IMPORT[mine], f"{name} imports {module}"
        if top in ONLY_IN:
            assert name.startswith(ONLY_IN[top]), f"{name} imports {module}"
        if mine == "sales":
            assert top not in IMPURE, f"{name} imports {module}"


@pytest.mark.parametrize("name", TREES)
def test_only_output_prints(name: str) -> None:
    # A shell's completion is answered before output.py, which takes longer than that, is imported.
    if name in ("sfa/output.py", "sfa/progress.py", "sfa/cli.py", "sfa/completing.py"):
        return
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "input"), f"{name}:{node.lineno}"
        if isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr") and isinstance(node.value, ast.Name):
            parent = next(p for p in ast.walk(TREES[name]) if any(child is node for child in ast.iter_child_nodes(p)))
            harmless = isinstance(parent, ast.Attribute) and parent.attr in ("isatty", "fileno", "buffer", "encoding")
            assert harmless, f"{name}:{node.lineno} writes past output.py"


@pytest.mark.parametrize("name", [n for n in TREES if n.startswith("sfa/sales/")])
def test_the_rules_of_selling_do_not_look_at_the_clock(name: str) -> None:
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in ("now", "utcnow", "today", "getenv"), f"{name}:{node.lineno}"


@pytest.mark.parametrize("name", [n for n in TREES if not n.startswith("sfa/store/")])
def test_sql_stays_in_the_store(name: str) -> None:
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in ("executemany", "executescript"), f"{name}:{node.lineno}"
        if isinstance(node, ast.Attribute) and node.attr == "execute":
            assert not (isinstance(node.value, ast.Attribute) and node.value.attr == "db"), f"{name}:{node.lineno}"


@pytest.mark.parametrize("name", TREES)
def test_modules_say_what_they_are_for(name: str) -> None:
    doc = ast.get_docstring(TREES[name])
    assert doc and len(doc) > 10, name


@pytest.mark.parametrize("name", TREES)
def test_nothing_is_too_long(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_FILE, f"{name} has {lines} lines"
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert length <= LONGEST_FUNCTION, f"{name}: {node.name} has {length} lines"


def test_the_walk_sees_what_it_should() -> None:
    """The rules above would hold of nothing if the walk found nothing."""
    seen = {m for tree in TREES.values() for m in imported(tree)}
    assert {"sqlite3", "sqlite_utils", "plotille", "rich.table", "tabulate", "typer", "sfa.store.lookup"} <= seen
    bad = ast.parse("def f():\n    from sfa.store import lookup\n    import sqlite3\n")
    assert list(imported(bad)) == ["sfa.store.lookup", "sqlite3"]
