"""Finding the header of a roster: which row, and what each column holds, under the names people really use."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from lms.rules.people_names import NameOrder

Field = Literal[
    "curp", "given", "first_surname", "second_surname", "surnames", "full_name", "email", "phone",
    "employee_number", "area", "parent_area", "state", "job", "function",
]  # fmt: skip

HEADER_ROWS: Final = 30
"""How many rows from the top may hold titles, logos and notes before the header."""

# Field → usual titles, best first: of two columns for the same field the one named earlier here is read.
_SYNONYMS: Final[dict[Field, str]] = {
    "curp": "curp|clave curp|clave unica de registro de poblacion|clave unica de registro poblacional|clave unica"
    "|clave unica de registro de poblacion curp|no curp|numero curp|cve curp|c u r p",
    "given": "nombres|nombre s|nombre de pila|nombre nombres|primer nombre|nombre o nombres|given name|first name",
    "first_surname": "primer apellido|apellido paterno|paterno|ap paterno|a paterno|apellido 1|apellido1|apellido p"
    "|apaterno|app|ape paterno|appaterno|apellido pat|ap pat|1er apellido|1 apellido|apepat|apellidopaterno"
    "|primerapellido|appat|nombre paterno|nombre apellido paterno|nombre primer apellido|apellidos paterno",
    "second_surname": "segundo apellido|apellido materno|materno|ap materno|a materno|apellido 2|apellido2|apellido m"
    "|amaterno|apm|ape materno|apmaterno|apellido mat|ap mat|2do apellido|2o apellido|2 apellido|apemat"
    "|apellidomaterno|segundoapellido|apmat|nombre materno|nombre apellido materno|nombre segundo apellido"
    "|apellidos materno",
    "surnames": "apellidos|apellido|apellido s|apellidos completos|last name|surname",
    "full_name": "nombre completo|nombre y apellidos|nombres y apellidos|nombre s y apellidos|apellidos y nombre"
    "|apellidos y nombres|apellidos y nombre s|apellidos nombres|apellidos nombre|nombre apellidos|nombrecompleto"
    "|nombre|nombre del personal|personal|trabajador|trabajadora|empleado|empleada|servidor publico|servidora publica"
    "|persona servidora publica|participante|conductor|conductora|nombre del conductor|colaborador|colaboradora"
    "|persona|full name|name",
    "email": "correo electronico|correo institucional|correo electronico institucional|correo|email|e mail|mail"
    "|direccion de correo|direccion de correo electronico|cuenta de correo|correo e|correo laboral"
    "|correo electronico laboral|correo oficial|correo personal|correo electronico personal|correoelectronico",
    "phone": "telefono celular|celular|telefono movil|movil|telefono|tel celular|tel cel|cel|tel|no celular"
    "|numero celular|numero de celular|numero de telefono|numero telefonico|no telefono|no de telefono|whatsapp"
    "|telefono de contacto|telefono personal|telefono oficina",
    "employee_number": "numero de empleado|numero empleado|no empleado|no de empleado|no empleado id"
    "|n empleado|numero de empleada|no empleada|id empleado|id de empleado|clave de empleado|clave empleado"
    "|matricula|numero de matricula|no matricula|no de matricula|numero de nomina|no nomina|no de nomina|nomina"
    "|numero de personal|no personal|numero de expediente|no expediente|no de expediente|expediente"
    "|numero de trabajador|no trabajador|no de trabajador|clave de trabajador|numero de control"
    "|numero de servidor publico|no de servidor publico|no emp|id trabajador|id conductor|id de conductor"
    "|numero de conductor|folio de empleado|employee id|noempleado|numempleado",
    "area": "area de adscripcion|adscripcion|area|unidad de adscripcion|unidad administrativa|unidad|departamento|depto"
    "|area adscripcion|unidad responsable|centro de trabajo|centro de adscripcion|lugar de adscripcion|oficina|plantel"
    "|direccion de area|direccion de adscripcion|subdireccion|gerencia|coordinacion|delegacion|jefatura|ubicacion"
    "|area de trabajo|area laboral|dependencia|unidad medica|organo|sede|clues|nombre del area|nombre de la unidad"
    "|descripcion de adscripcion|desc adscripcion|flota|region",
    "parent_area": "area superior|unidad superior|area padre|direccion general|unidad de mando|area principal"
    "|direccion general de adscripcion|subsecretaria|area de la que depende|depende de",
    "state": "entidad federativa de trabajo|entidad de trabajo|estado de trabajo|entidad federativa de adscripcion"
    "|entidad de adscripcion|estado de adscripcion|entidad federativa laboral|entidad laboral|entidad federativa"
    "|entidad|estado|edo|ent|lugar de trabajo|estado donde trabaja|entidad donde trabaja|estado o entidad|ent fed"
    "|estado entidad|entidad estado|cve entidad",
    "job": "puesto|cargo|nombre del puesto|denominacion del puesto|denominacion del cargo|descripcion del puesto"
    "|puesto o cargo|cargo o puesto|puesto cargo|cargo puesto|categoria|nombramiento|plaza|puesto funcional|grado"
    "|puesto nominal|desc puesto|ocupacion",
    "function": "funcion|funciones|funcion que realiza|funcion principal|actividad|perfil|tipo de funcion"
    "|funcion real|rol",
}

_TAILS = re.compile(
    r" (?:(?:de la|del|de el|de|el|la) )?(?:persona(?: servidora publica| trabajadora)?|trabajador(?:a)?|empleado(?:a)?"
    r"|servidor(?:a)? publico(?:a)?|participante|conductor(?:a)?|colaborador(?:a)?|obligatorio|opcional|requerido)$"
)


def _build() -> dict[str, tuple[Field, int]]:
    return {name: (field, rank) for field, names in _SYNONYMS.items() for rank, name in enumerate(names.split("|"))}


_KNOWN: Final = _build()
_PLACEHOLDER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Header:
    """Where each field is. `row_index` counts within the rows given; `titles` are the texts as in the file."""

    row_index: int
    columns: Mapping[Field, int]
    titles: tuple[str, ...]
    unknown: tuple[str, ...]
    name_order: NameOrder | None

    def title(self, field: Field) -> str:
        """The column's title as the file writes it, or "" when the file has no such column."""
        index = self.columns.get(field)
        return "" if index is None else self.titles[index]


