"""Who may talk to the server: a layer of plain ASGI around the whole app.

Three dangers come with a server on one's own machine. Another site may point its name here (DNS
rebinding): the Host must be one of ours. Another site's page may send requests and open WebSockets
here: Origin and Sec-Fetch-Site must say that our own page asks. And on a network anybody may
connect: then a token is asked for, from the address that was printed (`?token=`, kept as a cookie)
or as `Authorization: Bearer`. Besides, a request body ends where the limit is, and every answer
tells the browser to load nothing from elsewhere. Every refusal is a problem with a sentence.

Knows nothing of what the app does, but that its operations lie below `/api/` and the rest is pages.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from maskgan.errors import ConfigError
from maskgan.web import problems, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard", "SecurityConfig", "install"]

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Names of this machine that only this machine can use."""
API: Final = "/api/"
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self' blob: data:",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""What the page may load: files of this server, and pictures that it holds itself."""
HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""On every answer. There is no CORS: no other site is ever allowed to read."""

_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?")
_ORIGIN = re.compile(r"(https?)://([^/?#@]+)")
_PORTS = {"http": "80", "https": "443"}
_HEADER_REPLACED = {name for name, _ in HEADERS}


@dataclass(frozen=True, kw_only=True)
class SecurityConfig:
    """Whom the server answers."""

    hosts: frozenset[str] = LOOPBACK
    """Names it may be called by, in lower case, IPv6 addresses in brackets."""
    port: int | None = None
    """The port that must follow the name; None = any, where a port may be forwarded."""
    any_address: bool = False
    """Whether every numeric address is a name of ours: another site cannot have one of those."""
    token: str | None = None
    """What programs and pages must show; None = nobody is asked."""
    body_bytes: int = 128 << 20
    """The longest request body."""

    def __post_init__(self) -> None:
        if self.token is not None:
            tokens.check(self.token)
        if self.body_bytes < 1:
            raise ConfigError(f"body_bytes is {self.body_bytes}; expected at least 1.")

    @classmethod
    def bound_to(cls, host: str, port: int, token: str | None = None) -> SecurityConfig:
        """For a server that listens at `host` and `port`: on this machine alone its own names with
        that port; elsewhere also the machine's other names and addresses, and always a token."""
        name = _bracketed(host.lower())
        if is_loopback(host):
            return cls(hosts=LOOPBACK | {name}, port=port, token=token)
        own = socket.gethostname().lower()
        return cls(
            hosts=LOOPBACK | {name, own, f"{own}.local"},
            any_address=True,
            token=token or tokens.make(),
        )

    def knows(self, authority: str) -> bool:
        """Whether a Host is one of ours: name, and port where one is set."""
        found = _AUTHORITY.fullmatch(authority.lower())
        if not found:
            return False
        name, port = found[1].rstrip("."), found[2] or _PORTS["http"]
        if self.port is not None and int(port) != self.port:
            return False
        return name in self.hosts or (self.any_address and _is_address(name))


