"""Engine, session, Base and the column types that every table shares.

Two habits make SQLite serve many people at once, and both live here. A transaction that will write opens with
BEGIN IMMEDIATE, because one that reads first and writes later fails at once when somebody else committed in between,
and no timeout helps. A transaction that only reads opens with a plain BEGIN, so that readers never queue for the
write lock. Writing is the default; a door that only reads says so with `reading()` or `begin_reading()`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from traceback import format_tb
from typing import Annotated, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, DateTime, Engine, Integer, MetaData, String, Text, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. Naive values are refused: a deadline that is off by six hours is a wrong deadline."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; SQLite keeps no zone, so it gets the bare UTC value."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")

key = Annotated[int, mapped_column(Id, primary_key=True)]
public_key = Annotated[str, mapped_column(String(16), unique=True)]
name_text = Annotated[str, mapped_column(String(300))]
code_text = Annotated[str, mapped_column(String(60))]
long_text = Annotated[str, mapped_column(Text)]


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Moment(), dict[str, Any]: Json, list[Any]: Json, int: Integer, str: String(300)}


db = SQLAlchemy(
    metadata=Base.metadata,
    disable_autonaming=True,
    session_options={"expire_on_commit": False, "autoflush": False},
)

_reads_only: ContextVar[bool] = ContextVar("reads_only", default=False)


def begin_reading(only_reading: bool) -> None:
    """Say whether the transactions that open from here on in this context only read."""
    _reads_only.set(only_reading)


@contextmanager
def reading() -> Iterator[None]:
    """Read inside, in a transaction that ends at the exit, so that slow work afterwards holds no lock.

    Used before hashing a password or parsing a file in a door that writes later.
    """
    token = _reads_only.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        _reads_only.reset(token)


@contextmanager
def aside() -> Iterator[Connection]:
    """Open a short write transaction of its own, committed at the exit: for counters that outlive a refusal."""
    db.session.rollback()
    token = _reads_only.set(False)
    try:
        with db.engine.begin() as connection:
            yield connection
    finally:
        _reads_only.reset(token)


def _on_connect(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver's own implicit BEGIN is switched off; `_on_begin` says it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON", "cache_size=-16000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN" if _reads_only.get() else "BEGIN IMMEDIATE")


def listen(engine: Engine) -> None:
    """Give an engine the two habits of this module."""
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def init_database(app: Flask, url: str) -> None:
    """Bind the database at `url` to the app; the folder of an SQLite file is made."""
    # An error that reaches a log says what was asked, never the names and keys that were asked about.
    options: dict[str, Any] = {"pool_size": 10, "max_overflow": 20, "hide_parameters": True}
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        options["connect_args"] = {"timeout": 5, "check_same_thread": False}
    else:
        options["pool_pre_ping"] = True
        # psycopg prepares a statement after its fifth use; behind a pooler that is a trap, so it is left to the server.
        options["connect_args"] = {"prepare_threshold": None}
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        listen(db.engine)


def is_sqlite() -> bool:
    """Whether the bound database is SQLite."""
    return db.engine.dialect.name == "sqlite"


def trace(error: BaseException) -> str:
    """Return where an error happened, for a log: the lines of code and not its message, which quotes what was stored.

    PostgreSQL itself puts the value into "Key (curp)=(…) already exists".
    """
    return "".join(format_tb(error.__traceback__))


def is_race(error: Exception) -> bool:
    """Whether a transaction lost against another (the same unique key, a deadlock), so that doing it again may help."""
    return isinstance(error, IntegrityError | OperationalError)
