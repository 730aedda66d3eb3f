"""Tables as HR really exports them."""

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from lms.files.faults import FileFault
from lms.files.tables import MAX_COLUMNS, Table, open_table
from tests.files.books import GOOD_ROWS, package, sheet, text_cell, workbook

LINES = "CURP;Nombre;Área\nHEGG560427MVZRRL04;MUÑOZ LÓPEZ GÜERO;Atención\n"
CELLS = [
    (1, ("CURP", "Nombre", "Área")),
    (2, ("HEGG560427MVZRRL04", "MUÑOZ LÓPEZ GÜERO", "Atención")),
]


def opened(folder: Path, content: bytes, name: str = "lista.csv", **options: object) -> Table:
    path = folder / "upload"
    path.write_bytes(content)
    return open_table(path, name, **options)  # type: ignore[arg-type]


def rows(folder: Path, content: bytes, name: str = "lista.csv", **options: object) -> list[tuple[int, tuple[str, ...]]]:
    return list(opened(folder, content, name, **options).rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "cp850", "mac_roman", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, newline: str) -> None:
    table = opened(tmp_path, LINES.replace("\n", newline).encode(encoding))
    assert (table.kind, table.encoding, table.delimiter) == ("csv", encoding, ";")
    assert list(table.rows) == CELLS


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    assert rows(tmp_path, LINES.replace(";", delimiter).encode()) == CELLS


def test_commas_inside_names_do_not_mislead(tmp_path: Path) -> None:
    content = "CURP;Nombre\n" + "A;Pérez, Ana\n" * 5
    assert rows(tmp_path, content.encode())[1] == (2, ("A", "Pérez, Ana"))


def test_a_first_line_that_names_the_separator(tmp_path: Path) -> None:
    assert rows(tmp_path, ("\ufeffsep=;\r\n" + LINES).encode()) == CELLS
    assert rows(tmp_path, b"sep=|\nCURP|a;b;c\n") == [(1, ("CURP", "a;b;c"))]


def test_row_numbers_are_those_of_the_spreadsheet(tmp_path: Path) -> None:
    content = 'Padrón\n\nCURP;"Área\nde trabajo"\n;;\nA;B\n;\n'
    assert rows(tmp_path, content.encode()) == [
        (1, ("Padrón",)),
        (3, ("CURP", "Área\nde trabajo")),
        (5, ("A", "B")),
    ]


def test_a_text_file_that_says_xls_is_read(tmp_path: Path) -> None:
    assert rows(tmp_path, LINES.replace(";", "\t").encode("cp1252"), "reporte.xls") == CELLS


def test_quotes_inside_a_name(tmp_path: Path) -> None:
    assert rows(tmp_path, 'A;"Ana ""La Güera"" Ruiz"\nB;Ana "Chata" Ruiz\n'.encode()) == [
        (1, ("A", 'Ana "La Güera" Ruiz')),
        (2, ("B", 'Ana "Chata" Ruiz')),
    ]


def test_workbook_cells_read_as_a_person_sees_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page["A1"] = "Padrón de personal"
    page.merge_cells("A1:E1")
    for reference, value in {
        "A3": "00123",
        "B3": 123,
        "C3": 12345678901.0,
        "D3": date(1980, 1, 2),
        "E3": 0.5,
        "G3": "z",
    }.items():
        page[reference] = value
    page["F3"] = "#N/A"
    page["A5"] = "uno_x000D_\ndos"
    page["Z9"].font = openpyxl.styles.Font(bold=True)
    stream = io.BytesIO()
    book.save(stream)
    assert rows(tmp_path, stream.getvalue(), "lista.xlsx") == [
        (1, ("Padrón de personal",)),
        (3, ("00123", "123", "12345678901", "02/01/1980", "0.5", "", "z")),
        (5, ("uno\r\ndos",)),
    ]


def test_the_sheet_with_the_list_is_found(tmp_path: Path) -> None:
    content = workbook(Portada=[["Instrucciones"]], Vacía=[], Padrón=[["CURP", "Nombre"], ["A", "B"]])

    def liked(opening: Sequence[Sequence[str]]) -> bool:
        return any("CURP" in row for row in opening)

    assert opened(tmp_path, content, prefers=liked).sheet == "Padrón"
    assert opened(tmp_path, content).sheet == "Portada"


def test_formatted_but_empty_cells_far_away_do_no_harm(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    content = package(worksheet=sheet(GOOD_ROWS + far, dimension="A1:XFD1048576"))
    assert [number for number, _ in rows(tmp_path, content, "x.xlsx")] == [1, 2]


def test_cells_without_references(tmp_path: Path) -> None:
    content = package(worksheet=sheet("<row><c><v>1</v></c><c><v>2</v></c></row>"))
    assert rows(tmp_path, content, "x.xlsx") == [(1, ("1", "2"))]


def fault_of(folder: Path, content: bytes, name: str = "lista.csv", **options: object) -> FileFault:
    with pytest.raises(FileFault) as caught:
        rows(folder, content, name, **options)
    return caught.value


def test_limits_say_what_exceeds_them(tmp_path: Path) -> None:
    wide = ",".join(["x"] * (MAX_COLUMNS + 1)).encode()
    assert fault_of(tmp_path, wide).code == "file_too_many_columns"
    lonely = b"CURP,Nombre\nA,B" + b"," * 300 + b"z\n"
    assert dict(fault_of(tmp_path, lonely).params) == {"cell": "KP2"}
    long = fault_of(tmp_path, b"CURP;Nombre\nA;" + b"x" * 1_001)
    assert (long.code, dict(long.params)) == ("file_long_cell", {"row": 2, "has": 1_001, "maximum": 1_000})
    assert len(rows(tmp_path, b"a;b\n" * 40, max_rows=10)) == 40
    assert fault_of(tmp_path, b"a;b\n" * 41, max_rows=10).code == "file_too_many_rows"


def test_a_lonely_far_value_is_named(tmp_path: Path) -> None:
    far = f'<row r="900000">{text_cell("ZZ900000", "x")}</row>'
    fault = fault_of(tmp_path, package(worksheet=sheet(GOOD_ROWS + far)), "x.xlsx")
    assert (fault.code, dict(fault.params)) == ("file_far_cell", {"cell": "ZZ900000"})


def test_an_open_quote_is_noticed(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, b'CURP;Nombre\nA;"Ana\nB;Eva\nC;Luz\n')
    assert (fault.code, dict(fault.params)) == ("file_open_quote", {"row": 2})
