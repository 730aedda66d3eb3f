"""Slips with one-time codes."""

import io
import time
from datetime import date
from itertools import pairwise

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from lms.paper.slips import Slip, slips_pdf

URL = "https://aula.example/activar/"


def people(count: int) -> list[Slip]:
    return [
        Slip(f"Persona Ficticia {n}", f"K7QM2XWD{n:04d}", date(2026, 12, 5), f"{n:07d}", "Área de Ejemplo")
        for n in range(count)
    ]


def sheets(slips: list[Slip]) -> bytes:
    return slips_pdf(slips, institution="Instituto Ficticio", course="Derechos humanos", url=URL)


def test_every_code_is_read_from_the_rendered_sheets() -> None:
    slips = people(11)
    document = pypdfium2.PdfDocument(sheets(slips))
    read = [
        sorted(code.text for code in zxingcpp.read_barcodes(page.render(scale=2).to_pil(), try_rotate=False))
        for page in document
    ]
    document.close()
    addresses = [URL + slip.code for slip in slips]
    assert read == [addresses[:8], addresses[8:]]


def test_a_slip_says_who_what_until_when_and_how() -> None:
    document = pypdfium2.PdfDocument(sheets(people(1)))
    lines = document[0].get_textpage().get_text_bounded().splitlines()
    document.close()
    assert lines[:7] == [
        "Instituto Ficticio · Derechos humanos",
        "Persona Ficticia 0",
        "Núm. 0000000 · Área de Ejemplo",
        "Tu código, para una sola vez",
        "K7QM-2XWD-0000",
        "Vale hasta el 5 de diciembre de 2026.",
        "1. Lee el QR con tu teléfono, o escribe",
    ]
    assert "aula.example/activar/ y el código." in lines


def test_longest_facts_stay_on_their_slip() -> None:
    slip = Slip(
        " ".join(word * 20 for word in ("Ermen", "Gilda", "Óscar")),
        "K7QM2XWD9RTB",
        date(2026, 9, 30),
        "9" * 40,
        "Área " * 40,
    )
    document = pypdfium2.PdfDocument(
        slips_pdf([slip], institution="Instituto Ficticio " * 9, course="Derechos humanos " * 9, url=URL)
    )
    text = document[0].get_textpage()
    boxes = [text.get_rect(i) for i in range(text.count_rects())]
    document.close()
    for left, bottom, right, _ in boxes:
        assert (left, bottom) > (15, 0)
        assert right < 306
        assert bottom > 792 - 198
    bottoms = sorted(boxes, key=lambda box: -box[3])
    for upper, lower in pairwise(bottoms):
        assert lower[3] <= upper[1] + 1.5, "lines overlap"


def test_without_number_or_area_there_is_no_empty_label() -> None:
    document = pypdfium2.PdfDocument(sheets([Slip("Li Po", "ABCD-EFGH", date(2026, 12, 5))]))
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    assert "Núm." not in text
    assert "ABCD-EFGH" in text


def test_file_opens_clean_in_spanish_with_fonts() -> None:
    with pikepdf.open(io.BytesIO(sheets(people(9)))) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.pages) == 2
        assert pdf.Root.Lang == "es-MX"
        assert str(pdf.docinfo["/Title"]) == "Códigos de acceso: Derechos humanos"
        assert all("/FontFile2" in font.FontDescriptor for font in pdf.pages[1].Resources.Font.values())


def test_same_slips_same_bytes_and_none_is_an_error() -> None:
    assert sheets(people(3)) == sheets(people(3))
    with pytest.raises(ValueError):
        sheets([])


def test_five_hundred_in_under_five_seconds() -> None:
    start = time.process_time()
    sheets(people(500))
    assert time.process_time() - start < 5
