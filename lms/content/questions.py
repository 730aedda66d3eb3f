"""A file of questions: `## [id] prompt`, a few `- key: value` lines, options `- [x] text`, feedback `> text`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import starmap
from typing import Final

from lms.content.faults import Faults
from lms.content.model import Option, Question, QuestionKind
from lms.content.render import Passage, render_inline, render_passage
from lms.content.tables import is_identifier

KINDS: Final[dict[str, QuestionKind]] = {
    "unica": "single",
    "multiple": "multiple",
    "verdadero-falso": "true_false",
}
_COUNTS: Final[dict[QuestionKind, tuple[int, int]]] = {"single": (3, 5), "multiple": (3, 5), "true_false": (2, 2)}
_KEYS: Final = ("objetivo", "tipo", "orden")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"

_HEADING = re.compile(r"##(?!#)\s*(?:\[([^\]]*)\])?\s*(.*)")
_KEY = re.compile(r"- +([a-záéíóúñ_-]+) *:(?:\s+(.*))?$")
_OPTION = re.compile(r"- \[([ xX])\](?:\s+(.*))?$")
_NEAR_OPTION = re.compile(r"\s*[-*+]? *\[ *[xX]? *\](?!\()")
_FEEDBACK = re.compile(r"\s*> ?(.*)$")


@dataclass
class _Text:
    """Consecutive lines of one part of a question. The first stands at `line`."""

    line: int
    lines: list[str] = field(default_factory=list)

    def add(self, number: int, text: str) -> None:
        """Add the text of line `number`, keeping the blank lines before it."""
        self.lines += [""] * (number - self.line - len(self.lines))
        self.lines.append(text)

    def __bool__(self) -> bool:
        return any(line.strip() for line in self.lines)


@dataclass
class _OptionDraft:
    right: bool
    text: _Text
    feedback: _Text | None = None


@dataclass
class _Draft:
    line: int
    id: str
    prompt: _Text
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)
    options: list[_OptionDraft] = field(default_factory=list)


class _Reader:
    """Reads line by line; what follows decides what a line may be, so every oddity has a line of its own."""

    def __init__(self, faults: Faults, path: str) -> None:
        self._faults = faults
        self._path = path
        self.drafts: list[_Draft] = []

    def read(self, body: str, offset: int) -> None:
        for number, line in enumerate(body.split("\n"), start=offset + 1):
            if heading := _HEADING.match(line):
                self._open(number, heading)
            elif line.strip():
                self._line(number, line)

    def _open(self, number: int, heading: re.Match[str]) -> None:
        id, prompt = heading[1], heading[2]
        if id is None:
            self._faults.add(self._path, number, "question_heading")
        elif not is_identifier(id):
            self._faults.add(self._path, number, "id_invalid", id=id)
        self.drafts.append(_Draft(number, id or "", _Text(number, [prompt])))

    def _line(self, number: int, line: str) -> None:
        if not self.drafts:
            self._faults.add(self._path, number, "text_misplaced", text=line)
            return
        draft = self.drafts[-1]
        if option := _OPTION.match(line):
            draft.options.append(_OptionDraft(option[1] != " ", _Text(number, [option[2] or ""])))
        elif _NEAR_OPTION.match(line):
            self._faults.add(self._path, number, "option_mark", text=line)
        elif draft.options:
            self._option_line(draft.options[-1], number, line)
        elif key := _KEY.match(line):
            self._key(draft, number, key[1], key[2] or "")
        elif draft.keys:
            self._faults.add(self._path, number, "text_misplaced", text=line)
        else:
            draft.prompt.add(number, line)

    def _key(self, draft: _Draft, number: int, key: str, value: str) -> None:
        if key not in _KEYS:
            self._faults.add(self._path, number, "key_unknown", key=key)
        elif key in draft.keys:
            self._faults.add(self._path, number, "key_repeated", key=key)
        draft.keys.setdefault(key, (value.partition("#")[0].strip(), number))

    def _option_line(self, option: _OptionDraft, number: int, line: str) -> None:
        if feedback := _FEEDBACK.match(line):
            if option.feedback is None:
                option.feedback = _Text(number)
            option.feedback.add(number, feedback[1])
        elif option.feedback is None and line[0] in " \t":
            option.text.add(number, line.strip())
        else:
            self._faults.add(self._path, number, "text_misplaced", text=line)


def read_questions(
    faults: Faults, path: str, body: str, offset: int, objectives: Sequence[str], claim: Callable[[str, int], None]
) -> tuple[Question, ...]:
    """The questions of `body`, which starts after line `offset` of its file.

    Faulty questions are answered too, as far as they can be understood, so that one fault does not cause others;
    they go nowhere, for a course with faults is not built. `claim(id, line)` notes an id already taken.
    """
    reader = _Reader(faults, path)
    reader.read(body, offset)
    questions = []
    for draft in reader.drafts:
        if is_identifier(draft.id):
            claim(draft.id, draft.line)
        questions.append(_question(faults, path, draft, objectives))
    return tuple(questions)


def _question(faults: Faults, path: str, draft: _Draft, objectives: Sequence[str]) -> Question:
    if not draft.prompt:
        faults.add(path, draft.line, "prompt_empty")
    kind = _kind(faults, path, draft)
    order, line = draft.keys.get("orden", ("", draft.line))
    if "orden" in draft.keys and order != "fijo":
        faults.add(path, line, "order_unknown", value=order)
    if kind is not None:
        _check_options(faults, path, draft, kind)
    return Question(
        id=draft.id,
        kind=kind or "single",
        objective=_objective(faults, path, draft, objectives),
        prompt_html=render_passage(faults, _passage(path, draft.prompt)),
        # "Falso" before "Verdadero" would only make people read twice.
        fixed=order == "fijo" or kind == "true_false",
        options=tuple(starmap(partial(_option, faults, path), zip(_LETTERS, draft.options, strict=False))),
    )


def _kind(faults: Faults, path: str, draft: _Draft) -> QuestionKind | None:
    value, line = draft.keys.get("tipo", ("unica", draft.line))
    if value not in KINDS:
        faults.add(path, line, "kind_unknown", value=value, known=", ".join(KINDS))
    return KINDS.get(value)


def _objective(faults: Faults, path: str, draft: _Draft, objectives: Sequence[str]) -> str:
    value, line = draft.keys.get("objetivo", ("", draft.line))
    if "objetivo" not in draft.keys:
        faults.add(path, line, "key_missing", key="objetivo")
    elif value not in objectives:
        faults.add(path, line, "objective_unknown", id=value)
    return value


def _check_options(faults: Faults, path: str, draft: _Draft, kind: QuestionKind) -> None:
    count, right = len(draft.options), sum(option.right for option in draft.options)
    low, high = _COUNTS[kind]
    if count < low:
        faults.add(path, draft.line, "options_too_few", found=count, expected=low)
    if count > high:
        faults.add(path, draft.line, "options_too_many", found=count, expected=high)
    if not right:
        faults.add(path, draft.line, "right_missing")
    elif kind != "multiple" and right > 1:
        faults.add(path, draft.line, "right_too_many", found=right)
    elif kind == "multiple" and right == count:
        faults.add(path, draft.line, "wrong_missing")


def _option(faults: Faults, path: str, letter: str, draft: _OptionDraft) -> Option:
    if not draft.text:
        faults.add(path, draft.text.line, "option_empty")
    elif "" in draft.text.lines[1:]:
        faults.add(path, draft.text.line, "option_paragraphs")
    feedback = ""
    if draft.feedback:
        feedback = render_passage(faults, _passage(path, draft.feedback))
    else:
        faults.add(path, draft.text.line, "feedback_missing")
    return Option(letter, render_inline(faults, _passage(path, draft.text)), draft.right, feedback)


def _passage(path: str, text: _Text) -> Passage:
    return Passage(path, text.line - 1, "\n".join(text.lines))
