"""Each slip an author can make is one fault, at its line, with a sentence."""

from pathlib import Path

import pytest

from lms.content import read_course
from lms.texts.sentences import sentence
from tests.content.course_files import GOOD, changed, line_of, write

TOML = "course.toml"
LESSON = "01-primera/lesson.md"
QUIZ = "01-primera/questions.md"
BANK = "final/questions.md"

# Where · what is replaced · by what · the start of the line at fault · the code
SLIPS: list[tuple[str, str, str, str, str]] = [
    # course.toml
    (TOML, "hours = 2\n", "", 'slug = "curso"', "key_missing"),
    (TOML, "pass_mark = 8\n", "", "[final]", "key_missing"),
    (TOML, '[[objectives]]\nid = "aplicar"\ntext = "Aplicar algo"\n', '[[objectives]] # dos\nid = "aplicar"\n',
     "[[objectives]] # dos", "key_missing"),
    (TOML, "hours = 2", "hours = 2\nhoras = 2", "horas", "key_unknown"),
    (TOML, "attempts = 3", "attempts = 3\nintentos = 3", "intentos", "key_unknown"),
    (TOML, "hours = 2", 'hours = "2"', "hours", "key_not_number"),
    (TOML, "hours = 2", "hours = true", "hours", "key_not_number"),
    (TOML, "hours = 2", "hours = 0", "hours", "key_not_number"),
    (TOML, "hours = 2", "hours = 0x" + "f" * 6000, "hours", "key_not_number"),
    (TOML, "pass_mark = 8", "pass_mark = 80", "pass_mark", "key_not_number"),
    (TOML, "wait_minutes = 20", "wait_minutes = 1.5", "wait_minutes", "key_not_number"),
    (TOML, 'title = "Un curso"', 'title = ""', "title", "key_not_text"),
    (TOML, 'title = "Un curso"', "title = 7", "title", "key_not_text"),
    (TOML, 'title = "Un curso"', 'title = "Uno\\u0000"', "title", "key_not_text"),
    (TOML, 'title = "Un curso"', f'title = "{"a" * 301}"', "title", "key_not_text"),
    (TOML, "vigente_al = 2026-04-30", 'vigente_al = "2026-04-30"', "vigente_al", "key_not_date"),
    (TOML, "vigente_al = 2026-04-30", "vigente_al = 2026-04-30T10:00:00", "vigente_al", "key_not_date"),
    (TOML, "vigente_al = 2026-04-30", "vigente_al = 2026-02-30", "vigente_al", "toml_invalid"),
    (TOML, "vigente_al = 2026-04-30", "vigente_al = 30 de abril", "vigente_al", "toml_invalid"),
    (TOML, "hours = 2", "hours = " + "9" * 5000, "draw", "toml_invalid"),
    (TOML, 'language = "es-MX"', 'language = "español"', "language", "language_unknown"),
    (TOML, 'slug = "curso"', 'slug = "otro"', "slug", "slug_differs"),
    (TOML, 'slug = "curso"', 'slug = "Curso"', "slug", "id_invalid"),
    (TOML, "[final]", '[[sources]]\nid="ley-1"\ntext = "Otra"\n[final]', 'id="ley-1"', "id_repeated"),
    (TOML, "[final]", "[[final]]", "[[final]]", "key_not_table"),
    (TOML, "draw = { reconocer = 1, aplicar = 1 }", "draw = 2", "draw", "key_not_table"),
    (TOML, "draw = { reconocer = 1", "draw = { reconocer = 2", "draw", "draw_too_many"),
    (TOML, "draw = { reconocer = 1", "draw = { otro = 1", "draw", "objective_unknown"),
    (TOML, "[[objectives]]", '[[objectives]]\nid = "mas"\ntext = "Más"\n[[objectives]]',
     'id = "mas"', "objective_without_questions"),
    # Front matter and text of a lesson
    (LESSON, "minutes = 7\n", "", "+++", "key_missing"),
    (LESSON, "minutes = 7", "minutes = 7\nminutos = 7", "minutos", "key_unknown"),
    (LESSON, 'id = "c-l1"', 'id = "c l1"', "id", "id_invalid"),
    (LESSON, 'id = "c-l1"', f'id = "{"a" * 61}"', "id", "id_invalid"),
    (LESSON, 'objectives = ["reconocer"]', 'objectives = ["reconocer", "otro"]', "objectives", "objective_unknown"),
    (LESSON, 'objectives = ["reconocer"]', "objectives = []", "objectives", "key_not_list"),
    (LESSON, 'objectives = ["reconocer"]', 'objectives = ["reconocer", "reconocer"]', "objectives", "id_repeated"),
    (LESSON, 'sources = ["ley-1"]', 'sources = ["ley-2"]', "sources", "source_unknown"),
    (LESSON, 'sources = ["ley-1"]', 'sources = "ley-1"', "sources", "key_not_texts"),
    (LESSON, "review = {", "review = { otra = 1,", "review", "key_unknown"),
    (LESSON, 'review = { law = "pendiente"', "review = { law = 1", "review", "key_not_text"),
    (LESSON, "minutes = 7", "minutes 7", "minutes", "toml_invalid"),
    (LESSON, "+++\n", "", "id", "front_matter_missing"),
    (LESSON, "\n+++\n", "\n", "+++", "front_matter_unclosed"),
    (LESSON, GOOD[LESSON][GOOD[LESSON].index("Una frase") :], "---\n", "+++", "lesson_empty"),
    (QUIZ, "+++\n", "", "id", "front_matter_missing"),
    (QUIZ, "\n+++\n", "\n", "+++", "front_matter_unclosed"),
    (BANK, "\n+++\n", "\n", "+++", "front_matter_unclosed"),
    (QUIZ, GOOD[QUIZ][GOOD[QUIZ].index("## [") :], "\n", "+++", "quiz_empty"),
    (LESSON, "## Un título", "# Un título", "# Un", "heading_first_level"),
    (LESSON, "## Un título", "#### Un título", "#### Un", "heading_skipped"),
    (LESSON, "Llega una", "## Otro título\nLlega una", "## Otro", "heading_in_block"),
    (LESSON, "::: situacion", "::: situación", "::: situación", "block_unknown"),
    (LESSON, "::: situacion Un trámite", "::: situacion", "::: situacion", "block_untitled"),
    (LESSON, ":::\n\n### Más abajo\n", "", "::: situacion", "block_unclosed"),
    (LESSON, "Llega una persona.", "Llega.\n::: clave Otra\nY se va.", "::: situacion", "block_unclosed"),
    (LESSON, "Una frase con", "Antes\n:::\nUna frase con", ":::", "block_stray"),
    (LESSON, "(tel:911)", "(javascript:alert(1))", "Llama", "link_refused"),
    (LESSON, "(tel:911)", "(data:text/html,x)", "Llama", "link_refused"),
    (LESSON, "(tel:911)", "(//otro.example/x)", "Llama", "link_refused"),
    (LESSON, "Llama al [911](tel:911)", "Llama\nal <ftp://otro.example>", "al <ftp", "link_refused"),
    (LESSON, "Llama al", "Llama\n![foto](foto.png) al", "![foto]", "image_refused"),
    # Questions
    (QUIZ, 'id = "c-q1"', 'id = "c-l1"', "id", "id_repeated"),
    (QUIZ, "[c-q1-02]", "[c-q1-01]", "## [c-q1-01] ¿Cuáles", "id_repeated"),
    (QUIZ, "[c-q1-02]", "[C-q1-02]", "## [C-q1-02]", "id_invalid"),
    (QUIZ, "## [c-q1-02] ¿Cuáles son?", "## ¿Cuáles son?", "## ¿Cuáles", "question_heading"),
    (QUIZ, "¿Cuáles son?", "", "## [c-q1-02]", "prompt_empty"),
    (QUIZ, "- objetivo: aplicar\n", "", "## [c-q1-02]", "key_missing"),
    (QUIZ, "- objetivo: aplicar", "- objetivo: otro", "- objetivo: otro", "objective_unknown"),
    (QUIZ, "- objetivo: aplicar", "- objetivo: aplicar\n- nivel: alto", "- nivel", "key_unknown"),
    (QUIZ, "- orden: fijo", "- orden: fijo\n- orden:  fijo", "- orden:  fijo", "key_repeated"),
    (QUIZ, "- orden: fijo", "- orden: libre", "- orden", "order_unknown"),
    (QUIZ, "- tipo: multiple", "- tipo: abierta", "- tipo", "kind_unknown"),
    (QUIZ, "- orden: fijo\n", "- orden: fijo\nMás texto\n", "Más texto", "text_misplaced"),
    (QUIZ, "## [c-q1-01]", "Hola\n\n## [c-q1-01]", "Hola", "text_misplaced"),
    (QUIZ, "  > Tampoco.", "  > Tampoco.\n  Y más", "  Y más", "text_misplaced"),
    (QUIZ, "- [x] La segunda", "- [ ] La segunda", "## [c-q1-01]", "right_missing"),
    (QUIZ, "- [ ] La primera", "- [x] La primera", "## [c-q1-01]", "right_too_many"),
    (QUIZ, "- [ ] Tres", "- [x] Tres", "## [c-q1-02]", "wrong_missing"),
    (QUIZ, "- [ ] La tercera\n  > Tampoco.\n", "", "## [c-q1-01]", "options_too_few"),
    (QUIZ, "- [ ] Tres\n", "- [ ] Tres\n  > No\n" * 4, "## [c-q1-02]", "options_too_many"),
    (BANK, "  > Lo es.", "  > Lo es.\n- [ ] No sé\n  > Piensa.", "## [c-f-01]", "options_too_many"),
    (QUIZ, "  > Tampoco.\n", "", "- [ ] La tercera", "feedback_missing"),
    (QUIZ, "  > Tampoco.", "  >", "- [ ] La tercera", "feedback_missing"),
    (QUIZ, "- [ ] La tercera", "- [ ]   ", "- [ ]   ", "option_empty"),
    (QUIZ, "que sigue aquí", "\n  que sigue aquí", "- [x] La segunda", "option_paragraphs"),
    (QUIZ, "- [ ] Tres", "- [ ] Tres\n  > No.\n- [] Cuatro", "- [] Cuatro", "option_mark"),
    (QUIZ, "- [ ] Tres", "- [ ] Tres\n  > No.\n* [x] Cuatro", "* [x] Cuatro", "option_mark"),
    (QUIZ, "Elige **una**:", "### Elige\n", "### Elige", "block_in_question"),
    (QUIZ, "  > Tampoco.", "  > Ve a\n  > [aquí](javascript:x)", "  > [aquí]", "link_refused"),
    (QUIZ, "La tercera", "La [tercera](vbscript:x)", "- [ ] La [tercera]", "link_refused"),
    (BANK, 'id = "c-final"', 'id = "c-final"\ntitle = "Otro título"', "title", "title_differs"),
]  # fmt: skip


