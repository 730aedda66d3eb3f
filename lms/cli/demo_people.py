"""Who lives in the demo: partners by their real names, and people that plainly do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from lms.actions.institutions import InstitutionFacts
from lms.rules.people import curp_check_digit, search_name

DOMAIN = "demo.invalid"
PASSWORD = "Solo para probar 2026"  # noqa: S105 - of people who do not exist; refused in production


@dataclass(frozen=True)
class Partner:
    """A partner of the demo: its areas and how many people its roster has."""

    slug: str
    facts: InstitutionFacts
    areas: tuple[str, ...]
    people: int


def _partner(
    slug: str, name: str, short: str, kind: str, labour: str, legal: str, areas: tuple[str, ...], people: int
) -> Partner:
    return Partner(slug, InstitutionFacts(name, short, kind, labour, legal, ""), areas, people)


PARTNERS: tuple[Partner, ...] = (
    _partner(
        "semar", "Secretaría de Marina", "Semar", "federal", "military", "lgpdppso",
        ("Recursos Humanos", "Sanidad Naval", "Región Naval del Golfo"), 26,
    ),
    _partner(
        "imss", "Instituto Mexicano del Seguro Social", "IMSS", "federal", "apartado_a", "lgpdppso",
        ("Atención a Derechohabientes", "Enfermería", "Guarderías"), 30,
    ),
    _partner(
        "uber", "Uber", "Uber", "company", "platform", "lfpdppp",
        ("Personas conductoras", "Soporte"), 16,
    ),
    _partner(
        "didi", "DiDi", "DiDi", "company", "platform", "lfpdppp",
        ("Personas conductoras", "Personas repartidoras"), 12,
    ),
    _partner(
        "semarnat", "Secretaría de Medio Ambiente y Recursos Naturales", "Semarnat", "federal", "apartado_b",
        "lgpdppso", ("Áreas Naturales Protegidas", "Oficinas de representación"), 0,
    ),
    _partner(
        "conatrib", "Comisión Nacional de Tribunales Superiores de Justicia", "CONATRIB", "judiciary", "judicial",
        "lgpdppso", ("Juzgados", "Oficialía de partes"), 0,
    ),
    _partner(
        "cuauhtemoc", "Alcaldía Cuauhtémoc", "Cuauhtémoc", "municipal", "apartado_b", "lgpdppso",
        ("Ventanilla única", "Participación ciudadana"), 0,
    ),
)  # fmt: skip

# Role, partner that an enlace is bound to, first name, surname: the surnames say that nobody is meant.
STAFF: tuple[tuple[str, str, str, str], ...] = (
    ("admin", "", "Adela", "Administra"),
    ("officer", "", "Ofelia", "Firmante"),
    ("officer", "", "Omar", "Segundo"),
    ("coordinator", "", "Carla", "Coordina"),
    ("author", "", "Aurora", "Redacta"),
    ("enlace", "semar", "Elena", "Enlace"),
    ("enlace", "imss", "Emilio", "Enlace"),
    ("enlace", "uber", "Ulises", "Enlace"),
    ("enlace", "didi", "Diana", "Enlace"),
)

ROLE_NAMES = {
    "admin": "Administración",
    "officer": "Oficial (emite constancias)",
    "coordinator": "Coordinación",
    "author": "Autoría de cursos",
    "enlace": "Enlace",
    "learner": "Persona inscrita",
}

_GIVEN = (
    "Lucía", "Mario", "Xóchitl", "José Ángel", "Noemí", "Raúl", "Citlali", "Iván", "Ana Sofía", "Teodoro", "Marisol",
    "Óscar", "Yolotzin", "Héctor", "Guadalupe", "Nahúm", "Itzel", "Fermín", "Rosa Elvia", "Saúl",
)  # fmt: skip
_SURNAMES = (
    "Ejemplo", "Muestra", "Ficticia", "Prueba", "Inventada", "Maqueta", "Ensayo", "Supuesto", "Modelo", "Boceto",
    "Simulada", "Hipótesis", "Bosquejo",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A made-up person as a roster row has her."""

    curp: str
    given: str
    first: str
    second: str
    email: str
    number: str
    area: str


def _inner(text: str, kinds: str) -> str:
    return next((c for c in text[1:] if c in kinds), "X")


def make_curp(number: int, given: str, first: str, second: str) -> str:
    """Return a well-formed key for a made-up person; its letters follow her name as RENAPO's do."""
    g, f, s = search_name(given), search_name(first), search_name(second)
    named = g.split()[-1] if g.startswith(("JOSE ", "MARIA ")) else g
    consonants = "BCDFGHJKLMNPQRSTVWXYZ"
    born = date(1972, 3, 1) + timedelta(days=211 * number % 9_500)
    sex = "MH"[number % 2]
    entity = ("DF", "VZ", "JC", "OC", "YN", "NL", "CS", "SR")[number % 8]
    body = (
        f"{f[0]}{_inner(f, 'AEIOU')}{s[0]}{named[0]}{born:%y%m%d}{sex}{entity}"
        f"{_inner(f, consonants)}{_inner(s, consonants)}{_inner(named, consonants)}{number % 10}"
    )
    return f"{body}{curp_check_digit(body)}"


def people(partner: Partner, offset: int) -> Iterator[Made]:
    """Yield the people of a partner's roster; `offset` keeps those of different partners apart."""
    for index in range(partner.people):
        n = offset + index
        given, first = _GIVEN[n % len(_GIVEN)], _SURNAMES[n % len(_SURNAMES)]
        second = _SURNAMES[(n * 5 + 3) % len(_SURNAMES)]
        email = "" if index % 5 == 4 else f"{search_name(given).split()[-1].lower()}.{n}@{DOMAIN}"
        yield Made(
            make_curp(n, given, first, second), given, first, second, email, f"{1000 + n:06d}",
            partner.areas[index % len(partner.areas)],
        )  # fmt: skip
