"""Places: the 33 entity codes of the CURP, and the 32 states as people write them.

The code inside a CURP only tells where somebody was born; the place of work is a fact of its own.
"""

import re
import unicodedata
from typing import Final

STATES: Final[dict[str, str]] = {
    "AS": "Aguascalientes",
    "BC": "Baja California",
    "BS": "Baja California Sur",
    "CC": "Campeche",
    "CL": "Coahuila",
    "CM": "Colima",
    "CS": "Chiapas",
    "CH": "Chihuahua",
    "DF": "Ciudad de México",
    "DG": "Durango",
    "GT": "Guanajuato",
    "GR": "Guerrero",
    "HG": "Hidalgo",
    "JC": "Jalisco",
    "MC": "Estado de México",
    "MN": "Michoacán",
    "MS": "Morelos",
    "NT": "Nayarit",
    "NL": "Nuevo León",
    "OC": "Oaxaca",
    "PL": "Puebla",
    "QT": "Querétaro",
    "QR": "Quintana Roo",
    "SP": "San Luis Potosí",
    "SL": "Sinaloa",
    "SR": "Sonora",
    "TC": "Tabasco",
    "TS": "Tamaulipas",
    "TL": "Tlaxcala",
    "VZ": "Veracruz",
    "YN": "Yucatán",
    "ZS": "Zacatecas",
}
"""The 32 states: CURP code → name. Used for the place of work as well."""

ENTITIES: Final[dict[str, str]] = {**STATES, "NE": "Nacida o nacido en el extranjero"}
"""The 33 entity codes a CURP may carry: the states, and NE for people born abroad."""

_OTHER_WRITINGS: Final[dict[str, str]] = {
    "AS": "AGS|AGU",
    "BC": "BCN|BAJA CALIFORNIA NORTE|BAJA CALIF|B CFA",
    "BS": "BCS|BAJA CALIF SUR|BAJA CALIFORNIA S",
    "CC": "CAMP|CAM",
    "CL": "COAH|COA|COAHUILA DE ZARAGOZA",
    "CM": "COL",
    "CS": "CHIS|CHP",
    "CH": "CHIH",
    "DF": "CDMX|CD MX|CD MEX|CD MEXICO|CD DE MEXICO|CIUDAD MEXICO|DISTRITO FEDERAL|CMX|DIF",
    "DG": "DGO|DUR",
    "GT": "GTO|GUA",
    "GR": "GRO",
    "HG": "HGO|HID",
    "JC": "JAL",
    "MC": "MEXICO|MEX|EDOMEX|EDO MEX|EDO MEXICO|EDO DE MEX|EDO DE MEXICO|EM",
    "MN": "MICH|MIC|MICHOACAN DE OCAMPO",
    "MS": "MOR",
    "NT": "NAY",
    "NL": "NLE|NVO LEON",
    "OC": "OAX",
    "PL": "PUE",
    "QT": "QRO|QUE|QUERETARO DE ARTEAGA",
    "QR": "QROO|Q ROO|ROO",
    "SP": "SLP|SAN LUIS",
    "SL": "SIN",
    "SR": "SON",
    "TC": "TAB",
    "TS": "TAMPS|TAM",
    "TL": "TLAX|TLA",
    "VZ": "VER|VERACRUZ DE IGNACIO DE LA LLAVE|VERACRUZ LLAVE",
    "YN": "YUC",
    "ZS": "ZAC",
}

_NOT_LETTERS = re.compile(r"[^A-Z]+")


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).upper()
    return " ".join(_NOT_LETTERS.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).split())


def _build() -> dict[str, str]:
    known: dict[str, str] = {}
    for code, name in STATES.items():
        for writing in (code, name, *_OTHER_WRITINGS[code].split("|")):
            key = _key(writing)
            known[key] = known[key.replace(" ", "")] = code
    return known


_KNOWN = _build()


def read_state(text: str) -> str | None:
    """The state's code for the usual writings of its name ("CDMX", "Edo. Méx.", "09 Ciudad de México"), or None."""
    key = _key(text)
    for lead in ("", "ESTADO DE ", "ESTADO LIBRE Y SOBERANO DE "):
        if key.startswith(lead):
            rest = key[len(lead) :]
            code = _KNOWN.get(rest) or _KNOWN.get(rest.replace(" ", ""))
            if code:
                return code
    return None
