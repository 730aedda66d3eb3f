"""The one exception of this room: a file that cannot be read, said with a code."""


class FileFault(Exception):  # noqa: N818 - the house says fault for what a person can mend
    """Why a file cannot be read: a code of the catalogue and its parameters."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: tuple[tuple[str, str | int], ...] = tuple(params.items())
