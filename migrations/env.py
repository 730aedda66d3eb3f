"""Runs the migrations on the database that the application is bound to."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

import lms.models  # noqa: F401 - makes the tables known
from lms.database import Base, Moment, db

target_metadata = Base.metadata


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Write our own column type as the plain type it is in the database: a migration must not change with the code."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Migrate inside one transaction, on either engine."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_item=render_item,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.in_transaction():
            connection.commit()


run()
