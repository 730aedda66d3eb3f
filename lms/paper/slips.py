"""Slips with one-time codes for people without e-mail: letter sheets of eight, cut along the dashed lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lms.paper.fonts import BOLD, DRAWING, MONO, REGULAR
from lms.paper.qr import qr_matrix
from lms.paper.sheets import GREY, GUINDA, INK, LETTER, Sheet
from lms.paper.wording import clean_line, fit, grouped, long_date, wrap


@dataclass(frozen=True)
class Slip:
    """One person's slip. `code` works once and until the end of `valid_until`; the other two may be empty."""

    full_name: str
    code: str
    valid_until: date
    employee_number: str = ""
    area: str = ""


_COLUMNS, _ROWS = 2, 4
_WIDE, _HIGH = LETTER[0] / _COLUMNS, LETTER[1] / _ROWS
_PAD = 22.0
_QR_SIDE = 76.0


def slips_pdf(slips: Sequence[Slip], *, institution: str, course: str, url: str) -> bytes:
    """Sheets of slips in the order given. `url` + code is the address each QR opens.

    Raises ValueError when there are no slips or an address is too long for a QR (412 bytes).
    """
    if not slips:
        raise ValueError("no slips to print")
    with DRAWING:
        sheet = Sheet(
            title=f"Códigos de acceso: {course}",
            author=institution,
            subject="Hojas para recortar y entregar en mano",
            on=max(slip.valid_until for slip in slips),
            size=LETTER,
        )
        heading = f"{clean_line(institution)} · {clean_line(course)}"
        for number, slip in enumerate(slips):
            place = number % (_COLUMNS * _ROWS)
            if number and not place:
                sheet.page()
            if not place:
                _cut_lines(sheet)
            row, column = divmod(place, _COLUMNS)
            _slip(sheet, slip, heading, url, left=column * _WIDE, top=LETTER[1] - row * _HIGH)
        return sheet.finish()


def _cut_lines(sheet: Sheet) -> None:
    sheet.canvas.setStrokeColor(GREY)
    sheet.canvas.setLineWidth(0.4)
    sheet.canvas.setDash(3, 3)
    for column in range(1, _COLUMNS):
        sheet.canvas.line(column * _WIDE, 0, column * _WIDE, LETTER[1])
    for row in range(1, _ROWS):
        sheet.canvas.line(0, row * _HIGH, LETTER[0], row * _HIGH)
    sheet.canvas.setDash()


def _slip(sheet: Sheet, slip: Slip, heading: str, url: str, *, left: float, top: float) -> None:
    x, room = left + _PAD, _WIDE - 2 * _PAD
    for line in _at_most(1, heading, REGULAR, room, 7.5):
        sheet.text(x, top - 26, line, REGULAR, 7.5, color=GREY)
    name = fit(clean_line(slip.full_name), BOLD, room, [(1, 12, 10), (2, 10, 7)])
    y = top - 29
    for line in _at_most(2, clean_line(slip.full_name), BOLD, room, name.size):
        y -= name.size * 1.2
        sheet.text(x, y, line, BOLD, name.size)
    number = f"Núm. {clean_line(slip.employee_number)}" if slip.employee_number.strip() else ""
    about = " · ".join(part for part in (number, clean_line(slip.area)) if part)
    for line in _at_most(1, about, REGULAR, room, 8):
        sheet.text(x, y - 11.5, line, REGULAR, 8, color=GREY)
    beside_qr = room - _QR_SIDE - 12
    _code(sheet, slip, x, top - 112, beside_qr)
    _steps(sheet, slip, url, x, top - 129, beside_qr)
    sheet.qr(qr_matrix(url + slip.code), x + room - _QR_SIDE, top - 172, _QR_SIDE)


def _at_most(most: int, words: str, font: str, room: float, size: float) -> tuple[str, ...]:
    """The words on so many lines, shortened with «…» when they do not fit; no line for no words."""
    lines = wrap(words, font, size, room) if words else ()
    if len(lines) <= most:
        return lines
    kept = wrap(words, font, size, room - size)[:most]
    return (*kept[:-1], kept[-1] + "…")


def _code(sheet: Sheet, slip: Slip, x: float, y: float, room: float) -> None:
    code = fit(grouped(clean_line(slip.code)), MONO, room, [(1, 21, 8)])
    sheet.text(x, y + 20, "Tu código, para una sola vez", REGULAR, 8, color=GREY)
    sheet.text(x, y, code.lines[0], MONO, code.size, color=GUINDA)


def _steps(sheet: Sheet, slip: Slip, url: str, x: float, y: float, room: float) -> None:
    address = clean_line(url).removeprefix("https://").removeprefix("http://")
    sheet.text(x, y, f"Vale hasta el {long_date(slip.valid_until)}.", BOLD, 8)
    y -= 3.5
    steps = (
        "1. Lee el QR con tu teléfono, o escribe",
        f"{address} y el código.",
        "2. Confirma tu nombre y crea tu contraseña.",
        "3. Empieza: tu avance se guarda.",
    )
    for step in steps:
        for line in wrap(step, REGULAR, 8, room):
            y -= 10.5
            sheet.text(x, y, line, REGULAR, 8, color=INK)
