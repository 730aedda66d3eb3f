"""What staff do with a person by hand: register her, correct her name or e-mail, and help her to enter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lms import clock
from lms.actions.audit import record
from lms.actions.outbox import send_mail
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.people import Account, Affiliation, EntryToken, Identity, Person, PersonCurp
from lms.rules.people import Curp, clean_text, read_email, search_name
from lms.rules.people_admin import Name

_QUARTER_OF_AN_HOUR = 900


@dataclass(frozen=True)
class Place:
    """Where a person works from today on; `job` may be empty."""

    institution_id: int
    job: str
    today: date


def create_person(
    name: Name, curp: Curp, email: str, place: Place | None, *, by: int | None, at: datetime
) -> tuple[Person, bool]:
    """Register a person and ask for the mail that lets her enter; (her, True), or (her, False) if the CURP is known.

    Somebody known stays as she is: nothing typed here is written over her. Raises Refused `email_wrong`, or
    `person_blocked` when the CURP belongs to somebody whose data are blocked.
    """
    address = read_email(email)
    if address is None:
        raise Refused("email_wrong")
    known = _owner(curp)
    if known is not None:
        return known, False
    made = Person(public_id=clock.public_id(), sex=curp.sex, created_at=at)
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
            _add_identity(made.id, name, curp, address, at=at)
    except IntegrityError:
        # Another tab or another person registered the same CURP in this very moment.
        winner = _owner(curp)
        if winner is None:
            raise
        return winner, False
    if place is not None:
        _add_place(made.id, place)
    send_mail("activation", made.id, f"activation:{made.id}", at=at)
    record("people.create", "person", made.id, by=by, at=at, placed=place is not None)
    return made, True


def _owner(curp: Curp) -> Person | None:
    person = db.session.scalars(
        select(Person).join(PersonCurp, PersonCurp.person_id == Person.id).where(PersonCurp.curp == curp.value)
    ).first()
    if person is not None and person.merged_into_id is not None:
        person = db.session.get(Person, person.merged_into_id)
    if person is not None and person.blocked_at is not None:
        raise Refused("person_blocked")
    return person


def _add_identity(person_id: int, name: Name, curp: Curp, email: str, *, at: datetime) -> None:
    identity = Identity(person_id=person_id, email=email, email_key=email, origins={"email": "hand"})
    _write_name(identity, name)
    curp_row = PersonCurp(person_id=person_id, curp=curp.value, since=at)
    db.session.add_all([identity, curp_row, Account(person_id=person_id)])
    db.session.flush()


def _write_name(identity: Identity, name: Name) -> None:
    identity.given_names = name.given
    identity.first_surname = name.first_surname
    identity.second_surname = name.second_surname
    identity.search_name = search_name(name.given, name.first_surname, name.second_surname)
    by_hand = dict.fromkeys(("given_names", "first_surname", "second_surname"), "hand")
    identity.origins = {**identity.origins, **by_hand}


def _add_place(person_id: int, place: Place) -> None:
    db.session.add(
        Affiliation(
            public_id=clock.public_id(),
            person_id=person_id,
            institution_id=place.institution_id,
            job=clean_text(place.job) or None,
            origins={"job": "hand"} if place.job else {},
            started_on=place.today,
        )
    )
    db.session.flush()


def correct_name(person_id: int, name: Name, *, by: int, at: datetime) -> bool:
    """Correct a name by hand; a roster will not overwrite it. False when it is the same. Constancias issued stay."""
    identity = _locked(person_id)
    before = (identity.given_names, identity.first_surname, identity.second_surname)
    if before == (name.given, name.first_surname, name.second_surname):
        return False
    _write_name(identity, name)
    db.session.flush()
    record("people.correct_name", "person", person_id, by=by, at=at)
    return True


def correct_email(person_id: int, email: str, *, by: int, at: datetime) -> bool:
    """Correct an e-mail by hand (empty: none); links sent to the one before are void. False when it is the same.

    Raises Refused `email_wrong`, or `email_oneself` for one's own, which asks for the password in *Mi cuenta*.
    """
    if person_id == by:
        raise Refused("email_oneself")
    address = read_email(email) if email else None
    if email and address is None:
        raise Refused("email_wrong")
    identity = _locked(person_id)
    if identity.email == address:
        return False
    identity.email = identity.email_key = address
    identity.origins = {**identity.origins, "email": "hand"}
    sent = EntryToken.person_id == person_id, EntryToken.used_at.is_(None), EntryToken.voided_at.is_(None)
    db.session.execute(update(EntryToken).where(*sent).values(voided_at=at))
    db.session.flush()
    record("people.correct_email", "person", person_id, by=by, at=at)
    return True


def send_entry(person_id: int, *, by: int, at: datetime) -> str:
    """Ask for the mail with which a person enters or chooses a new password, at most one per quarter of an hour.

    Return its purpose, "activation" or "reset". Raises Refused `entry_no_email` or `role_account_closed`.
    """
    identity = _locked(person_id)
    account = db.session.get_one(Account, person_id)
    if account.suspended_at is not None:
        raise Refused("role_account_closed")
    if not identity.email:
        raise Refused("entry_no_email")
    purpose = "activation" if account.activated_at is None else "reset"
    send_mail(purpose, person_id, f"staff:{purpose}:{person_id}:{int(at.timestamp()) // _QUARTER_OF_AN_HOUR}", at=at)
    record("people.send_entry", "person", person_id, by=by, at=at, purpose=purpose)
    return purpose


def note_search(kind: str, found: int, *, by: int, at: datetime) -> None:
    """Keep that somebody looked for people, by what kind of thing and how many came up; never what was typed."""
    record("people.search", "person", None, by=by, at=at, kind=kind, count=found)


def _locked(person_id: int) -> Identity:
    identity = db.session.scalar(
        select(Identity)
        .join(Person, Person.id == Identity.person_id)
        .where(Identity.person_id == person_id, Person.blocked_at.is_(None))
        .with_for_update(of=Identity)
        .execution_options(populate_existing=True)
    )
    if identity is None:
        raise Refused("person_blocked")
    return identity
