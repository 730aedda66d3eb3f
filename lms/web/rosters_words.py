"""What the page of a roster shows, put together from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import url_for

from lms.models.rosters import Roster, RosterRow
from lms.queries import rosters as queries
from lms.queries.rosters import RowFilter
from lms.texts.rosters import Said, change, say
from lms.texts.sentences import sentence

SIZE: Final = 50
SAMPLE: Final = 3
DEEDS: Final = ("create", "update", "move")
MODEL: Final = (
    "CURP", "Nombre(s)", "Primer apellido", "Segundo apellido", "Correo electrónico", "Teléfono celular",
    "Número de empleado", "Área", "Área superior", "Estado de trabajo", "Puesto", "Función",
)  # fmt: skip

# What `?ver=` shows → title of the list and the rows in it.
VIEWS: Final[dict[str, tuple[str, RowFilter]]] = {
    "create": ("Se inscribirán", RowFilter(kinds=("create",))),
    "update": ("Se actualizarán", RowFilter(kinds=("update",))),
    "move": ("Cambiarán de área", RowFilter(kinds=("move",))),
    "already": ("Ya están y no cambian", RowFilter(kinds=("already",))),
    "fault": ("Filas con faltas", RowFilter(kinds=("fault",))),
    "warning": ("Filas con advertencias", RowFilter(warned=True)),
    "left": ("Filas que quedaron sin hacer", RowFilter(left=True)),
}


@dataclass(frozen=True)
class Line:
    """A row of the file as the page shows it."""

    number: int
    name: str
    curp: str
    words: str
    changes: tuple[str, ...]
    faults: tuple[Said, ...]
    warnings: tuple[Said, ...]


@dataclass(frozen=True)
class PlanPage:
    """All that the page of a roster shows beside the roster itself."""

    view: str
    title: str
    lines: Sequence[Line]
    page: int
    pages: int
    total: int
    figures: Sequence[dict[str, Any]]
    deeds: int
    names: Sequence[str]
    areas: Sequence[str]
    faults: Sequence[Line]
    warnings: Sequence[Line]
    changes: Sequence[Line]
    refused: str | None
    done: bool


def line(row: RosterRow) -> Line:
    """Return a row in words."""
    words = sentence(f"outcome_{row.outcome}" if row.outcome else f"kind_{row.kind}")
    name = " ".join(p for p in (row.given_names, row.first_surname, row.second_surname) if p)
    changes = tuple(change(*each) for each in row.changes)
    return Line(
        row.row_number, name or "Sin nombre", row.curp or "", words, changes,
        tuple(say(row.row_number, row.faults)), tuple(say(row.row_number, row.warnings)),
    )  # fmt: skip


def plan_page(roster: Roster, view: str, page: int) -> PlanPage:
    """Return what the page of a roster shows; `view` is one of `VIEWS`, or "" for the summary."""
    ready = roster.state in {"planned", "signed", "running", "done"}
    view = view if view in VIEWS and ready else ""
    title, wanted = VIEWS.get(view, ("", RowFilter()))
    total = queries.count_rows(roster, wanted) if view else 0
    pages = max(1, -(-total // SIZE))
    page = min(page, pages)
    summary = roster.state in {"planned", "done"} and not view
    planned = roster.state == "planned" and not view

    def some(of: str, size: int = SAMPLE) -> list[Line]:
        return [line(row) for row in queries.rows(roster, VIEWS[of][1], size=size)]

    changing = queries.rows(roster, RowFilter(kinds=("update", "move")), size=SAMPLE) if planned else ()
    deeds = queries.rows(roster, RowFilter(kinds=DEEDS), size=3) if planned else ()
    return PlanPage(
        view=view,
        title=title,
        lines=[line(row) for row in queries.rows(roster, wanted, page=page, size=SIZE)] if view else (),
        page=page,
        pages=pages,
        total=total,
        figures=_figures(roster) if ready else (),
        deeds=sum(roster.counts.get(kind, 0) for kind in DEEDS),
        names=[line(row).name for row in deeds],
        areas=queries.new_areas(roster) if planned else (),
        faults=some("left" if roster.state == "done" else "fault") if summary else (),
        warnings=some("warning") if summary else (),
        changes=[line(row) for row in changing],
        refused=_refused(roster),
        done=roster.state == "done",
    )


def _refused(roster: Roster) -> str | None:
    return sentence(roster.fault["code"], **roster.fault["params"]) if roster.fault else None


def _figures(roster: Roster) -> list[dict[str, Any]]:
    """Return the figures of a plan, or of its result once it is done."""
    if roster.state == "done":
        found = queries.outcomes(roster)
        labels = {
            "done": "hechas",
            "nothing": "ya estaban",
            "changed": "sin hacer: cambiaron después",
            "left": "con faltas",
        }
        views = {"changed": "left", "left": "fault", "nothing": "already"}
    else:
        found = roster.counts
        labels = {
            "create": "se inscribirán", "update": "se actualizarán", "move": "cambiarán de área",
            "already": "ya están", "fault": "con faltas", "warning": "con advertencias",
        }  # fmt: skip
        views = {kind: kind for kind in labels}
    return [
        {
            "value": found.get(kind, 0),
            "label": label,
            "url": url_for("rosters.plan", roster=roster.public_id, ver=views[kind])
            if found.get(kind) and kind in views
            else None,
        }
        for kind, label in labels.items()
    ]