@dataclass(frozen=True, slots=True)
class HeaderFault:
    """Why no header can be used: a code of the catalogue and its parameters."""

    code: str
    params: tuple[tuple[str, str | int], ...] = ()


@lru_cache(maxsize=4096)
def header_key(title: str) -> str:
    """A title without accents, case, punctuation or "(obligatorio)", for comparing."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", title.lower()) if not unicodedata.combining(c))
    plain = plain.replace("°", "o")
    plain = re.sub(r"\bn(?:o|um)\b\.?", "no", plain)
    return " ".join(_PLACEHOLDER.sub(" ", plain).split())


@lru_cache(maxsize=4096)
def _field_of(title: str) -> tuple[Field, int] | None:
    key = header_key(title)
    if not key or len(key) > 80:
        return None
    known = _KNOWN.get(key) or _KNOWN.get(_TAILS.sub("", key))
    if known:
        return known
    if "apellido" in key and "nombre" in key and not {"jefe", "jefa", "padre", "madre", "superior"} & set(key.split()):
        return ("full_name", 1)
    if re.fullmatch(r"curp(?: .{0,40})?", key) and "jef" not in key:
        return ("curp", 50)
    return None


def _order_of(title: str) -> NameOrder | None:
    key = header_key(title)
    surname = min((at for word in ("apellido", "paterno") if (at := key.find(word)) >= 0), default=-1)
    given = key.find("nombre")
    if surname < 0 or given < 0:
        return None
    return "surnames_first" if surname < given else "given_first"


def _fields(titles: Sequence[str]) -> dict[Field, list[int]]:
    """Field → its columns, the best named first."""
    found: dict[Field, list[tuple[int, int]]] = {}
    for index, title in enumerate(titles):
        known = _field_of(title.strip())
        if known:
            found.setdefault(known[0], []).append((known[1], index))
    # "Nombre" beside surnames means given names; alone it means the whole name.
    if "given" not in found and ("first_surname" in found or "surnames" in found):
        plain = [pair for pair in found.get("full_name", []) if header_key(titles[pair[1]]).startswith("nombre")]
        plain = [pair for pair in plain if "apellido" not in header_key(titles[pair[1]])]
        plain = [pair for pair in plain if "completo" not in header_key(titles[pair[1]])]
        if plain:
            found["given"] = plain
            found["full_name"] = [pair for pair in found["full_name"] if pair not in plain]
    if "full_name" not in found and "given" in found and "first_surname" not in found and "surnames" not in found:
        found["full_name"] = found.pop("given")
    return {field: [index for _, index in sorted(pairs)] for field, pairs in found.items() if pairs}


def _merged(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Two header rows read as one: "Nombre" merged above "Paterno | Materno | Nombre(s)"."""
    width = max(len(upper), len(lower))
    titles = []
    for index in range(width):
        above = upper[index].strip() if index < len(upper) else ""
        below = lower[index].strip() if index < len(lower) else ""
        titles.append(below or above)
    return titles


