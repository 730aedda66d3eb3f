"""The form every form is made from: it strips what is typed and speaks Spanish."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field

MESSAGES = {
    "This field is required.": "Falta este dato.",
    "Not a valid choice.": "Elige una de las opciones.",
    "Not a valid choice": "Elige una de las opciones.",
    "Not a valid date value.": "Escribe una fecha como 2026-12-31.",
    "Not a valid integer value.": "Escribe un número entero.",
}


class _Spanish:
    """Translates the few sentences that WTForms itself says."""

    def gettext(self, text: str) -> str:
        """Return the Spanish sentence."""
        return MESSAGES.get(text, text)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the Spanish sentence for one or several."""
        text = singular if n == 1 else plural
        return MESSAGES.get(text, text)


def strip(value: Any) -> Any:
    """Take the blanks off both ends of what was typed."""
    return value.strip() if isinstance(value, str) else value


class BaseForm(FlaskForm):  # type: ignore[misc]
    """A form with stripped text, Spanish messages and a CSRF token checked once, by the app, for every POST."""

    class Meta:
        csrf = False

        def get_translations(self, form: FlaskForm) -> _Spanish:
            """Speak Spanish."""
            return _Spanish()

        def bind_field(self, form: FlaskForm, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Strip every text field but passwords, whose blanks are the person's."""
            filters = list(unbound_field.kwargs.get("filters", []))
            if unbound_field.field_class.__name__ in {"StringField", "TextAreaField", "EmailField", "TelField"}:
                filters.append(strip)
            return unbound_field.bind(form=form, filters=filters, **options)

    def fault(self, field: str, message: str) -> None:
        """Put a sentence on a field after an action refused what it says."""
        found = getattr(self, field)
        found.errors = [*found.errors, message]
