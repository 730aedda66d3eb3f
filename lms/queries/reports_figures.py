"""How many stand how, by institution and course, and what waits for the enlace or the Secretaría."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.orm import aliased

from lms.database import db
from lms.models.certificates import Batch, Certificate
from lms.models.courses import Course
from lms.models.enrolments import Cycle, SupportReferral
from lms.models.institutions import Area, Institution
from lms.models.people import Person
from lms.models.rosters import Roster
from lms.permissions import Scope
from lms.queries.reports_rows import Mark, Wanted, needs_support, rows, state
from lms.rules.enrolments import Status


@dataclass
class Figures:
    """How many people of an institution stand how in a course. `referred`: those of `support` already passed on."""

    institution: str = ""
    institution_name: str = ""
    course: str = ""
    course_title: str = ""
    by_state: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    support: int = 0
    referred: int = 0
    without_certificate: int = 0

    @property
    def total(self) -> int:
        """How many people, whatever their state."""
        return sum(self.by_state.values())

    def add(self, other: Figures) -> None:
        """Add the figures of another course or institution."""
        for status, count in other.by_state.items():
            self.by_state[status] += count
        self.support += other.support
        self.referred += other.referred
        self.without_certificate += other.without_certificate


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def figures(scope: Scope, today: date) -> tuple[Figures, ...]:
    """Return the figures of each institution and course that the scope sees, by their names."""
    referred = select(SupportReferral.id).where(
        SupportReferral.cycle_id == Cycle.id, SupportReferral.resolved_at.is_(None)
    )
    live = select(Certificate.id).where(
        Certificate.cycle_id == Cycle.id, Certificate.revoked_at.is_(None), Certificate.superseded_by_id.is_(None)
    )
    named = (Institution.short_name, Institution.slug, Course.title, Course.slug)
    stands = state(today).label("stands")
    statement = rows(
        scope,
        Wanted(),
        today,
        *named,
        stands,
        func.count(),
        _count_if(needs_support()),
        _count_if(and_(needs_support(), referred.exists())),
        _count_if(and_(Cycle.completed_at.is_not(None), ~live.exists())),
    )
    found: dict[tuple[str, str], Figures] = {}
    for row in db.session.execute(statement.group_by(*named, stands).order_by(*named)):
        name, institution, title, course, status, total, support, passed_on, without = row
        one = found.setdefault((institution, course), Figures(institution, name, course, title))
        one.by_state[Status(status)] += total
        one.support += support
        one.referred += passed_on
        one.without_certificate += without
    return tuple(found.values())


def total(parts: Sequence[Figures]) -> Figures:
    """Return the sum of several figures."""
    found = Figures()
    for part in parts:
        found.add(part)
    return found


def people_to_print(scope: Scope, today: date) -> int:
    """Return how many people have not entered and have no e-mail: they need a printed slip."""
    wanted = rows(scope, Wanted(mark=Mark.NO_EMAIL), today, func.count(Person.id.distinct()))
    return db.session.scalar(wanted) or 0


@dataclass(frozen=True)
class RosterTask:
    """A roster that waits for somebody: its plan for a signature, or its faults for the file to be mended."""

    roster: str
    filename: str
    institution: str
    rows: int
    faults: int
    signed: bool


def _rosters_in(scope: Scope) -> ColumnElement[bool]:
    """Whole-institution contacts see every roster of theirs; an area's contact sees those she uploaded."""
    if scope.everything:
        return literal(True)
    within = select(Area.institution_id).where(Area.path.in_(scope.area_paths))
    own = and_(Roster.uploaded_by_id == scope.person_id, Roster.institution_id.in_(within))
    return or_(Roster.institution_id.in_(scope.institutions), own)


def roster_tasks(scope: Scope, since: datetime, *, limit: int = 5) -> tuple[RosterTask, ...]:
    """Return the rosters with a plan not signed, and those run after `since` that left rows out, latest first.

    A later roster of the same institution and course is taken as the mended file: the earlier one asks no more.
    """
    later = aliased(Roster)
    again = select(later.id).where(
        later.institution_id == Roster.institution_id,
        later.course_id == Roster.course_id,
        later.id > Roster.id,
        later.state.in_(["planned", "signed", "running", "done"]),
    )
    done = and_(Roster.state == "done", Roster.finished_at >= since, ~again.exists())
    found = db.session.execute(
        select(
            Roster.public_id, Roster.filename, Institution.short_name, Roster.rows_total, Roster.counts, Roster.state
        )
        .join(Institution, Institution.id == Roster.institution_id)
        .where(_rosters_in(scope), or_(Roster.state == "planned", done))
        .order_by(Roster.id.desc())
        .limit(limit * 4)
    )
    tasks = (_roster_task(*row) for row in found)
    return tuple(task for task in tasks if task.faults or not task.signed)[:limit]


def _roster_task(
    roster: str, filename: str, institution: str, total_rows: int, counts: dict[str, Any], roster_state: str
) -> RosterTask:
    return RosterTask(roster, filename, institution, total_rows, int(counts.get("fault", 0)), roster_state == "done")


def batches_to_release(scope: Scope) -> int:
    """Return how many batches wait for this officer: proposed by another one, neither released nor withdrawn."""
    if not scope.everything:
        return 0
    waiting = and_(Batch.released_at.is_(None), Batch.withdrawn_at.is_(None), Batch.proposed_by_id != scope.person_id)
    return db.session.scalar(select(func.count()).select_from(Batch).where(waiting)) or 0
