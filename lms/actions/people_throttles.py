"""Counting failures: only failures stay in the table, each under a key that names nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from lms.actions.outbox import insert_new
from lms.database import aside, db
from lms.models.people import Throttle
from lms.rules.throttles import account_delay, account_wide_delay, failures_now

_NO_WAIT = timedelta(0)


def _locked(connection: Connection, keys: list[str], at: datetime) -> dict[str, tuple[int, datetime]]:
    """Make sure that the rows exist and hold them: (failures that count, free at) by key.

    One after the other in the order of the keys, so that nobody waits for somebody who waits for her.
    """
    return {key: _hold(connection, key, at) for key in sorted(keys)}


def _hold(connection: Connection, key: str, at: datetime) -> tuple[int, datetime]:
    table = Throttle.__table__
    wanted = select(table.c.failures, table.c.last_failure_at, table.c.free_at).where(table.c.key == key)
    while True:
        row = {"key": key, "failures": 0, "last_failure_at": at, "free_at": at}
        insert_new(Throttle, [row], on=connection)
        found = connection.execute(wanted.with_for_update()).first()
        # None: it was there, and whoever held it forgave it while we waited.
        if found is not None:
            return failures_now(found[0], found[1], at), found[2]


def reserve(pair: str, account: str, *, at: datetime) -> timedelta:
    """Count a try before it is evaluated, or return how long to wait; a refused try is not counted.

    Counting first means that a hundred tries in the same instant are not a hundred evaluated passwords. It is a short
    transaction of its own, committed here. `forgive` takes the count back when the try was right.
    """
    delays = {pair: account_delay, account: account_wide_delay}
    with aside() as connection:
        rows = _locked(connection, [account, pair], at)
        wait = max(free_at - at for _, free_at in rows.values())
        if wait > _NO_WAIT:
            connection.execute(delete(Throttle).where(Throttle.key.in_(delays), Throttle.failures == 0))
            return wait
        for key, (failures, _) in rows.items():
            values = {"failures": failures + 1, "last_failure_at": at, "free_at": at + delays[key](failures + 1)}
            connection.execute(update(Throttle).where(Throttle.key == key).values(values))
    return _NO_WAIT


def forgive(pair: str, account: str, *, at: datetime) -> None:
    """Forget the pair, and take back from the account the try that turned out to be right."""
    # Held in the order in which `reserve` holds them.
    keys = select(Throttle.key).where(Throttle.key.in_([pair, account])).order_by(Throttle.key)
    db.session.execute(keys.with_for_update())
    db.session.execute(delete(Throttle).where(Throttle.key == pair))
    db.session.execute(delete(Throttle).where(Throttle.key == account, Throttle.failures <= 1))
    db.session.execute(
        update(Throttle).where(Throttle.key == account).values(failures=Throttle.failures - 1, free_at=at)
    )


def count(key: str, *, at: datetime) -> None:
    """Count a failure that only slows, such as an address's."""
    connection = db.session.connection()
    failures, _ = _locked(connection, [key], at)[key]
    values = {"failures": failures + 1, "last_failure_at": at, "free_at": at}
    connection.execute(update(Throttle).where(Throttle.key == key).values(values))
