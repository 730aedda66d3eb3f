"""What officers see: the figures say what the rule says, at a constant price, and only inside the scope."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import event, select, text

from lms import clock
from lms.actions import certificates as deeds
from lms.database import db
from lms.models.enrolments import Cycle
from lms.models.people import Account, Affiliation, PersonCurp
from lms.permissions import SYSTEM, Scope
from lms.queries import certificates as queries
from lms.queries import certificates_batches as batch_queries
from lms.queries.certificates_issue import candidates, fit, signatory_on
from lms.queries.certificates_verify import State, live_certificate
from lms.rules.certificates import Ineligible, eligible
from lms.rules.enrolments import deadline
from tests.certificates import complete, graduates, issued, key, released, signatory
from tests.people import Cast, affiliate, enrol, institution, person


def statements(deed: Callable[[], object]) -> list[str]:
    """The questions a deed asks."""
    seen = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        deed()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return seen


def test_the_condition_and_the_rule_agree(cast: Cast):
    """`fit` lists and counts, `eligible` decides: both on every edge of the day of completion in Mexico."""
    signatory()
    day = date(2026, 11, 5)
    last_minute = deadline(day) - timedelta(minutes=1)  # 23:59 in Mexico City, already the 6th in UTC
    first_minute = deadline(day - timedelta(days=1))
    for moment in (last_minute, first_minute, deadline(day)):
        for started, ended in [(day, None), (day, day), (day + timedelta(days=1), None), (date(2020, 1, 1), day)]:
            who = person("Borde")
            place = affiliate(who, cast.own, since=started)
            place.ended_on = ended
            complete(enrol(who, cast.course, place), at=moment)
    suspended, blocked, failed = graduates(cast, 3)
    db.session.get_one(Account, suspended.enrolment.person_id).suspended_at = clock.now()
    blocked.enrolment.person.blocked_at = clock.now()
    db.session.execute(text("UPDATE attempt SET passed = :no WHERE cycle_id = :id"), {"no": False, "id": failed.id})
    db.session.commit()
    ids = list(db.session.scalars(select(Cycle.id).where(Cycle.completed_at.is_not(None))))
    found = candidates(SYSTEM, ids, cast.own.id, signatory_on(SYSTEM, clock.today()))
    by_rule = {cycle_id for cycle_id in ids if not eligible(found[cycle_id].facts, clock.today())}
    by_condition = set(db.session.scalars(queries.of_pair(cast.own.id, cast.course.id, Cycle.id).where(fit())))
    assert by_condition == by_rule
    assert 0 < len(by_rule) < len(ids)


def test_figures_of_each_pair(cast: Cast):
    signatory()
    first = graduates(cast, 4)
    deeds.issue_chunk(released(cast).id, key(cast), at=clock.now(), size=3)
    db.session.commit()
    suspended = graduates(cast, 3)[0]
    db.session.get_one(Account, suspended.enrolment.person_id).suspended_at = clock.now()
    graduates(cast, 1, of=cast.other)
    db.session.commit()
    found, total = queries.pairs(SYSTEM, 1)
    assert total == 2
    figures = {p.institution_slug: (p.eligible, p.unfit, p.in_batch, p.issued) for p in found}
    assert figures == {"propia": (2, 1, 1, 3), "ajena": (1, 0, 0, 0)}
    assert len(first) == 4


def test_a_person_with_two_places_in_an_institution_counts_once(cast: Cast):
    signatory()
    cycle = graduates(cast, 1)[0]
    old = affiliate(cycle.enrolment.person, cast.other)
    db.session.execute(
        text("INSERT INTO enrolment_affiliation (enrolment_id, affiliation_id, created_at) VALUES (:e, :a, :t)"),
        {"e": cycle.enrolment_id, "a": old.id, "t": "2026-01-01 00:00:00"},
    )
    places = db.session.scalars(select(Affiliation).where(Affiliation.person_id == cycle.enrolment.person_id)).all()
    places[0].ended_on = clock.today() + timedelta(days=1)
    old.institution_id = cast.own.id
    db.session.commit()
    assert queries.pairs(SYSTEM, 1)[0][0].eligible == 1
    found = queries.pair(SYSTEM, "propia", "curso-corto", clock.today())
    assert found is not None
    assert (found.eligible, len(found.names)) == (1, 1)


def test_who_does_not_fit_is_told_with_every_reason(cast: Cast):
    signatory()
    one, two = graduates(cast, 2)
    db.session.get_one(Account, one.enrolment.person_id).suspended_at = clock.now()
    place = db.session.scalars(select(Affiliation).where(Affiliation.person_id == one.enrolment.person_id)).one()
    place.ended_on = clock.today() - timedelta(days=9)
    two.enrolment.person.blocked_at = clock.now()
    db.session.commit()
    found = queries.pair(SYSTEM, "propia", "curso-corto", clock.today())
    assert found is not None
    assert found.eligible == 0
    reasons = {person.reasons: person.name for person in found.unfit}
    assert set(reasons) == {(Ineligible.NOT_AFFILIATED, Ineligible.SUSPENDED), (Ineligible.BLOCKED,)}
    assert reasons[(Ineligible.BLOCKED,)] is None


def test_nothing_outside_the_scope(cast: Cast):
    signatory()
    graduates(cast, 2)
    made = released(cast)
    deeds.issue_chunk(made.id, key(cast), at=clock.now())
    db.session.commit()
    for asked in (Scope(person_id=1), Scope(person_id=1, institutions=frozenset({cast.other.id}))):
        assert queries.pairs(asked, 1) == ([], 0)
        assert queries.pair(asked, "propia", "curso-corto", clock.today()) is None
        assert batch_queries.batches(asked, 1) == ([], 0)
        assert batch_queries.batch(asked, made.public_id) is None
        assert batch_queries.review(asked, made.id) is None
        assert batch_queries.issued(asked, made.id, 1) == []
        assert batch_queries.refused(asked, made.id) == []
        assert queries.latest(asked, 10) == []
        assert queries.standings(asked) == []
        assert queries.officers(asked, cast.officer.public_id) == []


def test_lists_cost_the_same_for_one_and_for_three(cast: Cast):
    signatory()
    graduates(cast, 1)
    first = released(cast)
    lists = {
        "pairs": lambda: queries.pairs(SYSTEM, 1),
        "batches": lambda: batch_queries.batches(SYSTEM, 1),
        "issued": lambda: batch_queries.issued(SYSTEM, first.id, 1),
        "latest": lambda: queries.latest(SYSTEM, 50),
        "standings": lambda: queries.standings(SYSTEM),
    }
    deeds.issue_chunk(first.id, key(cast), at=clock.now())
    db.session.commit()
    before = {name: len(statements(deed)) for name, deed in lists.items()}
    for slug in ("una", "dos"):
        graduates(cast, 2, of=institution(slug))
    graduates(cast, 2)
    released(cast)
    db.session.commit()
    assert {name: len(statements(deed)) for name, deed in lists.items()} == before
    assert len(queries.pairs(SYSTEM, 1)[0]) == 3


def test_verification_asks_only_the_certificate(cast: Cast):
    made = issued(cast)
    found = live_certificate(made.folio)
    assert found is not None
    assert found.state is State.VALID
    asked = statements(lambda: live_certificate(made.folio))
    assert len(asked) == 1
    assert re.findall(r"(?:FROM|JOIN) (\w+)", asked[0]) == ["certificate", "signing_key"]


def test_states(cast: Cast):
    made = issued(cast)
    made.revoked_at = clock.now()
    db.session.commit()
    found = live_certificate(made.folio)
    assert found is not None
    assert found.state is State.REVOKED
    assert live_certificate(clock.folio()) is None


def test_officers_are_found_by_what_names_them(cast: Cast):
    curp = db.session.scalars(select(PersonCurp.curp).where(PersonCurp.person_id == cast.officer.id)).one()
    identity = cast.officer.identity
    identity.email, identity.email_key = "Ofelia@Mujeres.mx", "ofelia@mujeres.mx"
    db.session.commit()
    for named in (curp.lower(), "OFELIA@mujeres.mx", cast.officer.public_id):
        assert queries.officers(SYSTEM, named) == [cast.officer.id]
    for named in (cast.learner.public_id, cast.admin.public_id, "nadie@ejemplo.mx"):
        assert queries.officers(SYSTEM, named) == []


def test_a_review_says_who_no_longer_fits(cast: Cast):
    signatory()
    cycles = graduates(cast, 5)
    made = deeds.propose(cast.course.id, cast.own.id, by=cast.officer.id, at=clock.now())
    db.session.get_one(Account, cycles[0].enrolment.person_id).suspended_at = clock.now()
    db.session.commit()
    found = batch_queries.review(SYSTEM, made.id)
    assert found is not None
    assert (len(found.names), found.no_longer) == (3, 1)
