"""`lms roster` and `lms people invite`."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import func, select

from lms import clock
from lms.actions import outbox
from lms.cli import cli
from lms.database import db
from lms.jobs.work import LEASE
from lms.models.outbox import Mail
from lms.models.people import Affiliation, Person
from lms.models.rosters import Roster
from tests.people import Cast, affiliate, curp, person
from tests.rosters import checksums, csv_file, curp_of

A, B, C = (curp(n) for n in range(23_001, 23_004))
FILE = csv_file([[A, "Ana", "Ejemplo", "", "ana@x.mx", "Norte", ""], [B[:-1], "Beto", "Prueba", "", "", "", ""]])


def lms(cast: Cast, *words: str) -> Result:
    """Run the command while the test itself holds no transaction."""
    db.session.rollback()
    return CliRunner().invoke(cli, words, obj=lambda: cast.app)


def plan(cast: Cast, tmp_path: Path, *more: str, content: bytes = FILE, name: str = "padron.csv") -> Result:
    path = tmp_path / name
    path.write_bytes(content)
    words = ("--institution", "propia", "--course", "curso-corto")
    return lms(cast, "roster", "plan", str(path), *(more if "--institution" in more else (*words, *more)))


def test_the_plan_as_json(cast: Cast, tmp_path: Path) -> None:
    before = checksums()
    result = plan(cast, tmp_path, "--json", "--due", "2099-05-01")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert set(said) == {"plan", "counts", "faults"}
    counts = {"create": 1, "already": 0, "update": 0, "move": 0, "warning": 1, "fault": 1}
    assert said["counts"] == counts
    (fault,) = said["faults"]
    assert set(fault) == {"row", "column", "value", "message"}
    assert (fault["row"], fault["column"], fault["value"]) == (3, "CURP", B[:-1])
    assert "tiene 17 caracteres" in fault["message"]
    assert checksums() == before
    stored = db.session.scalars(select(Roster)).one()
    assert (stored.public_id, stored.uploaded_by_id, str(stored.due_on)) == (said["plan"], None, "2099-05-01")


def test_plan_run_and_run_again(cast: Cast, tmp_path: Path) -> None:
    enlace = curp_of(cast.enlace.id)
    made = json.loads(plan(cast, tmp_path, "--json", "--as", enlace).stdout)["plan"]
    first = lms(cast, "roster", "run", made, "--as", cast.enlace.public_id)
    assert first.exit_code == 0, first.output
    assert "1 filas hechas" in first.stdout
    before = checksums()
    second = lms(cast, "roster", "run", made, "--as", cast.enlace.public_id, "--json")
    assert json.loads(second.stdout)["outcomes"] == {"done": 1, "nothing": 0, "changed": 0, "left": 1}
    assert checksums() == before
    stored = db.session.scalars(select(Roster)).one()
    assert (stored.uploaded_by_id, stored.signed_by_id, stored.state) == (cast.enlace.id, cast.enlace.id, "done")
    again = json.loads(plan(cast, tmp_path, "--json", "--due", "2099-05-02").stdout)
    assert again["counts"]["already"] == 1


def test_a_plan_in_words(cast: Cast, tmp_path: Path) -> None:
    result = plan(cast, tmp_path)
    assert "1  se inscribirán" in result.stdout
    assert "Fila 3: La CURP de la fila 3 tiene 17 caracteres" in result.stdout
    assert "lms roster run" in result.stdout


def test_what_cannot_be_ends_with_a_sentence(cast: Cast, tmp_path: Path) -> None:
    other = ("--institution", "nadie", "--course", "curso-corto")
    assert "No hay una institución «nadie»" in plan(cast, tmp_path, *other).output
    other = ("--institution", "propia", "--course", "nada")
    assert "No hay un curso publicado «nada»" in plan(cast, tmp_path, *other).output
    refused = plan(cast, tmp_path, content=b"Nombre;Puesto\r\nAna;Jefa")
    assert refused.exit_code != 0
    assert "Falta la columna de la CURP" in refused.output
    for who in (cast.learner, cast.other_enlace, cast.officer):
        result = plan(cast, tmp_path, "--as", who.public_id)
        assert result.exit_code != 0
        assert "Nadie con permiso" in result.output
    assert lms(cast, "roster", "run", "nada", "--as", "x").exit_code != 0


def test_only_who_may_signs(cast: Cast, tmp_path: Path) -> None:
    made = json.loads(plan(cast, tmp_path, "--json").stdout)["plan"]
    people = db.session.scalar(select(func.count()).select_from(Person))
    for who in (cast.learner, cast.other_enlace, cast.area_enlace):
        result = lms(cast, "roster", "run", made, "--as", who.public_id)
        assert result.exit_code != 0, result.output
    assert db.session.scalar(select(func.count()).select_from(Person)) == people


def test_an_enlace_of_an_area_plans_inside_it(cast: Cast, tmp_path: Path) -> None:
    file = csv_file([[A, "Ana", "Ejemplo", "", "", "", ""], [C, "Caro", "Prueba", "", "", "Lejos", ""]])
    said = json.loads(plan(cast, tmp_path, "--json", "--as", cast.area_enlace.public_id, content=file).stdout)
    assert (said["counts"]["create"], said["counts"]["fault"]) == (1, 1)
    assert lms(cast, "roster", "run", said["plan"], "--as", cast.area_enlace.public_id).exit_code == 0
    place = db.session.scalars(select(Affiliation).order_by(Affiliation.id.desc()).limit(1)).one()
    assert place.area_id == cast.area.id


def test_a_worker_that_already_has_the_job_is_waited_for(cast: Cast, tmp_path: Path) -> None:
    made = json.loads(plan(cast, tmp_path, "--json").stdout)["plan"]
    assert lms(cast, "roster", "run", made, "--as", cast.enlace.public_id).exit_code == 0
    db.session.rollback()
    assert outbox.claim_job("worker", at=clock.now(), lease=LEASE) is None
    db.session.rollback()


def test_invite_writes_once_a_day_to_who_has_not_entered(cast: Cast) -> None:
    for name in ("Ada", "Eva"):
        affiliate(person(name, "Invitada", active=False, email=f"{name}@x.mx"), cast.own)
    affiliate(person("Ona", "Lejana", active=False, email="ona@x.mx"), cast.other)
    db.session.commit()
    first = lms(cast, "people", "invite", "--institution", "propia")
    assert "Pedimos 2 correos" in first.stdout
    assert "1 personas no tienen correo" in first.stdout
    assert "Pedimos 0 correos" in lms(cast, "people", "invite", "--institution", "propia").stdout
    assert "Pedimos 1 correos" in lms(cast, "people", "invite").stdout
    assert db.session.scalar(select(func.count()).select_from(Mail)) == 3
    assert lms(cast, "people", "invite", "--institution", "nadie").exit_code != 0
