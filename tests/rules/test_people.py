"""CURP, e-mail, telephone, employee number and places."""

import random
from datetime import date, timedelta

import pytest
from stdnum.mx import curp as oracle

from lms.rules.people import (
    ENTITIES,
    STATES,
    Curp,
    CurpFault,
    read_curp,
    read_email,
    read_employee_number,
    read_phone,
    read_state,
)
from lms.rules.people import curp_check_digit as check_digit

SAMPLES = ("BOXW310820HNERXN09", "HEGG560427MVZRRL04")


def made(random_: random.Random) -> str:
    """A well-formed key of nobody."""
    consonants = "BCDFGHJKLMNPQRSTVWXYZ"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    born = date(1930, 1, 1) + timedelta(days=random_.randrange(33_000))
    body = (
        random_.choice(letters)
        + random_.choice("AEIOUX")
        + random_.choice(letters)
        + random_.choice("QWZ")  # the oracle also refuses a list of rude words; none ends so
        + born.strftime("%y%m%d")
        + random_.choice("HM")
        + random_.choice(sorted(ENTITIES))
        + "".join(random_.choice(consonants) for _ in range(3))
        + (random_.choice("0123456789") if born.year < 2000 else random_.choice("ABCDEFGHIJ"))
    )
    return body + str(check_digit(body))


@pytest.mark.parametrize("sample", SAMPLES)
def test_published_samples_are_read(sample: str) -> None:
    result = read_curp(sample)
    assert isinstance(result, Curp)
    assert result.check_digit_ok


def test_what_a_curp_says() -> None:
    result = read_curp("HEGG560427MVZRRL04")
    assert result == Curp("HEGG560427MVZRRL04", "M", date(1956, 4, 27), "VZ", True)
    later = read_curp("BOXW310820HNERXNA" + str(check_digit("BOXW310820HNERXNA")))
    assert isinstance(later, Curp)
    assert (later.born.year, later.entity) == (2031, "NE")


@pytest.mark.parametrize(
    "typed",
    [
        "hegg560427mvzrrl04", "  HEGG560427MVZRRL04\u00a0", "HEGG-560427-MVZ-RRL-04", "HEGG 560427 MVZRRL 04",
        "\u200bHEGG560427MVZRRL04",
    ],
)  # fmt: skip
def test_copied_remains_are_forgiven(typed: str) -> None:
    result = read_curp(typed)
    assert isinstance(result, Curp)
    assert result.value == "HEGG560427MVZRRL04"


def test_a_wrong_check_digit_is_not_a_refusal() -> None:
    result = read_curp("HEGG560427MVZRRL05")
    assert isinstance(result, Curp)
    assert not result.check_digit_ok


def test_sex_x_is_read() -> None:
    result = read_curp("HEGG560427XVZRRL0" + str(check_digit("HEGG560427XVZRRL0")))
    assert isinstance(result, Curp)
    assert result.sex == "X"


@pytest.mark.parametrize(
    ("typed", "code", "params"),
    [
        ("", "curp_empty", {}),
        ("HEGG560427MVZRRL0", "curp_short", {"has": 17}),
        ("HEGG560427MVZRRL044", "curp_long", {"has": 19}),
        ("HEGG560427AB1", "curp_is_rfc", {"has": 13}),
        ("HEGG56O427MVZRRL04", "curp_digit", {"position": 7, "char": "O"}),
        ("0EGG560427MVZRRL04", "curp_letter", {"position": 1, "char": "0"}),
        ("HBGG560427MVZRRL04", "curp_vowel", {"position": 2, "char": "B"}),
        ("HEGG560427MVZARL04", "curp_consonant", {"position": 14, "char": "A"}),
        ("HEGG560427MVZÑRL04", "curp_enye", {"position": 14, "char": "Ñ"}),
        ("HEGG560427FVZRRL04", "curp_sex", {"position": 11, "char": "F"}),
        ("HEGG560427MZZRRL04", "curp_entity", {"entity": "ZZ"}),
        ("HEGG560231MVZRRL04", "curp_date", {"date": "560231"}),
        ("HEGG560427MVZRRL0X", "curp_digit", {"position": 18, "char": "X"}),
    ],
)
def test_faults_say_what_and_where(typed: str, code: str, params: dict[str, str | int]) -> None:
    result = read_curp(typed)
    assert isinstance(result, CurpFault)
    assert (result.code, dict(result.params)) == (code, params)