def read_faults(root: Path, files: dict[str, str]) -> list[tuple[str, int, str]]:
    """Read a spoiled course; every fault must have its sentence."""
    course, faults = read_course(write(root, files))
    assert (course is None) == bool(faults)
    for fault in faults:
        assert sentence(fault.code, **dict(fault.params))
    return [(fault.path, fault.line, fault.code) for fault in faults]


@pytest.mark.parametrize(
    ("inside", "old", "new", "start", "code"), SLIPS, ids=[f"{slip[4]}-{slip[0]}-{at}" for at, slip in enumerate(SLIPS)]
)
def test_one_slip_is_one_fault_at_its_line(
    tmp_path: Path, inside: str, old: str, new: str, start: str, code: str
) -> None:
    files = changed(inside, old, new)
    assert read_faults(tmp_path, files) == [(f"curso/{inside}", line_of(files, inside, start), f"course.{code}")]


def test_an_objective_that_goes_leaves_its_references_behind(tmp_path: Path) -> None:
    files = changed(TOML, 'id = "aplicar"\n', "")
    assert read_faults(tmp_path, files) == [
        ("curso/01-primera/questions.md", line_of(files, QUIZ, "- objetivo: aplicar"), "course.objective_unknown"),
        ("curso/02-segunda/lesson.md", 5, "course.objective_unknown"),
        ("curso/course.toml", 12, "course.key_missing"),
        ("curso/course.toml", line_of(files, TOML, "draw"), "course.objective_unknown"),
        ("curso/final/questions.md", line_of(files, BANK, "- objetivo: aplicar"), "course.objective_unknown"),
    ]


