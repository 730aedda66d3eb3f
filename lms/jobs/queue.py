"""The bell between the web and the worker: huey on SQLite, PostgreSQL or Redis, as the settings say.

Nothing is lost if it fails to ring: the rows are there, and the worker looks at them once a minute anyway.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask
from huey import PostgresHuey, RedisHuey, SqliteHuey, crontab

import config
from lms.jobs.nightly import night
from lms.jobs.work import do_now, work

log = logging.getLogger(__name__)


def make_huey(settings: config.Settings) -> Any:
    """Return the queue of the settings: Redis if given, else the database's own kind."""
    if settings.redis_url:
        return RedisHuey("aula", url=settings.redis_url)
    if settings.database_url.startswith("sqlite"):
        settings.instance.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("aula", filename=str(settings.instance / "queue.db"), timeout=5)
    dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    return PostgresHuey("aula", dsn=dsn, table_prefix="huey")


class Queue:
    """The queue of an application, opened at its first use."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._huey: Any = None
        self._wake: Any = None

    @property
    def huey(self) -> Any:
        """The huey instance with its three tasks: wake, the minute's round and the night's."""
        if self._huey is None:
            huey = make_huey(self.app.config["AULA"])
            self._wake = huey.task(name="wake")(lambda: work(self.app))
            huey.periodic_task(crontab(minute="*"), name="round")(lambda: work(self.app))
            # 09:20 UTC is 03:20 in Mexico City.
            huey.periodic_task(crontab(minute="20", hour="9"), name="night")(lambda: night(self.app))
            self._huey = huey
        return self._huey

    def nudge(self) -> None:
        """Wake the worker. A bell that does not ring is logged and costs at most a minute."""
        try:
            _ = self.huey
            self._wake()
        except Exception as error:
            log.warning("the worker could not be woken: %s", type(error).__name__)


def init_queue(app: Flask) -> Queue:
    """Give the app its bell."""
    queue = Queue(app)
    app.extensions["aula_queue"] = queue
    app.extensions["aula_nudge"] = queue.nudge
    app.extensions["aula_do_now"] = do_now
    return queue
