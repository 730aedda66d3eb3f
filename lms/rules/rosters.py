"""Reading a roster: one row of cells in, one person with faults and warnings out; and people who appear twice.

A *fault* keeps the row from running; a *warning* is said and the row runs. What only costs a detail (a bad e-mail, an
unknown state) is a warning, so that nobody stays without her course for it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from lms.rules import people
from lms.rules.people import Curp, CurpFault
from lms.rules.rosters_header import (
    HEADER_ROWS,
    Field,
    Header,
    HeaderFault,
    column_letters,
    find_header,
    header_key,
)

__all__ = [
    "HEADER_ROWS",
    "TEXT_MAX",
    "Field",
    "Header",
    "HeaderFault",
    "Row",
    "RowFault",
    "Seen",
    "column_letters",
    "find_header",
    "read_row",
    "repeat_of",
]

TEXT_MAX: Final = 200
"""Longest area, job or function, in characters."""

_VALUE_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class RowFault:
    """Something about one cell: the row the spreadsheet shows, the column's title as in the file, the cell's text.

    The sentence of `code` may use {row}, {column}, {value} and the parameters.
    """

    row: int
    column: str
    value: str
    code: str
    params: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the file, as it would be stored. Optional parts are "" when the file does not say."""

    number: int
    curp: Curp | None
    given: str
    first_surname: str
    second_surname: str
    email: str
    phone: str
    employee_number: str
    area: str
    parent_area: str
    state: str
    job: str
    function: str
    faults: tuple[RowFault, ...]
    warnings: tuple[RowFault, ...]


_EMPTY: Final = frozenset(
    {"", "-", "--", "---", ".", "*", "/", "n/a", "s/d", "s/n", "s/c", "#n/a", "null", "none", "ninguno", "ninguna",
     "no tiene", "no aplica", "sin correo", "sin dato", "sin datos", "sin telefono", "sin teléfono", "sin numero",
     "sin número", "no disponible", "pendiente"}
)  # fmt: skip
_NO_SURNAME: Final = _EMPTY | {"x", "xx", "xxx", "sin apellido", "no aplica"}
_NOTE = re.compile(
    r"(?:sub)?total(?:es)?\b|gran total|suma\b|elaboro|autorizo|reviso|vo bo\b|fuente\b|notas?\b|pagina \d|fecha de|"
    r"fin de|observaciones|firma"
)


class _Reader:
    """One row being read: gives cells by field and gathers what is said about them."""

    def __init__(self, header: Header, number: int, cells: Sequence[str]) -> None:
        self.header, self.number, self.cells = header, number, cells
        self.faults: list[RowFault] = []
        self.warnings: list[RowFault] = []

    def cell(self, field: Field) -> str:
        index = self.header.columns.get(field)
        return "" if index is None or index >= len(self.cells) else people.clean_text(self.cells[index])

    def optional(self, field: Field) -> str:
        text = self.cell(field)
        return "" if text.lower() in _EMPTY else text

    def note(self, field: Field, code: str, params: tuple[tuple[str, str | int], ...] = ()) -> RowFault:
        value = self.cell(field)
        shown = value if len(value) <= _VALUE_SHOWN else value[: _VALUE_SHOWN - 1] + "…"
        return RowFault(self.number, self.header.title(field), shown, code, params)

    def fault(self, field: Field, code: str, *params: tuple[str, str | int]) -> None:
        self.faults.append(self.note(field, code, params))

    def warn(self, field: Field, code: str, *params: tuple[str, str | int]) -> None:
        self.warnings.append(self.note(field, code, params))


def _is_not_a_person(reader: _Reader) -> bool:
    """Blank rows, totals, signatures at the foot, and the header printed again on each page."""
    filled = [text for cell in reader.cells if (text := people.clean_text(cell))]
    if not filled:
        return True
    curp = reader.cell("curp")
    if sum(char.isdigit() for char in curp) >= 5 and not _NOTE.match(header_key(curp)):
        return False
    if header_key(curp) == header_key(reader.header.title("curp")):
        return True
    names = any(reader.cell(field) for field in ("given", "first_surname", "surnames", "full_name"))
    if not curp and not names and len(filled) <= 2:
        return True
    return bool(_NOTE.match(header_key(filled[0]))) and len(filled) <= 3


