"""Tables as people really send them, CSV or XLSX, read as a stream of numbered rows of text."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from lms.files.faults import FileFault
from lms.files.workbooks import Rows, column_name, open_workbook

__all__ = ["MAX_BYTES", "MAX_CELL", "MAX_COLUMNS", "MAX_ROWS", "FileFault", "Table", "open_table"]

MAX_BYTES: Final = 25 * 1024 * 1024
"""Largest upload, in bytes."""
MAX_ROWS: Final = 60_000
MAX_COLUMNS: Final = 200
MAX_CELL: Final = 1_000
"""Longest cell, in characters."""
MAX_TEXT: Final = 64 * 1024 * 1024
"""All the text of one table, in characters: a workbook can point millions of cells at one long text."""
TITLE_ROWS: Final = 30
"""Rows allowed above `max_rows` for titles and the header."""

_SAMPLE: Final = 1 << 16
_MAX_LINE: Final = 500_000
_DELIMITERS: Final = ";,\t|"
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_SPANISH: Final = "áéíóúüñÁÉÍÓÚÜÑ¿¡°ºª"
# Excel offers all three ("CSV", "CSV (MS-DOS)", "CSV (Macintosh)"); the earlier wins a draw.
_ONE_BYTE: Final = ("cp1252", "cp850", "mac_roman")

_SIGNATURES: Final = (
    (b"%PDF", "file_pdf"),
    (b"\x89PNG", "file_picture"),
    (b"\xff\xd8\xff", "file_picture"),
    (b"GIF8", "file_picture"),
    (b"Rar!", "file_compressed"),
    (b"7z\xbc\xaf", "file_compressed"),
    (b"\x1f\x8b", "file_compressed"),
    (b"BZh9", "file_compressed"),
    (b"\xfd7zXZ", "file_compressed"),
    (b"{\\rtf", "file_word"),
    (b"MZ", "file_not_table"),
    (b"\x7fELF", "file_not_table"),
    (b"SQLite format 3", "file_not_table"),
    (b"PAR1", "file_not_table"),
    (b"\xff\xfe\x00\x00", "file_encoding"),
    (b"\x00\x00\xfe\xff", "file_encoding"),
)
_HTML = re.compile(rb"<(?:!doctype html|html|head|body|table|meta|style|script|div|p)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """An opened table. `rows` gives (number the spreadsheet shows, cells); blank rows are left out, cells untrimmed.

    `rows` may raise FileFault while it is read. In a CSV the number counts records, as a spreadsheet does: a quoted
    line break does not start a row, a blank line does, and a first line "sep=;" is not shown.
    """

    kind: Literal["csv", "xlsx"]
    encoding: str
    delimiter: str
    sheet: str
    rows: Iterator[tuple[int, tuple[str, ...]]]


def open_table(
    path: Path,
    filename: str,
    *,
    max_rows: int = MAX_ROWS,
    prefers: Callable[[Sequence[Sequence[str]]], bool] | None = None,
) -> Table:
    """Open the file at `path`, whatever `filename` claims: its first bytes decide. Raises FileFault.

    `prefers` looks at a sheet's opening rows and says whether it is the one wanted; without it the first sheet with
    values is read. `max_rows` counts rows with content, with 30 more allowed for titles above the header.
    """
    size = path.stat().st_size
    if size == 0:
        raise FileFault("file_empty")
    if size > MAX_BYTES:
        raise FileFault("file_too_big", has=-(-size // (1024 * 1024)), maximum=MAX_BYTES // (1024 * 1024))
    with path.open("rb") as stream:
        head = stream.read(4096)
    _refuse_other_kinds(head, path, filename)
    if head.startswith(b"PK"):
        sheet, numbered = open_workbook(path, max_rows, prefers)
        return Table("xlsx", "", "", sheet, _checked(numbered, max_rows))
    encoding = _encoding(path, head)
    delimiter, named = _delimiter(path, encoding)
    numbered = _csv_rows(path, encoding, delimiter, skip_first=named)
    return Table("csv", encoding, delimiter, "", _checked(numbered, max_rows))


def _refuse_other_kinds(head: bytes, path: Path, filename: str) -> None:
    for signature, code in _SIGNATURES:
        if head.startswith(signature):
            raise FileFault(code)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        # An encrypted .xlsx is wrapped in the old container, and so is every .doc.
        inside = path.read_bytes()
        if "EncryptedPackage".encode("utf-16-le") in inside:
            raise FileFault("file_password")
        raise FileFault("file_word" if "WordDocument".encode("utf-16-le") in inside else "file_old_xls")
    if head[8:12] == b"WEBP" or head[4:12] in (b"ftypheic", b"ftypmif1"):
        raise FileFault("file_picture")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.replace(b"\x00", b"")[2:].lstrip()
    if _HTML.match(text) or (text.startswith(b"<") and _HTML.search(text)):
        raise FileFault("file_html")
    if text.startswith(b"<?xml"):
        raise FileFault("file_xml")
    if text.startswith((b"{", b"[{")) or filename.lower().endswith((".json", ".sql", ".exe")):
        raise FileFault("file_not_table")


def _encoding(path: Path, head: bytes) -> str:
    """The encoding's name: by BOM, else UTF-8 if the whole file is, else the one-byte page that reads as Spanish."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    data = path.read_bytes()
    nul = data.find(b"\x00")
    if nul >= 0:
        raise FileFault("file_control", row=data.count(b"\n", 0, nul) + 1)
    try:
        data.decode("utf-8")
        return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    except UnicodeDecodeError:
        high = Counter(data.translate(None, bytes(range(128))))
        scores = {name: _spanish(high, name) for name in _ONE_BYTE}
        return max(_ONE_BYTE, key=lambda name: scores[name])


