"""Questions about rosters: the list, the plan, its rows, and what is stored of the people in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from lms.database import db
from lms.models.courses import Course
from lms.models.enrolments import Cycle, Enrolment, EnrolmentAffiliation
from lms.models.institutions import Area, Institution
from lms.models.people import Account, Affiliation, Identity, Person, PersonCurp, RoleHeld
from lms.models.rosters import KINDS, Roster, RosterRow
from lms.permissions import Actor, Held, Role, Scope
from lms.queries.people_roles import holds_role
from lms.rules.rosters_plan import Stored


def _seen(scope: Scope) -> ColumnElement[bool]:
    """Whole-institution contacts see every roster of theirs; an area's contact sees those she uploaded."""
    if scope.everything:
        return literal(True)
    own = Roster.uploaded_by_id == scope.person_id
    within = Roster.institution_id.in_(select(Area.institution_id).where(Area.path.in_(scope.area_paths)))
    return or_(Roster.institution_id.in_(scope.institutions), and_(own, within))


def _within(scope: Scope, found: Roster) -> bool:
    """Whether the scope reaches all that a roster may touch: an area's contact may not sign for everybody."""
    if scope.everything or found.institution_id in scope.institutions:
        return True
    return bool(found.area_paths) and scope.area_paths.issuperset(found.area_paths)


def roster(scope: Scope, public_id: str) -> Roster | None:
    """Return a roster that the scope may see."""
    found = db.session.scalars(select(Roster).where(Roster.public_id == public_id, _seen(scope))).first()
    return found if found is not None and _within(scope, found) else None


