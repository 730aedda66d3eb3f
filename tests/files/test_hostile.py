"""Files built to harm or sent by mistake: each is refused in the child, soon, with a sentence, and leaves nothing."""

import io
import random
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lms.clock import monotonic
from lms.files.child import parse_in_child
from lms.files.faults import FileFault
from lms.texts.sentences_rosters import SENTENCES
from tests.files.books import BOOK, GOOD_ROWS, package, sheet, text_cell, workbook, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
BILLION_LAUGHS = "<!DOCTYPE lolz [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9)
) + "]>"  # fmt: skip
CELL = "<row><c><v>%s</v></c></row>"
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def far(reference: str) -> bytes:
    return package(worksheet=sheet(f'<row r="1048576">{text_cell(reference, "x")}</row>'))


def with_symlink() -> bytes:
    stream = io.BytesIO(package())
    with zipfile.ZipFile(stream, "a") as out:
        link = zipfile.ZipInfo("xl/worksheets/sheet9.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(link, "/etc/passwd")
    return stream.getvalue()


def twice_named() -> bytes:
    stream = io.BytesIO(package())
    with zipfile.ZipFile(stream, "a") as out, pytest.warns(UserWarning, match="Duplicate"):
        out.writestr("xl/workbook.xml", BOOK)
    return stream.getvalue()


def lying_size() -> bytes:
    """The directory says the sheet holds ten bytes; it holds many more."""
    content = bytearray(package(worksheet=sheet(GOOD_ROWS + " " * 200_000)))
    at = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(content)


def flipped_byte() -> bytes:
    content = bytearray(package())
    content[content.index(b"xl/worksheets/sheet1.xml") + 60] ^= 0xFF
    return bytes(content)


def encrypted_entry() -> bytes:
    content = bytearray(package())
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def strange_method() -> bytes:
    stream = io.BytesIO(package())
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_LZMA) as out:
        out.writestr("xl/extra.xml", "<a/>")
    return stream.getvalue()


def one_text_many_cells() -> bytes:
    shared = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{"x" * 999}</t></si></sst>'
    rows = "".join(
        f'<row r="{r}">' + "".join(f'<c r="{c}{r}" t="s"><v>0</v></c>' for c in "ABCDEFGHIJ") + "</row>"
        for r in range(1, 9_000)
    )
    return package({"xl/sharedStrings.xml": shared}, worksheet=sheet(rows))


