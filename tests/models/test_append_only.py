"""The audit log cannot be rewritten by whoever holds the connection."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from lms import clock
from lms.actions.audit import record
from lms.database import db


@pytest.mark.parametrize("statement", ["DELETE FROM audit_entry", "UPDATE audit_entry SET deed = 'otro'"])
def test_audit_entries_stay(app: Flask, statement: str) -> None:
    record("prueba.hace", "prueba", 1, by=None, at=clock.now())
    db.session.commit()
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert db.session.execute(text("SELECT deed FROM audit_entry")).scalars().all() == ["prueba.hace"]
