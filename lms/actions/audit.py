"""The audit log: every deed writes its entry in its own transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import takewhile
from typing import Any

from sqlalchemy import select

from lms.database import db
from lms.models.audit import AuditBlock, AuditEntry


def record(
    deed: str, subject: str, subject_id: str | int | None, *, by: int | None, at: datetime, **facts: Any
) -> None:
    """Append an entry: `deed` as `topic.verb`, ids and counts in `facts`; never a name, a CURP or an answer.

    `by` is the id of the person who acts, None when the system does.
    """
    identifier = None if subject_id is None else str(subject_id)
    db.session.add(AuditEntry(at=at, actor_id=by, deed=deed, subject=subject, subject_id=identifier, facts=dict(facts)))


def seal(*, at: datetime, most: int = 10_000) -> int:
    """Hash the entries that no block covers yet, up to `most`, chained to the block before. Return how many.

    Run by the worker, one at a time: a chain kept by every writer would make all of them wait for each other.
    """
    last = db.session.scalars(select(AuditBlock).order_by(AuditBlock.id.desc()).limit(1)).first()
    # Ids are drawn before their transactions end: a minute's margin lets the late ones arrive. A block ends before the
    # first entry that is too young: what a block passes over is sealed by no other.
    old = select(AuditEntry).where(AuditEntry.id > (last.last_id if last else 0)).order_by(AuditEntry.id).limit(most)
    margin = at - timedelta(minutes=1)
    entries = list(takewhile(lambda entry: entry.at < margin, db.session.scalars(old)))
    if not entries:
        return 0
    previous = last.hash if last else "0" * 64
    db.session.add(
        AuditBlock(
            first_id=entries[0].id,
            last_id=entries[-1].id,
            entries=len(entries),
            previous_hash=previous,
            hash=block_hash(previous, entries),
            made_at=at,
        )
    )
    db.session.flush()
    return len(entries)


def block_hash(previous: str, entries: Iterable[AuditEntry]) -> str:
    """Return the SHA-256 of a block: the hash before, then each entry as canonical JSON, a line each."""
    digest = sha256(previous.encode())
    for entry in entries:
        who, what = (entry.id, entry.at.isoformat(), entry.actor_id), (entry.deed, entry.subject, entry.subject_id)
        line = [*who, *what, entry.facts]
        digest.update(b"\n" + json.dumps(line, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()