def test_leap_days_follow_the_century_of_the_17th_character() -> None:
    assert isinstance(read_curp("HEGG000229MVZRRLA0"), Curp)  # 29 February 2000
    assert isinstance(read_curp("HEGG000229MVZRRL00"), CurpFault)  # 1900 had none


def test_a_birth_still_to_come_is_a_fault_when_today_is_known() -> None:
    result = read_curp("HEGG560427MVZRRLA0", today=date(2026, 4, 1))
    assert isinstance(result, CurpFault)
    assert result.code == "curp_future"


def test_agrees_with_the_oracle_on_well_formed_keys() -> None:
    random_ = random.Random(7)
    for _ in range(3_000):
        key = made(random_)
        result = read_curp(key)
        assert isinstance(result, Curp), key
        assert result.check_digit_ok
        assert oracle.is_valid(key), key
        assert (result.born, result.sex) == (oracle.get_birth_date(key), {"M": "H", "F": "M"}[oracle.get_gender(key)])


def test_accepts_nothing_the_oracle_refuses_after_one_change() -> None:
    # The oracle is looser (vowels among the consonants), so it bounds us from one side only.
    random_ = random.Random(8)
    for _ in range(3_000):
        key = list(made(random_))
        key[random_.randrange(18)] = random_.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        result = read_curp("".join(key))
        if isinstance(result, Curp) and result.check_digit_ok and result.sex != "X" and key[1] != "X":
            assert oracle.is_valid("".join(key)), "".join(key)


def test_there_are_33_entities_and_32_states() -> None:
    assert (len(ENTITIES), len(STATES)) == (33, 32)
    assert "NE" not in STATES


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("CDMX", "DF"), ("Ciudad de México", "DF"), ("D.F.", "DF"), ("09 Ciudad de México", "DF"), ("Edo. Méx.", "MC"),
        ("México", "MC"), ("Estado de México", "MC"), ("Nuevo León", "NL"), ("NUEVO LEON", "NL"), ("Q. Roo", "QR"),
        ("Estado de Puebla", "PL"), ("Michoacán de Ocampo", "MN"), ("B.C.S.", "BS"), ("Activo", None), ("", None),
    ],
)  # fmt: skip
def test_states_as_people_write_them(written: str, code: str | None) -> None:
    assert read_state(written) == code


def test_every_state_is_found_by_its_name_and_code() -> None:
    assert {read_state(name) for name in STATES.values()} == set(STATES)
    assert [read_state(code) for code in STATES] == list(STATES)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ana@IMSS.gob.mx;", "ana@imss.gob.mx"), ("mailto:a.b@x.mx", "a.b@x.mx"), ("Ana <ana@x.com>", "ana@x.com"),
        ("\u00a0ana @x.mx\u200b", "ana@x.mx"), ("ana@x", None), ("a b@x.mx", None), ("ana@x..mx", None),
        ("ana@x.mx\r\nBcc: b@y.mx", None), ("ñ@x.mx", None), ("a@" + "x" * 250 + ".mx", None),
    ],
)  # fmt: skip
def test_emails(written: str, read: str | None) -> None:
    assert read_email(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("55 1234 5678", "+525512345678"), ("+52 1 (55) 1234-5678", "+525512345678"), ("5512345678.0", "+525512345678"),
        ("044 55 1234 5678", "+525512345678"), ("5512345678 ext. 12", "+525512345678"), ("123", None),
        ("5512345678 / 5587654321", "+525512345678"), ("+1 415 555 0100", None), ("0012345678", None),
    ],
)  # fmt: skip
def test_telephones(written: str, read: str | None) -> None:
    assert read_phone(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [("00123", "00123"), ("123.0", "123"), (" A-12 ", "A-12"), ("1.23457E+11", None), ("'0012", "0012")],
)
def test_employee_numbers_stay_text(written: str, read: str | None) -> None:
    assert read_employee_number(written) == read
