"""A door for machines: does this process serve."""

from __future__ import annotations

from typing import Any

from alembic.script import ScriptDirectory
from flask import Blueprint, current_app

from lms.queries.health import health
from lms.web.gate import anyone

bp = Blueprint("health", __name__)


def _head() -> str | None:
    """Return the migration this code was written for, read once per process."""
    found: dict[str, Any] = current_app.extensions
    if "aula_head" not in found:
        found["aula_head"] = ScriptDirectory(found["migrate"].directory).get_current_head()
    return found["aula_head"]  # type: ignore[no-any-return]


@bp.get("/salud")
@anyone
def check() -> tuple[dict[str, Any], int]:
    """Answer 200 while the database answers, 503 when it does not; it says nothing about anyone."""
    found = health()
    if found is None:
        return {"status": "down", "database": "unreachable"}, 503
    return {
        "status": "ok",
        "database": "reachable",
        "migrations": "current" if found.revision == _head() else "outdated",
        "waiting": {"mails": found.mails, "jobs": found.jobs},
    }, 200
