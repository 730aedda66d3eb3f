"""Rosters: finding the header, reading rows, people who appear twice."""

from collections.abc import Sequence
from datetime import date

import pytest

from lms.rules.rosters import Header, HeaderFault, Row, RowFault, Seen, find_header, read_row
from lms.texts import sentences_people, sentences_rosters

CURP = "HEGG560427MVZRRL04"
TITLES = ["CURP", "Apellido Paterno", "Apellido Materno", "Nombre(s)", "Correo electrónico", "Teléfono", "No. empleado",
          "Adscripción", "Entidad", "Puesto"]  # fmt: skip
GLORIA = [CURP, "HERNÁNDEZ", "GARCÍA", "GLORIA", "gloria@ejemplo.gob.mx", "55 1234 5678", "00123", "Área médica",
          "CDMX", "Enfermera"]  # fmt: skip


def header_of(*rows: Sequence[str]) -> Header:
    header = find_header(rows)
    assert isinstance(header, Header), header
    return header


def read(cells: Sequence[str], titles: Sequence[str] = TITLES, number: int = 41) -> Row:
    row = read_row(header_of(titles), number, cells, today=date(2026, 4, 1))
    assert row is not None
    return row


def changed(**cells: str) -> list[str]:
    places = {
        "curp": 0,
        "first": 1,
        "second": 2,
        "given": 3,
        "email": 4,
        "phone": 5,
        "number": 6,
        "area": 7,
        "state": 8,
    }
    row = list(GLORIA)
    for name, text in cells.items():
        row[places[name]] = text
    return row


def said(fault: RowFault) -> str:
    template = sentences_rosters.SENTENCES[fault.code]
    return template.format(row=fault.row, column=fault.column, value=fault.value, **dict(fault.params))


def test_usual_titles_in_any_order() -> None:
    header = header_of(TITLES)
    assert header.columns == {
        "curp": 0, "first_surname": 1, "second_surname": 2, "given": 3, "email": 4, "phone": 5, "employee_number": 6,
        "area": 7, "state": 8, "job": 9,
    }  # fmt: skip
    turned = header_of(TITLES[::-1])
    assert turned.columns["curp"] == 9
    assert set(turned.columns) == set(header.columns)


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("C.U.R.P.", "curp"), ("Clave Única de Registro de Población (CURP)", "curp"), ("CURP del trabajador", "curp"),
        ("* CURP (obligatorio)", "curp"), ("Núm. de empleado", "employee_number"), ("Nº empleado", "employee_number"),
        ("MATRÍCULA", "employee_number"), ("E-mail", "email"), ("CORREO INSTITUCIONAL", "email"), ("Celular", "phone"),
        ("Unidad Administrativa", "area"), ("Centro de trabajo", "area"), ("Dirección General", "parent_area"),
        ("Entidad Federativa", "state"), ("Cargo", "job"), ("Función", "function"), ("Grado", "job"),
    ],
)  # fmt: skip
def test_synonyms(title: str, field: str) -> None:
    titles = ["Nombre completo", title] if field == "curp" else ["CURP", "Nombre completo", title]
    assert header_of(titles).columns[field] == len(titles) - 1  # type: ignore[index]


@pytest.mark.parametrize("title", ["Entidad de nacimiento", "Estado civil", "Nombre del jefe", "No.", "RFC", "Sexo"])
def test_look_alikes_stay_unknown(title: str) -> None:
    header = header_of(["CURP", "Nombre completo", title])
    assert header.unknown == (title,)


def test_titles_above_the_header() -> None:
    header = header_of(
        ["SECRETARÍA DE EJEMPLO", "", ""], ["Padrón de personal, abril de 2026"], [], ["No", "Nombre", "CURP"]
    )
    assert header.row_index == 3
    assert header.columns == {"full_name": 1, "curp": 2}


def test_a_header_of_two_merged_rows() -> None:
    header = header_of(["CURP", "Nombre", "", "", "Correo"], ["", "Paterno", "Materno", "Nombre(s)", ""])
    assert header.row_index == 1
    assert header.columns == {"curp": 0, "first_surname": 1, "second_surname": 2, "given": 3, "email": 4}


def test_a_person_named_like_a_title_does_not_become_the_header() -> None:
    header = header_of(
        ["CURP", "Nombre", "Puesto"], [CURP, "GLORIA HERNÁNDEZ GARCÍA", "Delegación"], [CURP, "X", "Área"]
    )
    assert header.row_index == 0


def test_name_alone_means_the_whole_name_and_beside_surnames_the_given_names() -> None:
    assert "full_name" in header_of(["CURP", "Nombre(s)"]).columns
    assert header_of(["CURP", "Nombre", "Apellidos"]).columns == {"curp": 0, "given": 1, "surnames": 2}


@pytest.mark.parametrize(
    ("title", "order"),
    [("Apellidos y nombre", "surnames_first"), ("Nombre(s) y apellidos", "given_first"), ("Nombre completo", None),
     ("Apellido paterno, apellido materno, nombre(s)", "surnames_first")],
)  # fmt: skip
def test_order_hint_of_one_name_column(title: str, order: str | None) -> None:
    assert header_of(["CURP", title]).name_order == order


@pytest.mark.parametrize(
    ("titles", "code", "named"),
    [
        (["Hola", "Adiós"], "header_missing", ""),
        (["Nombre completo", "Correo"], "header_without_curp", "«Nombre completo», «Correo»"),
        (["CURP", "Correo"], "header_without_name", "«CURP», «Correo»"),
        (["CURP", "Nombre", "CURP"], "header_repeated", "A, C"),
        (["CURP", "Nombre", "Correo", "CORREO "], "header_repeated", "C, D"),
    ],
)
def test_header_faults_name_what_was_found(titles: list[str], code: str, named: str) -> None:
    fault = find_header([titles])
    assert isinstance(fault, HeaderFault)
    assert fault.code == code
    assert named in sentences_rosters.SENTENCES[code].format(**dict(fault.params))


