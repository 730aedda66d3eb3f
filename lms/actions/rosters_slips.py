"""Slips: drawing the codes of the people who will enter from paper."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from lms.actions.audit import record
from lms.actions.people import draw_tokens
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.people import Account
from lms.permissions import Scope
from lms.queries.rosters_slips import SlipFilter, SlipRow, people

MOST = 500


def draw(scope: Scope, wanted: SlipFilter, *, by: int, at: datetime) -> list[tuple[SlipRow, str]]:
    """Draw a code for up to `MOST` people who need a slip and return each with hers; codes drawn before are void.

    Raises Refused when nobody needs one; two clicks at once print one sheet, because the second finds nobody.
    """
    db.session.execute(select(Account.person_id).where(Account.person_id == by).with_for_update())
    found = people(scope, wanted, at, limit=MOST)
    drawn = draw_tokens([row.person_id for row in found], "activation", "code", by=by, at=at) if found else {}
    if not drawn:
        raise Refused("slips_nobody")
    record("roster.slips", "institution", wanted.institution_id, by=by, at=at, count=len(drawn))
    return [(row, drawn[row.person_id]) for row in found if row.person_id in drawn]
