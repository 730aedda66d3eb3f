"""What stands between a guess and a password: keys, pauses, and the wait said in words."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from threading import BoundedSemaphore

from flask import current_app, request

from lms import clock
from lms.actions import people_throttles as throttles
from lms.database import db, reading
from lms.queries import people
from lms.rules.people_entry import Identifier, network, password_matches, throttle_key
from lms.rules.throttles import address_delay
from lms.texts.sentences import sentence

# So that whoever guesses cannot hold all the threads of a process by being made to wait.
_PAUSES = BoundedSemaphore(4)


def key(kind: str, *parts: str) -> str:
    """Return the opaque throttle key of these parts."""
    return throttle_key(current_app.config["AULA"].secret_key, kind, parts)


def place(kind: str) -> str:
    """Return the throttle key of the address that asks, counted apart for each `kind` of door."""
    return key(kind, network(request.remote_addr))


def slow_down(counted: str) -> None:
    """Make an address with many failures wait up to two seconds, outside any transaction; it is never refused."""
    with reading():
        delay = address_delay(people.failures(counted, clock.now()))
    if delay and _PAUSES.acquire(blocking=False):
        try:
            clock.pause(delay.total_seconds())
        finally:
            _PAUSES.release()


def wait_words(wait: timedelta) -> str:
    """Say how long to wait: seconds up to a minute and a half, then whole minutes."""
    seconds = ceil(wait.total_seconds())
    if seconds <= 90:
        return sentence("entry_wait_seconds", count=seconds)
    return sentence("entry_wait_minutes", count=ceil(seconds / 60))


class Guess:
    """One try of a password: counted before it is looked at, forgiven when right."""

    def __init__(self, who: str) -> None:
        self.pair = key("pair", who, network(request.remote_addr))
        self.account = key("account", who)

    def reserve(self) -> timedelta:
        """Count the try and return no wait, or the wait that is left before another one may be made."""
        return throttles.reserve(self.pair, self.account, at=clock.now())

    def forgive(self) -> None:
        """Take the count back, in the transaction of the deed that the right password opens."""
        throttles.forgive(self.pair, self.account, at=clock.now())


def prove_own(person_id: int, password: str) -> tuple[str | None, str | None]:
    """Check the password of whoever is signed in: (its hash, None) when right, (None, a sentence) when not."""
    guess = Guess(f"own:{person_id}")
    wait = guess.reserve()
    if wait:
        return None, wait_words(wait)
    with reading():
        found = people.own_credentials(person_id)
    kept = found.password_hash if found and found.open else None
    if not password_matches(kept, password):
        return None, sentence("password_old_wrong")
    guess.forgive()
    db.session.commit()
    return kept, None


def identify(identifier: Identifier, password: str) -> people.Credentials | None:
    """Return whom identifier and password let in; an unknown one costs the same time as a known one."""
    with reading():
        found = people.credentials(identifier)
    right = password_matches(found.password_hash if found else None, password)
    return found if found and found.open and right else None


def count_failure(counted: str) -> None:
    """Count a failure of an address and commit it: a refusal has nothing else to keep."""
    throttles.count(counted, at=clock.now())
    db.session.commit()
