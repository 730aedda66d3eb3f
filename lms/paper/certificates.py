"""The constancia: letter landscape, something one would frame. The same facts give the same bytes."""

from dataclasses import dataclass
from datetime import date

from lms.paper import fonts
from lms.paper.fonts import BOLD, DRAWING, MONO, REGULAR
from lms.paper.qr import qr_matrix
from lms.paper.sheets import GOLD, GREY, GUINDA, INK, LANDSCAPE, Sheet
from lms.paper.wording import Fitted, clean_line, fit, grouped, long_date, long_period, wrap

ISSUER = "Secretaría de las Mujeres"


@dataclass(frozen=True)
class CertificateFacts:
    """Everything printed on a constancia, frozen on the day of issue.

    `hours` is whole hours of the course; `course_hash` the content hash of the version studied (64 hex digits, the
    first 12 are printed); `started_on` is printed only when given.
    """

    full_name: str
    course_title: str
    hours: int
    completed_on: date
    issued_on: date
    institution_name: str
    signatory_name: str
    signatory_position: str
    folio: str
    course_hash: str
    issuer: str = ISSUER
    started_on: date | None = None


_MIDDLE = LANDSCAPE[0] / 2
_LEFT, _RIGHT = 76.0, LANDSCAPE[0] - 76.0
_ROOM = 600.0
_QR_SIDE = 92.0
_FLOOR = 66.0  # baseline of the lowest line, lower edge of the QR

_MOST_STRETCH = 1.7  # how far the spaces of the middle column may grow when there is room

# (most lines, largest size, smallest size), tried in this order
_NAME_STEPS = ((1, 42, 31), (2, 34, 19), (4, 18, 9))
_TITLE_STEPS = ((1, 22, 17), (2, 19, 12), (4, 12, 8))


def certificate_pdf(snapshot: CertificateFacts, verify_url: str) -> bytes:
    """The certificate as PDF. `verify_url` is the full public address of its verification page.

    Raises ValueError when the address is too long for the QR (412 bytes).
    """
    facts = _cleaned(snapshot)
    with DRAWING:
        sheet = Sheet(
            title=f"Constancia de {facts.full_name}: {facts.course_title}",
            author=facts.issuer,
            subject=f"Constancia con folio {facts.folio}",
            on=facts.issued_on,
            size=LANDSCAPE,
        )
        with sheet.ornament():
            _frame(sheet)
        name = fit(facts.full_name, BOLD, _ROOM + 20, _NAME_STEPS)
        below = int(name.size) - 1  # nothing on the page is larger than the name
        _body(sheet, _column(facts, name, below))
        _signatory(sheet, facts, below)
        _verification(sheet, facts, verify_url, below)
        return sheet.finish()


def _cleaned(facts: CertificateFacts) -> CertificateFacts:
    return CertificateFacts(
        full_name=clean_line(facts.full_name),
        course_title=clean_line(facts.course_title),
        hours=facts.hours,
        completed_on=facts.completed_on,
        issued_on=facts.issued_on,
        institution_name=clean_line(facts.institution_name),
        signatory_name=clean_line(facts.signatory_name),
        signatory_position=clean_line(facts.signatory_position),
        folio=clean_line(facts.folio),
        course_hash=clean_line(facts.course_hash),
        issuer=clean_line(facts.issuer),
        started_on=facts.started_on,
    )


def _frame(sheet: Sheet) -> None:
    """A thin golden line whose corners go down in two steps, as on a woven border."""
    edge, step = 30.0, 9.0
    wide, high = LANDSCAPE
    corner = [(0.0, 2 * step), (step, 2 * step), (step, step), (2 * step, step), (2 * step, 0.0)]
    points = [(edge + x, edge + y) for x, y in corner]
    points += [(wide - edge - x, edge + y) for x, y in reversed(corner)]
    points += [(wide - edge - x, high - edge - y) for x, y in corner]
    points += [(edge + x, high - edge - y) for x, y in reversed(corner)]
    path = sheet.canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()
    sheet.canvas.setStrokeColor(GOLD)
    sheet.canvas.setLineWidth(0.8)
    sheet.canvas.drawPath(path, stroke=1, fill=0)


@dataclass(frozen=True)
class _Line:
    """One paragraph of the middle column: `before` is the space above its first baseline, beside the type size."""

    kind: str
    words: Fitted
    font: str
    color: str
    before: float
    tracking: float = 0
    rule_below: bool = False

    @property
    def leading(self) -> float:
        return self.words.size * 1.22

    @property
    def rule_drop(self) -> float:
        return max(14.0, 0.52 * self.words.size) if self.rule_below else 0.0

    @property
    def height(self) -> float:
        return self.words.size + self.leading * (len(self.words.lines) - 1) + self.rule_drop


def _plain(words: str, size: float) -> Fitted:
    return Fitted((words,), size)


