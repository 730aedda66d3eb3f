"""`lms certificates`: propose a batch, release and issue it, list what was issued."""

from __future__ import annotations

import json

import click
from flask import current_app
from rich.console import Console
from rich.progress import Progress

from lms import clock
from lms.actions import certificates as deeds
from lms.actions.refusal import Refused
from lms.cli.context import application, do_now
from lms.database import db, reading
from lms.permissions import SYSTEM
from lms.queries import certificates as queries
from lms.queries import certificates_batches as batch_queries
from lms.queries.certificates_batches import BatchRow
from lms.texts.sentences import sentence


@click.group()
def commands() -> None:
    """Las constancias."""


def _officer(named: str) -> int:
    found = queries.officers(SYSTEM, named.strip())
    if not found:
        raise click.ClickException(
            f"Nadie de la Secretaría con permiso para emitir tiene «{named}». Escribe su correo, su CURP o su clave."
        )
    if len(found) > 1:
        raise click.ClickException(f"Varias personas comparten «{named}». Escribe la CURP de quien firma.")
    return found[0]


def _refusal(refused: Refused) -> click.ClickException:
    db.session.rollback()
    return click.ClickException(sentence(refused.code, **refused.params))


AS = click.option("--as", "named", required=True, metavar="OFICIAL", help="Correo, CURP o clave de quien firma.")


@commands.command("propose")
@click.option("--course", required=True, help="Curso, por su nombre corto: derechos-humanos.")
@click.option("--institution", required=True, help="Institución, por su nombre corto: semar.")
@AS
def propose(course: str, institution: str, named: str) -> None:
    """Propone un lote con todas las personas que ya pueden recibir su constancia."""
    with application().app_context():
        by = _officer(named)
        found = queries.pair_ids(SYSTEM, institution, course)
        if found is None:
            raise click.ClickException(f"No hay una institución «{institution}» con un curso «{course}».")
        institution_id, course_id = found
        try:
            public_id = deeds.propose(course_id, institution_id, by=by, at=clock.now()).public_id
        except Refused as refused:
            raise _refusal(refused) from None
        db.session.commit()
        with reading():
            people = _batch(public_id).people
    click.echo(f"Lote {public_id}: {people:,} {'persona' if people == 1 else 'personas'} por revisar.")
    click.echo(f"Lo emite otra persona: lms certificates release {public_id} --as OFICIAL")


def _batch(public_id: str) -> BatchRow:
    found = batch_queries.batch(SYSTEM, public_id)
    if found is None:
        raise click.ClickException(f"No hay un lote «{public_id}».")
    return found


# A public id may begin with a hyphen, which must not be read as an option.
@commands.command("release", context_settings={"ignore_unknown_options": True})
@click.argument("batch")
@AS
def release(batch: str, named: str) -> None:
    """Firma un lote que propuso otra persona y emite sus constancias."""
    with application().app_context():
        by = _officer(named)
        found = _batch(batch)
        try:
            deeds.release(found.id, by=by, at=clock.now())
            db.session.commit()
            _issue(found)
        except Refused as refused:
            raise _refusal(refused) from None
        with reading():
            after = _batch(batch)
            refusals = batch_queries.refused(SYSTEM, found.id)
    for person in refusals:
        reasons = " ".join(sentence(f"certificate_{code}") for code in person.codes)
        click.echo(f"Sin constancia: {person.name or 'persona con datos bloqueados'}. {reasons}")
    click.echo(f"{after.issued:,} emitidas, {after.refused:,} sin constancia.")


def _issue(found: BatchRow) -> None:
    """Issue to the end, in this process, showing how far it is."""
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("Constancias", total=found.people)

        def tell() -> None:
            with reading():
                bar.update(task, completed=found.people - _batch(found.public_id).left)

        do_now("batch_issue", found.id, tell)
        tell()


@commands.command("list")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Cuántas, de las últimas.")
@click.option("--json", "as_json", is_flag=True, help="Un objeto JSON.")
def list_(limit: int, as_json: bool) -> None:
    """Muestra las últimas constancias emitidas."""
    with application().app_context(), reading():
        found = queries.latest(SYSTEM, limit)
        base = current_app.config["AULA"].base_url
    if as_json:
        rows = [
            {
                "folio": one.folio, "name": one.name, "course": one.course, "institution": one.institution,
                "issued_at": one.issued_at.isoformat(), "state": str(one.state),
                "url": f"{base}/constancias/{one.folio}",
            }
            for one in found
        ]  # fmt: skip
        click.echo(json.dumps({"certificates": rows}, ensure_ascii=False, indent=2))
        return
    for one in found:
        state = sentence(f"state_{one.state}")
        click.echo(f"{one.printed}  {state}  {one.name or '—'} · {one.course} · {one.institution}")
    if not found:
        click.echo("Todavía no se emite ninguna constancia.")
