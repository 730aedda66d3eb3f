"""`lms enrolments`: recount."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from lms.cli.context import application
from lms.database import reading
from lms.queries import enrolments
from lms.rules.enrolments import completed

CHUNK = 500


@click.group()
def commands() -> None:
    """Las inscripciones."""


def _said(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else "sin terminar"


@commands.command("recount")
def recount() -> None:
    """Vuelve a calcular qué cursos están terminados y dice en cuáles lo guardado no coincide con los hechos."""
    counted = different = last = 0
    with application().app_context():
        while True:
            with reading():
                stored = enrolments.completions(last, CHUNK)
                facts = enrolments.completion_facts([cycle_id for cycle_id, _ in stored])
            if not stored:
                break
            for cycle_id, completed_at in stored:
                found = completed(facts[cycle_id]) if cycle_id in facts else None
                if found != completed_at:
                    different += 1
                    click.echo(f"Ciclo {cycle_id}: guardado {_said(completed_at)}, según los hechos {_said(found)}.")
            counted += len(stored)
            last = stored[-1][0]
    click.echo(f"{counted:,} ciclos revisados, {different:,} con diferencias.")
    if different:
        sys.exit(1)
