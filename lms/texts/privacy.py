"""Privacy notices (avisos de privacidad): one versioned text per legal regime, in `privacy/<regime>-<version>.md`.

`lgpdppso`: Ley General de Protección de Datos Personales en Posesión de Sujetos Obligados, arts. 20-22 (what a notice
holds, integral and simplified). `lfpdppp`: Ley Federal de Protección de Datos Personales en Posesión de los
Particulares, arts. 14-16. What is not known about the controller is a blank in the text: it says what the settings
give or, when they give nothing, that the institution itself informs of it. Nothing is invented.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

_FOLDER = Path(__file__).with_name("privacy")
_NAME = re.compile(r"(?P<regime>[a-z]+)-(?P<version>\d{4}-\d{2}(-\d{2})?)\.md")
_PARTS = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n+# Simplificado\n(.*?)\n# Integral\n(.*)\Z", re.DOTALL)
_BLANK = re.compile(r"\{(\w+)\}")

# Without HTML: the text and the settings are shown as they are written, never as markup of the page.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Controller:
    """Who answers for the data (the *responsable*), from the settings; None = not said.

    `responsable`: its name. `domicilio`: its address. `contacto_arco`: where ARCO requests go.
    `unidad_transparencia`: address of its Unidad de Transparencia (lgpdppso only). `fundamento`: the articles that
    empower it.
    """

    responsable: str | None = None
    domicilio: str | None = None
    contacto_arco: str | None = None
    unidad_transparencia: str | None = None
    fundamento: str | None = None


@dataclass(frozen=True)
class Notice:
    """A notice ready to show. `authority` is who hears complaints; `law` the articles it answers to.

    `legal_review`: whether a lawyer has signed the text off ("pendiente" until then).
    """

    regime: str
    version: str
    effective: date
    authority: str
    law: str
    legal_review: str
    simplified_html: str
    full_html: str


def notice(regime: str, controller: Controller | None = None, folder: Path | None = None) -> Notice:
    """Return the newest notice of a legal regime. Raises KeyError for an unknown regime."""
    versions = [version for known, version in _files(folder) if known == regime]
    if not versions:
        raise KeyError(regime)
    return notice_version(regime, max(versions), controller, folder)


def notice_version(
    regime: str, version: str, controller: Controller | None = None, folder: Path | None = None
) -> Notice:
    """Return the notice somebody accepted. Raises KeyError when there is none, ValueError when its file is faulty.

    `folder`: a deployment's texts; its `privacy/` may add versions and replace Aula's own of the same name.
    """
    return _render(_files(folder)[regime, version], controller or Controller())


def _files(folder: Path | None) -> Mapping[tuple[str, str], Path]:
    """Return the file of each (regime, version); a deployment's own wins."""
    found: dict[tuple[str, str], Path] = {}
    for place in (_FOLDER, *([folder / "privacy"] if folder is not None else [])):
        for path in sorted(place.glob("*.md")):
            if match := _NAME.fullmatch(path.name):
                found[match["regime"], match["version"]] = path
    return found


@lru_cache(maxsize=32)
def _render(path: Path, controller: Controller) -> Notice:
    parts = _PARTS.match(path.read_text(encoding="utf-8"))
    if parts is None:
        raise ValueError(f"{path}: +++ front matter, «# Simplificado» and «# Integral» are needed, in this order")
    about: dict[str, Any] = tomllib.loads(parts[1])
    if f"{about['regime']}-{about['version']}.md" != path.name:
        raise ValueError(f"{path}: its name and its front matter disagree")
    simplified, full = (_MARKDOWN.render(_fill(text, about["blanks"], controller)) for text in parts.group(2, 3))
    return Notice(
        regime=about["regime"],
        version=about["version"],
        effective=about["effective"],
        authority=about["authority"],
        law=about["law"],
        legal_review=about["legal_review"],
        simplified_html=simplified,
        full_html=full,
    )


def _fill(text: str, blanks: Mapping[str, Mapping[str, str]], controller: Controller) -> str:
    """Fill each `{blank}` with its `given` sentence, or with its `missing` one when the settings say nothing."""
    given = asdict(controller)
    unknown = set(_BLANK.findall(text)) - (given.keys() & blanks.keys())
    if unknown:
        raise ValueError(f"unknown blanks in a privacy notice: {', '.join(sorted(unknown))}")

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        value = given[name]
        return blanks[name]["given"].replace("{value}", value) if value else blanks[name]["missing"]

    return _BLANK.sub(filled, text)
