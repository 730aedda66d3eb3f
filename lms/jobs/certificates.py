"""The worker's part in constancias: released batches in chunks, and automatic issue."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app

from lms import clock
from lms.actions.certificates import issue_chunk
from lms.actions.certificates_standing import issue_standing
from lms.database import db
from lms.proofs.keys import SigningKey, load_or_create

# A chunk holds SQLite's only write lock, a little under 1 ms for each certificate.
_CHUNK = 25
_PAUSE = 0.005


def _key() -> SigningKey:
    return load_or_create(current_app.config["AULA"].signing_key)


def issue(batch_id: int, beat: Callable[[], None]) -> None:
    """Issue a released batch to its end, a transaction for each chunk, from wherever it was left."""
    key = _key()
    while issue_chunk(batch_id, key, at=clock.now(), size=_CHUNK).left:
        db.session.commit()
        beat()
        clock.pause(_PAUSE)
    db.session.commit()


def issue_automatically(cycle_id: int, _beat: Callable[[], None]) -> None:
    """Issue the certificate of a cycle whose course has automatic issue."""
    issue_standing(cycle_id, _key(), at=clock.now())
    db.session.commit()
