"""Names as Mexico writes them: cleaning, searching, and telling surnames from given names."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

NAME_MAX: Final = 100
"""Longest name part kept, in characters."""

NameOrder = Literal["surnames_first", "given_first"]
Certainty = Literal["sure", "likely", "guess"]

# Small words that belong to the word after them. The CURP skips them too.
_PARTICLES: Final = frozenset(
    {"da", "das", "de", "del", "der", "di", "die", "do", "dos", "du", "e", "la", "las", "le", "les", "los", "mac", "mc",
     "van", "vanden", "von", "y"}
)  # fmt: skip
_LOWER: Final = _PARTICLES - {"mac", "mc", "die", "le", "les"}
_ROMAN: Final = frozenset({"ii", "iii", "iv"})
_MARKS_IN_NAMES: Final = frozenset("'’‘-.\u02bc\u02bb\ua78b\ua78c·")
_APOSTROPHES = re.compile("['’‘\u02bc\u02bb\ua78b\ua78c`´]")
_SPLIT_WORD = re.compile(r"(['’-])")
_VOWELS: Final = frozenset("AEIOU")


def _visible(text: str) -> str:
    """NFC, without control and direction characters; every kind of blank becomes one space."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if char.isspace() or category in ("Cc", "Zs", "Zl", "Zp"):
            kept.append(" ")
        elif category not in ("Cf", "Co", "Cs", "Cn"):
            kept.append(char)
    return " ".join("".join(kept).split())


def _title_word(word: str) -> str:
    lower = word.lower()
    if lower in _LOWER:
        return lower
    if lower in _ROMAN:
        return lower.upper()
    parts = _SPLIT_WORD.split(lower)
    for index, part in enumerate(parts):
        # O'Farrill, D'Angelo; but K'awil and Ts'unun keep a small letter after the saltillo.
        after_saltillo = index >= 2 and parts[index - 1] != "-" and parts[index - 2] not in ("O", "D", "L")
        if not after_saltillo:
            parts[index] = part[:1].title() + part[1:]
    joined = "".join(parts)
    if len(joined) > 4 and joined.startswith("Mc") and joined[2] not in "aeiou":
        joined = "Mc" + joined[2].upper() + joined[3:]
    return joined


def clean_text(text: str) -> str:
    """Any one-line text without control or direction characters and without repeated blanks, NFC."""
    return _visible(text)


def clean_name(text: str, *, starts: bool = False) -> str:
    """A name fit to print: NFC, single blanks, nothing invisible; ALL CAPS or all small is given capitals.

    Mixed writing is kept as the person wrote it. Particles stay small ("de la Cruz"); with `starts` the first word
    is a capital whatever it is, which is right for given names because they open the full name.
    """
    clean = _visible(text).replace("´", "'").replace("`", "'")
    letters = _APOSTROPHES.sub("", clean)  # the saltillo counts as a small letter in Unicode
    if letters.isupper() or letters.islower():
        clean = " ".join(_title_word(word) for word in clean.split(" "))
    if starts and clean[:1].islower():
        clean = clean[0].title() + clean[1:]
    return clean


def name_sign(name: str) -> str | None:
    """The first character that no name carries (a digit, "?", "\N{REPLACEMENT CHARACTER}"), or None."""
    for char in name:
        if not (char.isalpha() or char == " " or char in _MARKS_IN_NAMES or unicodedata.combining(char)):
            return char
    return None


@lru_cache(maxsize=8192)
def _search_word(text: str) -> str:
    plain = _APOSTROPHES.sub("", text)
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain.upper()).split())


def search_name(*parts: str | None) -> str:
    """Parts joined for searching: no accents, capitals, Ñ as N, no apostrophes, single blanks."""
    return " ".join(filter(None, (_search_word(part) for part in parts if part)))


def _letters(text: str) -> list[str]:
    """Words in CURP letters: Ñ, hyphens and apostrophes as X would be, accents dropped."""
    marked = unicodedata.normalize("NFC", text).upper().replace("Ñ", "X")
    return _search_word(marked.replace("-", " ").replace("/", " ")).split()


def _main_word(text: str, *, given: bool) -> str:
    words = _letters(text)
    main = [word for word in words if word.lower() not in _PARTICLES] or words
    if given and len(main) > 1 and main[0] in ("MARIA", "MA", "M", "JOSE", "J"):
        main = main[1:]
    return main[0] if main else ""


def _first(word: str, *, vowel: bool) -> str:
    for letter in word[1:]:
        if (letter in _VOWELS) is vowel and "A" <= letter <= "Z":
            return letter
    return "X"


@lru_cache(maxsize=8192)
def _word_letters(text: str, given: bool) -> tuple[str, str, str]:
    word = _main_word(text, given=given)
    return (word[:1] or "X", _first(word, vowel=True), _first(word, vowel=False))


