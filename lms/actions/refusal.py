"""How an action says no: a code with parameters, which the door turns into a sentence."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A deed that a rule does not allow now."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
