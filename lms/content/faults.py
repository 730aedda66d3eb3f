"""The list on which every part of the reader writes what it found wrong."""

from lms.content.model import Fault

_LONGEST_QUOTE = 60


def quote(text: str) -> str:
    """A piece of an author's text, on one line and short enough to be shown inside a sentence."""
    shown = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return shown if len(shown) <= _LONGEST_QUOTE else shown[: _LONGEST_QUOTE - 1] + "…"


class Faults:
    """Collects faults, so that an author sees all of them at once and not one after each try."""

    def __init__(self) -> None:
        self._found: set[Fault] = set()

    def add(self, path: str, line: int, code: str, **params: str | int) -> None:
        """Note a fault; `params` are what its sentence needs."""
        clean = {name: quote(value) if isinstance(value, str) else value for name, value in params.items()}
        self._found.add(Fault(path, max(line, 1), f"course.{code}", tuple(sorted(clean.items()))))

    def sorted(self) -> tuple[Fault, ...]:
        """All of them, by path, line and code."""
        return tuple(sorted(self._found))
