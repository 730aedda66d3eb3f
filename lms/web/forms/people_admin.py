"""What staff fill in about a person."""

from __future__ import annotations

from wtforms import EmailField, RadioField, SearchField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from lms.permissions import EVERYWHERE, Role
from lms.texts.labels import explained
from lms.web.forms.base import BaseForm
from lms.web.forms.institutions import at_most

GLOBAL_ROLES = [role.value for role in Role if role in EVERYWHERE]


class PersonSearchForm(BaseForm):
    """Whom to look for. Sent by POST: a CURP or an e-mail must not stay in addresses and logs."""

    q = SearchField("Nombre, CURP o correo", [InputRequired(), at_most(300)])


class NameForm(BaseForm):
    """A name as Mexico writes it."""

    given_names = StringField("Nombres", [InputRequired(), at_most(100)])
    first_surname = StringField("Primer apellido", [InputRequired(), at_most(100)])
    second_surname = StringField("Segundo apellido", [at_most(100)])


class NewPersonForm(NameForm):
    """A person to register; `institution` is filled with the slugs by the door."""

    curp = StringField("CURP", [InputRequired(), at_most(60)])
    email = EmailField("Correo", [InputRequired(), at_most(254)])
    institution = SelectField("Institución donde trabaja", default="")
    job = StringField("Puesto", [at_most(200)])


class EmailForm(BaseForm):
    """An e-mail, empty for none."""

    email = EmailField("Correo", [at_most(254)])


class RoleForm(BaseForm):
    """A role that holds everywhere."""

    role = RadioField("Rol", [InputRequired()], choices=explained("role", GLOBAL_ROLES))


class EnlaceForm(BaseForm):
    """Of what part of an institution; the areas are filled in by the door."""

    area = SelectField("De qué parte", default="")


class SuspendForm(BaseForm):
    """Why an account is suspended."""

    reason = TextAreaField("Motivo", [InputRequired(), at_most(500)])
