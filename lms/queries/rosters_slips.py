"""Who needs a printed slip to enter: no e-mail, no first entry yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, literal, or_, select

from lms.database import db
from lms.models.institutions import Area
from lms.models.people import Account, Affiliation, EntryToken, Identity, Person
from lms.models.rosters import RosterRow
from lms.permissions import Scope
from lms.queries.people_roles import holds_role

JUST_PRINTED = timedelta(minutes=1)
"""A second click within it prints nothing again: the first sheet would be void."""
NO_AREA = "-"


@dataclass(frozen=True)
class SlipFilter:
    """For whom: an institution, narrowed to a roster, a person or an area (`NO_AREA`: those without one).

    `again` also takes those who have a slip that still opens.
    """

    institution_id: int
    roster_id: int | None = None
    person: str | None = None
    area: str | None = None
    again: bool = False


@dataclass(frozen=True)
class SlipRow:
    """Someone who needs a slip."""

    person_id: int
    full_name: str
    employee_number: str | None
    area: str | None


@dataclass(frozen=True)
class SlipCount:
    """How many people of an area need a slip, and how many of them have none that still opens."""

    area: str
    name: str | None
    people: int
    without: int


def _has_slip(at: datetime, since: datetime | None = None) -> ColumnElement[bool]:
    open_now = [
        EntryToken.person_id == Person.id,
        EntryToken.purpose == "activation",
        EntryToken.form == "code",
        EntryToken.used_at.is_(None),
        EntryToken.voided_at.is_(None),
        EntryToken.expires_at > at,
    ]
    if since is not None:
        open_now.append(EntryToken.created_at > since)
    return select(EntryToken.id).where(*open_now).correlate(Person).exists()


def _where(scope: Scope, wanted: SlipFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        Affiliation.institution_id == wanted.institution_id,
        Affiliation.ended_on.is_(None),
        Identity.email.is_(None),
        Account.activated_at.is_(None),
        Account.suspended_at.is_(None),
        Person.blocked_at.is_(None),
        Person.merged_into_id.is_(None),
        # What a role opens is more than an enlace may hand out on paper: whoever administers sends it by mail.
        ~holds_role(Person.id),
    ]
    if wanted.roster_id is not None:
        found.append(Person.id.in_(select(RosterRow.person_id).where(RosterRow.roster_id == wanted.roster_id)))
    if wanted.person is not None:
        found.append(Person.public_id == wanted.person)
    if wanted.area == NO_AREA:
        found.append(Affiliation.area_id.is_(None))
    elif wanted.area is not None:
        found.append(Area.public_id == wanted.area)
    if not (scope.everything or wanted.institution_id in scope.institutions):
        within = [Area.path.startswith(path, autoescape=True) for path in scope.area_paths]
        found.append(or_(*within) if within else literal(False))
    return found


def people(scope: Scope, wanted: SlipFilter, at: datetime, *, limit: int) -> Sequence[SlipRow]:
    """Return up to `limit` people of the scope who need a slip, by area and name."""
    skipped = _has_slip(at, at - JUST_PRINTED) if wanted.again else _has_slip(at)
    rows = db.session.execute(
        select(
            Person.id, Identity.given_names, Identity.first_surname, Identity.second_surname,
            Affiliation.employee_number, Area.name,
        )
        .join(Identity, Identity.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .outerjoin(Area, Area.id == Affiliation.area_id)
        .where(*_where(scope, wanted), ~skipped)
        .order_by(Area.name, Identity.search_name, Person.id)
        .limit(limit)
    )  # fmt: skip
    return [SlipRow(row[0], " ".join(p for p in row[1:4] if p), row[4], row[5]) for row in rows]


def counts(scope: Scope, wanted: SlipFilter, at: datetime) -> Sequence[SlipCount]:
    """Return how many need a slip in each area, by the area's name."""
    rows = db.session.execute(
        select(Area.public_id, Area.name, func.count(), func.sum(case((_has_slip(at), 0), else_=1)))
        .select_from(Person)
        .join(Identity, Identity.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .outerjoin(Area, Area.id == Affiliation.area_id)
        .where(*_where(scope, wanted))
        .group_by(Area.public_id, Area.name)
        .order_by(Area.name)
    )
    return [SlipCount(row[0] or NO_AREA, row[1], row[2], row[3]) for row in rows]
