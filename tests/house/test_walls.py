"""The wall between institutions, and the promise that looking changes nothing."""

from __future__ import annotations

import io
import zipfile

import pypdfium2
import pytest
from sqlalchemy import text

from lms.database import Base, db
from lms.models.people import PersonCurp
from tests.house.stage import Stage
from tests.house.test_gates import rules
from tests.house.world import ACTORS, owners
from tests.houses import house

# Words that only the other institution's people, areas and files have.
CANARIES = ("Zenaida", "Canaria", "Zopilote", "zenaida.canaria", "Zacatlán", "Zoraida", "Ajena", "ajena.csv", "AJENA")
# What the public may see of anybody, and what names the institution in the address itself.
PUBLIC = {"certificates.verify", "certificates.pdf"}
EXPORTS = ("reports.export",)
TRIES: tuple[dict[str, str], ...] = (
    {},
    {"formato": "csv"},
    {"formato": "xlsx"},
    {"institucion": "ajena"},
    {"q": "Zen"},
    {"formato": "csv", "institucion": "ajena"},
)


@pytest.fixture(scope="module")
def stage() -> Stage:
    """The stage of this module."""
    return Stage(house("sqlite"))


def readable(body: bytes, mimetype: str) -> str:
    """Everything that can be read in an answer, also inside a workbook or a PDF."""
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    if body[:5] == b"%PDF-":
        pages = pypdfium2.PdfDocument(body)
        return "\n".join(page.get_textpage().get_text_range() for page in pages)
    return body.decode("utf-8", "replace")


@pytest.mark.parametrize("actor", ["enlace", "area_enlace", "learner"])
def test_nothing_of_the_other_institution_reaches_an_enlace(stage: Stage, actor: str) -> None:
    with stage.house.app.app_context():
        other = db.session.query(PersonCurp).filter_by(person_id=stage.world.cast.stranger.id).one().curp
        db.session.remove()
    words = [*CANARIES, other]
    leaks, read, exported = [], 0, 0
    for rule, method in rules(stage.house.app):
        if rule.endpoint in PUBLIC or (method == "POST" and rule.endpoint not in EXPORTS):
            continue
        tries = TRIES if rule.endpoint.startswith(("reports.", "rosters.")) else TRIES[:1]
        for owner in owners(rule):
            for given in tries:
                url = stage.world.url(stage.house.app, rule, owner)
                browser = stage.client(actor)
                answer = browser.post(url, data=given) if method == "POST" else browser.get(url, query_string=given)
                found = readable(answer.data, answer.mimetype) + str(answer.headers)
                # What she asked for herself comes back in the address of a form or of the door.
                for asked in (*given.values(), url):
                    found = found.replace(asked, "")
                leaks += [(url, given, word) for word in words if word in found]
                read += answer.status_code == 200
                exported += method == "POST" and answer.status_code == 200
    assert leaks == []
    assert read > 10
    assert exported >= (2 if "enlace" in actor else 0)


def test_the_canaries_sing_for_those_who_may_hear_them(stage: Stage) -> None:
    page = stage.client("other_enlace").get("/enlace/personas").text
    assert "Zenaida" in page
    assert "Zacatlán" in page


def test_looking_changes_nothing(stage: Stage) -> None:
    stage.reset()
    before = checksums(stage)
    for rule, method in rules(stage.house.app):
        if method == "GET":
            for owner in owners(rule):
                for actor in ACTORS:
                    stage.client(actor).get(stage.world.url(stage.house.app, rule, owner))
    assert checksums(stage) == before


def checksums(stage: Stage) -> dict[str, list[str]]:
    """Every row of every table but the counters of failures."""
    with stage.house.app.app_context():
        found = {}
        for table in Base.metadata.sorted_tables:
            if table.name != "throttle":
                rows = db.session.execute(text(f"SELECT * FROM {table.name}"))
                found[table.name] = sorted(repr(tuple(row)) for row in rows)
        db.session.remove()
        return found