def bomb(size_mb: int) -> bytes:
    stream = io.BytesIO(package())
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as out, out.open("xl/media/a.xml", "w") as part:
        for _ in range(size_mb):
            part.write(b" " * (1 << 20))
    return stream.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "file_empty"),
    "only blanks": (lambda: b"\r\n;;;\r\n   ;\r\n", "file_empty"),
    "too big": (lambda: b"a;b\n" * (7 * 1024 * 1024), "file_too_big"),
    "nul bytes": (lambda: b"CURP;Nombre\nA;B\x00C\n", "file_control"),
    "utf-16 without mark": (lambda: "CURP;Nombre\n".encode("utf-16-le"), "file_control"),
    "utf-16 cut short": (lambda: "CURP;Nombre\nA;B".encode("utf-16") + b"\x00", "file_encoding"),
    "utf-32": (lambda: "CURP;Nombre\n".encode("utf-32"), "file_encoding"),
    "control characters": (lambda: b"CURP;Nombre\nA;\x1b[31mB\n", "file_control"),
    "random bytes": (lambda: random.Random(5).randbytes(50_000), "file_control"),
    "one endless line": (lambda: b"x" * 3_000_000, "file_too_many_columns"),
    "a million columns": (lambda: b";" * 1_000_000 + b"x", "file_too_many_columns"),
    "a million rows": (lambda: b"a;b\n" * 1_000_000, "file_too_many_rows"),
    "huge quoted cell": (lambda: b'CURP;Nombre\nA;"' + b"x\n" * 200_000, "file_long_cell"),
    "open quote": (lambda: b'CURP;Nombre\nA;"B\nC;D\n', "file_open_quote"),
    "old xls": (lambda: OLE + "Workbook".encode("utf-16-le"), "file_old_xls"),
    "password": (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "file_password"),
    "old doc": (lambda: OLE + "WordDocument".encode("utf-16-le"), "file_word"),
    "pdf": (lambda: b"%PDF-1.7\n...", "file_pdf"),
    "html called xls": (lambda: b"\xef\xbb\xbf\r\n<html><table><tr><td>CURP</td></tr></table>", "file_html"),
    "html in utf-16": (lambda: "<table><tr><td>CURP".encode("utf-16"), "file_html"),
    "spreadsheet xml": (lambda: b"<?xml version='1.0'?><Workbook/>", "file_xml"),
    "json": (lambda: b'{"curp": "A"}', "file_not_table"),
    "program": (lambda: b"MZ\x90\x00" + b"\0" * 100, "file_not_table"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "file_picture"),
    "gzip": (lambda: b"\x1f\x8b\x08" + b"\0" * 100, "file_compressed"),
    "zip of a csv": (lambda: zipped({"lista.csv": "CURP,Nombre"}), "file_compressed"),
    "ods": (lambda: zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "file_ods"),
    "docx": (lambda: zipped({"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"}), "file_word"),
    "xlsb": (lambda: zipped({"[Content_Types].xml": "<a/>", "xl/workbook.bin": b"x"}), "file_xlsb"),
    "macros": (lambda: package({"xl/vbaProject.bin": b"x"}), "file_macros"),
    "empty zip": (lambda: zipped({}), "file_compressed"),
    "xlsx cut in half": (lambda: workbook(a=[["CURP"]] * 50)[:2_000], "file_broken_xlsx"),
    "xlsx with a flipped byte": (flipped_byte, "file_broken_xlsx"),
    "no sheets": (lambda: package({"xl/workbook.xml": BOOK.split("<sheets>")[0] + "</workbook>"}), "file_empty"),
    "empty sheet": (lambda: package(worksheet=sheet("")), "file_empty"),
    "broken xml": (lambda: package(worksheet="<worksheet><sheetData><row>"), "file_broken_xlsx"),
    "last cell of all": (lambda: far("XFD1048576"), "file_far_cell"),
    "beyond the last cell": (lambda: far("ZZZ9999999"), "file_far_cell"),
    "impossible reference": (lambda: far("XFD99999999999999999999"), "file_broken_xlsx"),
    "impossible row": (lambda: package(worksheet=sheet('<row r="99999999999"><c/></row>')), "file_broken_xlsx"),
    "row zero": (lambda: package(worksheet=sheet(f'<row r="0">{text_cell("A0", "x")}</row>')), "file_broken_xlsx"),
    "billion laughs": (lambda: package(worksheet=sheet(CELL % "&j;", BILLION_LAUGHS)), "file_unsafe_xlsx"),
    "outside entity": (lambda: package(worksheet=sheet(CELL % "&e;", XXE)), "file_unsafe_xlsx"),
    "entity elsewhere": (lambda: package({"xl/styles.xml": XXE + "<styleSheet>&e;</styleSheet>"}), "file_unsafe_xlsx"),
    "deep nesting": (lambda: package(worksheet="<worksheet>" + "<a>" * 300_000), "file_broken_xlsx"),
    "zip bomb": (lambda: bomb(60), "file_unpacks_too_big"),
    "huge zip bomb": (lambda: bomb(320), "file_unpacks_too_big"),
    "too many entries": (lambda: package({f"xl/media/{i}.xml": "" for i in range(2_001)}), "file_unsafe_xlsx"),
    "path upwards": (lambda: package({"../../etc/cron.d/x": "x"}), "file_unsafe_xlsx"),
    "absolute path": (lambda: package({"/etc/x": "x"}), "file_unsafe_xlsx"),
    "windows path": (lambda: package({"xl\\..\\..\\x": "x"}), "file_unsafe_xlsx"),
    "symlink": (with_symlink, "file_unsafe_xlsx"),
    "two parts of one name": (twice_named, "file_unsafe_xlsx"),
    "lying size": (lying_size, "file_broken_xlsx"),
    "encrypted entry": (encrypted_entry, "file_password"),
    "strange compression": (strange_method, "file_unsafe_xlsx"),
    "one long text in every cell": (one_text_many_cells, "file_unpacks_too_big"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_refused_soon_and_clearly(tmp_path: Path, name: str) -> None:
    build, code = HOSTILE[name]
    path = tmp_path / "upload"
    path.write_bytes(build())
    before = monotonic()
    with pytest.raises(FileFault) as caught:
        for _ in parse_in_child(path, "lista.xlsx", max_rows=60_000):
            pass
    assert caught.value.code == code
    assert monotonic() - before < 5
    said = SENTENCES[code].format(**dict(caught.value.params))
    assert said.endswith(".")
    assert list(tmp_path.iterdir()) == [path]


def test_good_files_come_through_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(("CURP;Nombre\n" + "A;Ñandú\n" * 1_200).encode("cp1252"))
    batches = list(parse_in_child(path, "lista.csv", max_rows=60_000))
    assert [len(batch) for batch in batches] == [500, 500, 201]
    assert batches[2][-1] == (1_201, ("A", "Ñandú"))


def test_the_sheet_with_the_roster_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(workbook(Portada=[["Hola"]], Lista=[["CURP", "Nombre completo"], ["A", "B"]]))
    (batch,) = parse_in_child(path, "lista.xlsx", max_rows=60_000)
    assert batch[0] == (1, ("CURP", "Nombre completo"))


def test_memory_has_a_wall(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>1</v></c><c r="CV{r}"><v>1</v></c></row>' for r in range(1, 49_000))
    path.write_bytes(package(worksheet=sheet(rows)))
    with pytest.raises(FileFault) as caught:
        list(parse_in_child(path, "lista.xlsx", max_rows=60_000, memory_mb=100))
    assert caught.value.code == "file_memory"


def test_time_has_a_wall(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"a;b\n" * 50_000)
    with pytest.raises(FileFault) as caught:
        list(parse_in_child(path, "lista.csv", max_rows=60_000, seconds=0))
    assert caught.value.code == "file_slow"


def test_leaving_early_ends_the_child(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"a;b\n" * 60_000)
    batches = parse_in_child(path, "lista.csv", max_rows=60_000)
    assert len(next(batches)) == 500
    before = monotonic()
    batches.close()  # type: ignore[attr-defined]
    assert monotonic() - before < 2
