"""What every command needs: the application, and the person in whose name it acts."""

from __future__ import annotations

import logging
from collections.abc import Callable

import click
from flask import Flask, current_app, has_app_context


def application() -> Flask:
    """Return the application that the roof made for this process, or make it."""
    if has_app_context():
        return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]
    logging.getLogger("alembic").setLevel(logging.WARNING)
    factory = click.get_current_context().find_root().obj
    app: Flask = factory()
    return app


def do_now(kind: str, subject_id: int, tell: Callable[[], None]) -> None:
    """Carry out a job that an action enqueued, in this process, calling `tell` between its chunks.

    The roof lends the worker's own function, so a worker running at the same time never does the job twice.
    """
    current_app.extensions["aula_do_now"](kind, subject_id, tell)
