"""`lms roster`: plan and run from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from lms import clock
from lms.actions import rosters as deeds
from lms.actions.refusal import Refused
from lms.cli.context import application, do_now
from lms.database import db, reading
from lms.models.courses import Course
from lms.models.institutions import Institution
from lms.models.rosters import Roster
from lms.permissions import SYSTEM, Actor, Permission, Scope
from lms.queries import rosters as queries
from lms.queries.rosters import RowFilter
from lms.texts.rosters import say
from lms.texts.sentences import sentence

COUNTS = ("create", "already", "update", "move", "warning", "fault")
WORDS = {
    "create": "se inscribirán",
    "already": "ya están",
    "update": "se actualizarán",
    "move": "cambiarán de área",
    "warning": "con advertencias",
    "fault": "con faltas",
}


@click.group()
def commands() -> None:
    """Los padrones: primero el plan, después su ejecución."""


AS_JSON = click.option("--json", "as_json", is_flag=True, help="Un objeto JSON en la salida.")


@commands.command("plan")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--institution", required=True, help="Institución, por su nombre corto: semar.")
@click.option("--course", required=True, help="Curso, por su nombre corto: derechos-humanos.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="Fecha límite: AAAA-MM-DD.")
@click.option("--as", "named", metavar="ENLACE", help="Correo, CURP o clave de quien lo sube.")
@AS_JSON
def plan(file: Path, institution: str, course: str, due: datetime | None, named: str | None, as_json: bool) -> None:
    """Lee un padrón y dice qué pasaría, sin cambiar nada."""
    with application().app_context():
        with reading():
            to, of = _institution(institution), _course(course)
            who = _enlace(to.id, named) if named else None
            asked = who.scope(Permission.ROSTER_WRITE) if who else SYSTEM
            areas = queries.area_paths(asked, to.id)
        made = deeds.upload(
            to, of, filename=file.name, content=_content(file), area_paths=areas,
            due_on=due.date() if due else None, by=who.person_id if who else None, at=clock.now(),
        )  # fmt: skip
        made_id = made.id
        db.session.commit()
        _work("Leyendo el padrón", "roster_parse", made_id, lambda r: r.rows_total, None)
        with reading():
            _show_plan(_again(made_id), as_json)


def _institution(slug: str) -> Institution:
    found = next((each for each in queries.institutions(SYSTEM) if each.slug == slug), None)
    if found is None:
        raise click.ClickException(f"No hay una institución «{slug}». Escribe su nombre corto, como «semar».")
    return found


def _course(slug: str) -> Course:
    found = next((each for each in queries.published_courses(SYSTEM) if each.slug == slug), None)
    if found is None:
        raise click.ClickException(f"No hay un curso publicado «{slug}». Escribe su nombre corto.")
    return found


def _enlace(institution_id: int, named: str) -> Actor:
    found = queries.enlaces(SYSTEM, institution_id, named.strip(), clock.now())
    if not found:
        raise click.ClickException(
            f"Nadie con permiso para subir padrones de esta institución tiene «{named}». "
            "Escribe su correo, su CURP o su clave."
        )
    if len(found) > 1:
        raise click.ClickException(f"Varias personas comparten «{named}». Escribe la CURP de quien firma.")
    return found[0]


def _content(file: Path) -> bytes:
    most = application().config["AULA"].upload_mb
    if file.stat().st_size > most * 1024 * 1024:
        raise click.ClickException(sentence("roster_file_big", maximum=most))
    return file.read_bytes()


def _again(roster_id: int) -> Roster:
    found = db.session.get(Roster, roster_id, populate_existing=True)
    assert found is not None
    return found


def _work(title: str, kind: str, roster_id: int, done: Callable[[Roster], int], total: int | None) -> None:
    """Carry the job out here with a bar on the error output, so that the other stays clean for a program."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)

        def tell() -> None:
            with reading():
                bar.update(task, completed=done(_again(roster_id)))

        do_now(kind, roster_id, tell)


def _show_plan(roster: Roster, as_json: bool) -> None:
    if roster.state == "refused":
        assert roster.fault is not None
        raise click.ClickException(sentence(roster.fault["code"], **roster.fault["params"]))
    if roster.state not in {"planned", "signed", "running", "done"}:
        raise click.ClickException("Algo falló al leer el archivo y no hay plan. Inténtalo otra vez.")
    counts = {kind: roster.counts[kind] for kind in COUNTS}
    if as_json:
        click.echo(
            json.dumps({"plan": roster.public_id, "counts": counts, "faults": _faults(roster)}, ensure_ascii=False)
        )
        return
    click.echo(f"Plan {roster.public_id}")
    for kind in COUNTS:
        click.echo(f"  {counts[kind]:>8,}  {WORDS[kind]}")
    for fault in _faults(roster):
        click.echo(f"Fila {fault['row']}: {fault['message']}")
    click.echo(f"No ha cambiado nada. Para hacerlo: lms roster run {roster.public_id} --as ENLACE")


def _faults(roster: Roster) -> list[dict[str, Any]]:
    return [
        {"row": said.row, "column": said.column, "value": said.value, "message": said.sentence}
        for row in queries.every_row(roster, RowFilter(kinds=("fault",)))
        for said in say(row.row_number, row.faults)
    ]


@commands.command("run")
@click.argument("plan")
@click.option("--as", "named", required=True, metavar="ENLACE", help="Correo, CURP o clave de quien lo firma.")
@AS_JSON
def run(plan: str, named: str, as_json: bool) -> None:
    """Firma un plan y hace exactamente lo que dice; repetirlo no cambia nada."""
    with application().app_context():
        with reading():
            roster_id, total, who, asked = _signer(plan, named)
        roster = queries.roster(asked, plan)
        if roster is None:
            raise click.ClickException(f"«{named}» no puede firmar este plan: abarca áreas que no son suyas.")
        try:
            deeds.sign(roster, roster.digest or "", by=who.person_id, at=clock.now())
        except Refused as refused:
            db.session.rollback()
            raise click.ClickException(sentence(refused.code, **refused.params)) from None
        db.session.commit()
        _work("Inscribiendo", "roster_run", roster_id, lambda r: r.rows_done, total)
        with reading():
            _show_result(_again(roster_id), as_json)


def _signer(plan: str, named: str) -> tuple[int, int, Actor, Scope]:
    found = queries.roster(SYSTEM, plan)
    if found is None:
        raise click.ClickException(f"No hay un plan «{plan}». Haz uno con: lms roster plan ARCHIVO.")
    who = _enlace(found.institution_id, named)
    return found.id, found.rows_total, who, who.scope(Permission.ROSTER_WRITE)


def _show_result(roster: Roster, as_json: bool) -> None:
    if roster.state != "done":
        raise click.ClickException("El trabajo no terminó. Repite la orden: sigue donde se quedó.")
    found = queries.outcomes(roster)
    outcomes = {name: found.get(name, 0) for name in ("done", "nothing", "changed", "left")}
    if as_json:
        click.echo(json.dumps({"plan": roster.public_id, "outcomes": outcomes}, ensure_ascii=False))
        return
    click.echo(
        f"{outcomes['done']:,} filas hechas, {outcomes['nothing']:,} ya estaban, {outcomes['left']:,} con faltas."
    )
    if outcomes["changed"]:
        click.echo(
            f"{outcomes['changed']:,} sin hacer: sus datos cambiaron después del plan. Sube el archivo otra vez."
        )