def _has_names(fields: Mapping[Field, list[int]]) -> bool:
    apart = "given" in fields and ("first_surname" in fields or "surnames" in fields)
    return apart or "full_name" in fields


def _best(rows: Sequence[Sequence[str]]) -> tuple[int, list[str], dict[Field, list[int]]]:
    """Row index, titles and fields of the row (or pair of rows) that names most fields; minimum columns first."""
    best: tuple[tuple[bool, int], int, list[str]] = ((False, 0), -1, [])
    for index, row in enumerate(rows[:HEADER_ROWS]):
        candidates = [list(row)]
        if index:
            candidates.append(_merged(rows[index - 1], row))
        for titles in candidates:
            fields = _fields(titles)
            score = ("curp" in fields and _has_names(fields), len(fields))
            if score > best[0]:
                best = (score, index, titles)
    return best[1], best[2], _fields(best[2])


def _repeated(fields: Mapping[Field, list[int]], titles: Sequence[str]) -> HeaderFault | None:
    for field, indexes in fields.items():
        keys = [header_key(titles[index]) for index in indexes]
        same = [index for index, key in zip(indexes, keys, strict=True) if key == keys[0]]
        clash = indexes if field == "curp" else same
        if len(clash) > 1:
            where = ", ".join(column_letters(index) for index in sorted(clash))
            return HeaderFault("header_repeated", (("title", titles[clash[0]].strip()), ("columns", where)))
    return None


def column_letters(index: int) -> str:
    """The spreadsheet's name of a column: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def find_header(rows: Sequence[Sequence[str]]) -> Header | HeaderFault:
    """Find the header among the first 30 rows and say what each column holds.

    Minimum columns: CURP, and the name (one column, or given names with surnames). Other titles are kept as unknown.
    Two columns for one field are a fault only where choosing would be guessing: the same title twice, or two CURPs.
    """
    row_index, titles, fields = _best(rows)
    if row_index < 0:
        return HeaderFault("header_missing")
    found = ", ".join(f"«{titles[index].strip()}»" for indexes in fields.values() for index in sorted(indexes))
    if "curp" not in fields:
        return HeaderFault("header_without_curp", (("found", found),))
    if not _has_names(fields):
        return HeaderFault("header_without_name", (("found", found),))
    fault = _repeated(fields, titles)
    if fault:
        return fault
    columns = {field: indexes[0] for field, indexes in fields.items()}
    if "given" in columns and ("first_surname" in columns or "surnames" in columns):
        columns.pop("full_name", None)
    if "first_surname" in columns:
        columns.pop("surnames", None)
    used = set(columns.values())
    return Header(
        row_index=row_index,
        columns=columns,
        titles=tuple(title.strip() for title in titles),
        unknown=tuple(t.strip() for i, t in enumerate(titles) if i not in used and t.strip()),
        name_order=_order_of(titles[columns["full_name"]]) if "full_name" in columns else None,
    )
