"""RFC and keys of institutions; names and CURPs as staff type and see them."""

from __future__ import annotations

import pytest

from lms.rules.institutions import area_key, make_slug, read_rfc, read_slug
from lms.rules.people_admin import Name, NameFault, mask_curp, read_name


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("sfa840301ab1", "SFA840301AB1"),
        (" ÑU&-840229-ab1 ", "ÑU&840229AB1"),
        ("XAXX000229 1A0", "XAXX0002291A0"),
        ("SFA841301AB1", None),
        ("SFA840230AB1", None),
        ("SFA840301AB", None),
        ("SFA840301ABB", None),
        ("", None),
    ],
)
def test_rfc(text: str, read: str | None) -> None:
    assert read_rfc(text) == read


def test_a_key_is_made_from_the_short_name() -> None:
    assert make_slug("Poder Judicial · Querétaro") == "poder-judicial-queretaro"
    assert make_slug("Ñ" * 80) == "n" * 60
    assert make_slug("中文") == ""


@pytest.mark.parametrize(
    ("text", "read"),
    [("IMSS ", "imss"), ("poder-judicial-2", "poder-judicial-2"), ("a--b", None), ("-a", None), ("año", None)],
)
def test_a_typed_key(text: str, read: str | None) -> None:
    assert read_slug(text) == read


def test_the_word_of_the_registry_page_is_no_key() -> None:
    assert read_slug("nueva") is None


def test_area_keys_are_those_of_rosters() -> None:
    assert area_key("Dirección  de Área", "Nómina") == "DIRECCION DE AREA / NOMINA"


def test_a_curp_half_covered_keeps_no_birth_date() -> None:
    assert mask_curp("XEXX010101MNEXXXA4") == "XEXX••••••••••••A4"


def test_a_name_is_cleaned_and_its_parts_told_apart() -> None:
    assert read_name("MARÍA  JOSÉ", "de la cruz", "") == Name("María José", "de la Cruz", None)
    assert read_name(" ", "Cruz", "") == NameFault("given_names", "name_empty")
    assert read_name("Ana", "", "") == NameFault("first_surname", "surname_empty")
    assert read_name("Ana", "Cruz", "L0pez") == NameFault("second_surname", "name_sign", (("sign", "0"),))
