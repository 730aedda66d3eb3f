"""Constancias: a batch that one officer proposes and another releases, and the issue of each one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, literal, select, update

from lms import clock
from lms.actions.audit import record
from lms.actions.outbox import enqueue, insert_new, send_mail
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.certificates import Batch, BatchItem, Certificate
from lms.models.certificates import SigningKey as KnownKey
from lms.models.courses import Course
from lms.models.enrolments import Cycle
from lms.models.institutions import Institution
from lms.paper.certificates import ISSUER
from lms.paper.wording import clean_line
from lms.permissions import SYSTEM
from lms.proofs.keys import SigningKey
from lms.queries.certificates import of_pair, open_batch
from lms.queries.certificates_issue import Candidate, SignatoryTerm, candidates, fit, signatory_on
from lms.rules.certificates import Snapshot, canonical_snapshot, eligible
from lms.rules.enrolments import mexico_date


def propose(course_id: int, institution_id: int, *, by: int, at: datetime) -> Batch:
    """Propose to issue a certificate of a course to everyone of an institution who may receive one now.

    Raises Refused `batch_open` when a batch of both already waits, `batch_nobody` when nobody is eligible, and
    `certificate_no_signatory` when nobody signs today.
    """
    # Two officers who propose at once come one after the other; whoever enrols people meanwhile does not wait.
    db.session.execute(select(Course.id).where(Course.id == course_id).with_for_update(key_share=True))
    if open_batch(SYSTEM, institution_id, course_id) is not None:
        raise Refused("batch_open")
    if signatory_on(SYSTEM, mexico_date(at)) is None:
        raise Refused("certificate_no_signatory")
    batch = Batch(
        public_id=clock.public_id(), course_id=course_id, institution_id=institution_id, proposed_by_id=by,
        proposed_at=at,
    )  # fmt: skip
    db.session.add(batch)
    chosen = of_pair(institution_id, course_id, Cycle.id).where(fit()).subquery()
    db.session.flush()
    rows = select(literal(batch.id), chosen.c.id)
    db.session.execute(insert(BatchItem).from_select(["batch_id", "cycle_id"], rows))
    count = db.session.scalar(select(func.count()).where(BatchItem.batch_id == batch.id))
    if not count:
        raise Refused("batch_nobody")
    record("certificates.propose", "batch", batch.public_id, by=by, at=at, count=count)
    db.session.flush()
    return batch


def _locked(batch_id: int) -> Batch:
    return db.session.scalars(
        select(Batch).where(Batch.id == batch_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def withdraw(batch_id: int, *, by: int, at: datetime) -> None:
    """Take back a proposed batch; a second time changes nothing. Raises Refused `batch_released` after its release."""
    batch = _locked(batch_id)
    if batch.released_at is not None:
        raise Refused("batch_released")
    if batch.withdrawn_at is not None:
        return
    batch.withdrawn_by_id, batch.withdrawn_at = by, at
    record("certificates.withdraw", "batch", batch.public_id, by=by, at=at)
    db.session.flush()


def release(batch_id: int, *, by: int, at: datetime) -> None:
    """Release a batch that another officer proposed: the worker issues it. A second click changes nothing.

    Raises Refused `batch_same_person`, `batch_withdrawn`, or `batch_released` when somebody else was first.
    """
    batch = _locked(batch_id)
    if batch.proposed_by_id == by:
        raise Refused("batch_same_person")
    if batch.withdrawn_at is not None:
        raise Refused("batch_withdrawn")
    if batch.released_at is not None:
        if batch.released_by_id == by:
            return
        raise Refused("batch_released")
    batch.released_by_id, batch.released_at = by, at
    record("certificates.release", "batch", batch.public_id, by=by, at=at)
    enqueue("batch_issue", batch.id, at=at)
    db.session.flush()


@dataclass(frozen=True)
class Chunk:
    """What a chunk did, and how many are left after it."""

    issued: int
    refused: int
    left: int


def issue_chunk(batch_id: int, key: SigningKey, *, at: datetime, size: int = 200) -> Chunk:
    """Issue the next certificates of a released batch, up to `size`; each is decided anew by the rule.

    Who does not fit any more is left with the codes that say why. Chunks of a batch come one after the other, however
    many workers ask. Raises Refused `batch_not_released`.
    """
    batch = _locked(batch_id)
    if batch.released_at is None:
        raise Refused("batch_not_released")
    waiting = (BatchItem.batch_id == batch_id, BatchItem.done_at.is_(None))
    items = db.session.execute(
        select(BatchItem.id, BatchItem.cycle_id).where(*waiting).order_by(BatchItem.cycle_id).limit(size)
    ).all()
    refused = _issue_items(batch, [(row[0], row[1]) for row in items], key, at) if items else 0
    left = db.session.scalar(select(func.count()).select_from(BatchItem).where(*waiting)) or 0
    if not left and batch.finished_at is None:
        batch.finished_at = at
        record("certificates.finish", "batch", batch.public_id, by=batch.released_by_id, at=at)
    db.session.flush()
    return Chunk(len(items) - refused, refused, left)


def _issue_items(batch: Batch, items: Sequence[tuple[int, int]], key: SigningKey, at: datetime) -> int:
    """Issue these (item, cycle) pairs of a batch; return how many were refused."""
    hold([cycle_id for _, cycle_id in items])
    signatory = signatory_on(SYSTEM, mexico_date(at))
    found = candidates(SYSTEM, [cycle_id for _, cycle_id in items], batch.institution_id, signatory)
    fit_ones, done = [], []
    for item_id, cycle_id in items:
        reasons = eligible(found[cycle_id].facts, mexico_date(at))
        done.append({"id": item_id, "done_at": at, "refused": ",".join(reasons) or None})
        if not reasons:
            fit_ones.append(found[cycle_id])
    db.session.execute(update(BatchItem), done)
    if signatory is not None:
        issue(
            fit_ones, batch.institution_id, signatory, key,
            by=batch.released_by_id, at=at, batch_id=batch.id,
        )  # fmt: skip
    return len(items) - len(fit_ones)


def hold(cycle_ids: Sequence[int]) -> None:
    """Hold cycles until the end of the transaction: two batches that both have one issue it once."""
    db.session.execute(
        select(Cycle.id).where(Cycle.id.in_(cycle_ids)).order_by(Cycle.id).with_for_update(key_share=True)
    )


def issue(
    fit_ones: Sequence[Candidate],
    institution_id: int,
    signatory: SignatoryTerm,
    key: SigningKey,
    *,
    by: int | None,
    at: datetime,
    batch_id: int | None = None,
    standing_release_id: int | None = None,
) -> list[str]:
    """Write, sign and announce the certificates of cycles that are held and were found eligible; return the folios."""
    if not fit_ones:
        return []
    insert_new(KnownKey, [{"key_id": key.key_id, "public_pem": key.public_pem, "since": at}])
    institution = db.session.get_one(Institution, institution_id)
    rows = []
    for one in fit_ones:
        snapshot = _snapshot(one, institution, signatory, key.key_id, at)
        content = canonical_snapshot(snapshot)
        rows.append(
            {
                "folio": snapshot.folio, "cycle_id": one.cycle_id, "institution_id": institution_id,
                "batch_id": batch_id, "standing_release_id": standing_release_id, "snapshot": content.decode(),
                "key_id": key.key_id, "signature": key.sign(content), "issued_at": at,
            }
        )  # fmt: skip
        facts = {"folio": snapshot.folio, "cycle_id": one.cycle_id}
        send_mail("certificate", one.person_id, f"certificate:{snapshot.folio}", at=at, facts=facts)
        record("certificates.issue", "certificate", snapshot.folio, by=by, at=at, cycle=one.cycle_id, batch=batch_id)
    db.session.execute(insert(Certificate), rows)
    return [str(row["folio"]) for row in rows]


def _snapshot(
    one: Candidate, institution: Institution, signatory: SignatoryTerm, key_id: str, at: datetime
) -> Snapshot:
    """Freeze what the certificate says. Words are cleaned as paper does, so that page and paper say the same."""
    completed_at = one.facts.completed_at
    assert completed_at is not None  # what is eligible was completed
    return Snapshot(
        folio=clock.folio(),
        nonce=clock.token(),
        key_id=key_id,
        name=clean_line(one.name),
        course_slug=one.course_slug,
        course_title=clean_line(one.course_title),
        course_hash=one.course_hash,
        hours=one.hours,
        started_on=mexico_date(one.started_at) if one.started_at else None,
        completed_on=mexico_date(completed_at),
        issued_on=mexico_date(at),
        institution=clean_line(institution.name),
        institution_public_id=institution.public_id,
        signatory_name=clean_line(signatory.name),
        signatory_position=clean_line(signatory.position),
        issuer=ISSUER,
        cycle_number=one.cycle_number,
    )
