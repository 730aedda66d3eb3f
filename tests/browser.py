"""Finds the browser of the walks, installing it where that is possible; its absence is a loud failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """Return the path of a Chromium, or None."""
    named = os.environ.get("AULA_BROWSER")
    if named:
        return named
    return next((path for path in map(shutil.which, NAMES) if path), None)


def install() -> None:
    """Install Debian's Chromium when this machine lets us."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=False, **quiet)


def main() -> int:
    """Make sure that there is a browser; 1 when there is none under CI."""
    if find() is None:
        install()
    if find() is not None:
        return 0
    print("No hay Chromium: instálalo (apt-get install chromium) o di dónde está en AULA_BROWSER.", file=sys.stderr)
    print("Sin él, las pruebas con navegador no se pueden correr.", file=sys.stderr)
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
