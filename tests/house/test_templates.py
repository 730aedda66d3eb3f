"""Templates keep the content security policy and the escape: nothing inline, nothing unescaped but one macro."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "lms" / "templates"
REVIEWED = {"parts/prose.html"}
INLINE = re.compile(r"""\s(?:on[a-z]+|style)\s*=\s*["'{]|<style|<script(?![^>]*\ssrc=)|javascript:""", re.I)
UNSAFE = re.compile(r"\|\s*safe\b|Markup\(|autoescape\s+false", re.I)
FOREIGN = re.compile(r"""(?:src|<link[^>]*href)\s*=\s*["'](?:https?:)?//""", re.I)


def strip_comments(text: str) -> str:
    """Take Jinja comments away, keeping the lines."""
    return re.sub(r"\{#.*?#\}", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)


def complaints(name: str, text: str) -> list[str]:
    """What a template may not say."""
    found = []
    for number, line in enumerate(strip_comments(text).split("\n"), 1):
        if INLINE.search(line):
            found.append(f"{name}:{number}: estilo o guion en línea")
        if UNSAFE.search(line) and name not in REVIEWED:
            found.append(f"{name}:{number}: salida sin escapar")
        if FOREIGN.search(line):
            found.append(f"{name}:{number}: recurso de otro sitio")
    return found


def test_templates_are_clean() -> None:
    found = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        found += complaints(path.relative_to(TEMPLATES).as_posix(), path.read_text("utf-8"))
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        '<p style="color:red">',
        "<a onclick='x()'>",
        "<script>x()</script>",
        "{{ text|safe }}",
        '<img src="https://otro.example/x.png">',
        '<a href="javascript:x()">',
    ],
)
def test_a_dirty_template_is_seen(line: str) -> None:
    assert len(complaints("courses/x.html", line)) == 1


def test_every_template_extends_the_layout_or_is_a_part() -> None:
    found = [
        path.relative_to(TEMPLATES).as_posix()
        for path in sorted(TEMPLATES.rglob("*.html"))
        if path.parent.name not in {"parts", "mail"}
        and path.name != "layout.html"
        and not path.name.startswith("_")
        and not re.search(r'\{%-?\s*extends\s+"', path.read_text("utf-8"))
    ]
    assert found == []