def _read_curp(reader: _Reader, today: date | None) -> Curp | None:
    result = people.read_curp(reader.cell("curp"), today=today)
    if isinstance(result, CurpFault):
        reader.fault("curp", f"row_{result.code}", *result.params)
        return None
    if not result.check_digit_ok:
        reader.warn("curp", "row_curp_check_digit")
    return result


def _split_names(reader: _Reader, curp: Curp | None) -> tuple[str, str, str]:
    """given, first and second surname as the file says, taken apart where one column holds several."""
    columns = reader.header.columns
    value = curp.value if curp else None
    if "full_name" in columns:
        text = reader.optional("full_name")
        split = people.split_full_name(text, hint=reader.header.name_order, curp=value)
        if split.certainty == "guess" and split.first_surname:
            reader.warn("full_name", "row_name_order", ("given", split.given), ("surname", split.first_surname))
        return split.given, split.first_surname, split.second_surname
    if "first_surname" not in columns:
        split = people.split_surnames(reader.optional("surnames"), reader.optional("given"), curp=value)
        return split.given, split.first_surname, split.second_surname
    second = reader.cell("second_surname")
    first = reader.optional("first_surname")
    second = "" if second.lower() in _NO_SURNAME else second
    return (reader.optional("given"), first, second) if first else (reader.optional("given"), second, "")


def _name_field(reader: _Reader, field: Field) -> Field:
    """The column that really holds this part."""
    columns = reader.header.columns
    if "full_name" in columns:
        return "full_name"
    return "surnames" if field != "given" and "first_surname" not in columns else field


def _read_names(reader: _Reader, curp: Curp | None) -> tuple[str, str, str]:
    raw_given, raw_first, raw_second = _split_names(reader, curp)
    given = people.clean_name(raw_given, starts=True)
    first, second = people.clean_name(raw_first), people.clean_name(raw_second)
    parts: tuple[tuple[Field, str], ...] = (("given", given), ("first_surname", first), ("second_surname", second))
    for field, text in parts:
        column = _name_field(reader, field)
        sign = people.name_sign(text)
        if not text and field != "second_surname":
            reader.fault(column, "row_name_empty" if field == "given" else "row_surname_empty")
        elif sign:
            reader.fault(column, "row_name_sign", ("sign", sign))
        elif len(text) > people.NAME_MAX:
            reader.fault(column, "row_name_long", ("has", len(text)), ("maximum", people.NAME_MAX))
    if curp and not reader.faults:
        _compare_with_curp(reader, curp, given, first, second)
    return given, first, second


def _compare_with_curp(reader: _Reader, curp: Curp, given: str, first: str, second: str) -> None:
    differing = people.curp_mismatches(curp.value, given, first, second)
    if differing == ("second_surname",) and not second:
        reader.warn(_name_field(reader, "second_surname"), "row_second_surname_missing", ("letter", curp.value[2]))
    elif differing:
        name = " ".join(filter(None, (given, first, second)))
        reader.warn("curp", "row_curp_other_name", ("name", name), ("letters", curp.value[:4]))


def _read_contact(reader: _Reader) -> tuple[str, str, str]:
    """e-mail, phone and employee number; what cannot be read is left out with a warning."""
    email = phone = number = ""
    if text := reader.optional("email"):
        email = people.read_email(text) or ""
        if not email:
            reader.warn("email", "row_email")
    if text := reader.optional("phone"):
        phone = people.read_phone(text) or ""
        if not phone:
            reader.warn("phone", "row_phone")
    if text := reader.optional("employee_number"):
        number = people.read_employee_number(text) or ""
        if not number:
            reader.warn("employee_number", "row_employee_number")
    return email, phone, number


