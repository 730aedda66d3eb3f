"""What every command needs: the application, and the person in whose name it acts."""

from __future__ import annotations

import logging

import click
from flask import Flask


def application() -> Flask:
    """Return the application that the roof made for this process, or make it."""
    from flask import current_app, has_app_context

    if has_app_context():
        return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]
    logging.getLogger("alembic").setLevel(logging.WARNING)
    factory = click.get_current_context().find_root().obj
    app: Flask = factory()
    return app
