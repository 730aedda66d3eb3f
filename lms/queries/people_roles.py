"""Questions about the roles a person holds and held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, select

from lms.database import db
from lms.models.institutions import Area, Institution
from lms.models.people import Identity, RoleHeld
from lms.permissions import Scope


@dataclass(frozen=True)
class RoleRow:
    """A role with its dates, where it is bound, and who gave it (None: the command line)."""

    id: int
    role: str
    institution: str | None
    institution_slug: str | None
    area: str | None
    granted_at: datetime
    ended_at: datetime | None
    granted_by: str | None


def holds_role(person_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """The condition that a person holds a role today."""
    return select(RoleHeld.id).where(RoleHeld.person_id == person_id, RoleHeld.ended_at.is_(None)).exists()


def roles(scope: Scope, person_id: int) -> tuple[RoleRow, ...]:
    """Return every role of a person, those of today first."""
    if not scope.everything:
        return ()
    rows = db.session.execute(
        select(RoleHeld, Institution.name, Institution.slug, Area.name, Identity)
        .outerjoin(Institution, Institution.id == RoleHeld.institution_id)
        .outerjoin(Area, Area.id == RoleHeld.area_id)
        .outerjoin(Identity, Identity.person_id == RoleHeld.granted_by_id)
        .where(RoleHeld.person_id == person_id)
        .order_by(RoleHeld.ended_at.is_not(None), RoleHeld.granted_at.desc(), RoleHeld.id.desc())
    )
    return tuple(
        RoleRow(
            held.id, held.role, institution, slug, area, held.granted_at, held.ended_at,
            giver.full_name if giver else None,
        )
        for held, institution, slug, area, giver in rows
    )  # fmt: skip
