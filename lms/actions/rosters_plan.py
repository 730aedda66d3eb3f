"""Making the plan: every staged row is compared with what is stored, in ranges of rows, before anything changes."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from lms.actions.audit import record
from lms.actions.rosters import save_plan_rows
from lms.database import db
from lms.models.institutions import Area
from lms.models.rosters import KINDS, Roster, RosterRow
from lms.queries.rosters import stored_facts
from lms.rules.rosters_plan import Stored, Wanted, decide, fingerprint

RANGE = 1_000


class Areas:
    """The areas of an institution by key, as the rows name them."""

    def __init__(self, institution_id: int, bound: list[str]) -> None:
        self.bound = bound
        self.by_path: dict[str, Area] = {}
        by_name: dict[str, list[Area]] = {}
        for area in db.session.scalars(select(Area).where(Area.institution_id == institution_id)):
            self.by_path[area.path_key] = area
            by_name.setdefault(area.name_key, []).append(area)
        # A name alone finds an area when only one has it.
        self.by_name = {name: areas[0] for name, areas in by_name.items() if len(areas) == 1}
        self.alone = next((a for a in self.by_path.values() if len(bound) == 1 and a.path == bound[0]), None)

    def find(self, key: str | None) -> Area | None:
        """Return the area of a key, or the only area of a sender bound to one when the row names none."""
        if not key:
            return self.alone
        return self.by_path.get(key) or self.by_name.get(key)

    def reaches(self, area: Area | None) -> bool:
        """Whether the sender of the roster may put people into the area."""
        if not self.bound:
            return True
        return area is not None and any(area.path.startswith(path) for path in self.bound)


def ranges(roster: Roster, size: int = RANGE) -> list[tuple[int, int]]:
    """Return the row-number ranges that hold about `size` rows each."""
    numbers = db.session.scalars(
        select(RosterRow.row_number).where(RosterRow.roster_id == roster.id).order_by(RosterRow.row_number)
    ).all()
    return [(numbers[i], numbers[min(i + size, len(numbers)) - 1]) for i in range(0, len(numbers), size)]


def plan_range(roster: Roster, areas: Areas, first: int, last: int) -> None:
    """Decide the rows `first`…`last`."""
    stored = stored_facts(roster, first, last)
    rows = db.session.scalars(
        select(RosterRow).where(RosterRow.roster_id == roster.id, RosterRow.row_number.between(first, last))
    ).all()
    save_plan_rows([_decided(row, areas, stored.get(row.row_number)) for row in rows])
    db.session.expunge_all()


def _decided(row: RosterRow, areas: Areas, found: tuple[int | None, Stored] | None) -> dict[str, Any]:
    """Return the columns that the plan sets on a row."""
    person_id, stored = found or (None, Stored())
    area = areas.find(row.area_key)
    out: dict[str, Any] = {
        "roster_id": row.roster_id,
        "row_number": row.row_number,
        "person_id": person_id,
        "area_id": area.id if area else None,
        "known": fingerprint(stored),
        "kind": "fault",
        "changes": [],
        "faults": row.faults,
        "warnings": row.warnings,
        "warned": row.warned,
    }
    if row.faults:
        return out
    fault = _out_of_reach(row, areas, area, stored)
    if fault:
        return {**out, "faults": [*row.faults, fault]}
    if any(w["code"] == "row_repeated" for w in row.warnings):
        return {**out, "kind": "already"}
    decision = decide(_wanted(row, area), stored)
    kept = [{"column": "", "value": "", "code": code, "params": {}} for code in decision.kept]
    return {
        **out,
        "kind": decision.kind,
        "changes": [[c.field, c.before, c.after] for c in decision.changes],
        "warnings": [*row.warnings, *kept],
        "warned": bool(row.warnings or kept),
    }


def _out_of_reach(row: RosterRow, areas: Areas, area: Area | None, stored: Stored) -> dict[str, Any] | None:
    if not areas.bound:
        return None
    if not areas.reaches(area):
        code = "row_area_outside" if row.area_key else "row_area_missing"
        return {"column": "", "value": row.area_name or "", "code": code, "params": {}}
    here = next((a for a in areas.by_path.values() if a.id == stored.area_id), None)
    if stored.affiliation_id is not None and not areas.reaches(here):
        return {"column": "", "value": row.curp or "", "code": "row_person_elsewhere", "params": {}}
    return None


def _wanted(row: RosterRow, area: Area | None) -> Wanted:
    return Wanted(
        area_id=area.id if area else None,
        area_given=bool(row.area_key) or area is not None,
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


def finish_plan(roster: Roster, *, at: datetime) -> None:
    """Count the plan, hash it and offer it for signing."""
    pairs = db.session.execute(
        select(RosterRow.kind, func.count()).where(RosterRow.roster_id == roster.id).group_by(RosterRow.kind)
    ).tuples()
    found = {kind: count for kind, count in pairs if kind}
    counts = {kind: found.get(kind, 0) for kind in KINDS}
    counts["warning"] = (
        db.session.scalar(
            select(func.count()).select_from(RosterRow).where(RosterRow.roster_id == roster.id, RosterRow.warned)
        )
        or 0
    )
    roster.counts = counts
    roster.digest = _digest(roster)
    roster.state, roster.planned_at = "planned", at
    record("roster.plan", "roster", roster.public_id, by=None, at=at, counts=counts)
    db.session.flush()


def _digest(roster: Roster) -> str:
    """Return the hash of what would be done: course, institution, due date, and each row's deed and known facts."""
    head = [roster.institution_id, roster.course_id, str(roster.due_on), roster.content_sha256]
    digest = sha256(json.dumps(head).encode())
    rows = db.session.execute(
        select(RosterRow.row_number, RosterRow.kind, RosterRow.curp, RosterRow.changes, RosterRow.known)
        .where(RosterRow.roster_id == roster.id)
        .order_by(RosterRow.row_number)
    )
    for row in rows:
        digest.update(b"\n" + json.dumps(list(row), ensure_ascii=False).encode())
    return digest.hexdigest()
