"""Parsing in a process of its own, with walls around it: whatever a file does, only the child dies.

`parse_in_child` is for callers; `main` is the child. They speak JSON lines: batches of rows, then
one "end" or one "fault".
"""

import json
import os
import resource
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from lms import clock
from lms.files.faults import FileFault
from lms.files.tables import open_table
from lms.rules.rosters import Header, find_header

ParsedRow = tuple[int, tuple[str, ...]]

_BATCH_ROWS: Final = 500
_BATCH_TEXT: Final = 500_000
_MAX_MESSAGE: Final = 32 * 1024 * 1024
_HOUSE: Final = Path(__file__).resolve().parents[1]
# The package's own __init__ is the roof and brings every door with it; the child needs only this ground room, so it
# starts in a third of the time and of the memory.
_BOOT: Final = (
    "import sys, types; lms = types.ModuleType('lms'); lms.__path__ = [sys.argv[1]]; sys.modules['lms'] = lms; "
    "from lms.files import child; child.main(sys.argv[2:])"
)


def parse_in_child(
    path: Path, filename: str, *, max_rows: int, seconds: int = 60, memory_mb: int = 400
) -> Iterator[list[ParsedRow]]:
    """Rows of a table in batches, parsed by a further process limited in memory, processor and time.

    Each row is (number the spreadsheet shows, cells). `seconds` counts the waiting for the child, not the caller's own
    work between batches. Raises FileFault, also when the child crashes, runs out of memory or takes too long; rows
    already given then belong to a file that could not be read whole.
    """
    child = _start(path, filename, max_rows, seconds, memory_mb)
    assert child.stdout is not None
    try:
        for line in _messages(child.stdout, seconds):
            message: dict[str, Any] = json.loads(line)
            if "fault" in message:
                raise FileFault(message["fault"], **message["params"])
            if "end" in message:
                return
            yield [(number, tuple(cells)) for number, cells in message["rows"]]
        raise FileFault(_cause(child.wait(timeout=5)))
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def _start(path: Path, filename: str, max_rows: int, seconds: int, memory_mb: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own interpreter, a list of arguments, no shell
        [
            sys.executable,
            "-B",
            "-c",
            _BOOT,
            str(_HOUSE),
            str(path),
            filename,
            str(max_rows),
            str(seconds),
            str(memory_mb),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # A bare environment: a file that took the child over would find no settings and no secrets in it.
        env={"PATH": os.defpath, "PYTHONUTF8": "1"},
    )


def _messages(pipe: IO[bytes], seconds: int) -> Iterator[bytes]:
    """Whole lines from the child, until it closes the pipe or has kept us waiting for `seconds`."""
    buffer = bytearray()
    waited = 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            before = clock.monotonic()
            ready = selector.select(timeout=max(0.0, seconds - waited))
            waited += clock.monotonic() - before
            if not ready or len(buffer) > _MAX_MESSAGE:
                raise FileFault("file_slow")
            chunk = os.read(pipe.fileno(), 1 << 16)
            if not chunk:
                return
            buffer += chunk
            if b"\n" in chunk:
                *lines, rest = buffer.split(b"\n")
                buffer = bytearray(rest)
                yield from map(bytes, lines)


def _cause(status: int) -> str:
    """What a child that died without a word died of."""
    if status == -signal.SIGXCPU:
        return "file_slow"
    # The reader aborts when memory is refused; the system kills when there is none left.
    return "file_memory" if status in (-signal.SIGABRT, -signal.SIGKILL) else "file_crash"


def _wall(seconds: int, memory_mb: int) -> None:
    memory = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _parse(path: Path, filename: str, max_rows: int) -> None:
    def has_header(rows: Sequence[Sequence[str]]) -> bool:
        return isinstance(find_header(rows), Header)

    batch: list[ParsedRow] = []
    size = 0
    for number, cells in open_table(path, filename, max_rows=max_rows, prefers=has_header).rows:
        batch.append((number, cells))
        size += sum(map(len, cells))
        if len(batch) >= _BATCH_ROWS or size >= _BATCH_TEXT:
            _say({"rows": batch})
            batch, size = [], 0
    if batch:
        _say({"rows": batch})
    _say({"end": True})


def main(arguments: list[str]) -> None:
    """The child: path, filename, max_rows, seconds, memory_mb. Always ends with a word, if it can still speak."""
    path, filename, max_rows, seconds, memory_mb = arguments
    _wall(int(seconds), int(memory_mb))
    try:
        _parse(Path(path), filename, int(max_rows))
    except FileFault as fault:
        _say({"fault": fault.code, "params": dict(fault.params)})
    except MemoryError:
        _say({"fault": "file_memory", "params": {}})
    except BaseException:  # a panic of the reader is not an Exception
        _say({"fault": "file_crash", "params": {}})
