"""Every route names its gate, and the checked-in table of route × owner × actor → status is what happens.

`gates.txt` is that table. After adding a route, `AULA_WRITE_GATES=1 pytest tests/house/test_gates.py` writes it anew:
read every line of the difference before keeping it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from lms.web.gate import mark_of
from tests.house.stage import Stage
from tests.house.world import ACTORS, owners
from tests.houses import house

TABLE = Path(__file__).with_name("gates.txt")
Cell = tuple[str, str, str, str]


def rules(app: Flask) -> list[tuple[Rule, str]]:
    """Every route with each of its methods."""
    found = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
        if method in {"GET", "POST"}
    ]
    return sorted(found, key=lambda pair: (pair[0].endpoint, pair[1]))


@pytest.fixture(scope="module")
def stage() -> Stage:
    """The stage of this module."""
    return Stage(house("sqlite"))


def read_table() -> dict[Cell, str]:
    """Read the checked-in table."""
    lines = TABLE.read_text("utf-8").splitlines()
    actors = lines[0].split()[3:]
    cells = {}
    for line in lines[1:]:
        endpoint, method, owner, *statuses = line.split()
        for actor, status in zip(actors, statuses, strict=True):
            cells[endpoint, method, owner, actor] = status
    return cells


def write_table(found: dict[Cell, str]) -> None:
    """Write the table for reading."""
    rows = list(dict.fromkeys(cell[:3] for cell in found))
    lines = [f"{'route':<30} {'how':<5} {'whose':<6} " + " ".join(f"{actor:>12}" for actor in ACTORS)]
    for row in rows:
        statuses = " ".join(f"{found[(*row, actor)]:>12}" for actor in ACTORS)
        lines.append(f"{row[0]:<30} {row[1]:<5} {row[2]:<6} {statuses}")
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


def test_every_route_names_its_gate() -> None:
    app = house("sqlite").app
    assert [rule.endpoint for rule in app.url_map.iter_rules() if mark_of(app, rule.endpoint) is None] == []


def test_the_table_is_what_happens(stage: Stage) -> None:
    found = {
        (rule.endpoint, method, owner, actor): stage.status(rule, method, owner, actor)
        for rule, method in rules(stage.house.app)
        for owner in owners(rule)
        for actor in ACTORS
    }
    if os.environ.get("AULA_WRITE_GATES"):
        write_table(found)
    table = read_table()
    assert {cell: status for cell, status in found.items() if table.get(cell) != status} == {}
    assert set(table) == set(found), "rows of routes that are gone"
    assert len(found) >= 1_000
    assert not [cell for cell, status in found.items() if status.startswith("5")]
