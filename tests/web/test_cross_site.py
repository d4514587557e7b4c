"""Pages of other sites in a real Chromium: what they cannot do to a server on the same machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browser import ARGUMENTS, find_chromium
from playwright.sync_api import BrowserContext, Page, sync_playwright
from running_server import running

from maskgan.web.client import Client

TOKEN = "a-token-of-the-test"
ATTACK = """async (url) => {
  const tell = async (work) => { try { return await work(); } catch (error) { return "failed"; } };
  const options = { credentials: "include" };
  const picture = () => new Promise((done) => {
    const image = new Image();
    image.onload = () => done("loaded");
    image.onerror = () => done("failed");
    image.src = url + "/api/v1/samples/face";
  });
  const socket = () => new Promise((done) => {
    const opened = new WebSocket(url.replace("http", "ws") + "/api/v1/sessions/SESSION/live");
    opened.onopen = () => done("opened");
    opened.onerror = () => done("failed");
  });
  const frame = () => new Promise((done) => {
    const inner = document.createElement("iframe");
    inner.onload = () => done(inner.contentDocument === null ? "failed" : "read");
    inner.src = url;
    document.body.append(inner);
  });
  return {
    read: await tell(async () => (await fetch(url + "/api/v1/info", options)).status),
    page: await tell(async () => (await fetch(url + "/", options)).status),
    send: await tell(async () => (await fetch(url + "/api/v1/sessions/SESSION/photo?sample=face",
      { ...options, method: "POST", mode: "no-cors" })).type),
    picture: await picture(),
    socket: await socket(),
    frame: await frame(),
  };
}"""
"""What a page of another site tries with the cookies of the person who visits it; "failed" = it
learned nothing."""


class _Elsewhere(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><body></body>")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Another site: another port of this machine, which browsers call the same site even."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(TOKEN) as address:
        yield address


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is here; `make browser` gets one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser.new_context()
        browser.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    opened = context.new_page()
    yield opened
    opened.close()


def test_the_editor_opens_by_its_address_with_the_token(page: Page, url: str) -> None:
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 401
    page.goto(f"{url}/?token={TOKEN}")
    page.wait_for_url(f"{url}/")
    with page.expect_response(f"{url}/api/v1/info") as asked:
        page.reload()
    assert asked.value.status == 200
    assert page.evaluate("document.cookie") == ""
    assert TOKEN not in page.evaluate("JSON.stringify(performance.getEntries())")


def test_another_site_s_link_leads_into_the_editor(page: Page, elsewhere: str, url: str) -> None:
    page.goto(elsewhere)
    link = f"{url.replace('127.0.0.1', 'localhost')}/?token={TOKEN}"
    page.evaluate("(link) => { location.href = link; }", link)
    page.wait_for_url(f"{link.partition('?')[0]}")
    with page.expect_response("**/api/v1/info") as asked:
        page.reload()
    assert asked.value.status == 200


def test_another_site_learns_and_changes_nothing(page: Page, elsewhere: str, url: str) -> None:
    with Client(url, TOKEN) as client:
        client.photo(sample="face", aligned=True)
        client.face(aligned=True)
        page.goto(f"{url}/?token={TOKEN}")
        page.wait_for_url(f"{url}/")
        page.goto(elsewhere)
        tried = page.evaluate(ATTACK.replace("SESSION", client.session), url)
        # What is sent blindly is refused, which its sender may not even see: the photo that it
        # asks for would have taken the place of the face.
        assert tried.pop("send") in ("opaque", "failed")
        assert client.labels().shape == (512, 512)
        assert set(tried.values()) == {"failed"}, tried
