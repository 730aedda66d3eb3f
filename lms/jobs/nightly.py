"""The night's round: seal the audit, forget old throttles, and say which messages are uncertain."""

from __future__ import annotations

from flask import Flask

from lms import clock
from lms.actions import audit, people
from lms.database import begin_reading, db


def night(app: Flask) -> None:
    """Do the night's work, each part in a transaction of its own."""
    with app.app_context():
        begin_reading(False)
        try:
            while audit.seal(at=clock.now()):
                db.session.commit()
            db.session.rollback()
            people.forget_throttles(at=clock.now())
            db.session.commit()
        finally:
            db.session.remove()