def install(app: Starlette, config: SecurityConfig) -> None:
    """Lays the guard around `app`; call it once, after everything else that is laid around."""
    app.add_middleware(Guard, config=config)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`, an address or a name without brackets."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class _Refusal(Exception):
    """Why a request goes no further."""

    def __init__(self, status: int, slug: str, detail: str) -> None:
        self.status, self.slug, self.detail = status, slug, detail


class Guard:
    """The layer: checks a request or a WebSocket, passes it on, and adds the headers."""

    def __init__(self, app: ASGIApp, config: SecurityConfig) -> None:
        self.app = app
        self.config = config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        guarded = _with_headers(send, private=_is_api(scope))
        try:
            headers = _Headers(scope["headers"])
            self._check_site(scope, headers)
            token = self.config.token
            if token and _opens_page(scope) and tokens.brought(token, scope["query_string"]):
                encrypted = scope["scheme"] == "https"
                await tokens.welcome(token, headers.one("host"), encrypted, guarded)
                return
            if token and not self._has_token(headers, token):
                raise _Refusal(
                    401,
                    "token-missing",
                    "This server asks for its token. Open the address that `maskgan serve` "
                    "printed, which ends in ?token=..., or send the header `Authorization: Bearer "
                    "TOKEN`.",
                )
            if scope["type"] == "websocket":
                await self.app(scope, receive, guarded)
            else:
                await self._limited(scope, headers, receive, guarded)
        except _Refusal as refusal:
            await _refuse(scope, refusal, receive, guarded)

    def _check_site(self, scope: Scope, headers: _Headers) -> None:
        """Raises `_Refusal` unless our own page, a program or the user's own hand asks."""
        host = headers.one("host")
        if not self.config.knows(host):
            names = ", ".join(sorted(self.config.hosts))
            port = "" if self.config.port is None else f" with port {self.config.port}"
            raise _Refusal(
                403,
                "host-refused",
                f"The request was sent to the host {host[:100]!r}; expected one of {names}{port}. "
                "Open the address that `maskgan serve` printed.",
            )
        page = _opens_page(scope)
        site = headers.one("sec-fetch-site")
        if _is_api(scope) and site not in ("", "same-origin", "none"):
            raise _Refusal(
                403,
                "site-refused",
                f"A page of another site sent this request (Sec-Fetch-Site: {site[:40]!r}); only "
                "the editor's own page and programs may.",
            )
        origin = headers.one("origin")
        # Browsers say "null" where the referrer policy hides the page, and then tell the site.
        hidden = origin == "null" and site == "same-origin"
        if origin and not page and not hidden and not _same_origin(origin, host):
            raise _Refusal(
                403,
                "origin-refused",
                f"A page of {origin[:100]!r} sent this request; expected the editor's own page, "
                f"at {host[:100]!r}. Programs send no Origin.",
            )

    @staticmethod
    def _has_token(headers: _Headers, token: str) -> bool:
        authorization, cookie, host = map(headers.one, ("authorization", "cookie", "host"))
        return tokens.shown(token, authorization=authorization, cookie=cookie, host=host)

    async def _limited(self, scope: Scope, headers: _Headers, receive: Receive, send: Send) -> None:
        """Passes a request on whose body ends, for the app, where the limit is."""
        limit = self.config.body_bytes
        said = headers.one("content-length")
        if said and not said.isdecimal():
            raise _Refusal(400, "bad-request", f"Content-Length is {said[:40]!r}, not a number.")
        too_large = _Refusal(
            413,
            "too-large",
            f"The request is larger than {limit / 2**20:.4g} MiB, the most this server takes. "
            "Scale the photo down or save it with more compression.",
        )
        if said and (len(said) > 15 or int(said) > limit):
            raise too_large
        seen, started, refused = 0, False, False

        async def receive_limited() -> Message:
            nonlocal seen, refused
            if refused:
                return {"type": "http.disconnect"}
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > limit:
                    refused = True
                    if not started:
                        await _refuse(scope, too_large, receive, send)
                    return {"type": "http.disconnect"}
            return message

        async def send_unless_refused(message: Message) -> None:
            nonlocal started
            started = True
            if not refused:
                await send(message)

        try:
            await self.app(scope, receive_limited, send_unless_refused)
        except Exception:
            if not refused:  # afterwards the app only finds that the request broke off
                raise


class _Headers:
    """Headers of a request; names in lower case."""

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self.pairs = [(name.decode("latin-1"), text.decode("latin-1")) for name, text in pairs]

    def one(self, wanted: str) -> str:
        """The header's text, "" without one; sent twice it would mean one thing here and another
        elsewhere, so that is refused, but for cookies, which browsers may spread."""
        found = [text for name, text in self.pairs if name == wanted]
        if len(found) > 1 and wanted != "cookie":
            raise _Refusal(400, "bad-request", f"The header {wanted} was sent twice.")
        return "; ".join(found)


def _is_api(scope: Scope) -> bool:
    path: str = scope["path"]
    return scope["type"] == "websocket" or path.startswith(API)


def _opens_page(scope: Scope) -> bool:
    """Whether a request asks for the page or a file of it, which hold nothing of anybody's."""
    method: str = scope.get("method", "")
    return not _is_api(scope) and method in ("GET", "HEAD")


def _same_origin(origin: str, host: str) -> bool:
    """Whether an Origin is the page's at `host`. http and https count as one: a proxy in front may
    have taken the encryption off."""
    found = _ORIGIN.fullmatch(origin.lower())
    if not found:
        return False
    port = f":{_PORTS[found[1]]}"
    return found[2].removesuffix(port) == host.lower().removesuffix(port)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _bracketed(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


async def _refuse(scope: Scope, refusal: _Refusal, receive: Receive, send: Send) -> None:
    """Answers with the problem; a WebSocket is not opened."""
    answer = problems.answer(refusal.status, refusal.slug, refusal.detail)
    fields = [
        *answer.raw_headers,
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),  # what is left of the body is not waited for
    ]
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        fields.append((b"www-authenticate", b"Bearer"))
    prefix = ""
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.slug})
            return
        prefix = "websocket."
    await send(
        {"type": f"{prefix}http.response.start", "status": refusal.status, "headers": fields}
    )
    await send({"type": f"{prefix}http.response.body", "body": answer.body})


def _with_headers(send: Send, private: bool) -> Send:
    """Adds the headers to an answer; what is private is kept in no cache unless it says so."""

    async def sending(message: Message) -> None:
        if message["type"].endswith("http.response.start"):
            given = [pair for pair in message["headers"] if pair[0].lower() not in _HEADER_REPLACED]
            cached = any(name.lower() == b"cache-control" for name, _ in given)
            if private and not cached:
                given.append((b"cache-control", b"no-store"))
            message = {**message, "headers": [*given, *HEADERS]}
        await send(message)

    return sending
