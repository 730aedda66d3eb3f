"""One person, as the enlace of her institution may know her; and who can be reminded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from lms.database import db
from lms.models.certificates import Certificate
from lms.models.courses import Course
from lms.models.enrolments import Cycle, Reminder, SupportReferral
from lms.models.institutions import Area, Institution
from lms.models.people import Account, Identity, Person, PersonCurp
from lms.permissions import Scope
from lms.queries.reports_rows import Order, Place, Wanted, due_on, in_scope, left, rows
from lms.rules.enrolments import Status, needs_support, status
from lms.rules.people_admin import mask_curp


@dataclass(frozen=True)
class PlaceHeld:
    """A place in an institution of the scope, today's or a past one."""

    institution: str
    slug: str
    area: str | None
    employee_number: str | None
    started_on: date
    ended_on: date | None


@dataclass(frozen=True)
class CourseTaken:
    """How a person stands in a course that an institution of the scope sponsors.

    `folio` only of a constancia issued in the name of that institution: any other would tell where else she works.
    """

    institution: str
    course: str
    status: Status
    needs_support: bool
    referred_at: datetime | None
    due_on: date | None
    completed_at: datetime | None
    reminded_on: date | None
    folio: str | None


@dataclass(frozen=True)
class PersonCard:
    """A person with her places and courses, nothing of which lies outside the scope.

    `email` only while no other institution has or had her: else it may be theirs, or her own, and tell where she works.
    """

    person_id: int
    person: str
    name: str
    curp: str | None
    has_email: bool
    email: str | None
    entered: bool
    suspended: bool
    places: tuple[PlaceHeld, ...]
    courses: tuple[CourseTaken, ...]

    @property
    def here(self) -> bool:
        """Whether she has a place today."""
        return any(place.ended_on is None for place in self.places)


def person(scope: Scope, public_id: str, today: date) -> PersonCard | None:
    """Return a person who has a place in the scope, or whose last one was there; None otherwise."""
    found = db.session.execute(
        select(Person.id, Identity, PersonCurp.curp, Account)
        .join(Identity, Identity.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .outerjoin(PersonCurp, and_(PersonCurp.person_id == Person.id, PersonCurp.replaced_at.is_(None)))
        .where(
            Person.public_id == public_id,
            Person.blocked_at.is_(None),
            Person.merged_into_id.is_(None),
            _placed(scope),
        )
    ).first()
    if found is None:
        return None
    person_id, identity, curp, account = found
    places = _places(scope, person_id)
    return PersonCard(
        person_id,
        public_id,
        identity.full_name,
        mask_curp(curp) if curp else None,
        identity.email is not None,
        None if _elsewhere(person_id, places) else identity.email,
        account.activated_at is not None,
        account.suspended_at is not None,
        places,
        _courses(scope, public_id, today),
    )


def _elsewhere(person_id: int, places: tuple[PlaceHeld, ...]) -> bool:
    """Whether an institution other than those of these places has or had the person."""
    other = (
        select(Place.id)
        .join(Institution, Institution.id == Place.institution_id)
        .where(Place.person_id == person_id, Institution.slug.not_in([place.slug for place in places]))
    )
    return db.session.scalar(other.limit(1)) is not None


def _placed(scope: Scope) -> ColumnElement[bool]:
    places = select(Place.id).where(Place.person_id == Person.id, in_scope(scope, by_id=True))
    return places.where(or_(Place.ended_on.is_(None), left())).exists()


def _places(scope: Scope, person_id: int) -> tuple[PlaceHeld, ...]:
    found = db.session.execute(
        select(
            Institution.name,
            Institution.slug,
            Area.name,
            Place.employee_number,
            Place.started_on,
            Place.ended_on,
        )
        .select_from(Place)
        .join(Institution, Institution.id == Place.institution_id)
        .outerjoin(Area, Area.id == Place.area_id)
        .where(Place.person_id == person_id, in_scope(scope, by_id=True))
        .order_by(Place.ended_on.is_not(None), Place.ended_on.desc(), Place.id.desc())
    )
    return tuple(PlaceHeld(*row) for row in found)


def _courses(scope: Scope, public_id: str, today: date) -> tuple[CourseTaken, ...]:
    folio = select(Certificate.folio).where(
        Certificate.cycle_id == Cycle.id,
        Certificate.institution_id == Place.institution_id,
        Certificate.revoked_at.is_(None),
        Certificate.superseded_by_id.is_(None),
    )
    referral = select(SupportReferral.referred_at).where(
        SupportReferral.cycle_id == Cycle.id, SupportReferral.resolved_at.is_(None)
    )
    reminded = select(Reminder.day).where(Reminder.cycle_id == Cycle.id).order_by(Reminder.day.desc()).limit(1)
    columns: tuple[Any, ...] = (
        Institution.short_name,
        Course.title,
        Account.activated_at,
        Cycle.started_at,
        Cycle.completed_at,
        due_on(),
        Cycle.grace_days,
        Cycle.needs_support_at,
        referral.scalar_subquery(),
        reminded.scalar_subquery(),
        folio.scalar_subquery(),
    )
    statement = rows(scope, Wanted(person=public_id, order=Order.DUE), today, *columns, order=True, by_id=True)
    return tuple(_course(row, today) for row in db.session.execute(statement))


def _course(row: Any, today: date) -> CourseTaken:
    institution, course, activated, started, completed, due, grace, support, referred, reminded, folio = row
    stands = status(activated is not None, started is not None, completed, due, today, grace)
    needs = needs_support(stands, support)
    return CourseTaken(institution, course, stands, needs, referred, due, completed, reminded, folio)


@dataclass(frozen=True)
class Audience:
    """Whom a reminder would reach by mail: their cycles, and three of their names.

    `without_email` and `already` (reminded today) are people it would not reach.
    """

    cycles: tuple[int, ...]
    names: tuple[str, ...]
    without_email: int
    already: int


def audience(scope: Scope, wanted: Wanted, today: date) -> Audience:
    """Return whom a reminder to the wanted rows would reach: who works there today and has not completed."""
    told = select(Reminder.id).where(Reminder.cycle_id == Cycle.id, Reminder.day == today)
    names = (Identity.given_names, Identity.first_surname, Identity.second_surname)
    columns = (Cycle.id, Identity.email.is_not(None), told.exists(), *names)
    can_be = (Place.ended_on.is_(None), Cycle.completed_at.is_(None), Account.suspended_at.is_(None))
    statement = rows(scope, wanted, today, *columns, where=can_be, order=True)
    reached: dict[int, str] = {}
    without: set[int] = set()
    already: set[int] = set()
    for cycle_id, has_email, was_told, *name in db.session.execute(statement):
        if was_told:
            already.add(cycle_id)
        elif not has_email:
            without.add(cycle_id)
        else:
            reached.setdefault(cycle_id, " ".join(part for part in name if part))
    return Audience(tuple(reached), tuple(reached.values())[:3], len(without), len(already))