def curp_mismatches(curp: str, given: str, first_surname: str, second_surname: str) -> tuple[str, ...]:
    """Which name parts do not begin as the CURP says: any of "first_surname", "second_surname", "given".

    Only initials count: vowels and consonants follow exceptions of their own, and old keys hold errors.
    """
    found = []
    for part, text, index in (
        ("first_surname", first_surname, 0),
        ("second_surname", second_surname, 2),
        ("given", given, 3),
    ):
        letters = {_word_letters(text, part == "given")[0]}
        if part == "given":
            letters |= {word[0] for word in _letters(text)}
        if curp[index] not in letters:
            found.append(part)
    return tuple(found)


def _score(curp: str, given: str, first: str, second: str) -> int:
    """How many of the CURP's seven name letters agree (0–7)."""
    a, b, c = _word_letters(first, False), _word_letters(second, False), _word_letters(given, True)
    return (
        (curp[0] == a[0])
        + (curp[1] == a[1] or curp[1] == "X")
        + (curp[2] == b[0])
        + (curp[3] == c[0])
        + (curp[13] == a[2])
        + (curp[14] == b[2])
        + (curp[15] == c[2])
    )


@dataclass(frozen=True, slots=True)
class SplitName:
    """A full name taken apart, and how far to trust it."""

    given: str
    first_surname: str
    second_surname: str
    certainty: Certainty


def _units(text: str) -> list[str]:
    """Words, with each particle tied to the word after it: "DE LA CRUZ" is one unit."""
    units: list[str] = []
    tied: list[str] = []
    for word in text.split(" "):
        tied.append(word)
        if word.lower() not in _PARTICLES:
            units.append(" ".join(tied))
            tied = []
    if tied:
        units.append(" ".join(tied))
    return units


def _assemble(units: list[str], i: int, j: int, order: NameOrder) -> tuple[str, str, str]:
    """given, first, second for one way to cut: i units of the leading group, then up to j, then the rest."""
    a, b, c = " ".join(units[:i]), " ".join(units[i:j]), " ".join(units[j:])
    return (c, a, b) if order == "surnames_first" else (a, b, c)


def _cuts(count: int, order: NameOrder) -> list[tuple[int, int]]:
    """Ways to cut, the usual first: one unit per surname, the rest given names; no second surname last."""
    if order == "surnames_first":
        cuts = [(i, j) for i in range(1, count) for j in range(i, count)]
        return sorted(cuts, key=lambda cut: (cut[1] == cut[0] and count > 2, cut[0] + cut[1]))
    cuts = [(i, j) for i in range(1, count) for j in range(i + 1, count + 1)]
    return sorted(cuts, key=lambda cut: (cut[1] == count and count > 2, -(cut[0] + cut[1])))


def _by_curp(units: list[str], order: NameOrder, curp: str) -> tuple[int, tuple[str, str, str]]:
    best: tuple[int, tuple[str, str, str]] = (-1, ("", "", ""))
    for i, j in _cuts(min(len(units), 10), order):
        cut = _assemble(units, i, j if j < 10 else len(units), order)
        score = _score(curp, *cut)
        if score > best[0]:
            best = (score, cut)
        if score == 7:
            break
    return best


def split_full_name(text: str, *, hint: NameOrder | None = None, curp: str | None = None) -> SplitName:
    """Given names and surnames out of one text, in either order.

    A comma decides ("Pérez López, Ana"). Otherwise the CURP's seven name letters decide between every way of cutting,
    and without a CURP the column's own title (`hint`), or else surnames first, as payrolls print them.
    """
    clean = _visible(text)
    if "," in clean:
        surnames, _, given = clean.partition(",")
        return split_surnames(surnames, given.strip(), curp=curp)
    units = _units(clean)
    if len(units) < 2:
        return SplitName(clean, "", "", "guess")
    usual: NameOrder = hint or "surnames_first"
    other: NameOrder = "given_first" if usual == "surnames_first" else "surnames_first"
    if curp is None:
        cut = _assemble(units, *_cuts(len(units), usual)[0], usual)
        return SplitName(*cut, "likely" if hint else "guess")
    score, cut = _by_curp(units, usual, curp)
    if score < 7:
        turned, other_cut = _by_curp(units, other, curp)
        if turned > score:
            score, cut = turned, other_cut
    return SplitName(*cut, "sure" if score == 7 else "likely" if score >= 5 else "guess")


def split_surnames(surnames: str, given: str, *, curp: str | None = None) -> SplitName:
    """One column with both surnames, given names apart: cut where the CURP says, else after the first surname."""
    units = _units(_visible(surnames))
    if len(units) < 2:
        return SplitName(given, " ".join(units), "", "sure")
    cuts = [(given, " ".join(units[:i]), " ".join(units[i:])) for i in (*range(1, len(units)), len(units))]
    best = max(cuts, key=lambda cut: _score(curp, *cut)) if curp else cuts[0]
    sure = len(units) == 2 or (curp is not None and _score(curp, *best) == 7)
    return SplitName(*best, "sure" if sure else "likely")
