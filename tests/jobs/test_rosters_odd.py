"""Rosters out of the ordinary: files that are refused, areas, people with two keys, wrong addresses."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select, update

from lms import clock
from lms.actions.people import draw_token
from lms.database import db
from lms.jobs import rosters as jobs
from lms.models.enrolments import Cycle, Enrolment, EnrolmentAffiliation
from lms.models.outbox import Mail
from lms.models.people import Account, Affiliation, EntryToken, PersonCurp
from tests.people import Cast, area, curp, person
from tests.rosters import again, checksums, csv_file, curp_of, person_of, rows, run, send, sign

A, B, C, D = (curp(n) for n in range(21_001, 21_005))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"Nombre;Puesto\r\nAna;Jefa", "header_without_curp"),
        (b"CURP;Nombre completo\r\n;\r\n", "file_no_people"),
        (b"%PDF-1.7 nada", "file_pdf"),
        (b"", "file_empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(cast: Cast, content: bytes, code: str) -> None:
    before = checksums()
    plan = send(content, cast.own, cast.course, by=cast.enlace)
    assert plan.state == "refused"
    assert plan.fault is not None
    assert plan.fault["code"] == code
    assert rows(plan) == {}
    assert checksums() == before


def test_an_enlace_of_an_area_cannot_reach_outside(cast: Cast) -> None:
    area(cast.own, "Almacen")
    db.session.commit()
    newcomer = curp_of(cast.newcomer.id)
    classmate = curp_of(cast.classmate.id)
    file = csv_file(
        [
            [A, "Ana", "Ejemplo", "", "", "", ""],
            [B, "Beto", "Prueba", "", "", "Almacén", ""],
            [C, "Caro", "Prueba", "", "", "Nunca vista", ""],
            [newcomer, "Nora", "Nueva", "Ejemplo", "", "", "Jefa"],
            [classmate, "Mario", "Compañero", "Ejemplo", "", "", "Jefe"],
        ]
    )
    plan = send(file, cast.own, cast.course, by=cast.area_enlace, areas=[cast.area.path])
    found = rows(plan)
    assert {n: r.kind for n, r in found.items()} == {2: "create", 3: "fault", 4: "fault", 5: "update", 6: "fault"}
    assert [found[n].faults[0]["code"] for n in (3, 4, 6)] == [
        "row_area_outside", "row_area_outside", "row_person_elsewhere",
    ]  # fmt: skip
    assert found[3].faults[0]["column"] == "Área"
    run(plan, cast.area_enlace)
    place = db.session.scalars(select(Affiliation).where(Affiliation.person_id == person_of(A).id)).one()
    assert place.area_id == cast.area.id
    db.session.rollback()


def test_areas_are_found_by_the_end_of_their_path(cast: Cast) -> None:
    one, two = area(cast.own, "Uno"), area(cast.own, "Dos")
    area(cast.own, "Ventas", one)
    area(cast.own, "Ventas", two)
    only = area(cast.own, "Caja", two)
    db.session.commit()
    file = csv_file(
        [
            [A, "Ana", "Ejemplo", "", "", "caja", ""],
            [B, "Beto", "Prueba", "", "", "Ventas", ""],
            [C, "Caro", "Prueba", "", "", "DOS / VENTAS", ""],
            [D, "Dora", "Prueba", "", "", " / ".join("abcdefghijk"), ""],
        ]
    )
    plan = send(file, cast.own, cast.course, by=cast.enlace)
    found = rows(plan)
    assert (found[2].kind, found[2].area_id) == ("create", only.id)
    assert [f["code"] for f in found[3].faults] == ["row_area_ambiguous"]
    assert found[4].kind == "create"
    assert [f["code"] for f in found[5].faults] == ["row_area_deep"]
    run(plan, cast.enlace)
    # A name that ends her own path does not move her.
    again_plan = send(csv_file([[C, "Caro", "Prueba", "", "", "Ventas", ""]]), cast.own, cast.course, by=cast.enlace)
    assert rows(again_plan)[2].kind == "already"


def test_two_keys_of_one_person_are_one_person(cast: Cast) -> None:
    who = person("Ana", "Doble", active=False)
    old = curp_of(who.id)
    db.session.execute(update(PersonCurp).where(PersonCurp.person_id == who.id).values(replaced_at=clock.now()))
    db.session.add(PersonCurp(person_id=who.id, curp=A, since=clock.now()))
    db.session.commit()
    file = csv_file([[old, "Ana", "Doble", "", "", "", ""], [A, "Ana", "Doble", "", "", "", ""]])
    plan = send(file, cast.own, cast.course, by=cast.enlace)
    assert rows(plan)[3].faults[0]["code"] == "row_repeated_person"
    assert rows(run(plan, cast.enlace))[2].outcome == "done"


def test_long_texts_and_odd_signs_are_faults_and_never_errors(cast: Cast) -> None:
    file = csv_file(
        [
            [A, "Ana" * 60, "Ejemplo", "", "", "", ""],
            [B, "Beto", "Prueba", "", "", "x" * 190, "y" * 201],
            [C, "=cmd|calc", "Prueba", "", "", "", ""],
        ],
        ["CURP", "Nombre(s)", "Primer apellido", "Segundo apellido", "Correo electrónico", "Área", "Puesto"],
    )
    plan = send(file, cast.own, cast.course, by=cast.enlace)
    assert plan.state == "planned"
    assert {n: r.kind for n, r in rows(plan).items()} == {2: "fault", 3: "fault", 4: "fault"}


def test_an_address_corrected_before_the_first_entry_voids_the_link_sent_to_the_wrong_one(cast: Cast) -> None:
    run(
        send(csv_file([[A, "Ana", "Ejemplo", "", "mal@x.mx", "", ""]]), cast.own, cast.course, by=cast.enlace),
        cast.enlace,
    )
    ana = person_of(A).id
    draw_token(ana, "activation", "link", by=None, at=clock.now())
    db.session.commit()
    run(
        send(csv_file([[A, "Ana", "Ejemplo", "", "bien@x.mx", "", ""]]), cast.own, cast.course, by=cast.enlace),
        cast.enlace,
    )
    assert db.session.scalars(select(EntryToken).where(EntryToken.person_id == ana)).one().voided_at is not None
    assert db.session.scalar(select(func.count()).select_from(Mail).where(Mail.person_id == ana)) == 2
    db.session.rollback()


def test_two_institutions_enrol_the_same_people_at_the_same_moment(cast: Cast) -> None:
    codes = [curp(n) for n in range(24_000, 24_150)]
    plans = []
    for to, by, turn in ((cast.own, cast.enlace, 1), (cast.other, cast.other_enlace, -1)):
        file = csv_file([[code, "Ana", "Ejemplo", "", "", "Flota", ""] for code in codes[::turn]])
        plans.append((send(file, to, cast.course, by=by), by))
    for plan, by in plans:
        sign(plan, by)
    ids = [again(plan).id for plan, _ in plans]
    db.session.rollback()
    failed: list[BaseException] = []

    def carry_out(roster_id: int) -> None:
        with cast.app.app_context():
            try:
                jobs.run(roster_id, lambda: None)
            except BaseException as error:
                failed.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=carry_out, args=(each,)) for each in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    ours = select(PersonCurp.person_id).where(PersonCurp.curp.in_(codes))
    assert db.session.scalar(select(func.count()).select_from(ours.subquery())) == 150
    for table, times in ((Affiliation, 2), (Enrolment, 1), (Account, 1)):
        found = db.session.scalar(select(func.count()).select_from(table).where(table.person_id.in_(ours)))
        assert found == 150 * times, table
    sponsors = select(EnrolmentAffiliation.id).join(Enrolment).where(Enrolment.person_id.in_(ours))
    assert db.session.scalar(select(func.count()).select_from(sponsors.subquery())) == 300
    cycles = select(Cycle.id).join(Enrolment).where(Enrolment.person_id.in_(ours))
    assert db.session.scalar(select(func.count()).select_from(cycles.subquery())) == 150
    db.session.rollback()
