"""`lms people`: invite."""

from __future__ import annotations

from datetime import timedelta

import click

from lms import clock
from lms.actions import people_invite as deeds
from lms.cli.context import application
from lms.database import db, reading
from lms.permissions import SYSTEM
from lms.queries import people_invite as queries
from lms.queries.rosters import institutions

CHUNK = 500
ONCE = timedelta(days=1)


@click.group()
def commands() -> None:
    """Las personas."""


def _institution(slug: str | None) -> int | None:
    if slug is None:
        return None
    found = next((each.id for each in institutions(SYSTEM) if each.slug == slug), None)
    if found is None:
        raise click.ClickException(f"No hay una institución «{slug}». Escribe su nombre corto, como «semar».")
    return found


@commands.command("invite")
@click.option("--institution", metavar="SLUG", help="Solo una institución, por su nombre corto.")
def invite(institution: str | None) -> None:
    """Invita por correo a quienes aún no entran, cuando mucho una vez al día."""
    asked = last = 0
    with application().app_context():
        with reading():
            where = _institution(institution)
        while True:
            at = clock.now()
            found = queries.to_invite(SYSTEM, where, after=last, since=at - ONCE, limit=CHUNK)
            if not found:
                db.session.rollback()
                break
            deeds.invite(found, by=None, at=at)
            db.session.commit()
            asked, last = asked + len(found), found[-1]
        with reading():
            left = queries.waiting(SYSTEM, where)
    click.echo(f"Pedimos {asked:,} correos de acceso.")
    if left.with_email > asked:
        click.echo(f"{left.with_email - asked:,} personas ya recibieron el suyo en las últimas 24 horas.")
    if left.without_email:
        click.echo(f"{left.without_email:,} personas no tienen correo: su enlace les imprime una ficha.")
