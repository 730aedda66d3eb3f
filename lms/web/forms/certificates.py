"""What a stranger fills in to check a constancia, and an officer to sign."""

from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from lms.web.forms.base import BaseForm


class FolioForm(BaseForm):
    """The folio as it is printed."""

    folio = StringField("Folio de la constancia", [InputRequired()])


class SignForm(BaseForm):
    """The officer's own password, as proof that it is she who signs."""

    password = PasswordField("Tu contraseña", [InputRequired()])
