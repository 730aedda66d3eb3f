"""What a person fills in to enter, to choose a password and to keep her data."""

from __future__ import annotations

from wtforms import EmailField, PasswordField, StringField, TelField
from wtforms.validators import InputRequired, Length

from lms.web.forms.base import BaseForm


def _at_most(characters: int) -> Length:
    return Length(max=characters, message=f"Usa {characters} caracteres o menos.")


class SignInForm(BaseForm):
    """Who enters, and the password."""

    identifier = StringField("Correo o CURP", [InputRequired(), _at_most(300)])
    password = PasswordField("Contraseña", [InputRequired()])


class CodeForm(BaseForm):
    """A short code copied from paper."""

    code = StringField("Código", [InputRequired(), _at_most(60)])


class NewPasswordForm(BaseForm):
    """A password to enter with from now on."""

    password = PasswordField("Contraseña nueva", [InputRequired()])


class RecoverForm(BaseForm):
    """Who asks for a way back in."""

    identifier = StringField("Correo o CURP", [InputRequired(), _at_most(300)])


class ContactForm(BaseForm):
    """Own e-mail and telephone, with the password as proof."""

    email = EmailField("Correo", [_at_most(254)])
    phone = TelField("Teléfono", [_at_most(40)])
    proof = PasswordField("Tu contraseña actual", [InputRequired()])


class ChangePasswordForm(BaseForm):
    """The password of today and the one of tomorrow."""

    current = PasswordField("Contraseña actual", [InputRequired()])
    new = PasswordField("Contraseña nueva", [InputRequired()])
