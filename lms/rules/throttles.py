"""How long to wait after failures. Only failures count, and they are forgotten after a day.

Nobody is ever locked out: the wait grows with the failures of one account from one address, never passes a minute for
an account as a whole, and an address that thousands share only becomes a little slower.
"""

from __future__ import annotations

from datetime import datetime, timedelta

FORGET = timedelta(hours=24)

_NO_WAIT = timedelta(0)


def failures_now(failures: int, last_failure_at: datetime | None, now: datetime) -> int:
    """Return the failures that still count: none once 24 hours have passed without a new one."""
    if last_failure_at is None or now - last_failure_at >= FORGET:
        return 0
    return failures


def _growing(failures: int, free: int, longest: timedelta) -> timedelta:
    """Return no wait below `free` failures, then 1, 2, 4… seconds up to `longest`."""
    if failures < free:
        return _NO_WAIT
    # Beyond 2**20 seconds every longest is passed; the cap keeps the power small for absurd counters.
    return min(timedelta(seconds=2 ** min(failures - free, 20)), longest)


def account_delay(failures: int) -> timedelta:
    """Return the wait for one account from one address: five tries free, then doubling up to 15 minutes."""
    return _growing(failures, 5, timedelta(minutes=15))


def account_wide_delay(failures: int) -> timedelta:
    """Return the wait for an account from any address: ten tries free, then doubling up to 60 seconds.

    It only slows guessing from many addresses. A try refused while waiting is not a failure and must not be counted,
    or the owner could be kept out for ever.
    """
    return _growing(failures, 10, timedelta(seconds=60))


def address_delay(failures: int) -> timedelta:
    """Return by how much to slow an answer to an address: 20 failures free, then up to 2 seconds.

    It is a pause before answering, never a refusal: a whole workplace can share one address.
    """
    return min(timedelta(milliseconds=100 * max(0, failures - 20)), timedelta(seconds=2))


def folio_miss_delay(misses: int) -> timedelta:
    """Return the wait for an address that asks for folios that do not exist: ten free, then doubling up to 60 s."""
    return _growing(misses, 10, timedelta(seconds=60))
