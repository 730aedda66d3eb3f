"""Who is this, and how can she be found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from lms.database import db
from lms.models.institutions import Area
from lms.models.people import Account, Identity, Person, RoleHeld, SignIn
from lms.permissions import Actor, Held, Role


def _held(rows: Sequence[tuple[str | None, int | None, int | None, str | None]]) -> tuple[Held, ...]:
    return tuple(
        Held(Role(role), institution_id, area_id, path) for role, institution_id, area_id, path in rows if role
    )


def actor(token_hash: str, now: datetime) -> Actor | None:
    """Return the person of a live session with the roles she holds, in one question.

    None when the session ended, is too old, was left behind by a logout or a password change (its epoch), or when
    the account is suspended or the person blocked.
    """
    rows = db.session.execute(
        select(
            Person.id,
            Person.public_id,
            Identity.given_names,
            RoleHeld.role,
            RoleHeld.institution_id,
            RoleHeld.area_id,
            Area.path,
        )
        .select_from(SignIn)
        .join(Account, Account.person_id == SignIn.person_id)
        .join(Person, Person.id == SignIn.person_id)
        .join(Identity, Identity.person_id == SignIn.person_id)
        .outerjoin(RoleHeld, (RoleHeld.person_id == SignIn.person_id) & RoleHeld.ended_at.is_(None))
        .outerjoin(Area, Area.id == RoleHeld.area_id)
        .where(
            SignIn.token_hash == token_hash,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            SignIn.epoch == Account.session_epoch,
            Account.suspended_at.is_(None),
            Person.blocked_at.is_(None),
            Person.merged_into_id.is_(None),
        )
    ).all()
    if not rows:
        return None
    first = rows[0]
    return Actor(first[0], first[1], first[2], _held([(r[3], r[4], r[5], r[6]) for r in rows]))
