"""Who signs constancias, between which dates: one person on each date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select, text

from lms.actions.audit import record
from lms.actions.refusal import Refused
from lms.database import db, is_sqlite
from lms.models.certificates import Signatory
from lms.rules.people import clean_text


@dataclass(frozen=True)
class SignatoryFacts:
    """A person who signs: name, position, the document of her appointment, and her first and last day (None: open)."""

    name: str
    position: str
    appointment: str
    from_on: date
    to_on: date | None


def add_signatory(facts: SignatoryFacts, *, by: int, at: datetime) -> tuple[Signatory, bool]:
    """Register who signs; (her, True), or (her, False) when exactly that was registered a moment ago.

    Raises Refused `signatory_backwards` or `signatory_overlaps`, with the one who signs on those dates.
    """
    columns = _columns(facts)
    _alone()
    same = db.session.scalars(
        select(Signatory).where(*(getattr(Signatory, name) == value for name, value in columns.items()))
    ).first()
    if same is not None:
        return same, False
    _refuse_overlap(facts, None)
    made = Signatory(**columns)
    db.session.add(made)
    db.session.flush()
    record("signatory.add", "signatory", made.id, by=by, at=at, **_dates(made))
    return made, True


def change_signatory(signatory_id: int, facts: SignatoryFacts, *, by: int, at: datetime) -> bool:
    """Correct the record of who signs, or end it; False when nothing differs. Constancias already issued stay.

    Raises Refused as `add_signatory`.
    """
    columns = _columns(facts)
    _alone()
    signatory = db.session.get_one(Signatory, signatory_id, populate_existing=True)
    changed = [name for name, value in columns.items() if getattr(signatory, name) != value]
    if not changed:
        return False
    _refuse_overlap(facts, signatory_id)
    for name in changed:
        setattr(signatory, name, columns[name])
    db.session.flush()
    record("signatory.change", "signatory", signatory_id, by=by, at=at, fields=changed, **_dates(signatory))
    return True


def _columns(facts: SignatoryFacts) -> dict[str, object]:
    if facts.to_on is not None and facts.to_on < facts.from_on:
        raise Refused("signatory_backwards")
    return {
        "name": clean_text(facts.name),
        "position": clean_text(facts.position),
        "appointment": clean_text(facts.appointment),
        "from_on": facts.from_on,
        "to_on": facts.to_on,
    }


def _alone() -> None:
    """Let one transaction at a time decide about dates; on SQLite every write is alone."""
    if not is_sqlite():
        db.session.execute(text("LOCK TABLE signatory IN SHARE ROW EXCLUSIVE MODE"))


def _refuse_overlap(facts: SignatoryFacts, but: int | None) -> None:
    query = select(Signatory).where(or_(Signatory.to_on.is_(None), Signatory.to_on >= facts.from_on))
    if facts.to_on is not None:
        query = query.where(Signatory.from_on <= facts.to_on)
    if but is not None:
        query = query.where(Signatory.id != but)
    other = db.session.scalars(query.order_by(Signatory.from_on).limit(1)).first()
    if other is None:
        return
    code = "signatory_overlaps_open" if other.to_on is None else "signatory_overlaps"
    raise Refused(code, name=other.name, from_on=other.from_on, to_on=other.to_on)


def _dates(signatory: Signatory) -> dict[str, str | None]:
    to_on = signatory.to_on.isoformat() if signatory.to_on else None
    return {"from_on": signatory.from_on.isoformat(), "to_on": to_on}
