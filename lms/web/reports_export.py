"""A list of people as a file to take away: the rows of the page, and only the columns HR may have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from flask import Flask, Response, current_app

from lms.paper.lists import Cell, csv_bytes, xlsx_bytes
from lms.queries.reports import PersonRow
from lms.rules.enrolments import mexico_date
from lms.texts.sentences import sentence

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
HEADER = (
    "Nombre",
    "Primer apellido",
    "Segundo apellido",
    "Número de empleado",
    "Institución",
    "Área",
    "Curso",
    "Estado",
    "Necesita apoyo",
    "Fecha límite",
    "Acreditó el",
    "Dejó la institución el",
)


def cells(row: PersonRow) -> tuple[Cell, ...]:
    """Return a row as the file shows it."""
    return (
        row.given_names,
        row.first_surname,
        row.second_surname,
        row.employee_number,
        row.institution,
        row.area,
        row.course,
        sentence(f"status_{row.status}").capitalize(),
        "Sí" if row.needs_support else "",
        row.due_on,
        mexico_date(row.completed_at) if row.completed_at else None,
        row.left_on,
    )


def download(form: str, found: Iterable[PersonRow], today: date) -> Response:
    """Answer with the rows as a file of `form` (csv or xlsx); a CSV leaves while it is being read."""
    lines: Iterator[tuple[Cell, ...]] = (cells(row) for row in found)
    body: bytes | Iterator[bytes]
    if form == "csv":
        body = _in_parts(current_app._get_current_object(), csv_bytes(HEADER, lines))  # type: ignore[attr-defined]
    else:
        body = xlsx_bytes(HEADER, lines, "Personas")
    answer = Response(body, content_type=FORMS[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="personas-{today}.{form}"'
    return answer


def _in_parts(app: Flask, parts: Iterator[bytes]) -> Iterator[bytes]:
    """Read each part in an application context of its own: the one of the request ends before the first byte leaves."""
    while True:
        with app.app_context():
            part = next(parts, None)
        if part is None:
            return
        yield part
