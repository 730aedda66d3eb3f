"""What the worker does when it wakes: every job that waits, then every message."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

from flask import Flask

from lms import clock
from lms.actions import outbox
from lms.database import begin_reading, db, reading, trace
from lms.jobs.mail import send_waiting
from lms.permissions import SYSTEM
from lms.queries.outbox import job_state

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)

# Kind of job → (module of this door, function). A function takes the subject's id and `beat`, to be called between
# chunks: it keeps the lease, and raises `Taken` when another worker holds the job.
HANDLERS = {
    "roster_parse": ("lms.jobs.rosters", "parse"),
    "roster_run": ("lms.jobs.rosters", "run"),
    "batch_issue": ("lms.jobs.certificates", "issue"),
    "standing_issue": ("lms.jobs.certificates", "issue_automatically"),
}


class Taken(Exception):  # noqa: N818 - not a fault of this worker
    """Another worker has taken the job over."""


def name() -> str:
    """Return the name under which this thread claims rows."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{threading.get_ident() % 1_000_000}"


def work(app: Flask) -> int:
    """Carry out what waits; return how many jobs were done. Any number of workers may do this at once."""
    done = 0
    with app.app_context():
        begin_reading(False)
        try:
            while work_once():
                done += 1
            send_waiting(app, name())
        finally:
            db.session.remove()
    return done


def work_once() -> bool:
    """Claim one job and carry it out; False when none waits."""
    worker = name()
    job = outbox.claim_job(worker, at=clock.now(), lease=LEASE)
    if job is None:
        db.session.rollback()
        return False
    job_id, kind, subject_id = job.id, job.kind, job.subject_id
    db.session.commit()
    try:
        _carry_out(job_id, kind, subject_id, worker)
    except Taken:
        db.session.rollback()
    except Exception as error:
        log.error("job %s %s failed: %s\n%s", kind, job_id, type(error).__name__, trace(error))
    return True


def do_now(kind: str, subject_id: int, tell: Callable[[], None]) -> None:
    """Carry out one job here and now, for a command that waits for it; `tell` is called between its chunks.

    When a worker has it already, wait until it is closed. Raises what the job raises.
    """
    worker = name()
    while True:
        job = outbox.claim_job(worker, at=clock.now(), lease=LEASE, only=(kind, subject_id))
        if job is not None:
            job_id = job.id
            db.session.commit()
            try:
                _carry_out(job_id, kind, subject_id, worker, tell)
                return
            except Taken:
                # A worker thought us dead and has it now: wait for it like for any other.
                db.session.rollback()
                continue
        db.session.rollback()
        with reading():
            state = job_state(SYSTEM, kind, subject_id)
        if state not in {"waiting", "running"}:
            return
        tell()
        clock.pause(0.2)


def _carry_out(job_id: int, kind: str, subject_id: int, worker: str, tell: Callable[[], None] | None = None) -> None:
    beat = _beat(job_id, worker)
    # Nothing loaded before counts: other processes may have changed it since.
    db.session.expunge_all()

    def step() -> None:
        beat()
        if tell is not None:
            tell()

    try:
        _handler(kind)(subject_id, step)
        outbox.finish_job(job_id, worker, at=clock.now())
        db.session.commit()
    except Taken:
        raise
    except Exception as error:
        db.session.rollback()
        outbox.put_back_job(job_id, worker, type(error).__name__, at=clock.now())
        db.session.commit()
        raise


def _handler(kind: str) -> Callable[[int, Callable[[], None]], None]:
    module, function = HANDLERS[kind]
    found: Callable[[int, Callable[[], None]], None] = getattr(import_module(module), function)
    return found


def _beat(job_id: int, worker: str) -> Callable[[], None]:
    def beat() -> None:
        mine = outbox.keep_job(job_id, worker, at=clock.now(), lease=LEASE)
        db.session.commit()
        if not mine:
            raise Taken

    return beat
