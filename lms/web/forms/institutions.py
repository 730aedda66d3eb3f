"""What staff fill in about institutions, areas and who signs."""

from __future__ import annotations

from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from lms.actions.institutions import InstitutionFacts
from lms.actions.signatories import SignatoryFacts
from lms.models.institutions import KINDS, LABOUR_REGIMES, LEGAL_REGIMES
from lms.rules.institutions import SLUG_MAX
from lms.rules.people import STATES
from lms.texts.labels import choices, explained
from lms.web.forms.base import BaseForm


def at_most(characters: int) -> Length:
    """Return the check of a text's length."""
    return Length(max=characters, message=f"Usa {characters} caracteres o menos.")


class InstitutionForm(BaseForm):
    """An institution as it is."""

    name = StringField("Nombre completo", [InputRequired(), at_most(300)])
    short_name = StringField("Nombre corto", [InputRequired(), at_most(60)])
    kind = SelectField("Tipo", choices=choices("kind", KINDS))
    labour_regime = RadioField(
        "Régimen laboral de su personal", [InputRequired()], choices=explained("labour", LABOUR_REGIMES)
    )
    legal_regime = RadioField(
        "Ley de datos personales que aplica", [InputRequired()], choices=explained("legal", LEGAL_REGIMES)
    )
    rfc = StringField("RFC", [at_most(20)])

    def facts(self) -> InstitutionFacts:
        """Return what was filled in."""
        return InstitutionFacts(
            self.name.data,
            self.short_name.data,
            self.kind.data,
            self.labour_regime.data,
            self.legal_regime.data,
            self.rfc.data or "",
        )


class NewInstitutionForm(InstitutionForm):
    """An institution to register, with the key of its addresses."""

    slug = StringField("Clave", [at_most(SLUG_MAX)])


class AreaForm(BaseForm):
    """An area's name and where it is."""

    name = StringField("Nombre del área", [InputRequired(), at_most(300)])
    entity = SelectField("Entidad federativa donde trabaja", choices=[("", "Sin indicar"), *STATES.items()], default="")


class SignatoryForm(BaseForm):
    """Who signs constancias, between two days."""

    name = StringField("Nombre como se imprime", [InputRequired(), at_most(300)])
    position = StringField("Cargo", [InputRequired(), at_most(300)])
    appointment = StringField("Nombramiento", [InputRequired(), at_most(300)])
    from_on = DateField("Firma desde", [InputRequired()])
    to_on = DateField("Último día en que firma", [Optional()])

    def facts(self) -> SignatoryFacts:
        """Return what was filled in."""
        return SignatoryFacts(
            self.name.data, self.position.data, self.appointment.data, self.from_on.data, self.to_on.data
        )
