"""What identifies a person: CURP, e-mail, telephone, employee number. Names, places and passwords are beside it."""

import re
from dataclasses import dataclass
from datetime import date
from operator import getitem
from typing import Final, Literal, cast

from lms.rules.people_names import (
    NAME_MAX,
    Certainty,
    NameOrder,
    SplitName,
    clean_name,
    clean_text,
    curp_mismatches,
    name_sign,
    search_name,
    split_full_name,
    split_surnames,
)
from lms.rules.people_passwords import (
    PASSWORD_MAX,
    PASSWORD_MIN,
    PasswordFault,
    normalise_password,
    password_fault,
)
from lms.rules.people_places import ENTITIES, STATES, read_state

__all__ = [
    "ENTITIES",
    "NAME_MAX",
    "PASSWORD_MAX",
    "PASSWORD_MIN",
    "STATES",
    "Certainty",
    "Curp",
    "CurpFault",
    "NameOrder",
    "PasswordFault",
    "SplitName",
    "clean_name",
    "clean_text",
    "curp_mismatches",
    "name_sign",
    "normalise_password",
    "password_fault",
    "read_curp",
    "read_email",
    "read_employee_number",
    "read_phone",
    "read_state",
    "search_name",
    "split_full_name",
    "split_surnames",
]

Sex = Literal["H", "M", "X"]


@dataclass(frozen=True, slots=True)
class Curp:
    """A well-formed key. `entity` is the place of birth; a wrong check digit is worth a warning, never a refusal."""

    value: str
    sex: Sex
    born: date
    entity: str
    check_digit_ok: bool


@dataclass(frozen=True, slots=True)
class CurpFault:
    """Why a text is not a CURP: a code of the catalogue and its parameters."""

    code: str
    params: tuple[tuple[str, str | int], ...] = ()


_CURP = re.compile(
    r"([A-Z][AEIOUX][A-Z]{2})([0-9]{2})([0-9]{2})([0-9]{2})([HMX])"
    r"(A[S]|B[CS]|C[CLMSH]|D[FG]|G[TR]|HG|JC|M[CNS]|N[TLE]|OC|PL|Q[TR]|S[PLR]|T[CSL]|VZ|YN|ZS)"
    r"[B-DF-HJ-NP-TV-Z]{3}([0-9A-Z])([0-9])"
)
_RFC = re.compile(r"[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}")
_DASHES_AND_BLANKS = re.compile(r"[\s\u00a0\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2069\ufeff._/-]+")

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
# One table per position: character → value × weight (18 … 2), so the sum is a single pass.
_WEIGHTED: Final = tuple({char: i * weight for i, char in enumerate(_ALPHABET)} for weight in range(18, 1, -1))

_LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS: Final = frozenset("0123456789")
_CONSONANTS: Final = _LETTERS - frozenset("AEIOU")
_POSITIONS: Final = (
    (_LETTERS, "curp_letter"),
    (frozenset("AEIOUX"), "curp_vowel"),
    (_LETTERS, "curp_letter"),
    (_LETTERS, "curp_letter"),
    *(((_DIGITS, "curp_digit"),) * 6),
    (frozenset("HMX"), "curp_sex"),
    (_LETTERS, "curp_letter"),
    (_LETTERS, "curp_letter"),
    *(((_CONSONANTS, "curp_consonant"),) * 3),
    (_LETTERS | _DIGITS, "curp_letter"),
    (_DIGITS, "curp_digit"),
)


def curp_check_digit(value: str) -> int:
    """The digit that the first 17 characters call for (0–9)."""
    return (10 - sum(map(getitem, _WEIGHTED, value)) % 10) % 10