def _read_text(reader: _Reader, field: Field) -> str:
    text = reader.optional(field)
    if len(text) > TEXT_MAX:
        reader.fault(field, "row_text_long", ("has", len(text)), ("maximum", TEXT_MAX))
        return ""
    return text


def _read_state(reader: _Reader) -> str:
    text = reader.optional("state")
    code = people.read_state(text) if text else None
    if text and code is None:
        reader.warn("state", "row_state")
    return code or ""


def read_row(header: Header, row_number: int, cells: Sequence[str], *, today: date | None = None) -> Row | None:
    """Read one row below the header, or None where it holds nobody (blank, total, signature, header again).

    `row_number` is the one the spreadsheet shows. A row with any fault must not run; warnings do not stop it.
    With `today`, a CURP born after it is a fault.
    """
    reader = _Reader(header, row_number, cells)
    if _is_not_a_person(reader):
        return None
    curp = _read_curp(reader, today)
    given, first, second = _read_names(reader, curp)
    email, phone, employee_number = _read_contact(reader)
    area, parent_area = _read_text(reader, "area"), _read_text(reader, "parent_area")
    job, function, state = _read_text(reader, "job"), _read_text(reader, "function"), _read_state(reader)
    return Row(
        number=row_number,
        curp=curp,
        given=given,
        first_surname=first,
        second_surname=second,
        email=email,
        phone=phone,
        employee_number=employee_number,
        area=area,
        parent_area=parent_area,
        state=state,
        job=job,
        function=function,
        faults=tuple(reader.faults),
        warnings=tuple(reader.warnings),
    )


_COMPARED: Final[Mapping[str, tuple[Field, ...]]] = {
    "given": ("given", "full_name"),
    "first_surname": ("first_surname", "surnames", "full_name"),
    "second_surname": ("second_surname", "surnames", "full_name"),
    "email": ("email",),
    "phone": ("phone",),
    "employee_number": ("employee_number",),
    "area": ("area",),
    "parent_area": ("parent_area",),
    "state": ("state",),
    "job": ("job",),
    "function": ("function",),
}


def repeat_of(header: Header, first: Row, later: Row) -> RowFault:
    """What to say of a row whose CURP already came in row `first`: the first one wins.

    Code "row_repeated" (a warning: the later row says nothing different; blanks never contradict) or
    "row_repeated_differs" (a fault: it says something else, and only a person can choose).
    """
    value = later.curp.value if later.curp else ""
    for name, fields in _COMPARED.items():
        before, after = getattr(first, name), getattr(later, name)
        if before and after and people.search_name(before) != people.search_name(after):
            title = next((header.title(field) for field in fields if field in header.columns), "")
            params = (("first_row", first.number), ("differs", title), ("before", before), ("after", after))
            return RowFault(later.number, header.title("curp"), value, "row_repeated_differs", params)
    return RowFault(later.number, header.title("curp"), value, "row_repeated", (("first_row", first.number),))


class Seen:
    """People already met in this file, while its rows stream by. Keeps one Row per CURP and one number per e-mail."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._rows: dict[str, Row] = {}
        self._emails: dict[str, int] = {}

    def check(self, row: Row) -> Row:
        """The row with what repetition adds. Rows with faults are not remembered: they will not run.

        An e-mail that another person of the file already has is left out with a warning: it opens one account only.
        """
        if row.faults or row.curp is None:
            return row
        first = self._rows.setdefault(row.curp.value, row)
        if first is not row:
            fault = repeat_of(self._header, first, row)
            if fault.code == "row_repeated":
                return replace(row, warnings=(*row.warnings, fault))
            return replace(row, faults=(fault,))
        owner = self._emails.setdefault(row.email, row.number) if row.email else row.number
        if owner != row.number:
            title = self._header.title("email")
            shared = RowFault(row.number, title, row.email, "row_email_repeated", (("first_row", owner),))
            return replace(row, email="", warnings=(*row.warnings, shared))
        return row
