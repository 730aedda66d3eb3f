"""Follow-up: the state in SQL is the state of the rule, and nobody sees past her scope."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import Connection, event

from lms import clock
from lms.database import db, is_sqlite
from lms.models.certificates import Certificate, StandingRelease
from lms.models.enrolments import Cycle, EnrolmentAffiliation
from lms.models.people import Identity, Person, PersonCurp
from lms.permissions import Scope
from lms.queries import reports as queries
from lms.queries import reports_figures as figures
from lms.queries import reports_person as persons
from lms.queries.reports_rows import Mark, Order, Wanted
from lms.rules.enrolments import Status, needs_support, status
from tests.people import Cast, affiliate, area, course, enrol, institution, person

TODAY = date(2026, 11, 20)


def own(cast: Cast) -> Scope:
    """The scope of the enlace of the whole institution."""
    return Scope(cast.enlace.id, institutions=frozenset({cast.own.id}))


def names(scope: Scope, wanted: Wanted | None = None) -> list[str]:
    """The given names of the wanted rows, in order."""
    rows, total = queries.people(scope, wanted or Wanted(), TODAY)
    assert total == len(rows) == queries.count(scope, wanted or Wanted(), TODAY)
    return [row.given_names for row in rows]


def test_the_state_in_sql_is_the_state_of_the_rule(cast: Cast) -> None:
    place = institution("matriz")
    expected = {}
    days = (None, *(TODAY + timedelta(days=n) for n in (-4, -3, -1, 0, 1)))
    for active, started, done, due, grace, support in product(
        (True, False), (True, False), (True, False), days, (0, 3), (True, False)
    ):
        if done and not started:
            continue
        who = person(active=active)
        cycle = enrol(who, cast.course, affiliate(who, place), due_on=due)
        cycle.grace_days = grace
        if started:
            cycle.started_at, cycle.version_id = clock.now(), cast.course.current_version_id
        cycle.completed_at = clock.now() if done else None
        cycle.needs_support_at = clock.now() if support else None
        state = status(active, started, cycle.completed_at, due, TODAY, grace)
        expected[who.public_id] = (state, needs_support(state, cycle.needs_support_at))
    db.session.commit()
    scope = Scope(institutions=frozenset({place.id}))
    for state in Status:
        found = queries.ids(scope, Wanted(state=state), TODAY)
        rows = list(queries.every(scope, Wanted(state=state), TODAY, found))
        assert {row.person for row in rows} == {who for who, (said, _) in expected.items() if said is state}
        assert {row.status for row in rows} == {state}
    marked = Wanted(mark=Mark.SUPPORT)
    found = queries.ids(scope, marked, TODAY)
    assert {row.person for row in queries.every(scope, marked, TODAY, found)} == {
        who for who, (_, support) in expected.items() if support
    }
    sums = figures.total(figures.figures(scope, TODAY))
    assert sums.by_state == {state: sum(said is state for said, _ in expected.values()) for state in Status}
    assert sums.support == sum(support for _, support in expected.values())


def test_the_due_date_is_the_one_this_institution_set(cast: Cast) -> None:
    place = affiliate(cast.learner, cast.other)
    enrolment = cast.cycle.enrolment_id
    db.session.add(
        EnrolmentAffiliation(
            enrolment_id=enrolment, affiliation_id=place.id, due_on=date(2026, 12, 31), created_at=clock.now()
        )
    )
    db.session.get_one(Cycle, cast.cycle.id).due_on = date(2026, 11, 1)
    db.session.commit()
    there = Scope(institutions=frozenset({cast.other.id}))
    assert names(own(cast), Wanted(state=Status.OVERDUE)) == ["Lucía"]
    assert names(there, Wanted(state=Status.OVERDUE)) == []
    card = persons.person(there, cast.learner.public_id, TODAY)
    assert card is not None
    assert [one.due_on for one in card.courses] == [date(2026, 12, 31)]
    db.session.add(Cycle(enrolment_id=enrolment, number=2, due_on=date(2026, 11, 2)))
    db.session.commit()
    assert names(there, Wanted(state=Status.OVERDUE)) == ["Lucía"]
    assert names(there) == ["Lucía", "Zenaida"]


def test_each_enlace_sees_her_own_people_and_no_others(cast: Cast) -> None:
    areas = Scope(institutions=frozenset(), area_paths=frozenset({cast.area.path}))
    assert names(own(cast)) == ["Lucía", "Mario", "Nora"]
    assert names(areas) == ["Lucía", "Nora"]
    assert names(Scope(institutions=frozenset({cast.other.id}))) == ["Zenaida"]
    assert names(Scope(everything=True)) == ["Lucía", "Mario", "Nora", "Zenaida"]
    assert names(Scope(cast.enlace.id)) == []
    stranger = Wanted(person=cast.stranger.public_id)
    for forged in (Wanted(institution="ajena"), Wanted(area=cast.other_area.public_id), stranger):
        assert names(own(cast), forged) == []
    everyone = queries.ids(Scope(everything=True), Wanted(), TODAY)
    assert len(everyone) == 4
    assert tuple(queries.every(own(cast), Wanted(), TODAY, everyone)) == queries.people(own(cast), Wanted(), TODAY)[0]


def test_an_area_holds_those_below_it_and_none_beside_it(cast: Cast) -> None:
    below = area(cast.own, "Nómina", cast.area)
    beside = area(cast.own, "Recursos Humanos Dos")
    for name, where in (("Berta", below), ("Carmen", beside)):
        who = person(name)
        enrol(who, cast.course, affiliate(who, cast.own, where))
    db.session.commit()
    areas = Scope(area_paths=frozenset({cast.area.path}))
    assert names(areas) == ["Berta", "Lucía", "Nora"]
    assert names(own(cast), Wanted(area=cast.area.public_id)) == ["Berta", "Lucía", "Nora"]
    assert names(own(cast), Wanted(area=below.public_id)) == ["Berta"]
    assert [one.label for one in queries.areas(areas, None)] == ["Recursos Humanos", "Nómina"]
    assert [one.depth for one in queries.areas(areas, None)] == [0, 1]
    assert [one.value for one in queries.institutions(areas)] == ["propia"]


def test_who_left_is_shown_only_when_asked_and_who_moved_has_not_left(cast: Cast) -> None:
    leaver, mover = person("Leticia"), person("Mudada")
    old = {who.id: affiliate(who, cast.own, cast.area) for who in (leaver, mover)}
    for who in (leaver, mover):
        enrol(who, cast.course, old[who.id])
        old[who.id].ended_on = date(2026, 6, 1)
    affiliate(mover, cast.own)
    db.session.commit()
    assert names(own(cast)) == ["Lucía", "Mario", "Mudada", "Nora"]
    assert names(own(cast), Wanted(mark=Mark.LEFT)) == ["Leticia"]
    areas = Scope(area_paths=frozenset({cast.area.path}))
    assert names(areas, Wanted(mark=Mark.LEFT)) == ["Leticia"]
    assert persons.person(areas, mover.public_id, TODAY) is None
    assert persons.audience(own(cast), Wanted(mark=Mark.LEFT), TODAY) == persons.Audience((), (), 0, 0)


def test_one_person_of_two_institutions_is_two_rows_that_do_not_know_of_each_other(cast: Cast) -> None:
    place = affiliate(cast.learner, cast.other)
    only_there = course("solo-ajena")
    enrol(cast.learner, only_there, place)
    release = StandingRelease(
        public_id=clock.public_id(), course_id=cast.course.id, proposed_by_id=cast.officer.id, proposed_at=clock.now()
    )
    db.session.add(release)
    db.session.flush()
    db.session.add(
        Certificate(
            folio="0" * 20, cycle_id=cast.cycle.id, institution_id=cast.other.id, standing_release_id=release.id,
            snapshot="{}", key_id="k", signature=b"", issued_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()
    card = persons.person(own(cast), cast.learner.public_id, TODAY)
    assert card is not None
    assert [one.course for one in card.courses] == ["Curso corto"]
    assert [one.institution for one in card.places] == ["Institución Propia"]
    assert [one.folio for one in card.courses] == [None]
    assert names(own(cast)).count("Lucía") == 1
    assert names(Scope(everything=True)).count("Lucía") == 2


def test_blocked_and_merged_persons_are_in_no_list(cast: Cast) -> None:
    db.session.get_one(Person, cast.learner.id).blocked_at = clock.now()
    db.session.get_one(Person, cast.newcomer.id).merged_into_id = cast.classmate.id
    db.session.commit()
    assert names(own(cast)) == ["Mario"]
    assert persons.person(own(cast), cast.learner.public_id, TODAY) is None


def test_a_person_is_found_by_words_curp_or_number(cast: Cast) -> None:
    who = person("María José", "Ñúñez", second="O’Farril")
    enrol(who, cast.course, affiliate(who, cast.own))
    db.session.commit()
    key = db.session.query(PersonCurp.curp).filter_by(person_id=who.id).scalar()
    for text in ("maria", "MARÍA josé", "nunez jose", "Ñúñez", "ofarril", key, key.lower(), key[:17]):
        assert names(own(cast), Wanted(text=text)) == ["María José"], text
    assert names(own(cast), Wanted(text=f"{who.id:06d}")) == ["María José"]
    assert names(own(cast), Wanted(text=str(who.id))) == ["María José"]
    for text in ("%", "_", "canaria", "zopilote", "'", " ", "0", key[:3]):
        assert names(own(cast), Wanted(text=text)) == [], text


@pytest.mark.parametrize("order", list(Order))
def test_every_order_gives_every_row_once(cast: Cast, order: Order) -> None:
    for n in range(60):
        who = person(f"Persona{n % 7}", email=None if n % 2 else f"p{n}@x.mx")
        enrol(who, cast.course, affiliate(who, cast.own, cast.area if n % 3 else None), due_on=TODAY if n % 2 else None)
    db.session.commit()
    wanted = Wanted(order=order)
    first, total = queries.people(own(cast), wanted, TODAY)
    second, again = queries.people(own(cast), wanted, TODAY, page=2)
    assert (len(first), len(second), total, again) == (50, 13, 63, 63)
    paged = [row.id for row in (*first, *second)]
    assert len(set(paged)) == 63
    assert paged == list(queries.ids(own(cast), wanted, TODAY))
    assert queries.people(own(cast), wanted, TODAY, page=3) == ((), 63)


def test_figures_count_what_the_lists_show(cast: Cast) -> None:
    cast.cycle.started_at, cast.cycle.version_id = clock.now(), cast.course.current_version_id
    cast.cycle.completed_at = clock.now()
    db.session.commit()
    found = figures.figures(own(cast), TODAY)
    assert [(one.institution, one.course, one.total, one.without_certificate) for one in found] == [
        ("propia", "curso-corto", 3, 1)
    ]
    for state in Status:
        assert found[0].by_state[state] == queries.count(own(cast), Wanted(state=state), TODAY)
    assert figures.people_to_print(own(cast), TODAY) == 1
    assert names(own(cast), Wanted(mark=Mark.NO_EMAIL)) == ["Nora"]
    db.session.get_one(Identity, cast.newcomer.id).email = "nora@ejemplo.mx"
    db.session.commit()
    assert figures.people_to_print(own(cast), TODAY) == 0


def test_no_list_walks_all_cycles_for_each_person(cast: Cast) -> None:
    """SQLite plans without statistics: each table is to be reached by the row before it, never by a whole index."""
    if not is_sqlite():
        pytest.skip("PostgreSQL plans by statistics")
    scopes = (own(cast), Scope(area_paths=frozenset({cast.area.path})), Scope(everything=True))
    wanted = [Wanted(state=state) for state in Status] + [Wanted(mark=mark) for mark in Mark]
    wanted += [Wanted(text="Lucía"), Wanted(course="curso-corto"), Wanted(area=cast.area.public_id)]
    with plans() as seen:
        for scope, what in product(scopes, wanted):
            queries.people(scope, what, TODAY)
            persons.audience(scope, what, TODAY)
            figures.people_to_print(scope, TODAY)
            figures.figures(scope, TODAY)
        persons.person(own(cast), cast.learner.public_id, TODAY)
    cycles = {step for step in seen if step.startswith(("SEARCH cycle ", "SCAN cycle "))}
    assert cycles
    assert [step for step in cycles if "(enrolment_id=?" not in step and "PRIMARY KEY" not in step] == []


@contextmanager
def plans() -> Iterator[set[str]]:
    """Gather the steps of SQLite's plan for every question asked inside."""
    seen: set[str] = set()

    def note(connection: Connection, _cursor: object, statement: str, params: object, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", params)  # type: ignore[arg-type]
            seen.update(row[3] for row in rows)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
