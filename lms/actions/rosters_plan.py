"""Making the plan: every staged row is compared with what is stored, in ranges of rows, before anything changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, select

from lms.actions.audit import record
from lms.database import db
from lms.models.institutions import Area
from lms.models.rosters import Roster, RosterRow
from lms.queries.rosters import stored_facts
from lms.rules.rosters_plan import Stored, Wanted, decide, fingerprint

RANGE = 400
DEEPEST = 8
"""How many areas may stand one inside another."""


@dataclass(frozen=True)
class Place:
    """What a plan needs of an area."""

    id: int
    name: str
    path: str
    path_key: str


class Planner:
    """What a plan needs to know of its institution, and the people it has met so far in the file."""

    def __init__(self, roster: Roster) -> None:
        self.roster_id = roster.id
        self.bound: list[str] = list(roster.area_paths)
        self.met: dict[int, int] = {}
        self.titles = {field: roster.header[index] for field, index in roster.about.get("columns", {}).items()}
        self.by_id: dict[int, Place] = {}
        self.by_path: dict[str, Place] = {}
        self.by_end: dict[str, list[Place]] = {}
        known = select(Area.id, Area.name, Area.path, Area.path_key).where(Area.institution_id == roster.institution_id)
        for area in [Place(*found) for found in db.session.execute(known)]:
            self.by_id[area.id] = area
            self.by_path[area.path_key] = area
            for end in _ends(area.path_key):
                self.by_end.setdefault(end, []).append(area)
        self.alone = next((a for a in self.by_id.values() if len(self.bound) == 1 and a.path == self.bound[0]), None)

    def find(self, key: str | None, stored: Stored, here: Place | None) -> tuple[Place | None, str | None]:
        """Return the area that a row means, and a fault's code when it cannot be told.

        Without a name it is where she is, or the only area of a sender bound to one. A name that ends the path of
        her own area is her own area; else it must be a whole path or end just one.
        """
        if not key:
            return (here if stored.affiliation_id is not None else self.alone), None
        if here is not None and key in _ends(here.path_key):
            return here, None
        if key in self.by_path:
            return self.by_path[key], None
        named = self.by_end.get(key, [])
        if len(named) > 1:
            return None, "row_area_ambiguous"
        if not named and key.count(" / ") >= DEEPEST:
            return None, "row_area_deep"
        return (named[0] if named else None), None

    def say(self, fields: Sequence[str], value: str | None, code: str, **params: int) -> dict[str, Any]:
        """Return a fault or warning about the first of the fields that the file has."""
        title = next((self.titles[field] for field in fields if field in self.titles), "")
        return {"column": title, "value": value or "", "code": code, "params": params}

    def reaches(self, area: Place | None) -> bool:
        """Whether the sender of the roster may put people into the area."""
        return not self.bound or (area is not None and any(area.path.startswith(path) for path in self.bound))


def _ends(path_key: str) -> list[str]:
    parts = path_key.split(" / ")
    return [" / ".join(parts[i:]) for i in range(len(parts))]


def ranges(roster: Roster, size: int = RANGE) -> list[tuple[int, int]]:
    """Return the row-number ranges that hold about `size` rows each."""
    numbers = db.session.scalars(
        select(RosterRow.row_number).where(RosterRow.roster_id == roster.id).order_by(RosterRow.row_number)
    ).all()
    return [(numbers[i], numbers[min(i + size, len(numbers)) - 1]) for i in range(0, len(numbers), size)]


_READ = (
    RosterRow.row_number, RosterRow.curp, RosterRow.employee_number, RosterRow.job, RosterRow.function,
    RosterRow.entity, RosterRow.given_names, RosterRow.first_surname, RosterRow.second_surname, RosterRow.email,
    RosterRow.phone, RosterRow.area_key, RosterRow.area_name, RosterRow.faults, RosterRow.warnings,
)  # fmt: skip


def decide_range(roster: Roster, planner: Planner, first: int, last: int) -> list[dict[str, Any]]:
    """Decide the rows `first`…`last`; the answer is for `save_plan_rows`. Reads only."""
    stored = stored_facts(roster, first, last)
    rows = db.session.execute(
        select(*_READ)
        .where(RosterRow.roster_id == roster.id, RosterRow.row_number.between(first, last))
        .order_by(RosterRow.row_number)
    ).all()
    return [_decided(row, planner, *stored.get(row.row_number, (None, Stored()))) for row in rows]


def _decided(row: Row[Any], planner: Planner, person_id: int | None, stored: Stored) -> dict[str, Any]:
    """Return the columns that the plan sets on a row."""
    here = planner.by_id.get(stored.area_id) if stored.area_id is not None else None
    area, unclear = planner.find(row.area_key, stored, here)
    out: dict[str, Any] = {
        "roster_id": planner.roster_id,
        "row_number": row.row_number,
        "person_id": person_id,
        "area_id": area.id if area else None,
        "known": fingerprint(stored),
        "kind": "fault",
        "changes": [],
        "faults": row.faults,
        "warnings": row.warnings,
        "warned": bool(row.warnings),
    }
    if row.faults:
        return out
    if any(w["code"] == "row_repeated" for w in row.warnings):
        return {**out, "kind": "already"}
    fault = _met(row, planner, person_id) or _out_of_reach(row, planner, area, unclear, stored, here)
    if fault:
        return {**out, "faults": [fault]}
    decision = decide(_wanted(row, area), stored, area_now=here.name if here else None)
    kept = [planner.say(_OF[code], _value(row, code), code) for code in decision.kept]
    return {
        **out,
        "kind": decision.kind,
        "changes": [[c.field, c.before, c.after] for c in decision.changes],
        "warnings": [*row.warnings, *kept],
        "warned": bool(row.warnings or kept),
    }


_NAMES = ("full_name", "given", "first_surname", "surnames")
# Code of what is kept → the columns it is about, the first that the file has.
_OF: dict[str, Sequence[str]] = {
    "plan_name_kept": _NAMES,
    "plan_area_kept": ("area", "parent_area"),
    "plan_entity_kept": ("state",),
    **{f"plan_{field}_kept": (field,) for field in ("email", "phone", "employee_number", "job", "function")},
}


def _value(row: Row[Any], code: str) -> str | None:
    """Return what the row says of the thing that is kept as stored."""
    if code == "plan_name_kept":
        return " ".join(p for p in (row.given_names, row.first_surname, row.second_surname) if p)
    field = code.removeprefix("plan_").removesuffix("_kept")
    found: str | None = getattr(row, "area_name" if field == "area" else field)
    return found


def _met(row: Row[Any], planner: Planner, person_id: int | None) -> dict[str, Any] | None:
    """Say when another row, with an earlier or a later CURP, is the same person."""
    if person_id is None:
        return None
    first = planner.met.setdefault(person_id, row.row_number)
    return None if first == row.row_number else planner.say(("curp",), row.curp, "row_repeated_person", first_row=first)


def _out_of_reach(
    row: Row[Any], planner: Planner, area: Place | None, unclear: str | None, stored: Stored, here: Place | None
) -> dict[str, Any] | None:
    """Say why the area of a row cannot be: unclear, or outside of the areas of the sender."""
    area_columns = ("area", "parent_area")
    if unclear:
        return planner.say(area_columns, row.area_name, unclear)
    if stored.affiliation_id is not None and not planner.reaches(here):
        return planner.say(("curp",), row.curp, "row_person_elsewhere")
    if not planner.reaches(area):
        return planner.say(area_columns, row.area_name, "row_area_outside" if row.area_key else "row_area_missing")
    return None


def _wanted(row: Row[Any], area: Place | None) -> Wanted:
    return Wanted(
        area_id=area.id if area else None,
        area_name=row.area_name if row.area_key else None,
        employee_number=row.employee_number,
        job=row.job,
        function=row.function,
        entity=row.entity,
        given_names=row.given_names,
        first_surname=row.first_surname,
        second_surname=row.second_surname,
        email=row.email,
        phone=row.phone,
    )


def finish_plan(roster: Roster, counts: dict[str, int], digest: str, *, at: datetime) -> None:
    """Offer for signing the plan whose `counts` and `digest` were read. A roster discarded meanwhile stays so."""
    db.session.refresh(roster, with_for_update=True)
    if roster.state != "parsing":
        return
    roster.counts, roster.digest = counts, digest
    roster.state, roster.planned_at = "planned", at
    record("roster.plan", "roster", roster.public_id, by=None, at=at, counts=counts)
    db.session.flush()


def plan_digest(roster: Roster) -> str:
    """Return the hash of what would be done: institution, course, due date, and each row's deed and known facts."""
    head = [roster.institution_id, roster.course_id, str(roster.due_on), roster.content_sha256]
    digest = sha256(json.dumps(head).encode())
    rows = db.session.execute(
        select(RosterRow.row_number, RosterRow.kind, RosterRow.curp, RosterRow.changes, RosterRow.known)
        .where(RosterRow.roster_id == roster.id)
        .order_by(RosterRow.row_number),
        execution_options={"yield_per": 2_000},
    )
    for row in rows:
        digest.update(b"\n" + json.dumps(list(row), ensure_ascii=False).encode())
    return digest.hexdigest()
