"""What staff may see and type of a person: her name taken apart, and her CURP half covered."""

from dataclasses import dataclass
from typing import Final

from lms.rules.people import NAME_MAX, clean_name, name_sign

_SHOWN_FIRST: Final = 4
_SHOWN_LAST: Final = 2


def mask_curp(curp: str) -> str:
    """The CURP with its birth date, sex and birthplace covered: enough to compare it with a document in the hand."""
    covered = len(curp) - _SHOWN_FIRST - _SHOWN_LAST
    return curp[:_SHOWN_FIRST] + "•" * covered + curp[-_SHOWN_LAST:]


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it will be printed; `second_surname` None when there is none."""

    given: str
    first_surname: str
    second_surname: str | None


@dataclass(frozen=True, slots=True)
class NameFault:
    """What is wrong with a part of a name: a code of the catalogue and its parameters."""

    field: str
    code: str
    params: tuple[tuple[str, str | int], ...] = ()


def read_name(given: str, first_surname: str, second_surname: str) -> Name | NameFault:
    """Read a name typed by hand. Faults: an empty part (the second surname may be), a sign no name has, too long."""
    parts = {
        "given_names": clean_name(given, starts=True),
        "first_surname": clean_name(first_surname),
        "second_surname": clean_name(second_surname),
    }
    for field, empty in (("given_names", "name_empty"), ("first_surname", "surname_empty")):
        if not parts[field]:
            return NameFault(field, empty)
    for field, text in parts.items():
        sign = name_sign(text)
        if sign:
            return NameFault(field, "name_sign", (("sign", sign),))
        if len(text) > NAME_MAX:
            return NameFault(field, "name_long", (("has", len(text)), ("maximum", NAME_MAX)))
    return Name(parts["given_names"], parts["first_surname"], parts["second_surname"] or None)