def test_two_names_for_one_detail_take_the_better_and_keep_the_other_unknown() -> None:
    header = header_of(["CURP", "Nombre", "Correo personal", "Correo institucional"])
    assert header.columns["email"] == 3
    assert header.unknown == ("Correo personal",)


def test_a_whole_row() -> None:
    row = read(GLORIA)
    assert (row.faults, row.warnings) == ((), ())
    assert row.curp is not None
    assert (row.number, row.curp.value, row.given, row.first_surname, row.second_surname) == (
        41, CURP, "Gloria", "Hernández", "García",
    )  # fmt: skip
    assert (row.email, row.phone, row.employee_number) == ("gloria@ejemplo.gob.mx", "+525512345678", "00123")
    assert (row.area, row.state, row.job) == ("Área médica", "DF", "Enfermera")


def test_blanks_and_small_letters_are_cleaned_without_a_word() -> None:
    row = read(changed(curp=" hegg560427mvzrrl04\u00a0", given="  gloria ", number="123.0"))
    assert (row.faults, row.warnings) == ((), ())
    assert (row.given, row.employee_number) == ("Gloria", "123")


def test_the_sentence_of_a_short_curp() -> None:
    (fault,) = read(changed(curp=CURP[:17])).faults
    assert said(fault) == (
        "La CURP de la fila 41 tiene 17 caracteres; debe tener 18. Revisa si falta el último dígito."
    )
    assert (fault.column, fault.value) == ("CURP", CURP[:17])


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (changed(curp=""), "row_curp_empty"),
        (changed(curp="HEGG560231MVZRRL04"), "row_curp_date"),
        (changed(curp="HEGG560427MVZRRLA4"), "row_curp_future"),
        (changed(given="-"), "row_name_empty"),
        (changed(first="", second=""), "row_surname_empty"),
        (changed(first="MU?OZ"), "row_name_sign"),
        (changed(given="G" * 101), "row_name_long"),
        (changed(area="x" * 201), "row_text_long"),
    ],
)
def test_faults(cells: list[str], code: str) -> None:
    row = read(cells)
    assert [fault.code for fault in row.faults] == [code]
    assert "41" in said(row.faults[0])


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (changed(curp="HEGG560427MVZRRL05"), "row_curp_check_digit"),
        (changed(first="PÉREZ"), "row_curp_other_name"),
        (changed(second="X"), "row_second_surname_missing"),
        (changed(email="gloria@"), "row_email"),
        (changed(phone="1234"), "row_phone"),
        (changed(number="1.2E+11"), "row_employee_number"),
        (changed(state="Activo"), "row_state"),
    ],
)
def test_warnings_let_the_row_run(cells: list[str], code: str) -> None:
    row = read(cells)
    assert row.faults == ()
    assert [warning.code for warning in row.warnings] == [code]
    assert "41" in said(row.warnings[0])


def test_a_dash_in_an_optional_cell_is_no_value() -> None:
    row = read(changed(email="N/A", phone="-", state="Sin dato"))
    assert (row.email, row.phone, row.state, row.warnings) == ("", "", "", ())


def test_one_column_with_the_whole_name() -> None:
    row = read([CURP, "GLORIA HERNANDEZ GARCIA"], ["CURP", "Nombre completo"])
    assert (row.given, row.first_surname, row.second_surname) == ("Gloria", "Hernandez", "Garcia")
    assert row.warnings == ()


@pytest.mark.parametrize(
    "cells",
    [
        [], ["", " ", "\u00a0"], ["Total: 120"], ["TOTAL", "120"], ["", "", "", "Total de registros: 3"],
        ["Elaboró: Lic. Ejemplo"], TITLES,
    ],
)  # fmt: skip
def test_rows_that_hold_nobody(cells: list[str]) -> None:
    assert read_row(header_of(TITLES), 90, cells) is None


def test_a_person_without_curp_is_not_taken_for_a_total() -> None:
    assert [fault.code for fault in read(["", "TOTAL", "GARCÍA", "GLORIA", "g@x.mx"]).faults] == ["row_curp_empty"]


def test_people_who_appear_twice() -> None:
    seen = Seen(header_of(TITLES))
    first = seen.check(read(GLORIA, number=2))
    same = seen.check(read(changed(phone=""), number=3))
    other = seen.check(read(changed(area="Archivo"), number=4))
    assert (first.faults, first.warnings) == ((), ())
    assert said(same.warnings[0]) == ("La persona de la fila 3 está repetida: ya está en la fila 2. Usamos la primera.")
    assert same.faults == ()
    assert "«Área médica», aquí «Archivo»" in said(other.faults[0])
    assert "«Adscripción»" in said(other.faults[0])


def test_a_row_with_faults_does_not_count_as_the_first() -> None:
    seen = Seen(header_of(TITLES))
    seen.check(read(changed(first="MU?OZ"), number=2))
    assert seen.check(read(GLORIA, number=3)).warnings == ()


def test_an_email_opens_one_account_only() -> None:
    seen = Seen(header_of(TITLES))
    seen.check(read(GLORIA, number=2))
    other = seen.check(read(changed(curp="BOXW310820HNERXN09", first="BO", second="X", given="W"), number=3))
    assert other.email == ""
    assert other.warnings[-1].code == "row_email_repeated"


def test_every_curp_fault_has_both_sentences() -> None:
    for code in sentences_people.SENTENCES:
        if code.startswith("curp_"):
            assert f"row_{code}" in sentences_rosters.SENTENCES