def rosters(scope: Scope, *, page: int = 1, size: int = 50) -> Sequence[Roster]:
    """Return the rosters of the scope, the latest first."""
    found = db.session.scalars(
        select(Roster)
        .where(_seen(scope))
        .options(joinedload(Roster.institution), joinedload(Roster.course))
        .order_by(Roster.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return [each for each in found if _within(scope, each)]


def count_rosters(scope: Scope) -> int:
    """Return how many rosters the scope may see."""
    return db.session.scalar(select(func.count()).select_from(Roster).where(_seen(scope))) or 0


def institutions(scope: Scope) -> Sequence[Institution]:
    """Return the institutions into which the scope may upload."""
    query = select(Institution).where(Institution.closed_at.is_(None)).order_by(Institution.short_name)
    if not scope.everything:
        by_area = select(Area.institution_id).where(Area.path.in_(scope.area_paths))
        query = query.where(or_(Institution.id.in_(scope.institutions), Institution.id.in_(by_area)))
    return db.session.scalars(query).all()


def area_paths(scope: Scope, institution_id: int) -> tuple[str, ...]:
    """Return the areas to which the scope is bound inside an institution; empty when it holds in all of it."""
    if scope.everything or institution_id in scope.institutions:
        return ()
    found = db.session.scalars(
        select(Area.path).where(Area.institution_id == institution_id, Area.path.in_(scope.area_paths))
    ).all()
    return tuple(found)


def published_courses(scope: Scope) -> Sequence[Course]:
    """Return the courses in which people can be enrolled."""
    if scope.nothing:
        return []
    query = select(Course).where(Course.current_version_id.is_not(None)).order_by(Course.title)
    return db.session.scalars(query).all()


@dataclass(frozen=True)
class RowFilter:
    """Which rows of a plan: some kinds, those with warnings, those that were left undone, or all."""

    kinds: tuple[str, ...] = ()
    warned: bool = False
    left: bool = False


def _rows(roster_id: int, wanted: RowFilter) -> Select[RosterRow]:
    query = select(RosterRow).where(RosterRow.roster_id == roster_id)
    if wanted.kinds:
        query = query.where(RosterRow.kind.in_(wanted.kinds))
    if wanted.warned:
        query = query.where(RosterRow.warned)
    if wanted.left:
        query = query.where(or_(RosterRow.kind == "fault", RosterRow.outcome == "changed"))
    return query


def rows(plan: Roster, wanted: RowFilter, *, page: int = 1, size: int = 50) -> Sequence[RosterRow]:
    """Return a page of the rows of a roster already loaded in scope."""
    query = _rows(plan.id, wanted).order_by(RosterRow.row_number).limit(size).offset((page - 1) * size)
    return db.session.scalars(query).all()


def count_rows(plan: Roster, wanted: RowFilter) -> int:
    """Return how many rows of a roster match."""
    query = _rows(plan.id, wanted).with_only_columns(func.count())
    return db.session.scalar(query) or 0


def every_row(plan: Roster, wanted: RowFilter, *, size: int = 1_000) -> Iterator[RosterRow]:
    """Go through the rows of a roster in order, without holding them all."""
    roster_id, last = plan.id, -1
    while True:
        query = _rows(roster_id, wanted).where(RosterRow.row_number > last)
        found = db.session.scalars(query.order_by(RosterRow.row_number).limit(size)).all()
        if not found:
            return
        last = found[-1].row_number
        yield from found


def counts(plan: Roster) -> dict[str, int]:
    """Return how many rows are of each kind, and how many have a warning."""
    pairs = db.session.execute(
        select(RosterRow.kind, func.count()).where(RosterRow.roster_id == plan.id).group_by(RosterRow.kind)
    )
    found = {kind: count for kind, count in pairs if kind}
    return {kind: found.get(kind, 0) for kind in KINDS} | {"warning": count_rows(plan, RowFilter(warned=True))}


def outcomes(plan: Roster) -> dict[str, int]:
    """Return how many rows ended in each outcome."""
    pairs = db.session.execute(
        select(RosterRow.outcome, func.count())
        .where(RosterRow.roster_id == plan.id, RosterRow.outcome.is_not(None))
        .group_by(RosterRow.outcome)
    )
    return {outcome: count for outcome, count in pairs if outcome}


def new_areas(plan: Roster) -> Sequence[str]:
    """Return the names of the areas that the run would make."""
    return db.session.scalars(
        select(RosterRow.area_name)
        .where(
            RosterRow.roster_id == plan.id,
            RosterRow.area_key.is_not(None),
            RosterRow.area_id.is_(None),
            RosterRow.kind.in_(["create", "update", "move"]),
        )
        .distinct()
        .order_by(RosterRow.area_name)
    ).all()  # type: ignore[return-value]


_FACTS = (
    "affiliation_id", "area_id", "employee_number", "job", "function", "entity", "given_names", "first_surname",
    "second_surname", "email", "phone",
)  # fmt: skip


def stored_facts(plan: Roster, first: int, last: int) -> dict[int, tuple[int | None, Stored]]:
    """Return, by row number, the person of each row and what is stored of her in the roster's institution.

    One question for the rows `first`…`last`, asked alike when the plan is made and when it is run.
    """
    found = db.session.execute(
        select(
            RosterRow.row_number, Person.id, Affiliation.id, Affiliation.area_id, Affiliation.employee_number,
            Affiliation.job, Affiliation.function, Affiliation.entity, Identity.given_names, Identity.first_surname,
            Identity.second_surname, Identity.email, Identity.phone, Identity.origins, Affiliation.origins,
            entered(), _elsewhere(plan), _sponsored(plan),
        )
        .join(PersonCurp, PersonCurp.curp == RosterRow.curp)
        .join(Person, Person.id == PersonCurp.person_id)
        .join(Identity, Identity.person_id == Person.id)
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(Affiliation, Affiliation.id == _place(plan))
        .where(RosterRow.roster_id == plan.id, RosterRow.row_number.between(first, last))
    )  # fmt: skip
    return {row[0]: (row[1], _stored(row)) for row in found}


def _place(plan: Roster) -> ScalarSelect[int]:
    """Ask for each person's open place here, one by one: as a join, a planner without statistics reads whole tables."""
    here = aliased(Affiliation)
    mine = (here.person_id == Person.id, here.institution_id == plan.institution_id, here.ended_on.is_(None))
    return select(here.id).where(*mine).correlate(Person).scalar_subquery()


def entered() -> ColumnElement[bool]:
    """Whether the e-mail is no longer a file's to set: she entered, or what it opens is more than her own courses."""
    return or_(Account.activated_at.is_not(None), holds_role(Account.person_id))


def _elsewhere(plan: Roster) -> ColumnElement[bool]:
    """Whether another institution has the person."""
    other = aliased(Affiliation)
    theirs = (other.person_id == Person.id, other.institution_id != plan.institution_id, other.ended_on.is_(None))
    return select(other.id).where(*theirs).correlate(Person).exists()


def _sponsored(plan: Roster) -> ColumnElement[bool]:
    """Whether her place here sponsors an enrolment in the course, and it has a cycle."""
    mine = (Enrolment.person_id == Person.id, Enrolment.course_id == plan.course_id)
    enrolment = select(Enrolment.id).where(*mine).correlate(Person).scalar_subquery()
    sponsor = EnrolmentAffiliation
    return (
        select(sponsor.id)
        .where(
            sponsor.enrolment_id == enrolment,
            sponsor.affiliation_id == Affiliation.id,
            select(Cycle.id).where(Cycle.enrolment_id == sponsor.enrolment_id).exists(),
        )
        .correlate(Person, Affiliation)
        .exists()
    )


def _stored(row: Sequence[Any]) -> Stored:
    if row[2] is None:
        return Stored()
    origins = {**(row[13] or {}), **(row[14] or {})}
    by_hand = frozenset(field for field, origin in origins.items() if origin == "hand")
    facts: dict[str, Any] = dict(zip(_FACTS, row[2:13], strict=True))
    return Stored(**facts, by_hand=by_hand, activated=row[15], elsewhere=row[16], enrolled=row[17])


def enlaces(scope: Scope, institution_id: int, named: str, now: datetime) -> Sequence[Actor]:
    """Return who holds the enlace's role in an institution and has the e-mail, the CURP or the public id `named`."""
    if not scope.everything:
        return []
    found = db.session.execute(
        select(Person.id, Person.public_id, Identity.given_names, RoleHeld.area_id, Area.path)
        .join(Identity, Identity.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .join(RoleHeld, RoleHeld.person_id == Person.id)
        .outerjoin(Area, Area.id == RoleHeld.area_id)
        .where(RoleHeld.role == Role.ENLACE, RoleHeld.institution_id == institution_id)
        .where(RoleHeld.granted_at <= now, or_(RoleHeld.ended_at.is_(None), RoleHeld.ended_at > now))
        .where(Person.blocked_at.is_(None), Person.merged_into_id.is_(None), Account.suspended_at.is_(None))
        .where(
            or_(
                Person.public_id == named,
                Identity.email_key == named.lower(),
                Person.id.in_(select(PersonCurp.person_id).where(PersonCurp.curp == named.upper())),
            )
        )
    ).all()
    held: dict[tuple[int, str, str], list[Held]] = {}
    for person_id, public_id, name, area_id, path in found:
        held.setdefault((person_id, public_id, name), []).append(Held(Role.ENLACE, institution_id, area_id, path))
    return [Actor(*who, held=tuple(roles)) for who, roles in held.items()]
