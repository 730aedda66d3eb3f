"""The door for machines."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from lms import clock, create_app
from lms.actions.outbox import enqueue, send_mail
from lms.database import db
from tests.people import Cast


def test_all_is_well_and_what_waits_is_counted(cast: Cast) -> None:
    send_mail("reset", cast.learner.id, "uno", at=clock.now())
    enqueue("roster", 1, at=clock.now())
    db.session.commit()
    answer = cast.client().get("/salud")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok", "database": "reachable", "migrations": "current", "waiting": {"mails": 1, "jobs": 1},
    }  # fmt: skip


def test_tables_of_another_version_are_said(cast: Cast) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    db.session.commit()
    answer = cast.client().get("/salud")
    assert answer.status_code == 200
    assert answer.json
    assert answer.json["migrations"] == "outdated"


def test_a_database_that_does_not_answer_is_503(cast: Cast) -> None:
    settings = replace(cast.app.config["AULA"], database_url="postgresql+psycopg://nobody@127.0.0.1:9/none")
    answer = create_app(settings, testing=True).test_client().get("/salud")
    assert answer.status_code == 503
    assert answer.json == {"status": "down", "database": "unreachable"}
