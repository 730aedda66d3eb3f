"""The rows of follow-up: a person's place in an institution × a course that the institution sponsors.

What HR may know is written here once: name, place, course, state and dates. No column of answers, scores, attempts or
reading time is joined, so that no filter, order or export can give them away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql import visitors

from lms.database import is_sqlite
from lms.models.courses import Course
from lms.models.enrolments import Cycle, Enrolment, EnrolmentAffiliation
from lms.models.institutions import Area, Institution
from lms.models.people import Account, Affiliation, Identity, Person, PersonCurp
from lms.permissions import Scope
from lms.rules.enrolments import Status
from lms.rules.people import search_name
from lms.rules.reports import curp_lead

Place = aliased(Affiliation, name="place")
_Sponsor = aliased(Affiliation, name="sponsor")


class Mark(StrEnum):
    """What sets some rows apart, besides the state of the course."""

    SUPPORT = "support"
    NO_EMAIL = "no_email"
    LEFT = "left"


class Order(StrEnum):
    """The orders a list can be asked in; there is no other."""

    NAME = "name"
    AREA = "area"
    STATE = "state"
    DUE = "due"


@dataclass(frozen=True)
class Wanted:
    """Which rows, and in which order. `institution` and `course` are slugs, `area` and `person` public ids."""

    institution: str | None = None
    course: str | None = None
    area: str | None = None
    state: Status | None = None
    mark: Mark | None = None
    text: str = ""
    person: str | None = None
    order: Order = Order.NAME


def in_scope(scope: Scope, *, by_id: bool = False) -> ColumnElement[bool]:
    """Say that the place is inside the scope: its institution, or the subtree of areas it is in.

    `by_id` is for a few rows already named: a sum keeps the planner from walking the whole institution for them.
    """
    if scope.everything:
        return literal(True)
    inside: list[ColumnElement[bool]] = []
    if scope.institutions:
        institution = Place.institution_id + 0 if by_id else Place.institution_id
        inside.append(institution.in_(scope.institutions))
    if scope.area_paths:
        area = aliased(Area)
        below = [area.path.startswith(path, autoescape=True) for path in sorted(scope.area_paths)]
        here = Place.area_id + 0 if by_id else Place.area_id
        inside.append(here.in_(select(area.id).where(or_(*below))))
    return or_(*inside) if inside else literal(False)


def left() -> ColumnElement[bool]:
    """Say that the place was the person's last one in its institution, and ended."""
    later = aliased(Affiliation)
    again = select(later.id).where(
        later.person_id == Place.person_id,
        later.institution_id == Place.institution_id,
        or_(later.ended_on.is_(None), later.id > Place.id),
    )
    return and_(Place.ended_on.is_not(None), ~again.exists())


def due_on() -> ColumnElement[date | None]:
    """Return the due date as this institution set it; of later cycles, the one of the cycle."""
    own = func.coalesce(EnrolmentAffiliation.due_on, Cycle.due_on)
    return type_coerce(case((Cycle.number == 1, own), else_=Cycle.due_on), Date)


def _late(today: date) -> ColumnElement[bool]:
    """Say that the due date and its grace days are past."""
    due, now = due_on(), literal(today, Date)
    if is_sqlite():
        days: ColumnElement[Any] = func.julianday(now) - func.julianday(due)
    else:
        days = now.op("-", return_type=Integer())(due)
    return and_(due < now, days > Cycle.grace_days)


def state(today: date) -> ColumnElement[str]:
    """Return how the course stands, as `rules.enrolments.status` decides it."""
    return case(
        (Cycle.completed_at.is_not(None), Status.COMPLETED.value),
        (_late(today), Status.OVERDUE.value),
        (and_(Account.activated_at.is_not(None), Cycle.started_at.is_not(None)), Status.IN_PROGRESS.value),
        else_=Status.NOT_ENTERED.value,
    )


def needs_support() -> ColumnElement[bool]:
    """Say that the person cannot go on by herself, as `rules.enrolments.needs_support` decides it."""
    return and_(Cycle.needs_support_at.is_not(None), Cycle.completed_at.is_(None))


def cannot_be_written() -> ColumnElement[bool]:
    """Say that the person has not entered and has no e-mail: she needs a printed slip."""
    return and_(Account.activated_at.is_(None), Identity.email.is_(None))


