"""Who has not entered yet, and can or cannot be invited by mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, literal, select

from lms.database import db
from lms.models.outbox import Mail
from lms.models.people import Account, Affiliation, Identity, Person
from lms.permissions import Scope


@dataclass(frozen=True)
class Waiting:
    """How many have not entered: with an e-mail, and without one."""

    with_email: int
    without_email: int


def _outside(scope: Scope, institution_id: int | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        Account.activated_at.is_(None),
        Account.suspended_at.is_(None),
        Person.blocked_at.is_(None),
        Person.merged_into_id.is_(None),
        literal(scope.everything),
    ]
    if institution_id is not None:
        place = select(Affiliation.id).where(
            Affiliation.person_id == Person.id,
            Affiliation.institution_id == institution_id,
            Affiliation.ended_on.is_(None),
        )
        found.append(place.exists())
    return found


def waiting(scope: Scope, institution_id: int | None) -> Waiting:
    """Count who has not entered yet, in one institution or in all."""
    row = db.session.execute(
        select(
            func.coalesce(func.sum(case((Identity.email.is_not(None), 1), else_=0)), 0),
            func.coalesce(func.sum(case((Identity.email.is_(None), 1), else_=0)), 0),
        )
        .select_from(Person)
        .join(Account, Account.person_id == Person.id)
        .join(Identity, Identity.person_id == Person.id)
        .where(*_outside(scope, institution_id))
    ).one()
    return Waiting(row[0], row[1])


def to_invite(scope: Scope, institution_id: int | None, *, after: int, since: datetime, limit: int) -> Sequence[int]:
    """Return the next persons after the id `after` with an e-mail and no entry, and no invitation since `since`."""
    told = select(Mail.id).where(
        Mail.person_id == Person.id,
        Mail.purpose == "activation",
        Mail.created_at > since,
        Mail.state.in_(["waiting", "claimed", "sent", "uncertain"]),
    )
    return db.session.scalars(
        select(Person.id)
        .join(Account, Account.person_id == Person.id)
        .join(Identity, Identity.person_id == Person.id)
        .where(*_outside(scope, institution_id), Identity.email.is_not(None), Person.id > after, ~told.exists())
        .order_by(Person.id)
        .limit(limit)
    ).all()
