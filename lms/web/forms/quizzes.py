"""The form of an answer, made from the stored question."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import IntegerField, SelectMultipleField, StringField
from wtforms.validators import NumberRange, Optional

from lms.web.forms.base import BaseForm


class AnswerForm(BaseForm):
    """The options chosen, by the tokens of this attempt. `sequence` comes from the script, `to` from the button."""

    answer = SelectMultipleField()
    sequence = IntegerField(validators=[Optional(), NumberRange(min=0, max=2**53)])
    to = StringField()

    def fits(self, tokens: Iterable[str], *, multiple: bool) -> bool:
        """Tell whether what came can be an answer to the question that has these tokens."""
        self.answer.choices = [(token, token) for token in tokens]
        valid: bool = self.validate()
        return valid and (multiple or len(self.answer.data or []) <= 1)
