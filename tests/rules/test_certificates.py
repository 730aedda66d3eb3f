"""Eligibility, folios and snapshots."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.clock import READABLE, folio
from lms.rules.certificates import (
    EligibilityFacts,
    Ineligible,
    Snapshot,
    Span,
    canonical_snapshot,
    eligible,
    format_folio,
    normalise_folio,
    read_snapshot,
)

# 23:30 of the 5th in Mexico City, already the 6th in UTC.
COMPLETED = datetime(2026, 11, 6, 5, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)
OK = EligibilityFacts(
    final_passed_at=COMPLETED,
    completed_at=COMPLETED,
    affiliations=(Span(date(2026, 1, 1), None),),
    suspended=False,
    blocked=False,
    live_certificate=False,
    signatory=Span(date(2025, 1, 1), None),
)


def test_who_passed_and_completed_is_eligible():
    assert eligible(OK, TODAY) == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"final_passed_at": None}, Ineligible.NOT_PASSED),
        ({"completed_at": None}, Ineligible.NOT_COMPLETED),
        ({"affiliations": ()}, Ineligible.NOT_AFFILIATED),
        ({"affiliations": (Span(date(2026, 11, 6), None),)}, Ineligible.NOT_AFFILIATED),
        ({"affiliations": (Span(date(2026, 1, 1), date(2026, 11, 4)),)}, Ineligible.NOT_AFFILIATED),
        ({"suspended": True}, Ineligible.SUSPENDED),
        ({"blocked": True}, Ineligible.BLOCKED),
        ({"live_certificate": True}, Ineligible.ALREADY_ISSUED),
        ({"signatory": None}, Ineligible.NO_SIGNATORY),
        ({"signatory": Span(date(2025, 1, 1), date(2026, 11, 19))}, Ineligible.NO_SIGNATORY),
        ({"signatory": Span(date(2026, 11, 21), None)}, Ineligible.NO_SIGNATORY),
    ],
)
def test_each_reason_alone_refuses(changes, reason):
    assert eligible(replace(OK, **changes), TODAY) == (reason,)


def test_leaving_the_job_after_the_last_day_takes_nothing_away():
    left = Span(date(2026, 1, 1), date(2026, 11, 5))
    assert eligible(replace(OK, affiliations=(Span(date(2020, 1, 1), date(2021, 1, 1)), left)), TODAY) == ()


def test_all_reasons_are_said_at_once():
    worst = EligibilityFacts(None, None, (), True, True, True, None)
    assert set(eligible(worst, TODAY)) == set(Ineligible) - {Ineligible.NOT_AFFILIATED}


@given(st.text(alphabet=READABLE, min_size=20, max_size=20), st.randoms())
def test_a_folio_is_found_however_it_is_typed(text, random):
    typed = "".join(random.choice((" ", "-", "–", "", "\u00a0")) + random.choice((c, c.lower())) for c in text)
    typed = typed.replace("0", random.choice("0oO")).replace("1", random.choice("1iIlL")).replace("V", "U")
    assert normalise_folio(typed) == text
    assert normalise_folio(format_folio(text)) == text


@pytest.mark.parametrize(
    "text", ["", "ABCD", "A" * 19, "A" * 21, "A" * 19 + "Ñ", "A" * 19 + "/", "٣" * 20 + "'", "é" * 20]
)
def test_what_cannot_be_a_folio_is_none(text):
    assert normalise_folio(text) is None


@given(st.text())
def test_any_text_gives_a_clean_folio_or_none(text):
    normal = normalise_folio(text)
    assert normal is None or (len(normal) == 20 and set(normal) <= set(string.ascii_uppercase + string.digits))


def test_new_folios_are_already_normal_and_printed_in_groups():
    new = folio()
    assert normalise_folio(new) == new
    assert format_folio("ABCDEFGHJKMNPQRSTVWX") == "ABCD-EFGH-JKMN-PQRS-TVWX"


SNAPSHOT = Snapshot(
    folio="ABCDEFGHJKMNPQRSTVWX",
    nonce="n0nce",
    key_id="demo",
    name="María de los Ángeles Ñuñez Xólotlꞌ",
    course_slug="derechos-humanos",
    course_title="Derechos humanos",
    course_hash="0" * 64,
    hours=2,
    started_on=None,
    completed_on=date(2026, 11, 5),
    issued_on=TODAY,
    institution="Institución de prueba",
    institution_public_id="x1",
    signatory_name="Persona Firmante",
    signatory_position="Titular",
    issuer="Secretaría de las Mujeres",
    cycle_number=1,
)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.none() | st.dates(), st.integers(1, 999))
def test_a_snapshot_comes_back_and_has_one_form_only(name, started_on, hours):
    facts = replace(SNAPSHOT, name=name, started_on=started_on, hours=hours)
    content = canonical_snapshot(facts)
    back = read_snapshot(content)
    assert replace(back, name=facts.name) == facts
    assert canonical_snapshot(back) == content


def test_a_snapshot_is_canonical_json():
    content = canonical_snapshot(SNAPSHOT)
    assert content.startswith(b'{"completed_on":"2026-11-05","course_hash":')
    assert "María de los Ángeles".encode() in content
    assert json.loads(content)["schema"] == 1
    decomposed = replace(SNAPSHOT, name=SNAPSHOT.name.replace("í", "i\u0301"))
    assert canonical_snapshot(decomposed) == content


@pytest.mark.parametrize(
    "damage",
    [
        {"schema": 2}, {"hours": "2"}, {"hours": True}, {"name": None}, {"completed_on": None},
        {"completed_on": "ayer"}, {"started_on": 5}, {"extra": 1},
    ],
)  # fmt: skip
def test_a_damaged_snapshot_is_refused(damage):
    data = json.loads(canonical_snapshot(SNAPSHOT)) | damage
    with pytest.raises(ValueError):
        read_snapshot(json.dumps(data).encode())


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"schema":1}'])
def test_what_is_no_snapshot_is_refused(content):
    with pytest.raises(ValueError):
        read_snapshot(content)
