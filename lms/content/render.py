"""Markdown to sanitised HTML: CommonMark with tables and four kinds of block, and nothing a page could suffer from.

HTML in the source is shown as text. What comes out is checked twice: the tokens, so that the author gets a fault with
its line, and the HTML by an allow-list, so that no slip in the first can reach a page.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

from lms.content.faults import Faults

BLOCKS: Final = ("situacion", "clave", "aviso", "accion")
_CONTAINER: Final = "bloque"
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_COLONS = re.compile(r"\s*(:{3,})")
_HEADINGS: Final = ("h2", "h3", "h4", "h5", "h6")
_ALIGN: Final = {"text-align:right": "align-right", "text-align:center": "align-center"}
_TABLE_LABEL: Final = "Tabla"


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - named by the parser
        """Let every link through: a refused one must become a fault, not silently stay as text."""
        return True


def _parser() -> MarkdownIt:
    parser = _Markdown("commonmark", {"html": False}).enable("table")
    # Indented code and underlined headings mostly happen by accident, to people who do not write code.
    parser.disable(["code", "lheading"])
    parser.use(container_plugin, _CONTAINER, validate=lambda params, _markup: bool(params.strip()))
    return parser


_PARSER: Final = _parser()
_CLEANER: Final = nh3.Cleaner(
    tags={
        *("p", "strong", "em", "ul", "ol", "li", "blockquote", "a", "code", "pre", "hr", "br", "aside", "div"),
        *("table", "thead", "tbody", "tr", "th", "td"),
        *_HEADINGS,
    },
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    tag_attribute_values={
        "aside": {"role": {"note"}},
        "th": {"scope": {"col"}},
        "div": {"role": {"group"}, "tabindex": {"0"}, "aria-label": {_TABLE_LABEL}},
    },
    allowed_classes={
        "aside": {"block", *(f"block-{name}" for name in BLOCKS)},
        "div": {"table-scroll"},
        **{heading: {"block-title"} for heading in _HEADINGS},
        **{cell: set(_ALIGN.values()) for cell in ("th", "td")},
    },
    url_schemes=set(_SCHEMES),
)


@dataclass(frozen=True)
class Passage:
    """A piece of Markdown and where it stands: `offset` lines of its file come before it."""

    path: str
    offset: int
    text: str


@dataclass(frozen=True)
class Prose:
    """Sanitised HTML, and how many words a person reads in it."""

    html: str
    words: int


def render_lesson(faults: Faults, passage: Passage) -> Prose:
    """The text of a lesson: headings from h2 in order, blocks as asides with a title of the right level."""
    tokens = _parse(faults, passage)
    _check_headings(faults, passage, tokens)
    return _finish(_with_blocks(faults, passage, tokens))


def render_passage(faults: Faults, passage: Passage) -> str:
    """A prompt or a feedback: paragraphs, lists and tables; no headings or `:::` blocks."""
    tokens = _parse(faults, passage)
    for token in tokens:
        if token.type in ("heading_open", f"container_{_CONTAINER}_open"):
            faults.add(passage.path, _line(passage, token), "block_in_question")
    return _finish([token for token in tokens if not token.type.startswith("container_")]).html


def render_inline(faults: Faults, passage: Passage) -> str:
    """An option: one run of text that may stand inside a label."""
    tokens = _PARSER.parseInline(passage.text)
    _check_inline(faults, passage, tokens)
    return _finish(tokens).html


def _parse(faults: Faults, passage: Passage) -> list[Token]:
    tokens = _PARSER.parse(passage.text)
    _check_inline(faults, passage, tokens)
    for token in tokens:
        if token.type == "inline":
            for index, line in enumerate(token.content.split("\n")):
                if _COLONS.match(line):
                    faults.add(passage.path, _line(passage, token) + index, "block_stray")
    return tokens


def _line(passage: Passage, token: Token) -> int:
    return passage.offset + (token.map[0] if token.map else 0) + 1


def _check_inline(faults: Faults, passage: Passage, tokens: Sequence[Token]) -> None:
    """Links that lead nowhere safe, and pictures, which have no file to come from."""
    for token in tokens:
        line = _line(passage, token)
        for child in token.children or ():
            if child.type in ("softbreak", "hardbreak"):
                line += 1
            elif child.type == "image":
                faults.add(passage.path, line, "image_refused")
            elif child.type == "link_open" and not _link_allowed(href := str(child.attrs.get("href", ""))):
                faults.add(passage.path, line, "link_refused", link=href)


def _link_allowed(href: str) -> bool:
    if scheme := _SCHEME.match(href):
        return scheme[1].lower() in _SCHEMES
    return bool(href) and not href.startswith("//")


def _check_headings(faults: Faults, passage: Passage, tokens: Sequence[Token]) -> None:
    level, inside = 1, False
    for token in tokens:
        if token.type.startswith(f"container_{_CONTAINER}"):
            inside = token.nesting == 1
        elif token.type == "heading_open":
            here, line = int(token.tag[1]), _line(passage, token)
            if inside:
                faults.add(passage.path, line, "heading_in_block")
            elif here == 1:
                faults.add(passage.path, line, "heading_first_level")
            elif here > level + 1:
                faults.add(passage.path, line, "heading_skipped", marks="#" * here, expected="#" * (level + 1))
            # A `#` was meant as a `##`: what follows it is in order.
            level = level if inside else max(here, 2)


def _with_blocks(faults: Faults, passage: Passage, tokens: Sequence[Token]) -> list[Token]:
    """Each container as an aside with its title, one level below the heading it stands under."""
    lines = passage.text.split("\n")
    result: list[Token] = []
    opened: Token | None = None
    level = 1
    for token in tokens:
        result.append(token)
        if token.type == "heading_open" and opened is None:
            level = int(token.tag[1])
        elif token.type == f"container_{_CONTAINER}_close":
            token.tag, opened = "aside", None
        elif token.type == f"container_{_CONTAINER}_open":
            if opened is not None:
                faults.add(passage.path, _line(passage, opened), "block_unclosed")
            elif not _is_closed(lines, token):
                faults.add(passage.path, _line(passage, token), "block_unclosed")
            opened = token
            result += _open_block(faults, passage, token, min(level + 1, 6))
    return result


def _is_closed(lines: Sequence[str], token: Token) -> bool:
    # A container without an end runs on to the end of what it stands in, and its token does not tell.
    end = token.map[1] if token.map else len(lines)
    last = lines[end].strip(" \t>") if end < len(lines) else ""
    return len(last) >= len(token.markup) and set(last) == {":"}


def _open_block(faults: Faults, passage: Passage, token: Token, level: int) -> Iterator[Token]:
    name, _, title = token.info.strip().partition(" ")
    line = _line(passage, token)
    if name not in BLOCKS:
        faults.add(passage.path, line, "block_unknown", block=name, known=", ".join(BLOCKS))
    if not title.strip():
        faults.add(passage.path, line, "block_untitled", block=name)
    token.tag = "aside"
    # A note, not a landmark: ten landmarks in a lesson would be noise to whoever moves by landmarks.
    token.attrs = {"class": f"block block-{name}", "role": "note"}
    heading = _PARSER.parseInline(title.strip())
    _check_inline(faults, Passage(passage.path, line - 1, title), heading)
    yield Token("heading_open", f"h{level}", 1, attrs={"class": "block-title"}, block=True)
    yield from heading
    yield Token("heading_close", f"h{level}", -1, block=True)


def _finish(tokens: Sequence[Token]) -> Prose:
    words = 0
    for token in tokens:
        if token.type in ("th_open", "td_open"):
            _mark_cell(token)
        for child in token.children or ():
            if child.type in ("text", "code_inline"):
                words += sum(any(map(str.isalnum, word)) for word in child.content.split())
    html = str(_PARSER.renderer.render(_with_table_frames(tokens), _PARSER.options, {}))
    return Prose(_CLEANER.clean(html).strip(), words)


def _mark_cell(token: Token) -> None:
    # The parser aligns with a style attribute, which the pages' security policy forbids.
    align = _ALIGN.get(str(token.attrs.pop("style", "")))
    if align:
        token.attrs["class"] = align
    if token.tag == "th":
        token.attrs["scope"] = "col"


def _with_table_frames(tokens: Sequence[Token]) -> list[Token]:
    """Each table inside a frame that scrolls on a phone, and that a keyboard can reach."""
    result: list[Token] = []
    for token in tokens:
        if token.type == "table_open":
            attrs: dict[str, str | int | float] = {
                "class": "table-scroll",
                "role": "group",
                "tabindex": "0",
                "aria-label": _TABLE_LABEL,
            }
            result.append(Token("frame_open", "div", 1, attrs=attrs, block=True))
        result.append(token)
        if token.type == "table_close":
            result.append(Token("frame_close", "div", -1, block=True))
    return result
