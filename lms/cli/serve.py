"""`lms serve`: the web server and one supervised worker, until they are asked to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from types import FrameType

import click

import config
from lms.cli.context import application

_PATIENCE = 15.0


def _web(settings: config.Settings, port: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "lms:create_app",
        "--host", settings.host, "--port", str(port), "--workers", str(settings.web_processes),
        "--blocking-threads", "4", "--respawn-failed-workers", "--log-level", "warning",
    ]  # fmt: skip


def _worker() -> list[str]:
    return [sys.executable, "-c", "from lms.cli import main; main()", "worker"]


@click.command()
@click.option("--port", type=int, default=None, help="Puerto; si falta, el de PORT.")
@click.option("--no-worker", is_flag=True, help="Solo la web: el trabajador corre aparte.")
def commands(port: int | None, no_worker: bool) -> None:
    """Sirve la web y atiende las tareas."""
    app = application()
    settings: config.Settings = app.config["AULA"]
    port = port or settings.port
    environment = {**os.environ, "PORT": str(port)}
    children = [subprocess.Popen(_web(settings, port), env=environment)]  # noqa: S603
    if not no_worker:
        children.append(subprocess.Popen(_worker(), env=environment))  # noqa: S603
    click.echo(f"Aula está en http://{settings.host}:{port}  (Ctrl+C para cerrar)")
    _supervise(children, environment)


def _supervise(children: list[subprocess.Popen[bytes]], environment: dict[str, str]) -> None:
    """Wait for the web server; start the worker again when it dies; stop all when asked."""
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    born = time.monotonic()
    while not stopping and children[0].poll() is None:
        if len(children) > 1 and children[1].poll() is not None and time.monotonic() - born > 1:
            click.echo("El trabajador se detuvo; se inicia otra vez.", err=True)
            children[1] = subprocess.Popen(_worker(), env=environment)  # noqa: S603
            born = time.monotonic()
        time.sleep(0.2)
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + _PATIENCE
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
    sys.exit(0 if stopping else children[0].returncode or 1)
