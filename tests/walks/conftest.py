"""A real server, a worker and a phone-sized browser for whole stories."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright
from werkzeug.serving import make_server

from lms.jobs.work import work
from tests.browser import FLAGS, find
from tests.houses import House

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
PICTURES = Path(__file__).with_name("pictures")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser. Its absence is a loud failure under CI, and a skip that says so elsewhere."""
    path = find()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("No hay Chromium: los recorridos no se pudieron probar.")
        pytest.skip("No hay Chromium: instálalo o di dónde está en AULA_BROWSER.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Site:
    """A running Aula: its address, and the browsers opened on it."""

    app: Flask
    url: str
    browser: Browser
    engine: str
    contexts: list[BrowserContext] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def visitor(self, *, scripts: bool = True) -> Page:
        """Return a page of a new visitor with a phone."""
        context = self.browser.new_context(
            viewport=PHONE, base_url=self.url, java_script_enabled=scripts, locale="es-MX", reduced_motion="reduce"
        )  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", self._note)
        return page

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:")):
            self.foreign.append(request.url)

    def look(self, page: Page, name: str) -> None:
        """Look at a page at both widths: no accessibility fault, nothing sideways, nothing covered; keep a picture."""
        for size in (DESK, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], f"{name} se sale de lado a {size['width']} px: {width}"
            found = Axe().run(page)
            assert found.violations_count == 0, f"{name} a {size['width']} px: {found.generate_report()}"
            PICTURES.mkdir(exist_ok=True)
            page.screenshot(path=PICTURES / f"{name}-{size['width']}.png", full_page=True)
        title = page.title().lower()
        assert title.startswith("aula · "), title
        assert not [word for word in ("violencia", "acoso", "denuncia") if word in title]
        assert page.get_by_role("link", name="Salida rápida").first.is_visible()
        assert page.get_by_role("link", name="¿Necesitas ayuda?").is_visible()


@pytest.fixture
def site(fresh: House, chromium: Browser) -> Iterator[Site]:
    """Aula with an empty database, served by threads, and a worker that looks for work four times a second."""
    app = fresh.app
    before, csrf = app.config["AULA"], app.config.get("WTF_CSRF_ENABLED", True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    app.config["AULA"] = replace(before, base_url=url)
    stop = threading.Event()

    def toil() -> None:
        while not stop.wait(0.25):
            work(app)

    threads = [threading.Thread(target=server.serve_forever), threading.Thread(target=toil)]
    for thread in threads:
        thread.start()
    running = Site(app, url, chromium, fresh.engine)
    try:
        yield running
    finally:
        for context in running.contexts:
            context.close()
        stop.set()
        server.shutdown()
        for thread in threads:
            thread.join(20)
        app.config["AULA"], app.config["WTF_CSRF_ENABLED"] = before, csrf
        for path in (before.instance / "mail").glob("*.eml"):
            path.unlink()
