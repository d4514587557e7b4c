"""What a page must not do: complain on the console, fail a request, ask another host."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

LOUD = {"error", "warning", "assert"}
INSIDE = ("blob:", "data:", "about:")


class Watch:
    """Follows all pages of a context; `findings` are sentences."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.findings: list[str] = []
        self.requests: list[str] = []
        self.expected: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self._tell(f"error in the page: {error.error}"))
        context.on("request", lambda request: self._asked(request.url))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)
        context.on("page", self._page)

    def expect(self, part: str) -> None:
        """Findings with `part` in them belong to the test from now on."""
        self.expected.append(part)

    def check(self) -> None:
        """Fails with everything that was found."""
        wrong = [
            finding
            for finding in self.findings
            if not any(part in finding for part in self.expected)
        ]
        assert not wrong, "\n".join(wrong)

    def _tell(self, finding: str) -> None:
        self.findings.append(finding)

    def _page(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._asked(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in LOUD:
            place = message.location.get("url", "")
            self._tell(f"console {message.type}: {message.text} ({place})")

    def _asked(self, url: str) -> None:
        self.requests.append(url)
        if not url.startswith(INSIDE) and urlsplit(url).netloc != self.host:
            self._tell(f"asked another host: {url}")

    def _failed(self, request: Request) -> None:
        # Pages that go away, and downloads, abort what is under way.
        if "ERR_ABORTED" not in (request.failure or ""):
            self._tell(f"request failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            request = response.request
            self._tell(f"answer {response.status}: {request.method} {request.url}")
