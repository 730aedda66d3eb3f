"""The constancia as a file: what it says, in which order, how it looks from outside, and that it never changes."""

import hashlib
import io
import subprocess
import sys
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.paper.certificates import CertificateFacts, certificate_pdf
from lms.paper.wording import clean_line

FOLIO = "K7QM2XWD9RTB4HFP0Z81"
URL = f"https://aula.example/constancias/{FOLIO}"
FACTS = CertificateFacts(
    full_name="María Guadalupe Hernández Ñuñez",
    course_title="Derechos humanos",
    hours=2,
    completed_on=date(2026, 11, 22),
    issued_on=date(2026, 11, 25),
    institution_name="Instituto Ficticio del Ejemplo",
    signatory_name="Persona Firmante de Ejemplo",
    signatory_position="Dirección General de Ejemplo",
    folio=FOLIO,
    course_hash="3fa9c1d20b7e" + "0" * 52,
)
LONGEST = replace(
    FACTS,
    full_name=" ".join(word * 20 for word in ("Ermen", "Gilda", "Óscar")),
    course_title=("Atención con perspectiva de género en la administración pública " * 4)[:200],
    institution_name="Organismo Ficticio de Servicios de Ejemplo " * 4,
    signatory_position="Titular de la Unidad Ficticia de Formación y Profesionalización " * 3,
    started_on=date(2026, 10, 3),
)


def lines_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert len(document) == 1
        return document[0].get_textpage().get_text_bounded().splitlines()
    finally:
        document.close()


def letters_by_size(pdf: bytes) -> dict[float, str]:
    """The letters printed at each type size, in order."""
    document = pypdfium2.PdfDocument(pdf)
    text = document[0].get_textpage()
    letters: dict[float, str] = {}
    for i in range(text.count_chars()):
        size = round(pypdfium2.raw.FPDFText_GetFontSize(text.raw, i), 1)
        letters[size] = letters.get(size, "") + text.get_text_range(i, 1).strip()
    document.close()
    return letters


def test_says_the_facts_in_reading_order() -> None:
    assert lines_of(certificate_pdf(FACTS, URL)) == [
        "Secretaría de las Mujeres",
        "otorga la presente",
        "CONSTANCIA",
        "a",
        "María Guadalupe Hernández Ñuñez",
        "Instituto Ficticio del Ejemplo",
        "por haber acreditado el curso",
        "Derechos humanos",
        "con duración de 2 horas, concluido el 22 de noviembre de 2026.",
        "Persona Firmante de Ejemplo",
        "Dirección General de Ejemplo",
        "Expedida el 25 de noviembre de 2026.",
        "Folio",
        "K7QM-2XWD-9RTB-4HFP-0Z81",
        "La autenticidad se comprueba con el código QR o en",
        "aula.example/constancias/K7QM2XWD9RTB4HFP0Z81",
        "Versión del curso: 3fa9c1d20b7e",
    ]


def test_one_hour_and_a_start_date() -> None:
    facts = replace(FACTS, hours=1, started_on=date(2026, 11, 3))
    assert "con duración de 1 hora, cursado del 3 al 22 de noviembre de 2026." in lines_of(certificate_pdf(facts, URL))


@pytest.mark.parametrize("facts", [FACTS, LONGEST], ids=["usual", "longest"])
def test_qr_is_read_from_the_rendered_page(facts: CertificateFacts) -> None:
    document = pypdfium2.PdfDocument(certificate_pdf(facts, URL))
    found = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
    document.close()
    assert [code.text for code in found] == [URL]


def test_file_opens_clean_and_says_what_it_is() -> None:
    with pikepdf.open(io.BytesIO(certificate_pdf(FACTS, URL))) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.Root.Lang == "es-MX"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        title = "Constancia de María Guadalupe Hernández Ñuñez: Derechos humanos"
        assert str(pdf.docinfo["/Title"]) == title
        assert str(pdf.docinfo["/Author"]) == "Secretaría de las Mujeres"
        assert str(pdf.docinfo["/CreationDate"]) == "D:20261125"
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
            assert xmp["dc:title"] == title
            assert xmp["dc:creator"] == ["Secretaría de las Mujeres"]
            assert list(xmp["dc:language"]) == ["es-MX"]
        width, height = (float(n) for n in pdf.pages[0].MediaBox[2:])
        assert (width, height) == (792, 612)


def test_every_font_is_embedded_and_maps_to_text() -> None:
    with pikepdf.open(io.BytesIO(certificate_pdf(LONGEST, URL))) as pdf:
        fonts = list(pdf.pages[0].Resources.Font.values())
        assert len(fonts) >= 3
        for font in fonts:
            assert "/ToUnicode" in font
            assert "/FontFile2" in font.FontDescriptor


