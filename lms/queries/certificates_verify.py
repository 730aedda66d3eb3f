"""What a stranger may know of a constancia: its snapshot and its state, by folio and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from lms.database import db
from lms.models.certificates import Certificate, SigningKey
from lms.models.people import Throttle
from lms.proofs.keys import verify
from lms.rules.certificates import Snapshot, read_snapshot
from lms.rules.throttles import failures_now, folio_miss_delay


class State(StrEnum):
    """How a certificate stands. `ALTERED`: what is stored is not what was signed."""

    VALID = "valid"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    ALTERED = "altered"


@dataclass(frozen=True)
class Verified:
    """A certificate as anyone may see it; `snapshot` is None when it was altered, because then it proves nothing."""

    folio: str
    state: State
    snapshot: Snapshot | None
    revoked_at: datetime | None = None


def live_certificate(folio: str) -> Verified | None:
    """Return the certificate of a folio as stored, or None when there is none.

    It reads the snapshot, its signature and the state columns; no person, course or institution.
    """
    row = db.session.execute(
        select(
            Certificate.snapshot,
            Certificate.key_id,
            Certificate.signature,
            Certificate.revoked_at,
            Certificate.superseded_by_id,
            SigningKey.public_pem,
        )
        .outerjoin(SigningKey, SigningKey.key_id == Certificate.key_id)
        .where(Certificate.folio == folio)
    ).first()
    if row is None:
        return None
    text, key_id, signature, revoked_at, superseded_by, public_pem = row
    snapshot = signed_snapshot(folio, text, key_id, signature, public_pem)
    if snapshot is None:
        return Verified(folio, State.ALTERED, None)
    if revoked_at is not None:
        return Verified(folio, State.REVOKED, snapshot, revoked_at)
    return Verified(folio, State.SUPERSEDED if superseded_by is not None else State.VALID, snapshot)


def signed_snapshot(folio: str, text: str, key_id: str, signature: bytes, public_pem: str | None) -> Snapshot | None:
    """Return the snapshot when it is the one that was signed for this very folio, else None."""
    content = text.encode()
    if public_pem is None or not verify(key_id, public_pem, signature, content):
        return None
    try:
        snapshot = read_snapshot(content)
    except (ValueError, TypeError):
        return None
    # A genuine snapshot copied under another folio, or signed by another key than it says, is no certificate.
    return snapshot if snapshot.folio == folio and snapshot.key_id == key_id else None


def folio_wait(throttle_key: str, now: datetime) -> timedelta:
    """Return how long the address of an opaque throttle key has to wait before it asks for another folio."""
    row = db.session.execute(
        select(Throttle.failures, Throttle.last_failure_at).where(Throttle.key == throttle_key)
    ).first()
    if row is None:
        return timedelta(0)
    return max(timedelta(0), row[1] + folio_miss_delay(failures_now(row[0], row[1], now)) - now)
