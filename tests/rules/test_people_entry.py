"""Identifiers as typed, codes as copied, hashes as kept, addresses as counted."""

from __future__ import annotations

import pytest

from lms import clock
from lms.rules.people_entry import (
    Identifier,
    hash_password,
    network,
    outdated,
    password_matches,
    read_code,
    read_identifier,
    throttle_key,
    token_hash,
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Ana@Ejemplo.MX ", Identifier("email", "ana@ejemplo.mx")),
        ("xexx 700101-mnebbb-09", Identifier("curp", "XEXX700101MNEBBB09")),
        ("ana@", Identifier("other", "ana@")),
        ("000123", Identifier("other", "000123")),
        ("x" * 5000, Identifier("other", "x" * 300)),
    ],
)
def test_identifiers(typed: str, read: Identifier) -> None:
    assert read_identifier(typed) == read


def test_a_code_survives_paper() -> None:
    for _ in range(200):
        code = clock.short_code()
        spelled = f" {code[:4]} - {code[4:8]}—{code[8:]} ".lower().translate(str.maketrans("01v", "olu"))
        assert read_code(spelled) == code
        assert token_hash(spelled) == token_hash(code)
    for wrong in ("", "ABC", "ABCDEFGHJKM", "ABCDEFGHJKMNP", "ABCDEFGHJKM*"):
        assert read_code(wrong) is None


def test_a_link_keeps_its_capitals() -> None:
    link = clock.token()
    assert token_hash(link) != token_hash(link.swapcase())


def test_passwords_are_argon2id_with_the_parameters_of_owasp() -> None:
    kept = hash_password("una frase larga")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert password_matches(kept, "una frase larga")
    assert not password_matches(kept, "Una frase larga")
    assert not outdated(kept)
    assert outdated(kept.replace("t=2", "t=1"))
    assert password_matches(hash_password("cafe\u0301 con leche"), "caf\u00e9 con leche")


@pytest.mark.parametrize("password", ["", "una frase larga", "\x00" * 32])
def test_nobody_has_no_password(password: str) -> None:
    assert not password_matches(None, password)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (None, "unknown"),
        ("x", "unknown"),
    ],
)
def test_addresses_as_subscribers(address: str | None, counted: str) -> None:
    assert network(address) == counted


def test_keys_name_nobody_and_never_meet() -> None:
    keys = {
        throttle_key(secret, kind, parts)
        for secret in ("a", "b")
        for kind in ("pair", "account")
        for parts in (["x", "y"], ["xy"], ["x", "", "y"])
    }
    assert len(keys) == 12
    assert all(len(key) <= 80 for key in keys)
