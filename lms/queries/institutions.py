"""Questions about partner institutions: who they are, their areas as a tree, their enlaces, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, exists, func, or_, select, true

from lms.database import db
from lms.models.institutions import Area, Institution
from lms.models.people import Account, Affiliation, Identity, Person, RoleHeld
from lms.permissions import Scope
from lms.rules.people import search_name

PAGE = 50


def _inside(scope: Scope) -> ColumnElement[bool]:
    return true() if scope.everything else Institution.id.in_(scope.institutions)


def _enlaces_of(institution_id: SQLColumnExpression[int]) -> Select[int]:
    """Who is enlace of an institution today and can enter."""
    return (
        select(RoleHeld.person_id)
        .join(Account, Account.person_id == RoleHeld.person_id)
        .join(Person, Person.id == RoleHeld.person_id)
        .where(
            RoleHeld.institution_id == institution_id,
            RoleHeld.role == "enlace",
            RoleHeld.ended_at.is_(None),
            Account.suspended_at.is_(None),
            Person.blocked_at.is_(None),
        )
    )


@dataclass(frozen=True)
class InstitutionRow:
    """An institution in a list: `people` have a place there today, `enlaces` look after them."""

    slug: str
    name: str
    short_name: str
    kind: str
    people: int
    enlaces: int


@dataclass(frozen=True)
class InstitutionPage:
    """A page of institutions and how many there are in all."""

    rows: tuple[InstitutionRow, ...]
    total: int


def institutions(scope: Scope, *, text: str = "", page: int = 1) -> InstitutionPage:
    """Return a page of institutions by name; `text` is looked for in the name, the short name and the key."""
    where: list[ColumnElement[bool]] = [_inside(scope)]
    if text:
        # Names are few and keep their accents, so both writings of the text are tried.
        looks = {text.strip().casefold(), search_name(text).casefold()}
        columns = (Institution.name, Institution.short_name, Institution.slug)
        where.append(or_(*(c.icontains(look, autoescape=True) for c in columns for look in looks if look)))
    people = (
        select(func.count())
        .select_from(Affiliation)
        .where(Affiliation.institution_id == Institution.id, Affiliation.ended_on.is_(None))
        .scalar_subquery()
    )
    enlaces = _enlaces_of(Institution.id).with_only_columns(func.count(RoleHeld.person_id.distinct())).scalar_subquery()
    rows = db.session.execute(
        select(Institution.slug, Institution.name, Institution.short_name, Institution.kind, people, enlaces)
        .where(*where)
        .order_by(Institution.name, Institution.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    total = db.session.scalar(select(func.count()).select_from(Institution).where(*where)) or 0
    return InstitutionPage(tuple(InstitutionRow(*row) for row in rows), total)


def by_slug(scope: Scope, slug: str) -> Institution | None:
    """Return an institution of the scope."""
    return db.session.scalars(select(Institution).where(Institution.slug == slug, _inside(scope))).first()


def choices(scope: Scope) -> Sequence[tuple[str, str]]:
    """Return (slug, name) of every institution, to choose one."""
    rows = db.session.execute(
        select(Institution.slug, Institution.name).where(_inside(scope)).order_by(Institution.name, Institution.id)
    )
    return [(slug, name) for slug, name in rows]


@dataclass(frozen=True)
class AreaNode:
    """An area in its tree: `depth` 0 at the root; `people` have a place in it today, not in those below."""

    id: int
    public_id: str
    name: str
    entity: str | None
    parent_id: int | None
    depth: int
    people: int


def area_tree(scope: Scope, institution_id: int) -> tuple[AreaNode, ...]:
    """Return all areas of an institution, each before those under it, siblings by name."""
    if not scope.everything and institution_id not in scope.institutions:
        return ()
    areas = db.session.scalars(
        select(Area).where(Area.institution_id == institution_id).order_by(Area.name_key, Area.id)
    ).all()
    people = dict(
        db.session.execute(
            select(Affiliation.area_id, func.count())
            .where(Affiliation.institution_id == institution_id, Affiliation.ended_on.is_(None))
            .group_by(Affiliation.area_id)
        ).all()
    )
    under: dict[int | None, list[Area]] = {}
    for area in areas:
        under.setdefault(area.parent_id, []).append(area)
    nodes: list[AreaNode] = []
    waiting = [(area, 0) for area in reversed(under.get(None, []))]
    while waiting:
        area, depth = waiting.pop()
        counted = people.get(area.id, 0)
        nodes.append(AreaNode(area.id, area.public_id, area.name, area.entity, area.parent_id, depth, counted))
        waiting.extend((child, depth + 1) for child in reversed(under.get(area.id, [])))
    return tuple(nodes)


def area(scope: Scope, institution_id: int, public_id: str) -> Area | None:
    """Return an area of an institution by its public id."""
    if not scope.everything and institution_id not in scope.institutions:
        return None
    return db.session.scalars(
        select(Area).where(Area.institution_id == institution_id, Area.public_id == public_id)
    ).first()


@dataclass(frozen=True)
class EnlaceRow:
    """An enlace of an institution: since when, of which area (None: of all), and whether she can enter today."""

    person: str
    name: str
    area: str | None
    since: datetime
    entered: bool
    suspended: bool


def enlaces(scope: Scope, institution_id: int) -> tuple[EnlaceRow, ...]:
    """Return who is enlace of an institution today, those of the whole of it first."""
    if not scope.everything and institution_id not in scope.institutions:
        return ()
    rows = db.session.execute(
        select(Person.public_id, Identity, Area.name, RoleHeld.granted_at, Account.activated_at, Account.suspended_at)
        .select_from(RoleHeld)
        .join(Person, Person.id == RoleHeld.person_id)
        .join(Identity, Identity.person_id == RoleHeld.person_id)
        .join(Account, Account.person_id == RoleHeld.person_id)
        .outerjoin(Area, Area.id == RoleHeld.area_id)
        .where(
            RoleHeld.institution_id == institution_id,
            RoleHeld.role == "enlace",
            RoleHeld.ended_at.is_(None),
            Person.blocked_at.is_(None),
        )
        .order_by(RoleHeld.area_id.is_not(None), Area.name_key, Identity.search_name, RoleHeld.id)
    )
    return tuple(
        EnlaceRow(person, identity.full_name, area_name, since, entered is not None, suspended is not None)
        for person, identity, area_name, since, entered, suspended in rows
    )


def without_enlace(scope: Scope, *, limit: int = 5) -> tuple[Sequence[tuple[str, str]], int]:
    """Return (slug, name) of up to `limit` institutions that nobody looks after, and how many there are."""
    bare = (~exists(_enlaces_of(Institution.id).correlate(Institution)), _inside(scope))
    rows = db.session.execute(
        select(Institution.slug, Institution.name).where(*bare).order_by(Institution.name, Institution.id).limit(limit)
    )
    total = db.session.scalar(select(func.count()).select_from(Institution).where(*bare)) or 0
    return [(slug, name) for slug, name in rows], total


def people_in(scope: Scope, institution_id: int) -> int:
    """Return how many people have a place in an institution today."""
    if not scope.everything and institution_id not in scope.institutions:
        return 0
    query = select(func.count()).where(Affiliation.institution_id == institution_id, Affiliation.ended_on.is_(None))
    return db.session.scalar(query) or 0
