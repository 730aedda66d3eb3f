"""Starting: what production refuses, and a real server with its supervised worker."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

import config
from lms import create_app
from lms.database import db
from tests.houses import House
from tests.people import person


def production(house: House, **changes: str) -> config.Settings:
    """Settings for real people on this house's database."""
    settings = replace(house.app.config["AULA"], env="production", secret_key="x" * 40, base_url="https://aula.example")
    return replace(settings, **changes)  # type: ignore[arg-type]


def test_production_refuses_the_default_secret(fresh: House) -> None:
    with pytest.raises(SystemExit, match="SECRET_KEY"):
        create_app(production(fresh, secret_key=config.DEFAULT_SECRET), testing=True)


def test_production_refuses_demo_people(fresh: House) -> None:
    with fresh.app.app_context():
        person().is_demo = True
        db.session.commit()
        db.session.remove()
    with pytest.raises(SystemExit, match="demostración"):
        create_app(production(fresh), testing=True)


def test_production_starts_with_its_own_secret_and_real_people(fresh: House) -> None:
    with fresh.app.app_context():
        person()
        db.session.commit()
        db.session.remove()
    app = create_app(production(fresh), testing=True)
    answer = app.test_client().get("/entrar", base_url="https://aula.example")
    assert "__Host-aula=" in answer.headers["Set-Cookie"]
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_setting_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "ochenta")
    with pytest.raises(SystemExit, match="PORT"):
        config.load()


def free_port() -> int:
    """A port nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def command(name: str, *arguments: str) -> list[str]:
    """The command line of `lms`, in this interpreter."""
    return [sys.executable, "-c", "from lms.cli import main; main()", name, *arguments]


def health(port: int) -> dict[str, object]:
    """What the server says of itself, waiting for it to stand up."""
    deadline = time.monotonic() + 40
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/salud", timeout=5) as answer:
                return dict(json.load(answer))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def workers(parent: int) -> list[int]:
    """The process ids of the worker children of a server."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if int(stat[1]) == parent and words.rstrip(b"\0").endswith(b"worker"):
            found.append(int(entry.name))
    return found


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for the worker in /proc")
def test_the_server_starts_its_worker_again_and_stops_when_asked(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "AULA_INSTANCE": str(tmp_path), "PORT": str(port), "DATABASE_URL": ""}
    subprocess.run(command("db", "upgrade"), env=environment, check=True, capture_output=True)
    server = subprocess.Popen(command("serve"), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert health(port)["status"] == "ok"
        (worker,) = workers(server.pid)
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while workers(server.pid) in ([], [worker]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
    finally:
        server.kill()
