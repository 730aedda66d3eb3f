"""`lms worker`: carries out what waits in the database."""

from __future__ import annotations

import logging

import click

from lms.cli.context import application


@click.command()
@click.option("--threads", default=2, show_default=True, help="Cuántas tareas a la vez.")
def commands(threads: int) -> None:
    """Atiende tareas y correo hasta que se le pida parar."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("huey").setLevel(logging.WARNING)
    app = application()
    queue = app.extensions["aula_queue"]
    queue.huey.create_consumer(workers=threads, max_delay=1.0, initial_delay=0.1, graceful_signal="TERM").run()
