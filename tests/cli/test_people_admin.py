"""`lms people admin`: the first administrator of an empty Aula, and only the first."""

from __future__ import annotations

from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from lms.cli.people import commands
from lms.database import db
from lms.models.outbox import Mail
from lms.models.people import RoleHeld
from tests.people import curp

WHO = ("admin", "--name", "Adela", "--surname", "Primera", "--email", "adela@ejemplo.mx", "--curp")


def test_the_first_administrator_is_made_once(app: Flask) -> None:
    first = CliRunner().invoke(commands, [*WHO, curp(4_001)])
    assert first.exit_code == 0, first.output
    assert db.session.scalars(select(RoleHeld.role)).all() == ["admin"]
    assert db.session.scalars(select(Mail.purpose)).all() == ["activation"]
    db.session.rollback()
    second = CliRunner().invoke(commands, [*WHO, curp(4_002)])
    assert second.exit_code == 1
    assert "Ya hay quien administra" in second.output
    assert len(db.session.scalars(select(RoleHeld)).all()) == 1


def test_what_cannot_be_read_is_said(app: Flask) -> None:
    answer = CliRunner().invoke(commands, [*WHO, "ABC"])
    assert answer.exit_code == 1
    assert "18" in answer.output
    assert db.session.scalars(select(RoleHeld)).all() == []
