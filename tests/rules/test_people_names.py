"""Names as Mexico writes them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.people import clean_name, curp_mismatches, name_sign, search_name, split_full_name, split_surnames


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("DE LA CRUZ", "de la Cruz"),
        ("  PÉREZ\u00a0 LÓPEZ ", "Pérez López"),
        ("O'FARRILL", "O'Farrill"),
        ("k'awil", "K'awil"),
        ("TSꞌUNUN", "Tsꞌunun"),
        ("PÉREZ-GÓMEZ", "Pérez-Gómez"),
        ("MCGREGOR", "McGregor"),
        ("MUÑOZ", "Muñoz"),
        ("GÜEMES", "Güemes"),
        ("MA. LUISA", "Ma. Luisa"),
        ("JUAN III", "Juan III"),
        ("de la O", "de la O"),
        ("van der Berg", "van der Berg"),
        ("A\u0301LVAREZ", "Álvarez"),
        ("ANA\u202e\u200b\x00", "Ana"),
        ("O´HARA", "O'Hara"),
    ],
)
def test_clean_name(written: str, clean: str) -> None:
    assert clean_name(written) == clean


def test_given_names_open_with_a_capital() -> None:
    assert clean_name("DE JESÚS", starts=True) == "De Jesús"
    assert clean_name("MARÍA DE LOS ÁNGELES", starts=True) == "María de los Ángeles"


@given(st.text(max_size=60))
def test_cleaning_is_stable_and_leaves_nothing_invisible(text: str) -> None:
    clean = clean_name(text)
    assert clean_name(clean) == clean
    assert not any(unicodedata.category(char) in ("Cc", "Cf") for char in clean)
    assert "  " not in clean


def test_search_name() -> None:
    assert search_name("Ñusta", "  de la O'Farrill-Güemes", None, "TSꞌunun") == "NUSTA DE LA OFARRILL GUEMES TSUNUN"


@pytest.mark.parametrize(("name", "sign"), [("MU?OZ", "?"), ("Pérez 2", "2"), ("=HYPERLINK", "="), ("O'Hara-Ñ.", None)])
def test_signs_no_name_carries(name: str, sign: str | None) -> None:
    assert name_sign(name) == sign


@pytest.mark.parametrize(
    ("text", "curp", "parts"),
    [
        ("PEREZ LOPEZ JUAN CARLOS", "PELJ800101HDFRPN09", ("JUAN CARLOS", "PEREZ", "LOPEZ")),
        ("JUAN CARLOS PEREZ LOPEZ", "PELJ800101HDFRPN09", ("JUAN CARLOS", "PEREZ", "LOPEZ")),
        (
            "DE LA CRUZ MONTES DE OCA MARIA DE LOS ANGELES",
            "CUMA800101MDFRNN09",
            ("MARIA DE LOS ANGELES", "DE LA CRUZ", "MONTES DE OCA"),
        ),
        (
            "MARIA DE LOS ANGELES DE LA CRUZ MONTES DE OCA",
            "CUMA800101MDFRNN09",
            ("MARIA DE LOS ANGELES", "DE LA CRUZ", "MONTES DE OCA"),
        ),
        ("ANA PEREZ", "PEXA800101MDFRXN01", ("ANA", "PEREZ", "")),
        ("PEREZ ANA", "PEXA800101MDFRXN01", ("ANA", "PEREZ", "")),
    ],
)
def test_the_curp_tells_which_words_are_surnames(text: str, curp: str, parts: tuple[str, str, str]) -> None:
    split = split_full_name(text, curp=curp)
    assert (split.given, split.first_surname, split.second_surname, split.certainty) == (*parts, "sure")


def test_without_curp_the_title_of_the_column_decides() -> None:
    first = split_full_name("PEREZ LOPEZ ANA MARIA", hint="surnames_first")
    given_first = split_full_name("ANA MARIA PEREZ LOPEZ", hint="given_first")
    assert first == given_first
    assert (first.given, first.certainty) == ("ANA MARIA", "likely")
    assert split_full_name("PEREZ LOPEZ ANA").certainty == "guess"


def test_a_comma_decides() -> None:
    split = split_full_name("Pérez López, Ana")
    assert (split.given, split.first_surname, split.second_surname) == ("Ana", "Pérez", "López")


def test_one_column_with_both_surnames() -> None:
    split = split_surnames("DE LA CRUZ MONTES DE OCA", "ANGELES", curp="CUMA800101MDFRNN09")
    assert (split.first_surname, split.second_surname) == ("DE LA CRUZ", "MONTES DE OCA")


def test_initials_against_the_curp() -> None:
    assert curp_mismatches("HEGG560427MVZRRL04", "María Gloria", "Hernández", "García") == ()
    assert curp_mismatches("HEGG560427MVZRRL04", "Gloria", "Hernández", "") == ("second_surname",)
    assert curp_mismatches("HEGG560427MVZRRL04", "Ana", "Pérez", "García") == ("first_surname", "given")
    assert curp_mismatches("XUAG560427MVZRRL04", "Gloria", "Ñuñez", "Avila") == ()