def test_sources_written_otherwise_are_said_once_and_missed_where_used(tmp_path: Path) -> None:
    files = changed(TOML, "[[sources]]", "[sources]")
    assert read_faults(tmp_path, files) == [
        ("curso/01-primera/lesson.md", 6, "course.source_unknown"),
        ("curso/course.toml", 16, "course.key_not_tables"),
    ]


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    files = {
        **GOOD,
        TOML: GOOD[TOML].replace("hours = 2", "hours = 0").replace("attempts = 3", "attempts = 0"),
        LESSON: GOOD[LESSON].replace("minutes = 7", "minutes = 0").replace("## Un título", "# Un título"),
        QUIZ: GOOD[QUIZ].replace("- [x] La segunda", "- [ ] La segunda").replace("  > También.\n", ""),
    }
    assert read_faults(tmp_path, files) == [
        ("curso/01-primera/lesson.md", 4, "course.key_not_number"),
        ("curso/01-primera/lesson.md", 12, "course.heading_first_level"),
        ("curso/01-primera/questions.md", 6, "course.right_missing"),
        ("curso/01-primera/questions.md", 28, "course.feedback_missing"),
        ("curso/course.toml", 5, "course.key_not_number"),
        ("curso/course.toml", 23, "course.key_not_number"),
    ]


def test_lines_are_right_in_files_saved_by_other_editors(tmp_path: Path) -> None:
    spoiled = changed(QUIZ, "  > Tampoco.\n", "")[QUIZ]
    for name, content in (("dos", spoiled.replace("\n", "\r\n")), ("mac", spoiled.replace("\n", "\r"))):
        found = read_faults(tmp_path / name, {**GOOD, QUIZ: "\ufeff" + content})
        assert found == [("curso/01-primera/questions.md", 18, "course.feedback_missing")]


def test_lines_are_right_after_texts_and_lists_of_several_lines(tmp_path: Path) -> None:
    files = changed(TOML, 'summary = "Para quien prueba."', 'summary = """\nPara\nhours = 3\nquien prueba."""')
    files[TOML] = files[TOML].replace("hours = 2", "hours = 0")
    assert read_faults(tmp_path, files) == [("curso/course.toml", 8, "course.key_not_number")]


def test_a_long_or_odd_quote_stays_one_short_line(tmp_path: Path) -> None:
    _, faults = read_course(write(tmp_path, changed(QUIZ, "- tipo: multiple", "- tipo: \u202e\x07" + "x" * 500)))
    (fault,) = faults
    value = dict(fault.params)["value"]
    assert isinstance(value, str)
    assert len(value) == 60
    assert value.isprintable()