def _spanish(high: Counter[int], encoding: str) -> int:
    """How Spanish the bytes above 127 read in this encoding: letters of the language for, everything else against."""
    return sum(n if bytes([b]).decode(encoding, "replace") in _SPANISH else -n for b, n in high.items())


def _lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding, newline="") as stream:
        try:
            # readline with a limit: a file that is one endless line must not become one endless list.
            while line := stream.readline(_MAX_LINE):
                if len(line) >= _MAX_LINE:
                    raise FileFault("file_too_many_columns", maximum=MAX_COLUMNS)
                yield line
        except (UnicodeDecodeError, UnicodeError) as error:
            raise FileFault("file_encoding") from error


def _delimiter(path: Path, encoding: str) -> tuple[str, bool]:
    """The delimiter, and whether a first line "sep=…" names it. Else the one that cuts most rows into equal widths."""
    sample: list[str] = []
    size = 0
    for line in _lines(path, encoding):
        sample.append(line)
        size += len(line)
        if size > _SAMPLE or len(sample) >= 60:
            break
    named = re.fullmatch(r"\ufeff?\"?sep=(.)\"?\s*", sample[0], re.IGNORECASE) if sample else None
    if named and named[1] in _DELIMITERS:
        return named[1], True
    return max(_DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter)), False


def _evenness(sample: list[str], delimiter: str) -> int:
    try:
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter) if len(row) > 1)
    except csv.Error:
        return 0
    return max(((width - 1) * count for width, count in widths.items()), default=0)


class _Quotes:
    """Passes lines on and counts the quotes of the record being read, to notice one that is never closed."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.count = lines, 0

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.count += line.count('"')
            yield line


def _csv_rows(path: Path, encoding: str, delimiter: str, *, skip_first: bool) -> Rows:
    lines = _lines(path, encoding)
    if skip_first:
        next(lines, None)
    quotes = _Quotes(lines)
    number = opened = 0
    try:
        for number, cells in enumerate(csv.reader(quotes, delimiter=delimiter), start=1):
            joined = "".join(cells)
            if _CONTROL.search(joined):
                raise FileFault("file_control", row=number)
            opened = number if quotes.count % 2 and "\n" in joined else 0
            quotes.count = 0
            yield number, cells
    except csv.Error as error:
        raise FileFault("file_long_cell", row=number + 1, has=csv.field_size_limit(), maximum=MAX_CELL) from error
    if opened:
        raise FileFault("file_open_quote", row=opened)


def _checked(numbered: Rows, max_rows: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Rows with content, each within the limits."""
    used = text = 0
    for number, cells in numbered:
        last = len(cells)
        while last and not cells[last - 1].strip():
            last -= 1
        if not last:
            continue
        used += 1
        if used > max_rows + TITLE_ROWS:
            raise FileFault("file_too_many_rows", maximum=max_rows)
        if last > MAX_COLUMNS:
            if sum(1 for cell in cells if cell.strip()) > MAX_COLUMNS // 4:
                raise FileFault("file_too_many_columns", maximum=MAX_COLUMNS)
            raise FileFault("file_far_cell", cell=f"{column_name(last)}{number}")
        longest = max(map(len, cells))
        if longest > MAX_CELL:
            raise FileFault("file_long_cell", row=number, has=longest, maximum=MAX_CELL)
        text += sum(map(len, cells))
        if text > MAX_TEXT:
            raise FileFault("file_unpacks_too_big")
        yield number, tuple(cells[:last])
    if not used:
        raise FileFault("file_empty")
