"""The commands: propose, release, list."""

from __future__ import annotations

import json
import re

from click.testing import CliRunner, Result
from sqlalchemy import select

from lms import clock
from lms.cli import cli
from lms.database import db
from lms.models.certificates import Batch, Certificate
from lms.models.people import Account, PersonCurp
from tests.certificates import graduates, signatory
from tests.people import Cast


def run(cast: Cast, *words: str) -> Result:
    """Run `lms certificates …` in the application under test, while the test itself holds no transaction."""
    db.session.rollback()
    return CliRunner().invoke(cli, ["certificates", *words], obj=lambda: cast.app)


def propose(cast: Cast, by: str) -> Result:
    return run(cast, "propose", "--course", "curso-corto", "--institution", "propia", "--as", by)


def test_two_officers_issue_from_the_command_line(cast: Cast):
    signatory()
    graduates(cast, 4)
    curp = db.session.scalars(select(PersonCurp.curp).where(PersonCurp.person_id == cast.officer2.id)).one()
    first = propose(cast, cast.officer.public_id)
    assert first.exit_code == 0, first.output
    assert "4 personas por revisar" in first.output
    batch = re.search(r"release (\S+) --as", first.output)
    assert batch is not None
    second = run(cast, "release", batch[1], "--as", curp)
    assert second.exit_code == 0, second.output
    assert "4 emitidas, 0 sin constancia." in second.output
    listed = run(cast, "list", "--limit", "2", "--json")
    rows = json.loads(listed.output)["certificates"]
    folios = db.session.scalars(select(Certificate.folio).order_by(Certificate.id.desc())).all()
    assert [row["folio"] for row in rows] == folios[:2]
    assert rows[0]["state"] == "valid"
    assert cast.client().get(rows[0]["url"].removeprefix("http://localhost")).status_code == 200
    assert run(cast, "list").output.count("vigente") == 4


def test_refusals_are_sentences_and_exit_codes(cast: Cast):
    signatory()
    graduates(cast, 1)
    assert "Nadie de la Secretaría" in propose(cast, cast.learner.public_id).output
    unknown = run(cast, "propose", "--course", "nada", "--institution", "propia", "--as", cast.officer.public_id)
    assert (unknown.exit_code, "No hay una institución" in unknown.output) == (1, True)
    assert propose(cast, cast.officer.public_id).exit_code == 0
    again = propose(cast, cast.officer2.public_id)
    assert (again.exit_code, "Ya hay un lote propuesto" in again.output) == (1, True)
    batch = db.session.scalars(select(Batch.public_id)).one()
    own = run(cast, "release", batch, "--as", cast.officer.public_id)
    assert (own.exit_code, "la firma otra persona" in own.output) == (1, True)
    missing = run(cast, "release", "no-hay", "--as", cast.officer.public_id)
    assert (missing.exit_code, "No hay un lote" in missing.output) == (1, True)


def test_who_is_left_out_is_told(cast: Cast):
    signatory()
    cycle = graduates(cast, 2)[0]
    propose(cast, cast.officer.public_id)
    db.session.get_one(Account, cycle.enrolment.person_id).suspended_at = clock.now()
    db.session.commit()
    batch = db.session.scalars(select(Batch.public_id)).one()
    done = run(cast, "release", batch, "--as", cast.officer2.public_id)
    assert "Sin constancia: Graduada 0 Prueba Ejemplo. Su cuenta está suspendida." in done.output
    assert "1 emitidas, 1 sin constancia." in done.output


def test_a_batch_whose_id_looks_like_an_option(cast: Cast):
    signatory()
    graduates(cast, 1)
    propose(cast, cast.officer.public_id)
    db.session.scalars(select(Batch)).one().public_id = "-as_Zb3dE4fG5hI6"
    db.session.commit()
    assert run(cast, "release", "-as_Zb3dE4fG5hI6", "--as", cast.officer2.public_id).exit_code == 0


def test_an_empty_list_says_so(cast: Cast):
    assert "Todavía no se emite ninguna constancia." in run(cast, "list").output
    assert json.loads(run(cast, "list", "--json").output) == {"certificates": []}
