"""Granting and ending roles, each with its dates and the person who did it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from lms.actions.audit import record
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.institutions import Area, Institution
from lms.models.people import Account, Person, RoleHeld
from lms.permissions import Role


def grant_role(
    person_id: int, role: Role, institution_id: int | None, area_id: int | None, *, by: int | None, at: datetime
) -> bool:
    """Give a person a role from now on; False when she holds exactly that already.

    An enlace's is bound to an institution or one of its areas, the others to nothing. Raises Refused `role_oneself`
    (whoever gives roles must not give them to herself), `role_bound`, `area_elsewhere`, or `role_account_closed`.
    """
    if person_id == by:
        raise Refused("role_oneself")
    if (role is Role.ENLACE) != (institution_id is not None) or role is Role.LEARNER:
        raise Refused("role_bound")
    if area_id is not None and not _is_of(area_id, institution_id):
        raise Refused("area_elsewhere")
    _lock_open_account(person_id)
    held = (
        select(RoleHeld.id)
        .where(RoleHeld.person_id == person_id, RoleHeld.role == role.value, RoleHeld.ended_at.is_(None))
        .where(RoleHeld.institution_id.is_not_distinct_from(institution_id))
        .where(RoleHeld.area_id.is_not_distinct_from(area_id))
    )
    if db.session.scalar(held) is not None:
        return False
    made = RoleHeld(
        person_id=person_id,
        role=role.value,
        institution_id=institution_id,
        area_id=area_id,
        granted_at=at,
        granted_by_id=by,
    )
    db.session.add(made)
    db.session.flush()
    record("role.grant", "person", person_id, by=by, at=at, role=role.value, **_where(institution_id, area_id))
    return True


def end_role(role_held_id: int, *, by: int, at: datetime) -> bool:
    """End a role from the next request on; False when it had ended.

    Raises Refused `role_last_admin` when nobody else who can enter would be left to administer.
    """
    # All open admin roles are held together: two admins who end their own at once must not both find the other.
    query = select(RoleHeld).where(RoleHeld.ended_at.is_(None)).order_by(RoleHeld.id).with_for_update()
    admins = db.session.scalars(query.where(RoleHeld.role == Role.ADMIN.value)).all()
    held = db.session.get_one(RoleHeld, role_held_id, with_for_update=True, populate_existing=True)
    if held.ended_at is not None:
        return False
    if held.role == Role.ADMIN.value and not _can_enter([a.person_id for a in admins if a.id != held.id]):
        raise Refused("role_last_admin")
    held.ended_at = at
    db.session.flush()
    where = _where(held.institution_id, held.area_id)
    record("role.end", "person", held.person_id, by=by, at=at, role=held.role, **where)
    return True


def _is_of(area_id: int, institution_id: int | None) -> bool:
    area = db.session.get(Area, area_id)
    return area is not None and area.institution_id == institution_id


def _lock_open_account(person_id: int) -> None:
    account = db.session.scalar(
        select(Account)
        .join(Person, Person.id == Account.person_id)
        .where(Account.person_id == person_id, Person.blocked_at.is_(None), Person.merged_into_id.is_(None))
        .with_for_update(of=Account)
        .execution_options(populate_existing=True)
    )
    if account is None or account.suspended_at is not None:
        raise Refused("role_account_closed")


def _can_enter(person_ids: list[int]) -> bool:
    query = (
        select(Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(
            Account.person_id.in_(person_ids),
            Account.activated_at.is_not(None),
            Account.suspended_at.is_(None),
            Person.blocked_at.is_(None),
            Person.merged_into_id.is_(None),
        )
        .limit(1)
    )
    return db.session.scalar(query) is not None


def _where(institution_id: int | None, area_id: int | None) -> dict[str, str]:
    """The institution's key and the area's public id, as the audit log names them."""
    facts = {}
    if institution_id is not None:
        facts["institution"] = db.session.get_one(Institution, institution_id).slug
    if area_id is not None:
        facts["area"] = db.session.get_one(Area, area_id).public_id
    return facts


def first_admin(person_id: int, *, at: datetime) -> None:
    """Give the first administrator her role, which nobody is there to grant.

    Raises Refused `role_admin_there` once somebody administers: from then on roles are granted by people.
    """
    if db.session.scalar(select(RoleHeld.id).where(RoleHeld.role == Role.ADMIN.value, RoleHeld.ended_at.is_(None))):
        raise Refused("role_admin_there")
    grant_role(person_id, Role.ADMIN, None, None, by=None, at=at)
