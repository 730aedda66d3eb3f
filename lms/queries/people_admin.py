"""Questions of staff about a person: to find her, and to see who she is, where she works and whether she can enter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from lms.database import db
from lms.models.institutions import Area, Institution
from lms.models.people import Account, Affiliation, Identity, Person, PersonCurp, RoleHeld
from lms.permissions import Scope
from lms.rules.people import Curp, read_curp, read_email, search_name
from lms.rules.people_admin import mask_curp

LIMIT = 50
_SHORTEST = 2


@dataclass(frozen=True)
class FoundPerson:
    """A person in the results: her CURP half covered, her institutions and roles of today, and her account's state."""

    public_id: str
    name: str
    curp: str
    institutions: tuple[str, ...]
    roles: tuple[str, ...]
    state: str


@dataclass(frozen=True)
class Search:
    """What was looked for (curp, email or name), and up to `LIMIT` people.

    `more` when others were left out; not `readable` when what was typed names nobody, such as half an e-mail.
    """

    kind: str
    people: tuple[FoundPerson, ...]
    more: bool
    readable: bool = True


def account_state(activated_at: datetime | None, suspended_at: datetime | None) -> str:
    """Return the state of an account as a word: suspended, active, or new when nobody has entered with it."""
    if suspended_at is not None:
        return "suspended"
    return "active" if activated_at is not None else "new"


def search(scope: Scope, text: str) -> Search:
    """Find people by CURP (any they had), e-mail, or the words of a name in any order and without accents."""
    kind, condition = _condition(text)
    if not scope.everything or condition is None:
        return Search(kind, (), False, readable=False)
    rows = db.session.execute(
        select(Person.id, Person.public_id, Identity, PersonCurp.curp, Account.activated_at, Account.suspended_at)
        .join(Identity, Identity.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .outerjoin(PersonCurp, (PersonCurp.person_id == Person.id) & PersonCurp.replaced_at.is_(None))
        .where(condition, Person.blocked_at.is_(None), Person.merged_into_id.is_(None))
        .order_by(Identity.search_name, Person.id)
        .limit(LIMIT + 1)
    ).all()
    ids = [row[0] for row in rows[:LIMIT]]
    places, roles = _places(ids), _roles(ids)
    found = tuple(
        FoundPerson(
            public_id, identity.full_name, mask_curp(curp) if curp else "", tuple(places.get(person_id, ())),
            tuple(roles.get(person_id, ())), account_state(activated_at, suspended_at),
        )
        for person_id, public_id, identity, curp, activated_at, suspended_at in rows[:LIMIT]
    )  # fmt: skip
    return Search(kind, found, len(rows) > LIMIT)


def _condition(text: str) -> tuple[str, ColumnElement[bool] | None]:
    if "@" in text:
        email = read_email(text)
        return "email", Identity.email_key == email if email else None
    curp = read_curp(text)
    if isinstance(curp, Curp):
        return "curp", Person.id.in_(select(PersonCurp.person_id).where(PersonCurp.curp == curp.value))
    words = search_name(text).split()
    if len("".join(words)) < _SHORTEST:
        return "name", None
    condition = Identity.search_name.contains(words[0], autoescape=True)
    for word in words[1:]:
        condition = condition & Identity.search_name.contains(word, autoescape=True)
    return "name", condition


def _places(person_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = db.session.execute(
        select(Affiliation.person_id, Institution.short_name)
        .join(Institution, Institution.id == Affiliation.institution_id)
        .where(Affiliation.person_id.in_(person_ids), Affiliation.ended_on.is_(None))
        .order_by(Institution.short_name)
    )
    return _grouped(rows)


def _roles(person_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = db.session.execute(
        select(RoleHeld.person_id, RoleHeld.role)
        .where(RoleHeld.person_id.in_(person_ids), RoleHeld.ended_at.is_(None))
        .distinct()
        .order_by(RoleHeld.person_id, RoleHeld.role)
    )
    return _grouped(rows)


def _grouped(rows: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = {}
    for person_id, value in rows:
        grouped.setdefault(person_id, []).append(value)
    return grouped


@dataclass(frozen=True)
class PlaceRow:
    """A place of a person in an institution, with its dates."""

    institution: str
    slug: str
    area: str | None
    job: str | None
    started_on: date
    ended_on: date | None


@dataclass(frozen=True)
class PersonPage:
    """Who a person is, for staff; `by_hand` are the fields that a roster does not overwrite."""

    id: int
    public_id: str
    given_names: str
    first_surname: str
    second_surname: str | None
    name: str
    curp: str | None
    earlier_curps: int
    email: str | None
    phone: str | None
    by_hand: frozenset[str]
    created_at: datetime
    state: str
    activated_at: datetime | None
    suspended_at: datetime | None
    suspended_reason: str | None
    places: tuple[PlaceRow, ...]


def person(scope: Scope, public_id: str) -> PersonPage | None:
    """Return a person; None for nobody, and for whoever is blocked or was merged into another."""
    if not scope.everything:
        return None
    row = db.session.execute(
        select(Person, Identity, Account)
        .join(Identity, Identity.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(Person.public_id == public_id, Person.blocked_at.is_(None), Person.merged_into_id.is_(None))
    ).first()
    if row is None:
        return None
    who, identity, account = row
    curps = db.session.execute(
        select(PersonCurp.curp, PersonCurp.replaced_at).where(PersonCurp.person_id == who.id)
    ).all()
    current = next((curp for curp, replaced_at in curps if replaced_at is None), None)
    return PersonPage(
        who.id, who.public_id, identity.given_names, identity.first_surname, identity.second_surname,
        identity.full_name, mask_curp(current) if current else None, len(curps) - (current is not None),
        identity.email, identity.phone, frozenset(f for f, origin in identity.origins.items() if origin == "hand"),
        who.created_at, account_state(account.activated_at, account.suspended_at), account.activated_at,
        account.suspended_at, account.suspended_reason, _place_rows(who.id),
    )  # fmt: skip


def _place_rows(person_id: int) -> tuple[PlaceRow, ...]:
    rows = db.session.execute(
        select(
            Institution.name, Institution.slug, Area.name, Affiliation.job, Affiliation.started_on, Affiliation.ended_on
        )
        .select_from(Affiliation)
        .join(Institution, Institution.id == Affiliation.institution_id)
        .outerjoin(Area, Area.id == Affiliation.area_id)
        .where(Affiliation.person_id == person_id)
        .order_by(Affiliation.ended_on.is_not(None), Affiliation.started_on.desc(), Affiliation.id.desc())
    )
    return tuple(PlaceRow(*row) for row in rows)
