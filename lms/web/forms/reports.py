"""The filters of follow-up: words of the URL, the same for the page, its export and its reminders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.validators import Length

from lms.queries.reports import Choice
from lms.queries.reports_rows import Mark, Order, Wanted
from lms.rules.enrolments import Status
from lms.web.forms.base import BaseForm

STATES = {
    "sin-entrar": Status.NOT_ENTERED,
    "en-curso": Status.IN_PROGRESS,
    "acredito": Status.COMPLETED,
    "vencio": Status.OVERDUE,
}
MARKS = {"apoyo": Mark.SUPPORT, "sin-correo": Mark.NO_EMAIL, "dejo": Mark.LEFT}
ORDERS = {"nombre": Order.NAME, "area": Order.AREA, "estado": Order.STATE, "fecha": Order.DUE}


class FilterForm(BaseForm):
    """Which people, and in which order. A value outside its list is a fault, never a wider list."""

    text = StringField(
        "Nombre, CURP o número de empleado", [Length(max=100, message="Busca con menos palabras.")], name="q"
    )
    institution = SelectField("Institución", name="institucion", default="")
    course = SelectField("Curso", name="curso", default="")
    area = SelectField("Área", name="area", default="")
    state = SelectField(
        "Estado",
        name="estado",
        default="",
        choices=[
            ("", "Todos"),
            ("sin-entrar", "Sin entrar"),
            ("en-curso", "En curso"),
            ("acredito", "Acreditó"),
            ("vencio", "Venció el plazo"),
        ],
    )
    mark = SelectField(
        "Además",
        name="ademas",
        default="",
        choices=[
            ("", "Trabaja hoy"),
            ("apoyo", "Necesita apoyo"),
            ("sin-correo", "Sin entrar y sin correo"),
            ("dejo", "Dejó la institución"),
        ],
    )
    order = SelectField(
        "Orden",
        name="orden",
        default="nombre",
        choices=[("nombre", "Nombre"), ("area", "Área"), ("estado", "Estado"), ("fecha", "Fecha límite")],
    )
    person = StringField(name="persona", validators=[Length(max=16)])

    def __init__(
        self,
        given: Mapping[str, str],
        institutions: Sequence[Choice],
        courses: Sequence[Choice],
        areas: Sequence[Choice],
    ) -> None:
        # A field that is not in the URL keeps its default, so that a bare page is a valid one.
        names = ("q", "institucion", "curso", "area", "estado", "ademas", "orden", "persona")
        super().__init__(MultiDict({name: given[name] for name in names if given.get(name)}))
        several = len({area.group for area in areas}) > 1
        self.institution.choices = [("", "Todas"), *((one.value, one.label) for one in institutions)]
        self.course.choices = [("", "Todos"), *((one.value, one.label) for one in courses)]
        self.area.choices = [("", "Todas"), *((one.value, _area(one, several)) for one in areas)]

    def wanted(self) -> Wanted:
        """Return what the filters ask for. Only for a form that is valid."""
        return Wanted(
            institution=self.institution.data or None,
            course=self.course.data or None,
            area=self.area.data or None,
            state=STATES.get(self.state.data),
            mark=MARKS.get(self.mark.data),
            text=self.text.data or "",
            person=self.person.data or None,
            order=ORDERS[self.order.data],
        )

    @property
    def filtered(self) -> bool:
        """Whether something besides the text narrows or orders the list."""
        return bool(self.words().keys() - {self.text.name})

    def words(self) -> dict[str, Any]:
        """Return the filters that say something, as words of a URL."""
        return {field.name: field.data for field in self if field.data and field.data != field.default}

    def codes(self) -> dict[str, str]:
        """Return the filters for the audit: nothing a person typed, only that something was."""
        kept = {name: value for name, value in self.words().items() if name not in {"q", "persona"}}
        return kept | ({"q": "…"} if self.text.data else {})


def _area(area: Choice, several: bool) -> str:
    name = "\u2003" * area.depth + area.label
    return f"{area.group} · {name}" if several else name
