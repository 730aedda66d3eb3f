"""What anyone may ask of a constancia: the lookup, its page and its PDF, from the snapshot alone."""

from __future__ import annotations

from functools import lru_cache
from math import ceil

from flask import current_app, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from lms import clock
from lms.database import reading
from lms.paper.certificates import CertificateFacts, certificate_pdf
from lms.paper.wording import long_date, long_period
from lms.queries.certificates_verify import State, Verified, folio_wait, live_certificate
from lms.rules.certificates import FOLIO_LENGTH, Snapshot, format_folio, normalise_folio
from lms.texts.sentences import sentence
from lms.web import people_guard as guard
from lms.web.forms.certificates import FolioForm
from lms.web.gate import anyone

_UNKNOWN = ("folio_unknown", 404)


@anyone
def lookup() -> Response:
    """Ask for a folio; one that can be read leads to its page."""
    typed = request.args.get("folio", "").strip()
    if not typed:
        return _ask("")
    folio = normalise_folio(typed)
    return redirect(url_for("certificates.verify", folio=folio), 303) if folio else _ask(typed, *_UNKNOWN)


@anyone
def verify(folio: str) -> Response:
    """Show a certificate to anyone: all that is printed on it, and its state."""
    found = _found(folio, "certificates.verify")
    if isinstance(found, Response):
        return found
    page = render_template(
        "certificates/verify.html",
        found=found,
        facts=_printed(found.snapshot) if found.snapshot else [],
        folio=format_folio(found.folio),
        address=_address(found.folio),
    )
    return _unlisted(make_response(page))


@anyone
def pdf(folio: str) -> Response:
    """Draw a valid certificate as PDF; one that is not leads to its page, which says so."""
    found = _found(folio, "certificates.pdf")
    if isinstance(found, Response):
        return found
    if found.state is not State.VALID or found.snapshot is None:
        return redirect(url_for("certificates.verify", folio=found.folio), 303)
    response = make_response(_drawn(found.snapshot, _address(found.folio)))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="constancia-{format_folio(found.folio)}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return _unlisted(response)


def _found(typed: str, endpoint: str) -> Verified | Response:
    """The certificate of a folio; or the answer instead: another spelling, too many misses, or none such."""
    folio = normalise_folio(typed)
    if folio is None:
        return _ask(typed, *_UNKNOWN)
    if folio != typed:
        return redirect(url_for(endpoint, folio=folio), 303)
    place = guard.place("folios")
    with reading():
        wait = folio_wait(place, clock.now())
        found = None if wait else live_certificate(folio)
    if wait:
        answer = _ask(typed, "folio_wait", 429, count=ceil(wait.total_seconds()))
        answer.headers["Retry-After"] = str(ceil(wait.total_seconds()))
        return answer
    if found is None:
        guard.count_failure(place)
        return _ask(typed, *_UNKNOWN)
    return found


def _ask(typed: str, code: str | None = None, status: int = 200, **params: object) -> Response:
    """The page that asks for a folio, with the sentence of `code` when there is something to say."""
    form = FolioForm(MultiDict({"folio": typed}))
    if code is not None:
        form.fault("folio", sentence(code, length=FOLIO_LENGTH, **params))
    return _unlisted(make_response(render_template("certificates/lookup.html", form=form), status))


def _unlisted(response: Response) -> Response:
    """Keep names out of search engines."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _address(folio: str) -> str:
    return str(current_app.config["AULA"].base_url) + url_for("certificates.verify", folio=folio)


def _printed(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Everything that the paper says, in its order and its words."""
    taken = long_date(snapshot.completed_on)
    if snapshot.started_on is not None:
        taken = long_period(snapshot.started_on, snapshot.completed_on)
    return [
        ("Otorga", snapshot.issuer),
        ("A", snapshot.name),
        ("Institución", snapshot.institution),
        ("Por haber acreditado el curso", snapshot.course_title),
        ("Duración", "1 hora" if snapshot.hours == 1 else f"{snapshot.hours:,} horas"),
        ("Cursado" if snapshot.started_on else "Concluido el", taken),
        ("Firma", snapshot.signatory_name),
        ("Cargo", snapshot.signatory_position),
        ("Expedida el", long_date(snapshot.issued_on)),
        ("Folio", format_folio(snapshot.folio)),
        ("Versión del curso", snapshot.course_hash[:12]),
    ]


@lru_cache(maxsize=32)
def _drawn(snapshot: Snapshot, address: str) -> bytes:
    """Draw the PDF; the last few are kept, so that asking for one over and over costs nothing."""
    facts = CertificateFacts(
        full_name=snapshot.name,
        course_title=snapshot.course_title,
        hours=snapshot.hours,
        completed_on=snapshot.completed_on,
        issued_on=snapshot.issued_on,
        institution_name=snapshot.institution,
        signatory_name=snapshot.signatory_name,
        signatory_position=snapshot.signatory_position,
        folio=snapshot.folio,
        course_hash=snapshot.course_hash,
        issuer=snapshot.issuer,
        started_on=snapshot.started_on,
    )
    return certificate_pdf(facts, address)