def _curp_fault(value: str) -> CurpFault:
    if not value:
        return CurpFault("curp_empty")
    if _RFC.fullmatch(value) and len(value) < 18:
        return CurpFault("curp_is_rfc", (("has", len(value)),))
    if len(value) != 18:
        return CurpFault("curp_long" if len(value) > 18 else "curp_short", (("has", len(value)),))
    for index, (char, (allowed, code)) in enumerate(zip(value, _POSITIONS, strict=True)):
        if char not in allowed:
            code = "curp_enye" if char == "Ñ" and code != "curp_digit" else code
            return CurpFault(code, (("position", index + 1), ("char", char)))
    return CurpFault("curp_entity", (("entity", value[11:13]),))


def read_curp(text: str, *, today: date | None = None) -> Curp | CurpFault:
    """Read a CURP as people type it: any case, with blanks or hyphens inside.

    Official structure (Ley General de Población art. 91; instructivo of the key): a vowel or X in second place, date,
    sex H/M/X, 33 entities, three consonants. Ñ is always written X in the key, so Ñ is a fault of its own. The 17th
    character tells the century: a digit means 19xx, a letter 20xx. With `today`, a birth after it is a fault.
    """
    match = _CURP.fullmatch(text)
    if match is None:
        text = _DASHES_AND_BLANKS.sub("", text).upper()
        match = _CURP.fullmatch(text)
        if match is None:
            return _curp_fault(text)
    _, year, month, day, sex, entity, century, check = match.groups()
    try:
        born = date((1900 if century in _DIGITS else 2000) + int(year), int(month), int(day))
    except ValueError:
        return CurpFault("curp_date", (("date", text[4:10]),))
    if today is not None and born > today:
        return CurpFault("curp_future", (("year", born.year), ("char", century)))
    return Curp(text, cast(Sex, sex), born, entity, curp_check_digit(text) == int(check))


_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64})*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}",
    re.ASCII,
)
_ANGLED = re.compile(r"<([^<>]{3,254})>")
_INVISIBLE = re.compile(r"[\s\u00a0\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


def read_email(text: str) -> str | None:
    """The address in small letters, or None when it is not one (at most 254 characters, ASCII, a domain with a dot).

    Copied remains are forgiven: "mailto:", "Ana <ana@x.mx>", blanks, a comma or semicolon at the end.
    """
    angled = _ANGLED.search(text)
    clean = _INVISIBLE.sub(" ", angled[1] if angled else text).strip(" .,;<>").lower().removeprefix("mailto:")
    clean = clean.replace(" @", "@").replace("@ ", "@")
    if len(clean) > 254 or not _EMAIL.fullmatch(clean) or len(clean.partition("@")[0]) > 64:
        return None
    return clean


_FIRST_PHONE = re.compile(r"\s*(?:ext|x\b|[/;,]|\by\b|\bo\b).*", re.IGNORECASE | re.DOTALL)
_PHONE_PREFIX = re.compile(r"(?:00)?52(?:1|01)?|044|045|01")


def read_phone(text: str) -> str | None:
    """A Mexican telephone as "+52" and ten digits, or None. Old prefixes (01, 044, 045, +52 1) and extensions go."""
    digits = "".join(c for c in _FIRST_PHONE.sub("", read_number_text(text)) if c in _DIGITS)
    if len(digits) > 10:
        prefix, digits = digits[:-10], digits[-10:]
        if not _PHONE_PREFIX.fullmatch(prefix):
            return None
    return f"+52{digits}" if len(digits) == 10 and digits[0] != "0" else None


_WHOLE_FLOAT = re.compile(r"([0-9]+)\.0+")
_EXPONENT = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)


def read_number_text(text: str) -> str:
    """A number kept as text: blanks trimmed, the ".0" that spreadsheets add taken away, leading zeros kept."""
    clean = clean_text(text).removeprefix("'")
    match = _WHOLE_FLOAT.fullmatch(clean)
    return match[1] if match else clean


def read_employee_number(text: str) -> str | None:
    """The employee number as text with its zeros; None when the spreadsheet cut it ("1.23E+11") or it exceeds 40."""
    clean = read_number_text(text)
    return None if _EXPONENT.fullmatch(clean) or len(clean) > 40 else clean
