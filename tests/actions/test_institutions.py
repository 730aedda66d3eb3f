"""Institutions, their areas, and who signs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from lms import clock
from lms.actions import institutions as deeds
from lms.actions import signatories as signing
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.audit import AuditEntry
from lms.models.certificates import Signatory
from lms.models.institutions import Area, Institution
from tests.people import Cast, area

FACTS = deeds.InstitutionFacts("Secretaría de Ejemplo", "Sejem", "federal", "apartado_b", "lgpdppso", "SEJ840301AB1")
SIGNER = signing.SignatoryFacts("Persona Firmante", "Titular", "Oficio 1", date(2026, 1, 1), date(2026, 6, 30))


def deeds_recorded() -> list[str]:
    db.session.flush()
    return list(db.session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id)))


def paths(of: Institution) -> set[str]:
    return set(db.session.scalars(select(Area.path_key).where(Area.institution_id == of.id)))


def test_an_institution_is_made_once(cast: Cast) -> None:
    first, fresh = deeds.create_institution(FACTS, "", by=cast.admin.id, at=clock.now())
    again, repeated = deeds.create_institution(FACTS, "", by=cast.admin.id, at=clock.now())
    assert (first.slug, first.rfc, fresh) == ("sejem", "SEJ840301AB1", True)
    assert (again.id, repeated) == (first.id, False)
    assert deeds_recorded() == ["institution.create"]


def test_a_key_of_another_is_refused_with_its_name(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        deeds.create_institution(FACTS, "propia", by=cast.admin.id, at=clock.now())
    assert (refused.value.code, refused.value.params["name"]) == ("slug_taken", "Institución Propia")


@pytest.mark.parametrize(
    ("facts", "slug", "code"),
    [
        (replace(FACTS, rfc="123"), "", "rfc_wrong"),
        (FACTS, "Con Espacio", "slug_wrong"),
        (FACTS, "nueva", "slug_wrong"),
        (replace(FACTS, short_name="···"), "", "slug_wrong"),
    ],
)
def test_wrong_facts_are_refused(cast: Cast, facts: deeds.InstitutionFacts, slug: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        deeds.create_institution(facts, slug, by=cast.admin.id, at=clock.now())


def test_saving_the_same_twice_leaves_one_entry(cast: Cast) -> None:
    facts = replace(FACTS, rfc="")
    assert deeds.update_institution(cast.own.id, facts, by=cast.admin.id, at=clock.now())
    assert not deeds.update_institution(cast.own.id, facts, by=cast.admin.id, at=clock.now())
    assert (cast.own.name, cast.own.slug, cast.own.rfc) == ("Secretaría de Ejemplo", "propia", None)
    assert deeds_recorded() == ["institution.update"]


def test_an_area_is_added_under_another_and_only_once(cast: Cast) -> None:
    made, fresh = deeds.add_area(cast.own.id, cast.area.id, "Nómina", "DF", by=cast.admin.id, at=clock.now())
    same, repeated = deeds.add_area(cast.own.id, cast.area.id, "NOMINA", None, by=cast.admin.id, at=clock.now())
    assert (fresh, repeated, same.id) == (True, False, made.id)
    assert made.path == f"{cast.area.path}{made.id}/"
    assert made.path_key == "RECURSOS HUMANOS / NOMINA"
    elsewhere, other = deeds.add_area(cast.own.id, None, "Nómina", None, by=cast.admin.id, at=clock.now())
    assert other, "the same name under another parent is another area"
    assert elsewhere.id != made.id


@pytest.mark.parametrize(("name", "code"), [("A / B", "area_name_slash"), ("···", "area_name_empty")])
def test_names_that_a_roster_could_not_find_are_refused(cast: Cast, name: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        deeds.add_area(cast.own.id, None, name, None, by=cast.admin.id, at=clock.now())


def test_an_area_of_another_institution_is_no_parent(cast: Cast) -> None:
    with pytest.raises(Refused, match="area_elsewhere"):
        deeds.add_area(cast.own.id, cast.other_area.id, "Nómina", None, by=cast.admin.id, at=clock.now())


def test_renaming_takes_the_keys_below_along(cast: Cast) -> None:
    below = area(cast.own, "Pagaduria", cast.area)
    area(cast.own, "Pagos", below)
    area(cast.own, "Recursos Humanos Sur")
    assert deeds.change_area(cast.area.id, "Talento", "PL", by=cast.admin.id, at=clock.now())
    assert paths(cast.own) >= {"TALENTO", "TALENTO / PAGADURIA", "TALENTO / PAGADURIA / PAGOS"}
    assert "RECURSOS HUMANOS SUR" in paths(cast.own), "a name that only begins alike stays"
    assert (cast.area.name, cast.area.entity) == ("Talento", "PL")
    assert not deeds.change_area(cast.area.id, "Talento", "PL", by=cast.admin.id, at=clock.now())


def test_siblings_keep_different_names(cast: Cast) -> None:
    area(cast.own, "Talento")
    with pytest.raises(Refused, match="area_exists"):
        deeds.change_area(cast.area.id, "talento", None, by=cast.admin.id, at=clock.now())


def test_an_accent_can_be_corrected(cast: Cast) -> None:
    assert deeds.change_area(cast.area.id, "Recursos Húmanos", None, by=cast.admin.id, at=clock.now())
    assert paths(cast.own) == {"RECURSOS HUMANOS"}


def test_a_path_that_does_not_fit_is_refused(cast: Cast) -> None:
    area(cast.own, "B" * 280, area(cast.own, "A" * 280, cast.area))
    with pytest.raises(Refused, match="area_too_deep"):
        deeds.change_area(cast.area.id, "C" * 290, None, by=cast.admin.id, at=clock.now())


def test_one_person_signs_on_each_date(cast: Cast) -> None:
    signing.add_signatory(SIGNER, by=cast.admin.id, at=clock.now())
    inside = replace(SIGNER, name="Otra", from_on=date(2026, 6, 30), to_on=None)
    with pytest.raises(Refused) as refused:
        signing.add_signatory(inside, by=cast.admin.id, at=clock.now())
    assert (refused.value.code, refused.value.params["name"]) == ("signatory_overlaps", "Persona Firmante")
    after = replace(inside, from_on=date(2026, 7, 1))
    signing.add_signatory(after, by=cast.admin.id, at=clock.now())
    before = replace(inside, from_on=date(2025, 1, 1), to_on=date(2025, 12, 31))
    signing.add_signatory(before, by=cast.admin.id, at=clock.now())
    late = replace(inside, name="Tercera", from_on=date(2030, 1, 1), to_on=date(2030, 2, 1))
    with pytest.raises(Refused, match="signatory_overlaps_open"):
        signing.add_signatory(late, by=cast.admin.id, at=clock.now())


def test_registering_the_same_signatory_twice_is_once(cast: Cast) -> None:
    first, fresh = signing.add_signatory(SIGNER, by=cast.admin.id, at=clock.now())
    again, repeated = signing.add_signatory(SIGNER, by=cast.admin.id, at=clock.now())
    assert (fresh, repeated, again.id) == (True, False, first.id)
    assert db.session.scalar(select(func.count()).select_from(Signatory)) == 1


def test_a_last_day_opens_the_way_for_the_next(cast: Cast) -> None:
    open_end = replace(SIGNER, to_on=None)
    first, _ = signing.add_signatory(open_end, by=cast.admin.id, at=clock.now())
    backwards = replace(SIGNER, to_on=date(2025, 12, 31))
    with pytest.raises(Refused, match="signatory_backwards"):
        signing.change_signatory(first.id, backwards, by=cast.admin.id, at=clock.now())
    assert signing.change_signatory(first.id, SIGNER, by=cast.admin.id, at=clock.now())
    assert not signing.change_signatory(first.id, SIGNER, by=cast.admin.id, at=clock.now())
    second, _ = signing.add_signatory(
        replace(SIGNER, name="Otra", from_on=date(2026, 7, 1), to_on=None), by=cast.admin.id, at=clock.now()
    )
    with pytest.raises(Refused, match="signatory_overlaps_open"):
        signing.change_signatory(first.id, open_end, by=cast.admin.id, at=clock.now())
    assert second.to_on is None
    assert deeds_recorded() == ["signatory.add", "signatory.change", "signatory.add"]
