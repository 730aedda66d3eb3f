"""Who is this, and how can she be found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, exists, select

from lms.database import db
from lms.models.institutions import Area, Institution
from lms.models.people import (
    Account,
    Affiliation,
    EntryToken,
    Identity,
    NoticeAcceptance,
    Person,
    PersonCurp,
    RoleHeld,
    SignIn,
    Throttle,
)
from lms.permissions import Actor, Held, Role
from lms.rules.people_entry import Identifier
from lms.rules.throttles import failures_now

# Whoever belongs to no institution is attended by the Secretaría, a public body.
_REGIME_OF_NOBODY = "lgpdppso"


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


@dataclass(frozen=True)
class Credentials:
    """What a door needs to let somebody in, and nothing that tells who she is."""

    person_id: int
    password_hash: str | None
    suspended: bool
    email: str | None

    @property
    def open(self) -> bool:
        """Whether a right password lets her in."""
        return self.password_hash is not None and not self.suspended


def _credentials(where: Select[int]) -> Select[int, str | None, datetime | None, str | None]:
    return (
        select(Account.person_id, Account.password_hash, Account.suspended_at, Identity.email)
        .join(Person, Person.id == Account.person_id)
        .join(Identity, Identity.person_id == Account.person_id)
        .where(Account.person_id.in_(where), Person.blocked_at.is_(None), Person.merged_into_id.is_(None))
        .order_by(Account.activated_at.is_(None))
        .limit(2)
    )


def credentials(identifier: Identifier) -> Credentials | None:
    """Return the one account that an identifier names; None when there is none, or more than one.

    Several persons can share an e-mail: it names the only one among them who has entered before, if there is one, or
    the only one who has it. One question, whatever was typed.
    """
    if identifier.kind == "email":
        named = select(Identity.person_id).where(Identity.email_key == identifier.value)
    else:
        named = select(PersonCurp.person_id).where(PersonCurp.curp == identifier.value)
    rows = db.session.execute(_credentials(named)).all()
    if not rows or (len(rows) == 2 and (rows[0][1] is None) == (rows[1][1] is None)):
        return None
    person_id, password_hash, suspended_at, email = rows[0]
    return Credentials(person_id, password_hash, suspended_at is not None, email)


def own_credentials(person_id: int) -> Credentials | None:
    """Return the credentials of a person for her own account page."""
    row = db.session.execute(_credentials(select(Person.id).where(Person.id == person_id))).first()
    return Credentials(row[0], row[1], row[2] is not None, row[3]) if row else None


def failures(key: str, now: datetime) -> int:
    """Return the failures that count now under an opaque throttle key."""
    row = db.session.execute(select(Throttle.failures, Throttle.last_failure_at).where(Throttle.key == key)).first()
    return failures_now(row[0], row[1], now) if row else 0


@dataclass(frozen=True)
class Token:
    """A link or short code as the page shows it: to whom, what for, and whether it still opens."""

    person_id: int
    given_names: str
    purpose: Literal["activation", "reset"]
    state: Literal["open", "used", "expired", "voided"]


def token(token_hash: str, now: datetime) -> Token | None:
    """Return the token of a hash; None when it never existed or its person is blocked."""
    row = db.session.execute(
        select(EntryToken, Identity.given_names, Account.activated_at, Account.suspended_at)
        .join(Identity, Identity.person_id == EntryToken.person_id)
        .join(Account, Account.person_id == EntryToken.person_id)
        .join(Person, Person.id == EntryToken.person_id)
        .where(EntryToken.token_hash == token_hash, Person.blocked_at.is_(None), Person.merged_into_id.is_(None))
    ).first()
    if row is None:
        return None
    found, given_names, activated_at, suspended_at = row
    # An activation left over from before the first entry must not open an account that has a password.
    late = found.purpose == "activation" and activated_at is not None
    if found.used_at is not None:
        state = "used"
    elif found.voided_at is not None or late or suspended_at is not None:
        state = "voided"
    else:
        state = "open" if now < found.expires_at else "expired"
    return Token(found.person_id, given_names, found.purpose, state)  # type: ignore[arg-type]


def known_words(person_id: int) -> tuple[str, ...]:
    """Return what others know of a person and she must not use as a password: names, e-mail, CURP, number, place."""
    identity = db.session.get_one(Identity, person_id)
    words: list[str | None] = [identity.given_names, identity.first_surname, identity.second_surname, identity.email]
    words.extend(db.session.scalars(select(PersonCurp.curp).where(PersonCurp.person_id == person_id)))
    places = db.session.execute(
        select(Affiliation.employee_number, Institution.name, Institution.short_name)
        .join(Institution, Institution.id == Affiliation.institution_id)
        .where(Affiliation.person_id == person_id)
    )
    for place in places:
        words.extend(place)
    return tuple(word for word in words if word)


def pending_notices(person_id: int, current: Mapping[str, str]) -> tuple[str, ...]:
    """Return the legal regimes whose notice in its `current` version (by regime) the person has not accepted.

    The regimes are those of the institutions where she has a place today.
    """
    regimes = set(
        db.session.scalars(
            select(Institution.legal_regime)
            .join(Affiliation, Affiliation.institution_id == Institution.id)
            .where(Affiliation.person_id == person_id, Affiliation.ended_on.is_(None))
        )
    ) or {_REGIME_OF_NOBODY}
    accepted = {
        (row[0], row[1])
        for row in db.session.execute(
            select(NoticeAcceptance.regime, NoticeAcceptance.version).where(NoticeAcceptance.person_id == person_id)
        )
    }
    return tuple(sorted(regime for regime in regimes if (regime, current[regime]) not in accepted))


@dataclass(frozen=True)
class OwnAccount:
    """What a person sees of herself."""

    full_name: str
    curp: str | None
    email: str | None
    phone: str | None


def own_account(person_id: int) -> OwnAccount:
    """Return a person's own data as registered."""
    identity = db.session.get_one(Identity, person_id)
    curp = db.session.scalar(
        select(PersonCurp.curp).where(PersonCurp.person_id == person_id, PersonCurp.replaced_at.is_(None))
    )
    return OwnAccount(identity.full_name, curp, identity.email, identity.phone)


@dataclass(frozen=True)
class OpenSession:
    """A session that would let her in now."""

    since: datetime
    until: datetime
    current: bool


def open_sessions(person_id: int, token_hash: str | None, now: datetime) -> tuple[OpenSession, ...]:
    """Return a person's own live sessions, newest first; `token_hash` is that of the one that asks."""
    rows = db.session.execute(
        select(SignIn.created_at, SignIn.expires_at, SignIn.token_hash)
        .join(Account, Account.person_id == SignIn.person_id)
        .where(
            SignIn.person_id == person_id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            SignIn.epoch == Account.session_epoch,
        )
        .order_by(SignIn.id.desc())
        .limit(50)
    )
    return tuple(OpenSession(row[0], row[1], row[2] == token_hash) for row in rows)


def demo_people_exist() -> bool:
    """Tell whether there are demo people, with whom Aula does not start in production."""
    return bool(db.session.scalar(select(exists().where(Person.is_demo))))
