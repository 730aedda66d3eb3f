"""From a real file to its plan and its run, and every way it can be interrupted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from lms import clock
from lms.actions import outbox, rosters_run
from lms.actions import rosters as deeds
from lms.database import db
from lms.jobs import rosters as jobs
from lms.models.enrolments import Cycle, Enrolment, EnrolmentAffiliation
from lms.models.institutions import Area
from lms.models.outbox import Job, Mail
from lms.models.people import Account, Affiliation, Identity, Person
from lms.models.rosters import RosterRow
from tests.people import Cast, curp
from tests.rosters import again, checksums, csv_file, curp_of, person_of, rows, run, send, sign, work, xlsx_file

A, B, C, D, E = (curp(n) for n in range(20_001, 20_006))
MESSY: list[list[str]] = [
    ["SECRETARÍA DE EJEMPLO", "", "", "", "", "", ""],
    ["Plantilla de personal al 15/10/2026", "", "", "", "", "", ""],
    ["", "", "", "", "", "", ""],
    [
        "No. empleado",
        "Apellido Paterno",
        "Apellido Materno",
        "Nombre(s)",
        "C.U.R.P.",
        "Correo electrónico",
        "Adscripción",
    ],
    ["00012", "  NÚÑEZ ", "PEÑA", "MARÍA\u00a0JOSÉ", A.lower(), "mj@ejemplo.mx", "Dirección Médica"],
    ["00013", "Ibarra", "", "Beatriz", f" {B} ", "sin correo", "Dirección Médica"],
    ["00014", "Cantú", "Sáenz", "Íñigo", C[:-1], "", "Almacén"],
    ["00012", "NÚÑEZ", "PEÑA", "MARÍA JOSÉ", A, "mj@ejemplo.mx", "Dirección Médica"],
    ["00015", "Duarte", "Ruiz", "Diego", D, "no-es-correo", "Almacén / Turno 2"],
    ["", "", "", "", "", "", ""],
    ["Total: 4", "", "", "", "", "", ""],
]


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_messy_file_end_to_end(cast: Cast, kind: str) -> None:
    content = "\r\n".join(";".join(row) for row in MESSY).encode("cp1252") if kind == "csv" else xlsx_file(MESSY)
    before = people()
    plan = send(content, cast.own, cast.course, by=cast.enlace, name=f"plantilla.{kind}", due_on=date(2030, 6, 1))
    assert plan.state == "planned", plan.fault
    assert {k: plan.counts[k] for k in ("create", "already", "update", "move", "fault")} == {
        "create": 3, "already": 1, "update": 0, "move": 0, "fault": 1,
    }  # fmt: skip
    assert people() == before
    found = rows(plan)
    assert found[7].faults[0]["code"] == "row_curp_short"
    assert found[8].kind == "already"
    assert plan.header == [cell.strip() for cell in MESSY[3]]

    done = run(plan, cast.enlace)
    assert (done.state, done.rows_done, done.rows_total) == ("done", 5, 5)
    assert {n: r.outcome for n, r in rows(done).items()} == {5: "done", 6: "done", 7: "left", 8: "nothing", 9: "done"}
    first = person_of(A)
    assert first.identity.full_name == "María José Núñez Peña"
    assert first.identity.email == "mj@ejemplo.mx"
    place = db.session.scalars(select(Affiliation).where(Affiliation.person_id == first.id)).one()
    assert (place.institution_id, place.employee_number) == (cast.own.id, "00012")
    assert place.area is not None
    assert place.area.name == "Dirección Médica"
    cycle = db.session.scalars(select(Cycle).join(Enrolment).where(Enrolment.person_id == first.id)).one()
    assert (cycle.number, cycle.due_on, cycle.started_at) == (1, date(2030, 6, 1), None)
    assert person_of(D).identity.email is None
    shift = db.session.scalars(select(Area).where(Area.name == "Turno 2")).one()
    assert shift.path_key == "ALMACEN / TURNO 2"
    mails = db.session.scalars(select(Mail)).all()
    assert [(m.purpose, m.person_id) for m in mails] == [("activation", first.id)]
    db.session.rollback()


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    file = csv_file([[A, "Ana", "Ejemplo", "", "ana@x.mx", "Norte", "Jefa"], [B, "Beto", "Prueba", "", "", "", ""]])
    run(send(file, cast.own, cast.course, by=cast.enlace), cast.enlace)
    before = checksums()
    plan = send(file, cast.own, cast.course, by=cast.enlace, due_on=date(2031, 1, 1))
    assert (plan.counts["already"], plan.counts["create"], plan.counts["update"]) == (2, 0, 0)
    for row in rows(plan).values():
        assert row.changes == []
    assert checksums() == before


def test_running_twice_and_the_job_delivered_twice_change_nothing(cast: Cast) -> None:
    plan = send(csv_file([[A, "Ana", "Ejemplo", "", "ana@x.mx", "", ""]]), cast.own, cast.course, by=cast.enlace)
    done = run(plan, cast.enlace)
    before = checksums()
    sign(done, cast.enlace)
    jobs.run(done.id, lambda: None)
    jobs.parse(done.id, lambda: None)
    assert not work()
    assert checksums() == before
    assert again(done).rows_done == 1


def test_who_is_absent_stays(cast: Cast) -> None:
    run(send(csv_file([[A, "Ana", "Ejemplo", "", "", "", ""]]), cast.own, cast.course, by=cast.enlace), cast.enlace)
    run(send(csv_file([[B, "Beto", "Prueba", "", "", "", ""]]), cast.own, cast.course, by=cast.enlace), cast.enlace)
    place = db.session.scalars(select(Affiliation).where(Affiliation.person_id == person_of(A).id)).one()
    assert place.ended_on is None
    db.session.rollback()


def test_update_and_move(cast: Cast) -> None:
    file = [[A, "Ana", "Ejemplo", "", "", "Norte", "Jefa"], [B, "Beto", "Prueba", "", "", "Norte", "Auxiliar"]]
    run(send(csv_file(file), cast.own, cast.course, by=cast.enlace), cast.enlace)
    later = [[A, "Ana", "Ejemplo", "Nueva", "ana@x.mx", "", "Directora"], [B, "Beto", "Prueba", "", "", "Sur", ""]]
    plan = send(csv_file(later), cast.own, cast.course, by=cast.enlace)
    assert {n: r.kind for n, r in rows(plan).items()} == {2: "update", 3: "move"}
    run(plan, cast.enlace)
    ana, beto = person_of(A), person_of(B)
    assert (ana.identity.second_surname, ana.identity.email) == ("Nueva", "ana@x.mx")
    assert ana.identity.search_name == "ANA EJEMPLO NUEVA"
    assert [m.purpose for m in db.session.scalars(select(Mail).where(Mail.person_id == ana.id))] == ["activation"]
    old, new = db.session.scalars(
        select(Affiliation).where(Affiliation.person_id == beto.id).order_by(Affiliation.id)
    ).all()
    assert (old.ended_on, new.ended_on) == (clock.today(), None)
    assert new.area is not None
    assert (new.area.name, new.job, new.started_on) == ("Sur", "Auxiliar", clock.today())
    sponsors = db.session.scalars(
        select(EnrolmentAffiliation.affiliation_id)
        .join(Enrolment)
        .where(Enrolment.person_id == beto.id)
        .order_by(EnrolmentAffiliation.id)
    ).all()
    assert sponsors == [old.id, new.id]
    assert db.session.scalars(select(func.count()).select_from(Cycle).join(Enrolment).where(
        Enrolment.person_id == beto.id)).one() == 1  # fmt: skip
    db.session.rollback()


def test_a_driver_of_two_platforms_studies_once(cast: Cast) -> None:
    run(
        send(csv_file([[A, "Ana", "Ejemplo", "", "ana@x.mx", "Norte", ""]]), cast.own, cast.course, by=cast.enlace),
        cast.enlace,
    )
    before = people()
    plan = send(
        csv_file([[A, "Anna", "Distinta", "", "otra@x.mx", "Flota", ""]]), cast.other, cast.course,
        by=cast.other_enlace,
    )  # fmt: skip
    row = rows(plan)[2]
    # Nothing tells that she exists elsewhere, nor under which name.
    assert (row.kind, row.changes, row.known) == ("create", [], "")
    assert not [w for w in row.warnings if w["code"].startswith("plan")]
    run(plan, cast.other_enlace)
    ana = person_of(A)
    assert people() == before
    assert (ana.identity.full_name, ana.identity.email) == ("Ana Ejemplo", "ana@x.mx")
    places = db.session.scalars(select(Affiliation).where(Affiliation.person_id == ana.id)).all()
    assert {p.institution_id for p in places} == {cast.own.id, cast.other.id}
    enrolment = db.session.scalars(select(Enrolment).where(Enrolment.person_id == ana.id)).one()
    assert len(db.session.scalars(select(Cycle).where(Cycle.enrolment_id == enrolment.id)).all()) == 1
    sponsors = select(EnrolmentAffiliation).where(EnrolmentAffiliation.enrolment_id == enrolment.id)
    assert len(db.session.scalars(sponsors).all()) == 2
    db.session.rollback()
    # From now on her first institution alone may not rename her either.
    plan = send(csv_file([[A, "Ana", "Otra", "", "", "", ""]]), cast.own, cast.course, by=cast.enlace)
    assert rows(plan)[2].kind == "already"
    assert [w["code"] for w in rows(plan)[2].warnings if w["code"].startswith("plan")] == ["plan_name_kept"]


def test_the_address_of_someone_who_entered_stays(cast: Cast) -> None:
    learner = curp_of(cast.learner.id)
    plan = send(
        csv_file([[learner, "Lucía", "Aprendiz", "Ejemplo", "nueva@x.mx", "", "Jefa"]]), cast.own, cast.course,
        by=cast.enlace,
    )  # fmt: skip
    row = rows(plan)[2]
    assert [each[0] for each in row.changes] == ["job"]
    assert "plan_email_kept" in [w["code"] for w in row.warnings]
    run(plan, cast.enlace)
    assert person_of(learner).identity.email == "lucia@ejemplo.mx"


def test_what_a_hand_corrected_is_kept_through_a_move(cast: Cast) -> None:
    file = csv_file([[A, "Ana", "Ejemplo", "", "", "Norte", "Jefa"]])
    run(send(file, cast.own, cast.course, by=cast.enlace), cast.enlace)
    place = db.session.scalars(select(Affiliation).where(Affiliation.person_id == person_of(A).id)).one()
    place.job, place.origins = "Titular", {"job": "hand"}
    db.session.commit()
    later = csv_file([[A, "Ana", "Ejemplo", "", "", "Sur", "Auxiliar"]])
    run(send(later, cast.own, cast.course, by=cast.enlace), cast.enlace)
    new = db.session.scalars(
        select(Affiliation).where(Affiliation.ended_on.is_(None), Affiliation.person_id == place.person_id)
    ).one()
    assert (new.job, new.origins) == ("Titular", {"job": "hand"})
    assert new.area is not None
    assert new.area.name == "Sur"
    db.session.rollback()


def test_a_row_that_changed_since_the_plan_is_left_and_said(cast: Cast) -> None:
    file = csv_file([[A, "Ana", "Ejemplo", "", "", "", "Jefa"], [B, "Beto", "Prueba", "", "", "", "Jefe"]])
    run(send(file, cast.own, cast.course, by=cast.enlace), cast.enlace)
    later = csv_file([[A, "Ana", "Ejemplo", "", "", "", "Uno"], [B, "Beto", "Prueba", "", "", "", "Dos"]])
    plan = send(later, cast.own, cast.course, by=cast.enlace)
    ana = person_of(A).id
    db.session.execute(update(Affiliation).where(Affiliation.person_id == ana).values(job="Corregida"))
    db.session.commit()
    done = run(plan, cast.enlace)
    assert {n: r.outcome for n, r in rows(done).items()} == {2: "changed", 3: "done"}
    jobs_now = db.session.scalars(select(Affiliation.job).where(Affiliation.person_id.in_([ana, person_of(B).id])))
    assert set(jobs_now) == {"Corregida", "Dos"}
    db.session.rollback()


def test_someone_who_came_since_the_plan_is_left_and_said(cast: Cast) -> None:
    plan = send(csv_file([[A, "Ana", "Ejemplo", "", "", "", ""]]), cast.own, cast.course, by=cast.enlace)
    other = send(csv_file([[A, "Anita", "Ejemplo", "", "", "", ""]]), cast.own, cast.course, by=cast.enlace)
    run(other, cast.enlace)
    assert rows(run(plan, cast.enlace))[2].outcome == "changed"


def test_killed_half_way_it_goes_on_where_it_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rosters_run, "CHUNK", 4)
    codes = [curp(n) for n in range(30_000, 30_012)]
    plan = send(
        csv_file([[c, "Ana", "Ejemplo", "", f"{i}@x.mx", f"Área {i % 3}", ""] for i, c in enumerate(codes)]),
        cast.own, cast.course, by=cast.enlace,
    )  # fmt: skip
    sign(plan, cast.enlace)
    before, beats = people(), 0

    def die() -> None:
        nonlocal beats
        beats += 1
        if beats == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.run(again(plan).id, die)
    half = again(plan)
    assert half.state == "running"
    assert 0 < half.rows_done < 12
    assert people() == before + half.rows_done
    db.session.rollback()
    assert work()
    done = again(plan)
    assert (done.state, done.rows_done) == ("done", 12)
    assert people() == before + 12
    ours = select(Person.id).join(RosterRow, RosterRow.person_id == Person.id).where(RosterRow.roster_id == plan.id)
    for table in (Identity, Account):
        assert db.session.scalar(select(func.count()).select_from(table).where(table.person_id.in_(ours))) == 12
    assert db.session.scalar(select(func.count()).select_from(Enrolment).where(Enrolment.person_id.in_(ours))) == 12
    assert db.session.scalar(select(func.count()).select_from(Mail)) == 12
    db.session.rollback()


def test_a_chunk_that_breaks_leaves_nothing_of_itself(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = send(csv_file([[A, "Ana", "Ejemplo", "", "", "", ""]]), cast.own, cast.course, by=cast.enlace)
    sign(plan, cast.enlace)
    before = checksums()

    def broken(_chunk: object) -> None:
        raise ValueError

    monkeypatch.setattr(rosters_run.Chunk, "_mail", broken)
    assert work()
    assert checksums() == before
    monkeypatch.undo()
    db.session.execute(update(Job).values(lease_until=None))
    db.session.commit()
    assert work()
    assert again(plan).state == "done"


def test_a_reading_that_died_begins_again(cast: Cast) -> None:
    made = deeds.upload(
        cast.own, cast.course, filename="p.csv", content=csv_file([[A, "Ana", "Ejemplo", "", "", "", ""]] * 1),
        area_paths=[], due_on=None, by=cast.enlace.id, at=clock.now(),
    )  # fmt: skip
    db.session.commit()

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.parse(made.id, die)
    db.session.rollback()
    outbox.claim_job("otro", at=clock.now() - timedelta(hours=1), lease=timedelta(minutes=1))
    db.session.commit()
    assert work()
    assert (again(made).state, again(made).rows_total, again(made).counts["create"]) == ("planned", 1, 1)
