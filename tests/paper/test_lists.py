"""Lists to download: readable by Excel, and nothing in them runs."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.paper.lists import Cell, csv_bytes, is_active, xlsx_bytes

ACTIVE = ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"]


def read_csv(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    data = b"".join(csv_bytes(header, rows))
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def open_xlsx(data: bytes) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(io.BytesIO(data)).active


@pytest.mark.parametrize("lead", ACTIVE)
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\u200b", "\ufeff"])
def test_csv_disarms_every_active_beginning(before: str, lead: str) -> None:
    text = before + lead + 'cmd|"/C calc"!A1'
    assert read_csv([text], [[text]]) == [["'" + text], ["'" + text]]


def test_csv_keeps_everything_else_as_it_is() -> None:
    rows = [['Ñuñez, "Ana"\nRuiz', 7, -3, date(2026, 11, 22), None, "0012", "O'Higgins", "a=b"]]
    assert read_csv(["Á"] * 8, rows)[1] == [
        'Ñuñez, "Ana"\nRuiz',
        "7",
        "-3",
        "2026-11-22",
        "",
        "0012",
        "O'Higgins",
        "a=b",
    ]


def test_csv_comes_in_chunks_without_holding_the_list() -> None:
    drawn = 0

    def endless() -> "Sequence[Cell]":
        nonlocal drawn
        while True:
            drawn += 1
            yield [drawn]

    chunks = csv_bytes(["n"], endless())
    assert b'"1"' in next(chunks)
    assert drawn < 1000
    assert b'"\xef\xbb\xbf' not in next(chunks)


@pytest.mark.parametrize("lead", [c for c in ACTIVE if c not in "\r\n\0"])
def test_xlsx_holds_text_never_a_formula(lead: str) -> None:
    text = lead + "HYPERLINK(1)"
    data = xlsx_bytes(["Nombre", lead], [[text, "{=1}"]], "Personas")
    cell = open_xlsx(data)["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        page = parts.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in page
        assert not [name for name in parts.namelist() if "_rels/sheet" in name]


def test_xlsx_keeps_kinds_and_makes_no_links() -> None:
    rows = [["0012", 12, date(2026, 11, 22), None, "https://mal.example", "ana@example.mx", "", "-"]]
    data = xlsx_bytes(["a", "b", "c", "d", "e", "f", "g", "h"], rows, "x")
    page = open_xlsx(data)
    values = [cell.value for cell in page[2]]
    assert values[:2] == ["0012", 12]
    assert values[2].date() == date(2026, 11, 22)
    assert page["C2"].number_format == "dd/mm/yyyy"
    assert values[3:] == [None, "https://mal.example", "ana@example.mx", None, "-"]
    assert page["E2"].hyperlink is None


def test_xlsx_header_is_bold_frozen_filtered_and_columns_have_room() -> None:
    page = open_xlsx(xlsx_bytes(["CURP", "Nombre"], [["x", "y" * 30], ["z", "w" * 300]], "Personas inscritas"))
    assert page.title == "Personas inscritas"
    assert page["A1"].font.bold
    assert not page["A2"].font.bold
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:B3"
    assert page.column_dimensions["B"].width == pytest.approx(60, abs=1)
    assert page.column_dimensions["A"].width < 10


@pytest.mark.parametrize(
    ("name", "kept"),
    [("[a]:b*c?d/e\\f", "a b c d e f"), ("'x'", "x"), ("", "Lista"), ("\0", "Lista"), ("y" * 40, "y" * 31)],
)
def test_any_sheet_name_is_made_acceptable(name: str, kept: str) -> None:
    assert open_xlsx(xlsx_bytes(["a"], [], name)).title == kept


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=5))
def test_any_text_survives_and_nothing_is_active(rows: list[list[str]]) -> None:
    for row in read_csv(["a", "b"], rows):
        assert not any(is_active(cell) for cell in row)
    page = open_xlsx(xlsx_bytes(["a", "b"], rows, "x"))
    assert all(cell.data_type in ("s", "n") for row in page.iter_rows(min_row=2) for cell in row)


def test_long_texts_and_control_characters_do_not_break_the_file() -> None:
    data = xlsx_bytes(["a"], [["x" * 40_000], ["a\x01b\0c\ud800d\uffff"], ["_x0041_"]], "x")
    page = open_xlsx(data)
    assert len(page["A2"].value) == 32_767
    assert page["A3"].value == "abcd"
    with zipfile.ZipFile(io.BytesIO(data)) as parts:  # escaped, or Excel would show «A»
        assert b"_x005F_x0041_" in parts.read("xl/worksheets/sheet1.xml")
    assert read_csv(["a"], [["\ud800x"]])[1] == ["?x"]


def test_more_rows_than_a_sheet_holds_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.paper.lists._MOST_ROWS", 3)
    assert open_xlsx(xlsx_bytes(["a"], [[1]] * 3, "x")).max_row == 4
    with pytest.raises(ValueError):
        xlsx_bytes(["a"], [[1]] * 4, "x")


def test_same_rows_same_bytes() -> None:
    rows = [["Ana", 1, date(2026, 11, 22)]]
    assert xlsx_bytes(["a", "b", "c"], rows, "x") == xlsx_bytes(["a", "b", "c"], rows, "x")
