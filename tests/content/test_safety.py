"""Whatever stands in the files, the reader answers, and no page gets anything that acts."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.content import read_course
from lms.content.faults import Faults
from lms.content.render import Passage, render_inline, render_lesson, render_passage
from tests.content.course_files import GOOD, changed, write

ALLOWED_ATTRIBUTES = {"class", "role", "tabindex", "aria-label", "href", "title", "rel", "scope", "start"}
HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '<a href="https://a.example" onclick="alert(1)">a</a>',
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java&#x73;cript:alert(1))",
    "<javascript:alert(1)>",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a][b]\n\n[b]: vbscript:x",
    '[a](https://a.example "\\" onmouseover=alert(1) x=\\"")',
    "![a](javascript:alert(1))",
    "<style>body{display:none}</style>",
    '<div class="block" style="position:fixed">',
    "```html onload=x\n<script>alert(1)</script>\n```",
    '::: clave "><script>alert(1)</script>\ntexto\n:::',
    "::: clave [a](javascript:alert(1))\ntexto\n:::",
    '::: "><script>alert(1)</script> b\ntexto\n:::',
    "| a |\n|:-:|\n| <script>alert(1)</script> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!-- <script> --><iframe src=//a.example></iframe>",
]


class Seen(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


@pytest.mark.parametrize("source", HOSTILE)
@pytest.mark.parametrize("wrap", ["{}", "## {}", "- {}", "> {}", "**{}**"])
def test_nothing_that_acts_reaches_a_page(source: str, wrap: str) -> None:
    passage = Passage("a/lesson.md", 0, wrap.format(source))
    for html in (
        render_lesson(Faults(), passage).html,
        render_passage(Faults(), passage),
        render_inline(Faults(), passage),
    ):
        seen = Seen(html)
        assert not seen.tags & {"script", "style", "img", "iframe", "object", "form", "input", "svg"}
        assert seen.attributes <= ALLOWED_ATTRIBUTES
        assert all(link.startswith(("https://", "tel:", "mailto:", "http://")) for link in seen.links)


def test_html_is_shown_as_text(tmp_path: Path) -> None:
    files = changed("02-segunda/lesson.md", "Otra frase.", "<b>Otra</b> frase.")
    course, _ = read_course(write(tmp_path, files))
    assert course is not None
    assert course.lessons[1].html == "<p>&lt;b&gt;Otra&lt;/b&gt; frase.</p>"


@pytest.mark.parametrize(
    "link",
    ["https://a.example/b?c=d", "http://a.example", "tel:079", "mailto:a@a.example", "primera", "#nota", "/a"],
)
def test_links_that_lead_somewhere_stay(link: str) -> None:
    faults = Faults()
    assert f'<a href="{link}" rel=' in render_passage(faults, Passage("a", 0, f"[a]({link})"))
    assert faults.sorted() == ()


@pytest.mark.parametrize(
    "content",
    [
        b"+++\na = " + b"[" * 20_000 + b"\n+++\n",
        b"+++\n+++\n" + b"> " * 5_000 + b"a",
        b"+++\n+++\n" + b"[" * 5_000,
        b"+++\n+++\n" + b"- " * 2_000 + b"a",
        b"+++\n+++\n" + b"::: clave a\n" * 300,
        b"\x00" * 1_000,
        b"+++\na = 0x" + b"f" * 50_000 + b"\n+++\n",
        b"+++\nid = 1979-05-27T07:32:00+99:99\n+++\n",
    ],
)
@pytest.mark.parametrize("inside", ["course.toml", "01-primera/lesson.md", "01-primera/questions.md"])
def test_hostile_files_get_faults_and_no_exception(tmp_path: Path, inside: str, content: bytes) -> None:
    files = {name: text.encode() for name, text in GOOD.items()}
    course, faults = read_course(write(tmp_path, {**files, inside: content}))
    assert course is None
    assert faults


PIECES = st.sampled_from(
    ["+++\n", "## [a-1] ", "- [x] ", "- [ ] ", "  > ", "- objetivo: ", "\n", "\n\n", "::: clave A\n", ":::\n", "a",
     "= ", "[[objectives]]\n", "[final]\n", 'id = "a"\n', "| a |\n|---|\n", "[a](b)", "\x00", "é", "#", "```\n", "    ",
     "'''"]
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    inside=st.sampled_from(sorted(GOOD)),
    content=st.binary(max_size=300) | st.lists(PIECES, max_size=40).map(lambda pieces: "".join(pieces).encode()),
    keep=st.integers(0, 400),
)
def test_any_bytes_are_answered(tmp_path: Path, inside: str, content: bytes, keep: int) -> None:
    files = {name: text.encode() for name, text in GOOD.items()}
    files[inside] = files[inside][:keep] + content
    course, faults = read_course(write(tmp_path, files))
    assert (course is None) == bool(faults)
    last = files[inside].count(b"\n") + files[inside].count(b"\r") + 1
    assert all(1 <= fault.line <= last for fault in faults if fault.path == f"curso/{inside}")
