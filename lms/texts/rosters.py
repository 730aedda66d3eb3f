"""What a roster says of its rows, in words: for the page, the command and the file that comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms.texts.sentences import sentence

FIELDS = {
    "employee_number": "Número de empleado",
    "job": "Puesto",
    "function": "Función",
    "entity": "Estado",
    "given_names": "Nombre",
    "first_surname": "Primer apellido",
    "second_surname": "Segundo apellido",
    "email": "Correo",
    "phone": "Teléfono",
    "area": "Área",
}


@dataclass(frozen=True)
class Said:
    """A fault or a warning as a person reads it."""

    row: int
    column: str
    value: str
    sentence: str


def say(row: int, items: Sequence[Mapping[str, Any]]) -> list[Said]:
    """Return the sentences of a row's faults or warnings as they are stored."""
    return [Said(row, i["column"], i["value"], sentence(i["code"], row=row, **_told(i), **i["params"])) for i in items]


def _told(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("column", "value") if name not in item["params"]}


def change(field: str, before: str | None, after: str | None) -> str:
    """Return a change as "Puesto: Auxiliar → Jefa"."""
    return f"{FIELDS[field]}: {before or 'sin dato'} → {after or 'sin dato'}"


def result(
    row: int, kind: str | None, outcome: str | None, faults: Sequence[Mapping[str, Any]],
    warnings: Sequence[Mapping[str, Any]],
) -> str:  # fmt: skip
    """Return the last column of the file that comes back: what became of the row, or will, and why."""
    if kind is None:
        return ""
    words = sentence(f"outcome_{outcome}" if outcome else f"kind_{kind}")
    said = [item.sentence for item in say(row, [*faults, *warnings])]
    return " ".join([f"{words}.", *said])
