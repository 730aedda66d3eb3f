"""A small good course, as files, to be read as it is or spoiled in one place."""

from pathlib import Path

COURSE = """\
slug = "curso"
title = "Un curso"
summary = "Para quien prueba."
language = "es-MX"
hours = 2
vigente_al = 2026-04-30

[[objectives]]
id = "reconocer"
text = "Reconocer algo"

[[objectives]]
id = "aplicar"
text = "Aplicar algo"

[[sources]]
id = "ley-1"
text = "Ley de ejemplo, artículo 1"

[final]
title = "Evaluación final"
pass_mark = 8
attempts = 3
wait_minutes = 20
draw = { reconocer = 1, aplicar = 1 }
"""

LESSON = """\
+++
id = "c-l1"
title = "Primera lección"
minutes = 7
objectives = ["reconocer"]
sources = ["ley-1"]
vigente_al = 2026-04-30
review = { law = "pendiente", teaching = "revisó Ana Ejemplo" }
+++
Una frase con **fuerza**.

## Un título

::: situacion Un trámite
Llega una persona.
:::

### Más abajo

| Qué | Cuánto |
|-----|-------:|
| Uno | 1 |

Llama al [911](tel:911).
"""

SECOND_LESSON = """\
+++
id = "c-l2"
title = "Segunda lección"
minutes = 5
objectives = ["aplicar", "reconocer"]
sources = []
vigente_al = 2026-01-15
review = { law = "pendiente", teaching = "pendiente" }
+++
Otra frase.
"""

QUESTIONS = """\
+++
id = "c-q1"
title = "Comprueba"
+++

## [c-q1-01] ¿Cuál es?

Elige **una**:
- objetivo: reconocer

- [ ] La primera
  > No, porque **no**.
- [x] La segunda,
  que sigue aquí
  > Sí.
  >
  > Y otro párrafo.
- [ ] La tercera
  > Tampoco.

## [c-q1-02] ¿Cuáles son?
- objetivo: aplicar
- tipo: multiple    # más de una
- orden: fijo

- [X] Uno
  > Sí.
- [x] Dos
  > También.
- [ ] Tres
  > No.
"""

FINAL = """\
+++
id = "c-final"
+++
## [c-f-01] ¿Es cierto?
- objetivo: reconocer
- tipo: verdadero-falso

- [x] Verdadero
  > Lo es.
- [ ] Falso
  > No: es cierto.

## [c-f-02] ¿Qué haces?
- objetivo: aplicar

- [x] Escuchar
  > Bien.
- [ ] Callar
  > No ayuda.
- [ ] Gritar
  > Menos.
"""

GOOD: dict[str, str] = {
    "course.toml": COURSE,
    "01-primera/lesson.md": LESSON,
    "01-primera/questions.md": QUESTIONS,
    "02-segunda/lesson.md": SECOND_LESSON,
    "final/questions.md": FINAL,
}


def write(root: Path, files: dict[str, str] | dict[str, bytes], name: str = "curso") -> Path:
    """Write a course under `root` and return its folder."""
    folder = root / name
    for inside, content in files.items():
        path = folder / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def changed(inside: str, old: str, new: str) -> dict[str, str]:
    """The good course with the first `old` of one file replaced."""
    assert old in GOOD[inside], f"{inside} has no {old!r}"
    return {**GOOD, inside: GOOD[inside].replace(old, new, 1)}


def line_of(files: dict[str, str], inside: str, start: str) -> int:
    """The line of the first line of a file that starts so, as an editor counts."""
    for number, line in enumerate(files[inside].split("\n"), start=1):
        if line.startswith(start):
            return number
    raise AssertionError(f"{inside} has no line {start!r}")
