"""Rosters: taking a file in, staging its rows, signing the plan, discarding it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select, update

from lms import clock
from lms.actions.audit import record
from lms.actions.outbox import enqueue, insert_new
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.courses import Course
from lms.models.institutions import Institution
from lms.models.people import Account
from lms.models.rosters import Roster, RosterRow
from lms.rules.people import search_name
from lms.rules.rosters import Header, Row, RowFault

DOUBLE_CLICK = timedelta(minutes=1)
# As wide as the columns; only a row with a fault can hold a name that does not fit.
_NAME, _SEARCH, _AREA = 100, 300, 500


def upload(
    institution: Institution,
    course: Course,
    *,
    filename: str,
    content: bytes,
    area_paths: Sequence[str],
    due_on: date | None,
    by: int | None,
    at: datetime,
) -> Roster:
    """Keep a file and ask the worker to read it. `area_paths` are the areas to which the sender is bound, if any.

    The same file sent again by the same person for the same purpose within a minute (a double click) is the first one.
    `by` is None when the system does it.
    """
    digest = sha256(content).hexdigest()
    if by is not None and (same := _sent_just_now(institution, course, digest, due_on, by=by, at=at)):
        return same
    made = Roster(
        public_id=clock.public_id(),
        institution_id=institution.id,
        course_id=course.id,
        area_paths=list(area_paths),
        due_on=due_on,
        filename=filename[-200:],
        content=content,
        content_sha256=digest,
        size=len(content),
        state="uploaded",
        uploaded_by_id=by,
        uploaded_at=at,
    )
    db.session.add(made)
    db.session.flush()
    record("roster.upload", "roster", made.public_id, by=by, at=at, size=made.size)
    enqueue("roster_parse", made.id, at=at)
    return made


def _sent_just_now(
    institution: Institution, course: Course, digest: str, due_on: date | None, *, by: int, at: datetime
) -> Roster | None:
    # Two clicks at once wait for each other here.
    db.session.execute(select(Account.person_id).where(Account.person_id == by).with_for_update())
    return db.session.scalars(
        select(Roster).where(
            Roster.uploaded_by_id == by,
            Roster.institution_id == institution.id,
            Roster.course_id == course.id,
            Roster.due_on.is_(None) if due_on is None else Roster.due_on == due_on,
            Roster.content_sha256 == digest,
            Roster.uploaded_at > at - DOUBLE_CLICK,
            Roster.state != "discarded",
        )
    ).first()


def begin_staging(roster: Roster) -> bool:
    """Empty the staging of a roster that is read (again, if a worker died half-way). False when it is past that."""
    db.session.refresh(roster, with_for_update=True)
    if roster.state not in {"uploaded", "parsing"}:
        return False
    db.session.execute(delete(RosterRow).where(RosterRow.roster_id == roster.id))
    roster.state, roster.rows_total, roster.fault = "parsing", 0, None
    db.session.flush()
    return True


def describe(roster: Roster, header: Header) -> None:
    """Keep how the file was read: the titles of its columns and what each holds."""
    roster.header = [_plain(title) for title in header.titles]
    roster.about = {"columns": dict(header.columns), "width": len(header.titles)}
    db.session.flush()


def refuse(roster: Roster, code: str, params: dict[str, Any], *, at: datetime) -> None:
    """Say that the file cannot be read: nothing of it stays staged. One discarded meanwhile stays so."""
    db.session.refresh(roster, with_for_update=True)
    if roster.state != "parsing":
        return
    db.session.execute(delete(RosterRow).where(RosterRow.roster_id == roster.id))
    roster.state, roster.fault, roster.finished_at = "refused", {"code": code, "params": params}, at
    record("roster.refuse", "roster", roster.public_id, by=None, at=at, code=code)
    db.session.flush()


def stage(roster: Roster, rows: Sequence[tuple[Row, Sequence[str]]]) -> None:
    """Add rows to the staging, each with its cells as they came. Staging a row twice keeps the first."""
    insert_new(RosterRow, [_staged(roster.id, row, cells) for row, cells in rows])
    width = max([roster.about["width"], *(len(cells) for _row, cells in rows)])
    if width > roster.about["width"]:
        roster.about = {**roster.about, "width": width}
    roster.rows_total += len(rows)
    db.session.flush()


def _plain(text: str) -> str:
    """Return a cell as PostgreSQL can keep it."""
    return text.replace("\x00", "")


def _staged(roster_id: int, row: Row, cells: Sequence[str]) -> dict[str, Any]:
    area = area_name(row.parent_area, row.area)
    return {
        "roster_id": roster_id,
        "row_number": row.number,
        "cells": [_plain(cell) for cell in cells],
        "curp": row.curp.value if row.curp else None,
        "sex": row.curp.sex if row.curp else None,
        "given_names": row.given[:_NAME] or None,
        "first_surname": row.first_surname[:_NAME] or None,
        "second_surname": row.second_surname[:_NAME] or None,
        "search_name": search_name(row.given, row.first_surname, row.second_surname)[:_SEARCH] or None,
        "email": row.email or None,
        "email_key": row.email.lower() or None,
        "phone": row.phone or None,
        "employee_number": row.employee_number or None,
        "area_name": area or None,
        "area_key": area_key(area) or None,
        "entity": row.state or None,
        "job": row.job or None,
        "function": row.function or None,
        "faults": [_said(fault) for fault in row.faults],
        "warnings": [_said(fault) for fault in row.warnings],
        "kind": "fault" if row.faults else None,
        "warned": bool(row.warnings),
        "changes": [],
        "new_person": clock.public_id(),
        "new_affiliation": clock.public_id(),
        "new_enrolment": clock.public_id(),
    }


def area_name(*names: str) -> str:
    """Return the name of an area from the root, " / " between the parts that say something."""
    parts = [part.strip() for name in names for part in name.split(" / ")]
    return " / ".join(part for part in parts if search_name(part))[:_AREA]


def area_key(name: str) -> str:
    """Return the key by which a roster finds an area: its normalised names from the root."""
    return " / ".join(search_name(part) for part in name.split(" / "))


def _said(fault: RowFault) -> dict[str, Any]:
    return {"column": fault.column, "value": fault.value, "code": fault.code, "params": dict(fault.params)}


def sign(roster: Roster, digest: str, *, by: int, at: datetime) -> None:
    """Sign the plan that was read: its digest must be the one shown. Signing it twice is signing it once.

    Raises Refused when the plan changed, is not ready, or holds nothing to do.
    """
    db.session.refresh(roster, with_for_update=True)
    if roster.state in {"signed", "running", "done"} and roster.digest == digest:
        if roster.state != "done":
            # Nothing while its job waits or runs; a job that was given up is asked for again.
            enqueue("roster_run", roster.id, at=at)
        return
    if roster.state != "planned":
        raise Refused("roster_not_planned")
    if roster.digest != digest:
        raise Refused("roster_plan_changed")
    if not any(roster.counts.get(kind) for kind in ("create", "update", "move")):
        raise Refused("roster_nothing_to_do")
    roster.state, roster.signed_by_id, roster.signed_at = "signed", by, at
    record("roster.sign", "roster", roster.public_id, by=by, at=at, digest=digest, counts=roster.counts)
    enqueue("roster_run", roster.id, at=at)
    db.session.flush()


def discard(roster: Roster, *, by: int, at: datetime) -> None:
    """Put a plan aside unsigned. Raises Refused when it was signed already."""
    db.session.refresh(roster, with_for_update=True)
    if roster.state == "discarded":
        return
    if roster.state not in {"uploaded", "parsing", "planned", "refused"}:
        raise Refused("roster_signed_already")
    roster.state, roster.finished_at = "discarded", at
    record("roster.discard", "roster", roster.public_id, by=by, at=at)
    db.session.flush()


def save_plan_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Write what was decided of some rows, each a dict with `roster_id`, `row_number` and the columns to set."""
    if rows:
        db.session.execute(update(RosterRow), rows)
