"""`lms db`: the tables."""

from __future__ import annotations

import click
from flask_migrate import upgrade

from lms.cli.context import application


@click.group()
def commands() -> None:
    """La base de datos."""


@commands.command("upgrade")
def upgrade_command() -> None:
    """Crea las tablas o las pone al día."""
    with application().app_context():
        upgrade()
    click.echo("La base de datos está al día.")
