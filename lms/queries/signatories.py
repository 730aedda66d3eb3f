"""Questions about who signs constancias."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select

from lms.database import db
from lms.models.certificates import Signatory
from lms.permissions import Scope


def signatories(scope: Scope) -> Sequence[Signatory]:
    """Return all who sign or signed, the latest first. They are few: one at a time since the beginning."""
    if not scope.everything:
        return []
    return db.session.scalars(select(Signatory).order_by(Signatory.from_on.desc(), Signatory.id.desc())).all()


def signatory(scope: Scope, signatory_id: int) -> Signatory | None:
    """Return one of them."""
    return db.session.get(Signatory, signatory_id) if scope.everything else None


def somebody_signs(scope: Scope, day: date) -> bool:
    """Tell whether there is somebody to sign on a day."""
    in_force = or_(Signatory.to_on.is_(None), Signatory.to_on >= day)
    query = select(Signatory.id).where(Signatory.from_on <= day, in_force).limit(1)
    return scope.everything and db.session.scalar(query) is not None
