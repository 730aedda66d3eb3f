"""`lms people`: invitations, and the first administrator."""

from __future__ import annotations

from datetime import timedelta

import click
from flask import current_app

from lms import clock
from lms.actions import people_invite as deeds
from lms.actions.people_admin import create_person
from lms.actions.people_roles import first_admin
from lms.actions.refusal import Refused
from lms.cli.context import application
from lms.database import db, reading
from lms.permissions import SYSTEM
from lms.queries import people_invite as queries
from lms.queries.rosters import institutions
from lms.rules.people import Curp, CurpFault, read_curp
from lms.rules.people_admin import Name, NameFault, read_name
from lms.texts.sentences import sentence

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


@commands.command("admin")
@click.option("--name", required=True, metavar="NOMBRES", help="Sus nombres.")
@click.option("--surname", required=True, metavar="APELLIDO", help="Su primer apellido.")
@click.option("--second", default="", metavar="APELLIDO", help="Su segundo apellido, si tiene.")
@click.option("--curp", required=True, help="Su CURP.")
@click.option("--email", required=True, help="El correo al que llega su acceso.")
def admin(name: str, surname: str, second: str, curp: str, email: str) -> None:
    """Registra a la primera persona que administra; las demás reciben su rol de ella."""
    read, key = read_name(name, surname, second), read_curp(curp, today=clock.today())
    for fault in (read, key):
        if isinstance(fault, NameFault | CurpFault):
            raise click.ClickException(sentence(fault.code, **dict(fault.params)))
    assert isinstance(read, Name)
    assert isinstance(key, Curp)
    with application().app_context():
        try:
            person, _new = create_person(read, key, email, None, by=None, at=clock.now())
            first_admin(person.id, at=clock.now())
        except Refused as refused:
            db.session.rollback()
            raise click.ClickException(sentence(refused.code, **refused.params)) from None
        db.session.commit()
        current_app.extensions["aula_nudge"]()
    click.echo("Listo. Su acceso le llega por correo; sin SMTP, el mensaje queda en la carpeta mail de la instancia.")