def test_screen_readers_find_a_structure_with_nothing_left_out() -> None:
    with pikepdf.open(io.BytesIO(certificate_pdf(FACTS, URL))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        page = pdf.pages[0]
        assert page.StructParents == 0
        pieces = list(pdf.Root.StructTreeRoot.K.K)
        kinds = [str(piece.S) for piece in pieces]
        assert kinds.count("/H1") == 1
        assert (kinds.count("/Link"), kinds.count("/Figure")) == (1, 1)
        assert str(pieces[-1].Alt) == f"Código QR que abre {URL}"
        marked, open_marks = [], 0
        for op in pikepdf.parse_content_stream(page):
            name = str(op.operator)
            if name == "BDC":
                marked.append(int(op.operands[1].MCID))
            open_marks += {"BDC": 1, "BMC": 1, "EMC": -1}.get(name, 0)
            if name in ("Tj", "TJ", "S", "f", "re"):
                assert open_marks == 1, "something is drawn that is neither content nor ornament"
        assert marked == list(range(len(pieces)))
        numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
        assert [p.objgen for p in numbers[1]] == [p.objgen for p in pieces]


def test_only_link_is_the_verification_page_and_nothing_runs() -> None:
    with pikepdf.open(io.BytesIO(certificate_pdf(replace(FACTS, full_name="x (http://mal.example)"), URL))) as pdf:
        links = list(pdf.pages[0].Annots)
        assert [str(link.A.URI) for link in links] == [URL]
        assert str(links[0].Contents) == "Comprobar esta constancia"
        assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & set(pdf.Root.keys())


@pytest.mark.parametrize(
    "name",
    [
        FACTS.full_name,
        LONGEST.full_name,
        "Li Po",
        "María de los Ángeles Guadalupe Fernández de Lizardi y Gutiérrez Santillán",
        " ".join(["María del Carmen"] * 19),
    ],
)
def test_name_is_whole_and_the_largest_thing(name: str) -> None:
    letters = letters_by_size(certificate_pdf(replace(LONGEST, full_name=name), URL))
    assert letters[max(letters)] == "".join(name.split())


def test_two_threads_draw_without_disturbing_each_other() -> None:
    drawn = [certificate_pdf(facts, URL) for facts in (FACTS, LONGEST)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda facts: certificate_pdf(facts, URL), [FACTS, LONGEST] * 10)) == drawn * 10


@pytest.mark.parametrize("facts", [FACTS, LONGEST], ids=["usual", "longest"])
def test_everything_stays_inside_the_frame_and_apart(facts: CertificateFacts) -> None:
    document = pypdfium2.PdfDocument(certificate_pdf(facts, URL))
    text = document[0].get_textpage()
    boxes = [text.get_rect(i) for i in range(text.count_rects())]
    document.close()
    assert boxes
    for left, bottom, right, top in boxes:
        assert 40 < left < right < 752
        assert 40 < bottom < top < 572
    for i, (left, bottom, right, top) in enumerate(boxes):
        for other in boxes[i + 1 :]:
            apart = right <= other[0] or other[2] <= left or top <= other[1] + 1.5 or other[3] <= bottom + 1.5
            assert apart, (boxes[i], other)


@pytest.mark.parametrize(
    ("given_name", "printed"),
    [
        ("<b>Ana</b> & <para/>", "<b>Ana</b> & <para/>"),
        ("Ana\x00\x07 Ruiz\n", "Ana Ruiz"),
        ("Ana \u202eziuR\u202c", "Ana ziuR"),
        ("Jose\u0301 Mun\u0303oz", "José Muñoz"),
        ("Nꞌuma Saꞌi ʼBa Tōnatiuh Ātl", "Nꞌuma Saꞌi ʼBa Tōnatiuh Ātl"),
        ("Hyo̱ Da̱ni U̱xwä", "Hyo̱ Da̱ni U̱xwä"),
        ("%s {0} \\(x) /Tj", "%s {0} \\(x) /Tj"),
    ],
)
def test_hostile_and_indigenous_names_are_drawn_as_text(given_name: str, printed: str) -> None:
    pdf = certificate_pdf(replace(FACTS, full_name=given_name), URL)
    assert unicodedata.normalize("NFC", lines_of(pdf)[4]) == printed
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.check_pdf_syntax() == []


def test_a_mark_without_a_letter_of_its_own_sits_under_its_letter() -> None:
    """Hñähñu U̱ is no single character: its line must be below the U, not beside it."""
    document = pypdfium2.PdfDocument(certificate_pdf(replace(FACTS, full_name="U\u0331"), URL))
    text = document[0].get_textpage()
    start = text.get_text_range().index("U\u0331")
    letter, mark = text.get_charbox(start), text.get_charbox(start + 1)
    document.close()
    assert mark[3] < letter[1], "the line is lower than the letter"
    assert abs((mark[0] + mark[2]) - (letter[0] + letter[2])) / 2 < 1.5, "both have the same middle"


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=120), st.text(max_size=200))
def test_any_text_gives_a_sound_file(name: str, title: str) -> None:
    facts = replace(FACTS, full_name=name, course_title=title)
    pdf = certificate_pdf(facts, URL)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.check_pdf_syntax() == []
        assert clean_line(name) in str(document.docinfo["/Title"])
    assert any(line.startswith("Versión del curso") for line in lines_of(pdf))


def test_same_facts_same_bytes_also_in_another_process() -> None:
    code = (
        "import hashlib; from tests.paper.test_certificates import *;"
        "certificate_pdf(LONGEST, URL);"
        "print(hashlib.sha256(certificate_pdf(FACTS, URL)).hexdigest())"
    )
    here = hashlib.sha256(certificate_pdf(FACTS, URL)).hexdigest()
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert there.stdout.strip() == here
    assert certificate_pdf(replace(FACTS, folio="0" * 20), URL) != certificate_pdf(FACTS, URL)


def test_light_and_quick() -> None:
    assert len(certificate_pdf(LONGEST, URL)) < 60_000
    start = time.process_time()
    for _ in range(10):
        certificate_pdf(FACTS, URL)
    assert (time.process_time() - start) / 10 < 0.025
