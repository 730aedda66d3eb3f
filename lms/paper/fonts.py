"""Typefaces of every PDF: Noto Sans for text, Ubuntu Mono for folios and codes.

They come from the `pymupdf-fonts` package and are parsed once per process. They are not cut down beforehand: parsing
both whole faces costs 17 ms, cutting them with fontTools 400 ms, and ReportLab embeds only the glyphs used anyway.
"""

import io
import threading
from functools import cache
from typing import Any

REGULAR = "Aula-Regular"
BOLD = "Aula-Bold"
MONO = "Aula-Mono"

_SOURCES = {REGULAR: "notos", BOLD: "notosbo", MONO: "ubuntmbo"}

# ReportLab reads glyphs through one shared file position per face, so only one thread may draw at a time.
DRAWING = threading.RLock()


@cache
def _data(font: str) -> bytes:
    import pymupdf_fonts

    return bytes(pymupdf_fonts.fontbuffers[_SOURCES[font]]())


@cache
def _face(font: str) -> Any:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    # asciiReadable=False embeds the glyphs that are drawn instead of all of ASCII: half the bytes.
    face = TTFont(font, io.BytesIO(_data(font)), asciiReadable=False)
    pdfmetrics.registerFont(face)
    return face


def ready() -> None:
    """Register the three faces with ReportLab; costs something only the first time in a process."""
    with DRAWING:
        for font in _SOURCES:
            _face(font)


def width(text: str, font: str, size: float) -> float:
    """Width of one line of text in points."""
    with DRAWING:
        return float(_face(font).stringWidth(text, size))


@cache
def _anchors(font: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Where each combining mark sits on each base glyph: (base, mark) glyph names → offset in font units."""
    from fontTools.ttLib import TTFont

    table = TTFont(io.BytesIO(_data(font)), lazy=True)["GPOS"].table
    wanted = {i for f in table.FeatureList.FeatureRecord if f.FeatureTag == "mark" for i in f.Feature.LookupListIndex}
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for index in sorted(wanted):
        for part in table.LookupList.Lookup[index].SubTable:
            part = getattr(part, "ExtSubTable", part)
            if part.LookupType == 4:  # mark-to-base
                _read_anchors(part, found)
    return found


def _read_anchors(part: Any, found: dict[tuple[str, str], tuple[int, int]]) -> None:
    for mark, record in zip(part.MarkCoverage.glyphs, part.MarkArray.MarkRecord, strict=True):
        for base, row in zip(part.BaseCoverage.glyphs, part.BaseArray.BaseRecord, strict=True):
            anchor = row.BaseAnchor[record.Class]
            if anchor is not None:
                shift = (
                    anchor.XCoordinate - record.MarkAnchor.XCoordinate,
                    anchor.YCoordinate - record.MarkAnchor.YCoordinate,
                )
                found.setdefault((base, mark), shift)


@cache
def _names(font: str) -> dict[int, str]:
    from fontTools.ttLib import TTFont

    names: dict[int, str] = TTFont(io.BytesIO(_data(font)), lazy=True).getBestCmap()
    return names


@cache
def mark_shift(font: str, base: str, mark: str) -> tuple[float, float] | None:
    """Offset, in parts of the type size, from the origin of `base` to that of the combining `mark` on it.

    ReportLab sets marks where the pen happens to be, which puts the line of Hñähñu a̱ or u̱ beside the letter; the
    face itself says where it belongs. None when the face says nothing about the pair.
    """
    names = _names(font)
    shift = _anchors(font).get((names.get(ord(base), ""), names.get(ord(mark), "")))
    return None if shift is None else (shift[0] / 1000, shift[1] / 1000)
