"""Passwords: length and nothing that anybody would try first (ASVS 6.2). No composition rules."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PASSWORD_MIN: Final = 10
PASSWORD_MAX: Final = 128

# Roots that open most lists of stolen passwords, in Spanish and English; digits, signs and years around them count
# for nothing, so each root stands for its whole family ("Contraseña2026!", "p4ssw0rd1234").
_COMMON: Final = frozenset(
    {"contrasena", "contrasenia", "contra", "password", "passwort", "pass", "passw", "clave", "miclave", "secreto",
     "secreta", "acceso", "usuario", "user", "admin", "administrador", "administrator", "root", "welcome",
     "bienvenido", "bienvenida", "hola", "holamundo", "helloworld", "hello", "login", "letmein", "entrar", "test",
     "testing", "prueba", "pruebas", "demo", "default", "cambiame", "changeme", "temporal", "temporary", "qwerty",
     "asdf", "zxcv", "qwertyuiop", "asdfgh", "asdfghjkl", "zxcvbnm", "qazwsx", "qazwsxedc", "abc", "abcd", "abcde",
     "abcdef", "abcdefg", "abcdefgh", "abcdefghij", "mexico", "vivamexico", "america", "clubamerica", "chivas",
     "chivasrayadas", "guadalajara", "cruzazul", "pumas", "tigres", "rayados", "futbol", "football", "teamo",
     "teamomucho", "tequiero", "amor", "amorcito", "mivida", "corazon", "princesa", "familia", "mifamilia", "dios",
     "diosesamor", "jesus", "jesucristo", "iloveyou", "love", "sunshine", "princess", "dragon", "monkey", "superman",
     "batman", "pokemon", "starwars", "master", "shadow", "michael", "jordan", "enero", "febrero", "marzo", "abril",
     "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre", "lunes", "martes",
     "miercoles", "jueves", "viernes", "sabado", "domingo", "primavera", "verano", "otono", "invierno"}
)  # fmt: skip
_CONTEXT: Final = (
    "aula", "mujeres", "secretaria", "secretariadelasmujeres", "constancia", "capacitacion", "curso", "cursos",
    "cartilla", "derechoshumanos", "derechos", "humanos", "enlace", "gobierno",
)  # fmt: skip
_ROWS: Final = ("01234567890", "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz",
                "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujmikolp")  # fmt: skip
_RUNS: Final = frozenset(
    row[i : i + 4] for line in _ROWS for row in (line, line[::-1]) for i in range(len(row) - 3)
)  # every four neighbours, in both directions
_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_AROUND: Final = "0123456789!¡¿?@#$%&*+-_.,:;=/ "
_CURP_LIKE = re.compile(r"[a-z]{4}[0-9]{6}[hmx][a-z]{5}[a-z0-9][0-9]")
_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class PasswordFault:
    """Why a password will not do: a code of the catalogue and its parameters."""

    code: str
    params: tuple[tuple[str, str | int], ...] = ()


def normalise_password(password: str) -> str:
    """The form that is hashed and compared: NFKC, so that the same keys on two telephones give the same secret."""
    return unicodedata.normalize("NFKC", password)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in folded if not unicodedata.combining(char))


def _repeats(text: str) -> bool:
    """One to five characters again and again ("abcabcabcabc"), also when the last turn is cut short."""
    return any(all(char == text[i % size] for i, char in enumerate(text)) for size in range(1, 6))


def _runs(text: str) -> bool:
    """Made of keyboard or alphabet runs only ("qwerty12345", "0987654321")."""
    rest = _WORDS.sub("", text)
    while rest[:4] in _RUNS:
        size = 4
        while rest[size - 3 : size + 1] in _RUNS and size < len(rest):
            size += 1
        rest = rest[size:]
    return len(rest) < 4


def _is_common(plain: str) -> bool:
    core = plain.strip(_AROUND)
    for text in (core, core.translate(_LEET), plain.translate(_LEET).strip(_AROUND)):
        if {text, _WORDS.sub("", text), re.sub(r"[^a-z]+", "", text)} & _COMMON:
            return True
    return _repeats(plain) or _runs(plain)


def _context_words(identifiers: Iterable[str]) -> list[str]:
    words = set(_CONTEXT)
    for identifier in identifiers:
        plain = _plain(identifier)
        local = plain.partition("@")[0]
        for piece in (*_WORDS.split(local), _WORDS.sub("", local), *re.split(r"[^a-z]+", local)):
            if len(piece) >= 4:
                words.add(piece)
    return sorted(words, key=len, reverse=True)


def _is_context(plain: str, identifiers: Iterable[str]) -> bool:
    """Whether the known words about this person or place are nearly all there is: under six letters remain."""
    words = _context_words(identifiers)
    for text in (plain, plain.translate(_LEET)):
        rest = _WORDS.sub("", text)
        found = False
        for word in words:
            if word in rest:
                rest, found = rest.replace(word, ""), True
        if found and len(re.sub(r"[^a-z]+", "", rest)) < 6:
            return True
    return False


def password_fault(password: str, identifiers: Iterable[str] = ()) -> PasswordFault | None:
    """Why this password is refused, or None.

    `identifiers` are what others know about the person: names, e-mail, CURP, employee number, institution. A CURP,
    whoever's it is, is never a password: too many lists carry it.
    """
    secret = normalise_password(password)
    if len(secret) < PASSWORD_MIN:
        return PasswordFault("password_short", (("minimum", PASSWORD_MIN),))
    if len(secret) > PASSWORD_MAX:
        return PasswordFault("password_long", (("maximum", PASSWORD_MAX),))
    plain = _plain(secret)
    if _CURP_LIKE.search(_WORDS.sub("", plain)):
        return PasswordFault("password_curp")
    if _is_common(plain):
        return PasswordFault("password_common")
    if _is_context(plain, identifiers):
        return PasswordFault("password_context")
    return None
