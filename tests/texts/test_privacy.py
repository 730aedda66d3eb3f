"""Privacy notices: what the law asks of each, and nothing invented about who answers for the data."""

from __future__ import annotations

import re
from datetime import date

import pytest

from lms.texts.privacy import Controller, notice, notice_version

FULL = Controller(
    "La Empresa Ficticia", "Calle Ejemplo 1", "arco@ejemplo.mx", "Calle Ejemplo 2", "su estatuto, artículo 9"
)


@pytest.mark.parametrize("regime", ["lgpdppso", "lfpdppp"])
def test_each_regime_names_the_authority_and_dates_its_text(regime):
    found = notice(regime)
    assert (found.regime, found.version, found.effective) == (regime, "2026-05", date(2026, 5, 1))
    assert "Secretaría Anticorrupción y Buen Gobierno" in found.authority
    assert "Secretaría Anticorrupción y Buen Gobierno" in found.full_html
    assert "INAI" not in found.full_html


def test_the_judiciary_and_the_states_are_told_of_their_own_authority():
    found = notice("lgpdppso").full_html
    assert "órgano de control y disciplina" in found
    assert "contraloría interna" in found


@pytest.mark.parametrize("regime", ["lgpdppso", "lfpdppp"])
def test_the_simplified_text_has_the_elements_the_law_asks_for(regime):
    text = notice(regime, FULL).simplified_html
    for element in ("La Empresa Ficticia", "Calle Ejemplo 1", "Para qué se usan", "consentimiento", "arco@ejemplo.mx"):
        assert element in text
    assert "El aviso integral está en" in text


@pytest.mark.parametrize(
    ("regime", "elements"),
    [
        ("lgpdppso", ("Qué datos se tratan", "sensible", "Con qué fundamento", "su estatuto, artículo 9",
                      "Para qué se usan", "ARCO", "Calle Ejemplo 2", "transferencias", "Cómo negarte",
                      "Si este aviso cambia")),
        ("lfpdppp", ("Qué datos se tratan", "sensible", "Para qué se usan", "limitar su uso", "revocar", "ARCO",
                     "si la aceptas o no", "Si este aviso cambia")),
    ],
)  # fmt: skip
def test_the_integral_text_has_the_elements_the_law_asks_for(regime, elements):
    text = notice(regime, FULL).full_html
    assert [element for element in elements if element not in text] == []


@pytest.mark.parametrize("regime", ["lgpdppso", "lfpdppp"])
def test_what_is_not_known_is_not_invented(regime):
    found = notice(regime)
    for text in (found.simplified_html, found.full_html):
        assert "La institución que te inscribió te informa de su domicilio." in text
        assert not re.search(r"[{}]|None|@", text)


def test_the_enlace_is_said_to_see_states_and_dates_only():
    for regime in ("lgpdppso", "lfpdppp"):
        assert "No ve tus respuestas, tu calificación ni el detalle de tus intentos" in notice(regime).simplified_html
        assert "No guarda tus visitas a la página de orientación" in notice(regime).full_html


def test_settings_are_text_and_never_markup():
    found = notice("lfpdppp", Controller(responsable="<script>x</script> [y](javascript:z)"))
    assert "<script" not in found.simplified_html + found.full_html
    assert 'href="javascript' not in found.simplified_html + found.full_html


def test_unknown_regimes_and_versions_are_key_errors():
    with pytest.raises(KeyError):
        notice("gdpr")
    with pytest.raises(KeyError):
        notice_version("lgpdppso", "1999-01")


TEXT = """+++
regime = "lfpdppp"
version = "{version}"
effective = 2026-09-01
authority = "A"
law = "L"
legal_review = "firmado"
[blanks.responsable]
given = "Es {{value}}."
missing = "No dicho."
+++

# Simplificado

Corto. {{responsable}}

# Integral

Largo. {{{blank}}}
"""


def override(folder, version="2026-09", blank="responsable", name=None):
    (folder / "privacy").mkdir()
    path = folder / "privacy" / f"lfpdppp-{name or version}.md"
    path.write_text(TEXT.format(version=version, blank=blank), encoding="utf-8")
    return folder


def test_a_deployment_adds_a_version_and_what_was_accepted_stays(tmp_path):
    folder = override(tmp_path)
    newest = notice("lfpdppp", Controller(responsable="Ella"), folder)
    assert (newest.version, newest.legal_review) == ("2026-09", "firmado")
    assert newest.simplified_html == "<p>Corto. Es Ella.</p>\n"
    assert notice_version("lfpdppp", "2026-05", folder=folder) == notice("lfpdppp")


def test_a_deployment_replaces_a_text_of_the_same_name(tmp_path):
    assert notice("lfpdppp", folder=override(tmp_path, "2026-05")).full_html == "<p>Largo. No dicho.</p>\n"


@pytest.mark.parametrize("fault", [{"blank": "teléfono"}, {"blank": "domicilio"}, {"name": "2026-10"}])
def test_a_faulty_text_is_refused(tmp_path, fault):
    with pytest.raises(ValueError, match=r"privacy notice|disagree"):
        notice("lfpdppp", folder=override(tmp_path, **fault))