def _column(facts: CertificateFacts, name: Fitted, below: int) -> list[_Line]:
    steps = [(most, min(largest, below), min(smallest, below)) for most, largest, smallest in _TITLE_STEPS]
    title = fit(facts.course_title, BOLD, _ROOM, steps)
    issuer = fit(facts.issuer, BOLD, _ROOM, [(1, min(16, below), 8)])
    institution = fit(facts.institution_name, REGULAR, _ROOM, [(1, min(13, below), 10), (2, min(10, below), 8)])
    small = min(12, below)
    hours = "1 hora" if facts.hours == 1 else f"{facts.hours:,} horas"
    if facts.started_on is None:
        when = f"con duración de {hours}, concluido el {long_date(facts.completed_on)}."
    else:
        when = f"con duración de {hours}, cursado {long_period(facts.started_on, facts.completed_on)}."
    return [
        _Line("P", issuer, BOLD, GUINDA, 0),
        _Line("P", _plain("otorga la presente", small), REGULAR, GREY, 8),
        _Line("H1", _plain("CONSTANCIA", min(21, below)), REGULAR, INK, 10, tracking=7 if below > 20 else 3),
        _Line("P", _plain("a", small), REGULAR, GREY, 8),
        _Line("P", name, BOLD, INK, 12, rule_below=True),
        *([_Line("P", institution, REGULAR, GREY, 10)] if facts.institution_name else []),
        _Line("P", _plain("por haber acreditado el curso", small), REGULAR, GREY, 15),
        _Line("P", title, BOLD, INK, 9),
        _Line("P", _plain(when, small), REGULAR, GREY, 10),
    ]


def _body(sheet: Sheet, column: list[_Line]) -> None:
    top, bottom = LANDSCAPE[1] - 62, _FLOOR + _QR_SIDE + 24
    free = top - bottom - sum(line.height for line in column)
    gaps = sum(line.before for line in column)
    stretch = min(_MOST_STRETCH, max(1.0, free / gaps))
    y = top - max(0.0, (free - gaps * stretch) / 2)
    for line in column:
        y -= line.before * stretch + line.words.size
        with sheet.element(line.kind):
            for number, words in enumerate(line.words.lines):
                y -= line.leading if number else 0
                sheet.text(
                    _MIDDLE,
                    y,
                    words,
                    line.font,
                    line.words.size,
                    color=line.color,
                    align="center",
                    tracking=line.tracking,
                )
        if line.rule_below:
            y -= line.rule_drop
            with sheet.ornament():
                sheet.canvas.setStrokeColor(GUINDA)
                sheet.canvas.setLineWidth(1.8)
                sheet.canvas.line(_MIDDLE - 90, y, _MIDDLE + 90, y)


def _signatory(sheet: Sheet, facts: CertificateFacts, below: int) -> None:
    room = 270.0
    name = fit(facts.signatory_name, BOLD, room, [(1, min(12, below), 10), (2, min(10, below), 8), (3, 8, 6)])
    position = fit(facts.signatory_position, REGULAR, room, [(1, min(10, below), 9), (2, min(9, below), 8), (3, 8, 6)])
    issued = f"Expedida el {long_date(facts.issued_on)}."
    blocks = [(name, BOLD, INK, 3.0), (position, REGULAR, GREY, 3.0), (_plain(issued, 8.5), REGULAR, GREY, 7.0)]
    high = sum(gap + 1.25 * words.size * len(words.lines) for words, _, _, gap in blocks)
    y = _FLOOR - 3 + high
    with sheet.ornament():
        sheet.canvas.setStrokeColor(GOLD)
        sheet.canvas.setLineWidth(0.8)
        sheet.canvas.line(_LEFT, y + 2, _LEFT + 200, y + 2)
    for words, font, color, gap in blocks:
        y -= gap
        with sheet.element("P"):
            for line in words.lines:
                y -= 1.25 * words.size
                sheet.text(_LEFT, y, line, font, words.size, color=color)


def _verification(sheet: Sheet, facts: CertificateFacts, verify_url: str, below: int) -> None:
    """Folio, how to check it and the QR, set against the right margin and its lower edge."""
    room, edge = 236.0, _RIGHT - _QR_SIDE - 16
    address = clean_line(verify_url)
    shown = wrap(_breakable(address.removeprefix("https://").removeprefix("http://")), REGULAR, 8, room)
    shown = tuple(line.replace(" ", "") for line in shown)
    how = "La autenticidad se comprueba con el código QR o en"
    y = _FLOOR + 1 + 10.5 * (len(shown) + 2)
    with sheet.element("P"):
        folio = fit(grouped(facts.folio), MONO, room, [(1, min(13, below), 8)])
        sheet.text(edge, y + 17, "Folio", REGULAR, 8.5, color=GREY, align="right")
        sheet.text(edge, y + 3, folio.lines[0], MONO, folio.size, align="right")
    with sheet.element("P"):
        y -= 12
        sheet.text(edge, y, how, REGULAR, 8, color=GREY, align="right")
    longest = max(fonts.width(line, REGULAR, 8) for line in shown)
    with sheet.link(address, (edge - longest, y - 10.5 * len(shown) - 2, edge, y - 2), "Comprobar esta constancia"):
        for line in shown:
            y -= 10.5
            sheet.text(edge, y, line, REGULAR, 8, color=INK, align="right")
    with sheet.element("P"):
        y -= 10.5
        version = f"Versión del curso: {facts.course_hash[:12]}"
        sheet.text(edge, y, version, REGULAR, 8, color=GREY, align="right")
    with sheet.element("Figure", alt=f"Código QR que abre {address}"):
        sheet.qr(qr_matrix(address), _RIGHT - _QR_SIDE, _FLOOR - 2, _QR_SIDE)


def _breakable(address: str) -> str:
    """The address with a place to break after every slash and hyphen."""
    return address.replace("/", "/ ").replace("-", "- ").strip()
