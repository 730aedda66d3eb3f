"""Sentences: every code says something, in Spanish, with its numbers and dates."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lms.rules.certificates import Ineligible
from lms.rules.enrolments import NextKind, Status
from lms.rules.quizzes import RefusalCode
from lms.texts.sentences import say, sentence

PARAMS = {
    "count": 2,
    "until": datetime(2026, 12, 6, 2, 5, tzinfo=UTC),
    "position": 3,
}


@pytest.mark.parametrize(
    "code",
    [
        *(f"quiz_{code}" for code in RefusalCode),
        *(f"status_{code}" for code in Status),
        *(f"next_{kind}" for kind in NextKind),
        *(f"certificate_{code}" for code in Ineligible),
    ],
)
def test_every_code_of_the_rules_has_its_sentence(code):
    assert sentence(code, **PARAMS)


def test_numbers_dates_and_moments_are_said():
    assert say(9000) == "9,000"
    assert say(date(2026, 12, 5)) == "5 de diciembre de 2026"
    assert say(PARAMS["until"]) == "20:05 h del 5 de diciembre de 2026"
    assert say("x") == "x"


def test_one_thing_is_said_in_the_singular():
    assert sentence("quiz_locked", count=1) == "Antes de esta evaluación te falta un paso del curso."
    assert sentence("quiz_locked", count=1200) == "Antes de esta evaluación te faltan 1,200 pasos del curso."
    assert sentence("status_completed", count=1) == "acreditó"


def test_a_year_is_not_a_quantity():
    assert "2035." in sentence("curp_future", year=2035, char="0")


def test_an_unknown_code_or_a_missing_parameter_fails_loudly():
    with pytest.raises(KeyError):
        sentence("no-such-code")
    with pytest.raises(KeyError):
        sentence("quiz_waiting")


def test_values_are_not_read_as_templates():
    assert "{count}" in sentence("folio_unknown", length="{count}")
