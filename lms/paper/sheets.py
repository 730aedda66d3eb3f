"""A PDF being drawn: cleaned text at a place, marked for screen readers, with title, language and date in the file.

Order of drawing is order of reading. What is content goes inside `element`, what is ornament inside `ornament`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from html import escape
from typing import Any, Literal
from unicodedata import combining

from lms.paper import fonts
from lms.paper.qr import Matrix, qr_runs
from lms.paper.wording import clean_line

GUINDA = "#9B2247"
GOLD = "#A57F2C"  # ornament only: too pale for text
INK = "#161A1D"
GREY = "#4A5055"

LETTER = (612.0, 792.0)
LANDSCAPE = (792.0, 612.0)

Align = Literal["left", "center", "right"]

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>es-MX</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{day}</xmp:CreateDate><xmp:ModifyDate>{day}</xmp:ModifyDate>
<pdf:Producer>Aula</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


class Sheet:
    """One PDF file. Hold `fonts.DRAWING` while it is drawn; `finish` gives the bytes."""

    def __init__(self, title: str, author: str, subject: str, on: date, size: tuple[float, float]) -> None:
        from reportlab.pdfgen.canvas import Canvas

        fonts.ready()
        title, author, subject = clean_line(title), clean_line(author), clean_line(subject)
        self.canvas: Any = Canvas(
            None, size, pageCompression=1, invariant=1, lang="es-MX", initialFontName=fonts.REGULAR
        )
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setSubject(subject)
        self.canvas.setCreator("Aula")
        self.canvas.setProducer("Aula")
        self.canvas.setDateFormatter(lambda *_: f"D:{on:%Y%m%d}")
        self.canvas.setViewerPreference("DisplayDocTitle", "true")
        self._describe(title, author, subject, on)
        self._elements: list[Any] = []
        self._links: list[Any] = []

    def _describe(self, title: str, author: str, subject: str, on: date) -> None:
        from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream

        words = {"title": title, "author": author, "subject": subject, "day": on.isoformat()}
        packet = _XMP.format(**{key: escape(word, quote=False) for key, word in words.items()}).encode()
        kind = PDFDictionary({"Type": PDFName("Metadata"), "Subtype": PDFName("XML")})
        self.canvas._doc.Catalog.Metadata = PDFStream(kind, packet)

    @contextmanager
    def element(self, kind: str, alt: str = "") -> Iterator[None]:
        """What is drawn inside is one piece of content of this PDF structure type (H1, P, Figure…)."""
        self.canvas.addLiteral(f"/{kind} <</MCID {len(self._elements)}>> BDC")
        yield
        self.canvas.addLiteral("EMC")
        self._elements.append(self._piece(kind, len(self._elements), alt))

    def _piece(self, kind: str, number: int, alt: str) -> Any:
        from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFString

        piece = PDFDictionary({"Type": PDFName("StructElem"), "S": PDFName(kind), "K": number})
        piece["Pg"] = self.canvas._doc.thisPageRef()
        if alt:
            piece["Alt"] = PDFString(clean_line(alt))
        return piece

    @contextmanager
    def ornament(self) -> Iterator[None]:
        """What is drawn inside says nothing: screen readers pass over it."""
        self.canvas.addLiteral("/Artifact BMC")
        yield
        self.canvas.addLiteral("EMC")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        font: str,
        size: float,
        *,
        color: str = INK,
        align: Align = "left",
        tracking: float = 0,
    ) -> None:
        """One line of cleaned words with its baseline at y; x is its left end, middle or right end by `align`."""
        if align != "left":
            wide = fonts.width(words, font, size) + tracking * (len(words) - 1)
            x -= wide if align == "right" else wide / 2
        self.canvas.setFillColor(color)
        self.canvas.setFont(font, size)
        if any(combining(letter) for letter in words):
            self._text_with_marks(x, y, words, font, size)
        else:
            self.canvas.drawString(x, y, words, charSpace=tracking)

    def _text_with_marks(self, x: float, y: float, words: str, font: str, size: float) -> None:
        run = ""
        for before, letter in zip(" " + words, words, strict=False):
            shift = fonts.mark_shift(font, before, letter) if combining(letter) else None
            if shift is None:
                run += letter
                continue
            self.canvas.drawString(x, y, run)
            x += fonts.width(run, font, size)
            origin = x - fonts.width(before, font, size)
            self.canvas.drawString(origin + shift[0] * size, y + shift[1] * size, letter)
            run = ""
        self.canvas.drawString(x, y, run)

    def qr(self, matrix: Matrix, x: float, y: float, side: float) -> None:
        """The symbol as one filled path, its lower left corner at (x, y); leave 4 modules free around it."""
        module = side / len(matrix)
        self.canvas.saveState()
        self.canvas.setFillColor("#000000")
        self.canvas.translate(x, y + side)
        self.canvas.scale(module, -module)
        self.canvas.addLiteral("\n".join(f"{column} {row} {n} 1 re" for column, row, n in qr_runs(matrix)) + "\nf")
        self.canvas.restoreState()

    @contextmanager
    def link(self, url: str, rect: tuple[float, float, float, float], says: str) -> Iterator[None]:
        """What is drawn inside is the text of a link to `url`; `rect` (x1, y1, x2, y2) is where a tap opens it."""
        from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFString

        with self.element("Link"):
            yield
        link = self._elements[-1]
        self._links.append(link)
        self.canvas.linkURL(url, rect, Contents=PDFString(says), StructParent=len(self._links), F=4)
        doc = self.canvas._doc
        target = PDFDictionary({"Type": PDFName("OBJR"), "Obj": doc.refAnnotation(f"NUMBER{len(self._links)}")})
        link["K"] = PDFArray([link["K"], target])

    def page(self) -> None:
        """End this page and begin another. Only files without `element` may have several."""
        self.canvas.showPage()

    def finish(self) -> bytes:
        """The whole file."""
        self.canvas.showPage()
        if self._elements:
            self._write_structure()
        return bytes(self.canvas.getpdfdata())

    def _write_structure(self) -> None:
        """The tree that screen readers walk, which ReportLab does not write itself (ISO 32000-1, 14.7)."""
        from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName

        doc = self.canvas._doc
        whole = PDFDictionary({"Type": PDFName("StructElem"), "S": PDFName("Document")})
        root = PDFDictionary({"Type": PDFName("StructTreeRoot"), "K": doc.Reference(whole)})
        whole["P"] = doc.Reference(root)
        pieces = []
        for piece in self._elements:
            piece["P"] = doc.Reference(whole)
            pieces.append(doc.Reference(piece))
        whole["K"] = PDFArray(pieces)
        numbers: list[Any] = [0, PDFArray(pieces)]
        for number, link in enumerate(self._links, start=1):
            numbers += [number, doc.Reference(link)]
        root["ParentTree"] = PDFDictionary({"Nums": PDFArray(numbers)})
        root["ParentTreeNextKey"] = len(self._links) + 1
        doc.Catalog.StructTreeRoot = root
        doc.Catalog.MarkInfo = PDFDictionary({"Marked": "true"})
        page = doc.idToObject["Page1"]
        # ReportLab writes only the page keys it knows by name: teach this page the two that tagging needs.
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = 0, PDFName("S")