def _latest() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Keep the latest cycle of the enrolment, and of several sponsors in one institution the latest."""
    other, cycle = aliased(EnrolmentAffiliation), aliased(Cycle)
    place = aliased(Affiliation)
    sponsor = (
        select(other.id)
        .join(place, place.id == other.affiliation_id)
        .where(
            other.enrolment_id == EnrolmentAffiliation.enrolment_id,
            other.id > EnrolmentAffiliation.id,
            place.institution_id == Place.institution_id,
        )
    )
    again = select(cycle.id).where(cycle.enrolment_id == Cycle.enrolment_id, cycle.number > Cycle.number)
    return ~sponsor.exists(), ~again.exists()


def rows(
    scope: Scope,
    wanted: Wanted,
    today: date,
    *columns: Any,
    where: Sequence[ColumnElement[bool]] = (),
    order: bool = False,
    by_id: bool = False,
) -> Select[Any]:
    """Select `columns` of the rows that the scope may see and that are wanted; in their order when asked.

    A row is named by the id of its enrolment_affiliation. Blocked and merged persons are in none. Beyond what every
    row is made of, only the tables that are spoken of are joined: each of them costs a visit for each row.
    """
    conditions = [*_conditions(wanted, today), *_latest(), in_scope(scope, by_id=by_id), *where]
    orders = ordering(wanted.order, today) if order else ()
    spoken_of = _tables(select(*columns).where(*conditions).order_by(*orders))
    statement = (
        select(*columns)
        .select_from(Place)
        .join(_Sponsor, and_(_Sponsor.person_id == Place.person_id, _Sponsor.institution_id == Place.institution_id))
        .join(EnrolmentAffiliation, EnrolmentAffiliation.affiliation_id == _Sponsor.id)
        .join(Cycle, Cycle.enrolment_id == EnrolmentAffiliation.enrolment_id)
        .join(Person, Person.id == Place.person_id)
    )
    for table, condition in _JOINS:
        if table.__tablename__ in spoken_of:
            statement = statement.join(table, condition, isouter=table is Area)
    return statement.where(*conditions, Person.blocked_at.is_(None), Person.merged_into_id.is_(None)).order_by(*orders)


def _tables(statement: Select[Any]) -> set[str]:
    """Return the names of the tables that a statement speaks of; whoever speaks of the course needs the enrolment."""
    columns = (part for part in visitors.iterate(statement) if isinstance(part, Column))
    found = {str(column.table.name) for column in columns if column.table is not None}
    return found | ({"enrolment"} if "course" in found else set())


_JOINS: tuple[tuple[Any, ColumnElement[bool]], ...] = (
    (Enrolment, Enrolment.id == EnrolmentAffiliation.enrolment_id),
    (Course, Course.id == Enrolment.course_id),
    (Identity, Identity.person_id == Place.person_id),
    (Account, Account.person_id == Place.person_id),
    (Institution, Institution.id == Place.institution_id),
    (Area, Area.id == Place.area_id),
)


def _conditions(wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.mark is Mark.LEFT:
        found.append(left())
    elif wanted.person is not None:
        found.append(or_(Place.ended_on.is_(None), left()))
    else:
        found.append(Place.ended_on.is_(None))
    if wanted.mark is Mark.SUPPORT:
        found.append(needs_support())
    if wanted.mark is Mark.NO_EMAIL:
        found.append(cannot_be_written())
    if wanted.institution is not None:
        found.append(Place.institution_id == _id_of(Institution, wanted.institution))
    if wanted.course is not None:
        found.append(Enrolment.course_id == _id_of(Course, wanted.course))
    if wanted.area is not None:
        found.append(_under(wanted.area))
    if wanted.state is not None:
        found.append(state(today) == wanted.state.value)
    if wanted.person is not None:
        found.append(Person.public_id == wanted.person)
    if wanted.text:
        found.append(_named(wanted.text))
    return found


def _id_of(table: type[Institution] | type[Course], slug: str) -> Any:
    named = aliased(table)
    return select(named.id).where(named.slug == slug).scalar_subquery()


def _under(area: str) -> ColumnElement[bool]:
    """Say that the place is in an area or below it."""
    above, below = aliased(Area), aliased(Area)
    tree = select(below.id).join(above, below.path.startswith(above.path)).where(above.public_id == area)
    return Place.area_id.in_(tree)


def _named(text: str) -> ColumnElement[bool]:
    """Say that a text names the person: every word in her name, the beginning of a CURP, or her employee number."""
    words = search_name(text).split()
    ways: list[ColumnElement[bool]] = []
    if words:
        ways.append(and_(*(Identity.search_name.contains(word, autoescape=True) for word in words)))
    lead = curp_lead(text)
    if lead is not None:
        keys = select(PersonCurp.id).where(
            PersonCurp.person_id == Person.id, PersonCurp.curp.startswith(lead, autoescape=True)
        )
        ways.append(keys.exists())
    number = text.strip().lstrip("0")
    if number:
        # HR's own files lose the zeros before the number.
        ways.append(func.ltrim(Place.employee_number, literal("0", String)) == number)
    return or_(*ways) if ways else literal(False)


def ordering(order: Order, today: date) -> tuple[Any, ...]:
    """Return the order of an entry of the allow-list: always a total one, without value last."""
    by_name = (Identity.search_name, EnrolmentAffiliation.id)
    ranks = {status.value: rank for rank, status in enumerate(Status)}
    orders: dict[Order, tuple[Any, ...]] = {
        Order.NAME: (),
        Order.AREA: (Area.name.is_(None), Area.name),
        Order.STATE: (case(ranks, value=state(today)),),
        Order.DUE: (due_on().is_(None), due_on()),
    }
    return (*orders[order], *by_name)
