"""Passwords nobody should be able to guess first."""

import pytest

from lms.rules.people import normalise_password, password_fault

KNOWN = ("María", "Pérez Gómez", "maria.perez@imss.gob.mx", "HEGG560427MVZRRL04", "0012345678", "Instituto del Ejemplo")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("corta9#xy", "password_short"),
        ("x" * 60 + "y z" * 30, "password_long"),
        ("HEGG560427MVZRRL04", "password_curp"),
        ("boxw310820hnerxn09", "password_curp"),
        ("mi HEGG-560427-MVZRRL-04", "password_curp"),
        ("Contraseña2026", "password_common"),
        ("p4ssw0rd1234", "password_common"),
        ("qwerty12345", "password_common"),
        ("1234567890", "password_common"),
        ("0987654321", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("abcabcabcabc", "password_common"),
        ("Mexico20262026!", "password_common"),
        ("mujeres2026", "password_context"),
        ("Aula2026!!", "password_context"),
        ("mariaperez1980", "password_context"),
        ("M4r14P3r3z!!", "password_context"),
        ("imss-ejemplo-26", "password_context"),
        ("0012345678", "password_context"),
    ],
)
def test_refused(password: str, code: str) -> None:
    fault = password_fault(password, KNOWN)
    assert fault is not None
    assert fault.code == code


@pytest.mark.parametrize(
    "password",
    ["caballo lluvia verde", "tres tristes tigres", "aulaconcaballosverdes", "ñandúes bajo el sol", "k7Qw9zRt2m"],
)
def test_accepted(password: str) -> None:
    assert password_fault(password, KNOWN) is None


def test_lengths_are_counted_after_normalising() -> None:
    assert normalise_password("ﬁn de otoño") == normalise_password("fin de oton\u0303o")
    assert password_fault("n\u0303" * 5 + "abcd") is not None  # ten marks, nine characters
