"""Partner institutions and their areas: making them, and saying what they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, update
from sqlalchemy.exc import IntegrityError

from lms import clock
from lms.actions.audit import record
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.institutions import Area, Institution
from lms.rules.institutions import area_key, make_slug, read_rfc, read_slug
from lms.rules.people import clean_text, search_name

PATH_KEY_MAX = 700
PATH_MAX = 200


@dataclass(frozen=True)
class InstitutionFacts:
    """What is said of an institution; `rfc` may be empty. Kinds and regimes are codes of the model."""

    name: str
    short_name: str
    kind: str
    labour_regime: str
    legal_regime: str
    rfc: str


def _columns(facts: InstitutionFacts) -> dict[str, str | None]:
    rfc = read_rfc(facts.rfc)
    if facts.rfc and rfc is None:
        raise Refused("rfc_wrong")
    return {
        "name": clean_text(facts.name),
        "short_name": clean_text(facts.short_name),
        "kind": facts.kind,
        "labour_regime": facts.labour_regime,
        "legal_regime": facts.legal_regime,
        "rfc": rfc,
    }


def create_institution(facts: InstitutionFacts, slug: str, *, by: int, at: datetime) -> tuple[Institution, bool]:
    """Make an institution; (it, True), or (the one that is there, False) when the same was made a moment ago.

    `slug` may be empty: it is made from the short name. Raises Refused `slug_wrong`, `slug_taken` (with the name of
    the institution that has it) or `rfc_wrong`.
    """
    columns = _columns(facts)
    key = read_slug(slug or make_slug(facts.short_name))
    if not key:
        raise Refused("slug_wrong")
    made = Institution(public_id=clock.public_id(), slug=key, created_at=at, **columns)
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError:
        there = db.session.scalars(select(Institution).where(Institution.slug == key)).one()
        if search_name(there.name) == search_name(facts.name):
            return there, False
        raise Refused("slug_taken", name=there.name, slug=key) from None
    record("institution.create", "institution", key, by=by, at=at, kind=made.kind)
    return made, True


def update_institution(institution_id: int, facts: InstitutionFacts, *, by: int, at: datetime) -> bool:
    """Correct what is said of an institution; False when nothing differs. Raises Refused `rfc_wrong`."""
    columns = _columns(facts)
    institution = db.session.get_one(Institution, institution_id, with_for_update=True, populate_existing=True)
    changed = [name for name, value in columns.items() if getattr(institution, name) != value]
    if not changed:
        return False
    for name in changed:
        setattr(institution, name, columns[name])
    db.session.flush()
    record("institution.update", "institution", institution.slug, by=by, at=at, fields=changed)
    return True


def add_area(
    institution_id: int, parent_id: int | None, name: str, entity: str | None, *, by: int, at: datetime
) -> tuple[Area, bool]:
    """Add an area under another of the same institution (None: at the root); (it, True), or (the one there, False).

    Two areas with one parent differ in more than accents and capitals, because a roster finds them by that.
    Raises Refused `area_name_slash`, `area_name_empty` or `area_too_deep`.
    """
    institution = db.session.get_one(Institution, institution_id, with_for_update=True)
    parent = _own_area(institution_id, parent_id) if parent_id else None
    name = _area_name(name)
    path_key = _path_key(parent, name)
    there = _area_at(institution_id, path_key)
    if there is not None:
        return there, False
    made = Area(
        public_id=clock.public_id(),
        institution_id=institution_id,
        parent_id=parent_id,
        name=name,
        name_key=search_name(name),
        path="",
        path_key=path_key,
        entity=entity or None,
        created_at=at,
    )
    db.session.add(made)
    db.session.flush()
    made.path = f"{parent.path if parent else '/'}{made.id}/"
    if len(made.path) > PATH_MAX:
        raise Refused("area_too_deep")
    db.session.flush()
    record("area.add", "area", made.public_id, by=by, at=at, institution=institution.slug)
    return made, True


def change_area(area_id: int, name: str, entity: str | None, *, by: int, at: datetime) -> bool:
    """Rename an area or set its state; the keys of all areas under it follow. False when nothing differs.

    Raises Refused `area_exists` when a sibling has the name, and as `add_area`.
    """
    area = db.session.get_one(Area, area_id)
    institution = db.session.get_one(Institution, area.institution_id, with_for_update=True)
    db.session.refresh(area)
    name = _area_name(name)
    changed = [f for f, v in (("name", name), ("entity", entity or None)) if getattr(area, f) != v]
    if not changed:
        return False
    parent = db.session.get(Area, area.parent_id) if area.parent_id else None
    before, after = area.path_key, _path_key(parent, name)
    there = _area_at(area.institution_id, after)
    if there is not None and there.id != area.id:
        raise Refused("area_exists", name=there.name)
    if before != after:
        _move_keys(area, before, after)
    area.name, area.name_key, area.path_key, area.entity = name, search_name(name), after, entity or None
    db.session.flush()
    record("area.change", "area", area.public_id, by=by, at=at, institution=institution.slug, fields=changed)
    return True


def _move_keys(area: Area, before: str, after: str) -> None:
    under = (Area.path.startswith(area.path), Area.id != area.id)
    longest = db.session.scalars(select(Area.path_key).where(*under)).all()
    if any(len(key) - len(before) + len(after) > PATH_KEY_MAX for key in longest):
        raise Refused("area_too_deep")
    rest = func.substr(Area.path_key, len(before) + 1)
    db.session.execute(
        update(Area).where(*under).values(path_key=literal(after) + rest).execution_options(synchronize_session=False)
    )


def _own_area(institution_id: int, area_id: int) -> Area:
    area = db.session.get(Area, area_id)
    if area is None or area.institution_id != institution_id:
        raise Refused("area_elsewhere")
    return area


def _area_at(institution_id: int, path_key: str) -> Area | None:
    return db.session.scalars(
        select(Area).where(Area.institution_id == institution_id, Area.path_key == path_key)
    ).first()


def _area_name(name: str) -> str:
    clean = clean_text(name)
    if " / " in clean:
        raise Refused("area_name_slash")
    if not search_name(clean):
        raise Refused("area_name_empty")
    return clean


def _path_key(parent: Area | None, name: str) -> str:
    key = f"{parent.path_key} / {area_key(name)}" if parent else area_key(name)
    if len(key) > PATH_KEY_MAX:
        raise Refused("area_too_deep")
    return key
