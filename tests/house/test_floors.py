"""The house keeps its shape: imports go down only, rooms use only their tools, files and functions stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LMS = ROOT / "lms"
GROUND = ("clock", "permissions", "rules", "content", "files", "paper", "proofs", "texts")
FLOORS = {**dict.fromkeys(GROUND, 0), "database": 1, "models": 2, "queries": 3, "actions": 4}
DOORS = ("web", "jobs", "cli")
FLOORS |= dict.fromkeys(DOORS, 5)
SOURCES = sorted(LMS.rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module imported anywhere in a file, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.lineno, node.module
            if node.module == "lms":
                for name in node.names:
                    yield node.lineno, f"lms.{name.name}"


def room(path: Path) -> str:
    """The room a file stands in: its folder below lms/, or its own name on the ground."""
    first = path.relative_to(LMS).parts[0]
    return first.removesuffix(".py")


def complaints(path: Path, source: str) -> list[str]:
    """What a file imports that its floor does not allow."""
    here = room(path)
    if here == "__init__":
        return []
    found = []
    for line, module in imports(ast.parse(source)):
        where = f"{path.relative_to(ROOT)}:{line}"
        top = module.split(".")[0]
        if top == "lms" and "." in module:
            there = module.split(".")[1]
            if there in FLOORS and FLOORS[there] > FLOORS[here]:
                found.append(f"{where}: {here} importa {there}, que está más arriba")
            if here in DOORS and there in DOORS and there != here:
                found.append(f"{where}: una puerta importa otra puerta ({there})")
        if top in {"flask", "flask_login", "flask_wtf", "wtforms"} and here not in {*DOORS, "database"}:
            found.append(f"{where}: {module} fuera de las puertas")
        if top == "sqlalchemy" and not 1 <= FLOORS[here] <= 4:
            found.append(f"{where}: {module} fuera de database…actions")
        if top == "reportlab" and here != "paper":
            found.append(f"{where}: reportlab fuera de paper")
        if top in {"random", "secrets"} and here != "clock":
            found.append(f"{where}: el azar sale solo de clock")
    return found


def test_imports_go_down_only() -> None:
    assert [c for path in SOURCES for c in complaints(path, path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("rules/x.py", "from lms.models import people"),
        ("web/x.py", "def f():\n    from lms.jobs import mail"),
        ("rules/x.py", "import flask"),
        ("web/x.py", "from sqlalchemy import select"),
        ("web/x.py", "import reportlab.pdfgen"),
        ("actions/x.py", "import secrets"),
        ("queries/x.py", "from lms.actions.audit import record"),
    ],
)
def test_a_wrong_import_is_seen(name: str, source: str) -> None:
    assert len(complaints(LMS / name, source)) == 1


def test_time_comes_from_the_clock() -> None:
    found = []
    for path in SOURCES:
        if room(path) == "clock":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}:
                value = node.value
                if isinstance(value, ast.Name) and value.id in {"datetime", "date", "dt"}:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_files_and_functions_stay_small() -> None:
    found = []
    for path in [*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), ROOT / "config.py"]:
        text = path.read_text("utf-8")
        if text.count("\n") > 400:
            found.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} líneas")
        if path.is_relative_to(ROOT / "tests"):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 40:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} tiene {length} líneas")
    assert found == []


def test_public_functions_say_what_they_mean() -> None:
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        if ast.get_docstring(tree) is None and path.read_text("utf-8").strip():
            found.append(f"{path.relative_to(ROOT)}: sin docstring")
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and ast.get_docstring(node) is None:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} sin docstring")
    assert found == []
