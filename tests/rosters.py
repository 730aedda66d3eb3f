"""Roster files as people send them, and the way from a file to its plan and its run."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import date

from flask import current_app
from sqlalchemy import inspect, select, text

from lms import clock
from lms.actions import rosters as deeds
from lms.database import Base, db
from lms.jobs.work import work_once
from lms.models.courses import Course
from lms.models.institutions import Institution
from lms.models.people import Person, PersonCurp
from lms.models.rosters import Roster, RosterRow

TITLES = ["CURP", "Nombre(s)", "Primer apellido", "Segundo apellido", "Correo electrónico", "Área", "Puesto"]
# What a roster run writes about itself, and may grow when the same file comes again.
OWN_TABLES = {"roster", "roster_row", "audit_entry", "audit_block", "job"}


def csv_file(rows: Sequence[Sequence[str]], titles: Sequence[str] = TITLES) -> bytes:
    """A CSV as Excel in Mexico saves it: cp1252, semicolons."""
    return "\r\n".join(";".join(row) for row in [titles, *rows]).encode("cp1252")


def xlsx_file(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook with the rows as they are, titles and all."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("Plantilla")
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return out.getvalue()


def work() -> bool:
    """Let the worker do one job, in a session of its own; False when none waits."""
    db.session.rollback()
    with current_app.app_context():
        try:
            return work_once()
        finally:
            db.session.remove()


def send(
    content: bytes, to: Institution, course: Course, *, by: Person, name: str = "padron.csv",
    areas: Sequence[str] = (), due_on: date | None = None,
) -> Roster:  # fmt: skip
    """Upload a file and let the worker read it; the answer is planned or refused."""
    made = deeds.upload(
        to, course, filename=name, content=content, area_paths=areas, due_on=due_on, by=by.id, at=clock.now()
    )
    db.session.commit()
    assert work()
    return again(made)


def _id(roster: Roster) -> int:
    # The worker empties the session that the test shares with it, so the object may know nothing but its key.
    return int(inspect(roster).identity[0])


def again(roster: Roster) -> Roster:
    """The roster as it is stored now."""
    db.session.rollback()
    found = db.session.get(Roster, _id(roster), populate_existing=True)
    assert found is not None
    return found


def sign(roster: Roster, by: Person) -> None:
    """Sign the plan and leave its run to the worker."""
    roster = again(roster)
    assert roster.digest is not None
    deeds.sign(roster, roster.digest, by=by.id, at=clock.now())
    db.session.commit()


def run(roster: Roster, by: Person) -> Roster:
    """Sign the plan and let the worker run it."""
    sign(roster, by)
    assert work()
    return again(roster)


def rows(roster: Roster) -> dict[int, RosterRow]:
    """The rows of a roster by number."""
    db.session.rollback()
    found = db.session.scalars(select(RosterRow).where(RosterRow.roster_id == _id(roster))).all()
    return {row.row_number: row for row in found}


def person_of(curp: str) -> Person:
    """The person of a CURP."""
    return db.session.scalars(
        select(Person).join(PersonCurp, PersonCurp.person_id == Person.id).where(PersonCurp.curp == curp)
    ).one()


def checksums() -> dict[str, str]:
    """A hash of every row of every table but those in which a roster writes about itself."""
    db.session.rollback()
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in OWN_TABLES:
            continue
        lines = sorted(repr(tuple(row)) for row in db.session.execute(text(f'SELECT * FROM "{table.name}"')))
        found[table.name] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    db.session.rollback()
    return found


def curp_of(person_id: int) -> str:
    """The CURP of a person that has one."""
    return db.session.scalars(select(PersonCurp.curp).where(PersonCurp.person_id == person_id)).one()
