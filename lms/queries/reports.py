"""Follow-up: who stands how, for the enlace in her institution and for the Secretaría in all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select

from lms.database import db, reading
from lms.models.courses import Course
from lms.models.enrolments import Cycle, EnrolmentAffiliation
from lms.models.institutions import Area, Institution
from lms.models.people import Account, Identity, Person
from lms.permissions import Scope
from lms.queries.reports_rows import Place, Wanted, due_on, rows
from lms.rules.enrolments import Status, needs_support, status

PAGE = 50
_CHUNK = 500


@dataclass(frozen=True)
class PersonRow:
    """A person in a course, as HR may know her: status and dates, never an answer, a score or an attempt."""

    id: int
    person: str
    given_names: str
    first_surname: str
    second_surname: str | None
    employee_number: str | None
    area: str | None
    institution: str
    course: str
    status: Status
    needs_support: bool
    due_on: date | None
    completed_at: datetime | None
    left_on: date | None

    @property
    def name(self) -> str:
        """The name as Mexico writes it."""
        return " ".join(p for p in (self.given_names, self.first_surname, self.second_surname) if p)


_COLUMNS: tuple[Any, ...] = (
    EnrolmentAffiliation.id,
    Person.public_id,
    Identity.given_names,
    Identity.first_surname,
    Identity.second_surname,
    Place.employee_number,
    Area.name,
    Institution.short_name,
    Course.title,
    Account.activated_at,
    Cycle.started_at,
    Cycle.completed_at,
    due_on(),
    Cycle.grace_days,
    Cycle.needs_support_at,
    Place.ended_on,
)


def _row(found: Sequence[Any], today: date) -> PersonRow:
    person, given_names, first_surname, second_surname, number, area, institution, course = found[1:9]
    activated_at, started_at, completed_at, due, grace_days, support_at, ended_on = found[9:]
    stands = status(activated_at is not None, started_at is not None, completed_at, due, today, grace_days)
    return PersonRow(
        id=found[0],
        person=person,
        given_names=given_names,
        first_surname=first_surname,
        second_surname=second_surname,
        employee_number=number,
        area=area,
        institution=institution,
        course=course,
        status=stands,
        needs_support=needs_support(stands, support_at),
        due_on=due,
        completed_at=completed_at,
        left_on=ended_on,
    )


def count(scope: Scope, wanted: Wanted, today: date) -> int:
    """Return how many rows are wanted."""
    return db.session.scalar(rows(scope, wanted, today, func.count())) or 0


def people(scope: Scope, wanted: Wanted, today: date, *, page: int = 1) -> tuple[tuple[PersonRow, ...], int]:
    """Return a page of the rows that are wanted, in their order, and how many there are in all."""
    window = rows(scope, wanted, today, EnrolmentAffiliation.id, func.count().over(), order=True)
    found = db.session.execute(window.limit(PAGE).offset((page - 1) * PAGE)).all()
    if not found:
        # A page beyond the last one carries no total.
        return (), count(scope, wanted, today) if page > 1 else 0
    return _details(scope, wanted, today, [row_id for row_id, _ in found]), found[0][1]


def ids(scope: Scope, wanted: Wanted, today: date) -> Sequence[int]:
    """Return the ids of every row that is wanted, in the order of the pages."""
    return db.session.scalars(rows(scope, wanted, today, EnrolmentAffiliation.id, order=True)).all()


def every(scope: Scope, wanted: Wanted, today: date, row_ids: Sequence[int]) -> Iterator[PersonRow]:
    """Go through the rows of `ids` a part at a time; no transaction is open between one part and the next."""
    for start in range(0, len(row_ids), _CHUNK):
        with reading():
            part = _details(scope, wanted, today, row_ids[start : start + _CHUNK])
        yield from part


def _details(scope: Scope, wanted: Wanted, today: date, row_ids: Sequence[int]) -> tuple[PersonRow, ...]:
    """Return these rows in the order of their ids, if the scope may see them."""
    if not row_ids:
        return ()
    these = (EnrolmentAffiliation.id.in_(row_ids),)
    statement = rows(scope, wanted, today, *_COLUMNS, where=these, by_id=True)
    found = {row[0]: _row(row, today) for row in db.session.execute(statement)}
    return tuple(found[row_id] for row_id in row_ids if row_id in found)


@dataclass(frozen=True)
class Choice:
    """An entry of a filter: its word for the URL and how it is said; `depth` of an area below its institution."""

    value: str
    label: str
    group: str = ""
    depth: int = 0


def institutions(scope: Scope) -> tuple[Choice, ...]:
    """Return the institutions of which the scope sees anything."""
    query = select(Institution.slug, Institution.short_name, Institution.name).order_by(Institution.short_name)
    if not scope.everything:
        by_area = select(Area.institution_id).where(Area.path.in_(scope.area_paths))
        query = query.where(or_(Institution.id.in_(scope.institutions), Institution.id.in_(by_area)))
    return tuple(Choice(slug, short, name) for slug, short, name in db.session.execute(query))


def courses() -> tuple[Choice, ...]:
    """Return the courses there are; a catalogue is no secret between institutions."""
    query = select(Course.slug, Course.title).where(Course.current_version_id.is_not(None)).order_by(Course.title)
    return tuple(Choice(slug, title) for slug, title in db.session.execute(query))


def areas(scope: Scope, institution: str | None) -> tuple[Choice, ...]:
    """Return the areas of the scope as trees, those of one institution (a slug) or of all."""
    query = (
        select(Area.public_id, Area.name, Institution.short_name, Area.path)
        .join(Institution, Institution.id == Area.institution_id)
        .order_by(Institution.short_name, Area.path_key)
    )
    if institution is not None:
        query = query.where(Institution.slug == institution)
    if not scope.everything:
        inside = [Area.path.startswith(path, autoescape=True) for path in sorted(scope.area_paths)]
        query = query.where(or_(Area.institution_id.in_(scope.institutions), *inside))
    return tuple(
        Choice(value, name, group, path.count("/") - 2) for value, name, group, path in db.session.execute(query)
    )
