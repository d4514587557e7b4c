"""The guard around the app: who is let in, who is not, and what every answer carries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgi_calls import Answer, Headers, Refused, request, talk
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from maskgan.errors import ConfigError
from maskgan.web.security import HEADERS, LOOPBACK, SecurityConfig, install, is_loopback

HOME = "127.0.0.1:7860"
TOKEN = "a-token-of-the-test"
ABROAD = SecurityConfig(any_address=True, token=TOKEN, hosts=LOOPBACK | {"studio"})
LIMIT = 1000


async def _page(request: Request) -> Response:
    return PlainTextResponse("the page")


async def _read(request: Request) -> Response:
    return JSONResponse({"read": True})


async def _cached(request: Request) -> Response:
    headers = {"cache-control": "max-age=60", "x-content-type-options": "sniff"}
    return Response(b"", headers=headers)


async def _measure(request: Request) -> Response:
    """Like a framework that makes a bad request of everything that goes wrong while it reads."""
    try:
        body = await request.body()
    except Exception:
        return JSONResponse({"detail": "cannot read"}, status_code=400)
    return JSONResponse({"bytes": len(body)})


async def _echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


def app(config: SecurityConfig) -> Starlette:
    made = Starlette(
        routes=[
            Route("/", _page),
            Route("/api/v1/read", _read),
            Route("/api/v1/cached", _cached),
            Route("/api/v1/measure", _measure, methods=["POST"]),
            WebSocketRoute("/api/v1/live", _echo),
        ]
    )
    install(made, config)
    return made


class Caller:
    """Asks a guarded app under a name it is known by."""

    def __init__(self, config: SecurityConfig, host: str) -> None:
        self.app = app(config)
        self.host = host

    def get(self, path: str, headers: Headers = ()) -> Answer:
        return request(self.app, "GET", path, headers, host=self.host)

    def post(self, path: str, body: bytes = b"", headers: Headers = ()) -> Answer:
        return request(self.app, "POST", path, headers, (body,), host=self.host)

    def live(self, headers: Headers = (), **scope: Any) -> str:
        return talk(self.app, "/api/v1/live", "hello", headers, self.host, **scope)


@pytest.fixture
def home() -> Caller:
    return Caller(SecurityConfig(port=7860, body_bytes=LIMIT), HOME)


@pytest.fixture
def abroad() -> Caller:
    return Caller(ABROAD, "studio:7860")


def refused(answer: Answer, status: int, slug: str) -> str:
    """The sentence of a problem, which must be one."""
    assert answer.status == status, answer.body
    assert answer.one("content-type") == "application/problem+json"
    problem = answer.json()
    sentence = problem.pop("detail")
    assert problem.pop("title")
    assert problem == {"type": f"/problems/{slug}", "slug": slug, "status": status}
    assert sentence.endswith(".")
    for name, text in HEADERS:
        assert answer.one(name.decode()) == text.decode()
    return str(sentence)


# Host


@pytest.mark.parametrize("host", [HOME, "localhost:7860", "LOCALHOST:7860", "[::1]:7860"])
def test_own_names_are_answered(home: Caller, host: str) -> None:
    assert home.get("/api/v1/read", headers={"host": host}).json() == {"read": True}
    assert home.get("/", headers={"host": host}).body == b"the page"
    assert home.live({"host": host}) == "hello"


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example:7860",
        "127.0.0.1.attacker.example:7860",
        "localhost.attacker.example:7860",
        "127.0.0.1:7861",
        "127.0.0.1",
        "127.0.0.2:7860",
        "127.0.0.1:7860@attacker.example",
        "127.0.0.1:7860, attacker.example",
        "127.0.0.1:\u0667\u0668\u0666\u0660",
        "127.0.0.1:999999",
        "[::1",
        "",
    ],
)
def test_other_hosts_are_refused(home: Caller, host: str) -> None:
    sent = {"host": host.encode().decode("latin-1")}
    sentence = refused(home.get("/api/v1/read", headers=sent), 403, "host-refused")
    assert "127.0.0.1, [::1], localhost with port 7860" in sentence
    refused(home.get("/", headers=sent), 403, "host-refused")
    with pytest.raises(Refused):
        home.live(sent)


def test_numeric_addresses_are_nobody_else_s() -> None:
    for host in ("192.168.1.20:7860", "10.0.0.1", "[fe80::1]:80", "studio:1"):
        assert ABROAD.knows(host)
    for host in ("attacker.example", "192.168.1.20.example", "1.2.3", "[fe80::1.example]"):
        assert not ABROAD.knows(host)


# Origin and Sec-Fetch-Site


@pytest.mark.parametrize(
    "origin",
    [
        "http://attacker.example",
        "http://127.0.0.1:3000",
        "http://localhost:7860",
        "null",
        "file://",
    ],
)
def test_pages_of_others_are_refused(home: Caller, origin: str) -> None:
    sent = {"origin": origin}
    for answer in (
        home.get("/api/v1/read", headers=sent),
        home.post("/api/v1/measure", body=b"a", headers=sent),
        home.post("/", body=b"a", headers=sent),
    ):
        assert origin in refused(answer, 403, "origin-refused")
    assert home.get("/", headers=sent).status == 200
    with pytest.raises(Refused) as closed:
        home.live(sent)
    assert closed.value.messages == [
        {"type": "websocket.close", "code": 1008, "reason": "origin-refused"}
    ]
    with pytest.raises(Refused) as closed:
        home.live(sent, extensions={"websocket.http.response": {}})
    start, body = closed.value.messages
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    assert json.loads(body["body"])["slug"] == "origin-refused"


def test_the_own_page_and_programs_are_let_in(home: Caller) -> None:
    for sent in (
        {},
        {"origin": f"http://{HOME}", "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ):
        answer = home.post("/api/v1/measure", body=b"abc", headers=sent)
        assert answer.json() == {"bytes": 3}
        assert home.live(sent) == "hello"
    assert home.live({"host": "localhost:7860", "origin": "http://localhost:7860"}) == "hello"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "something new"])
def test_requests_of_other_sites_are_refused(home: Caller, site: str) -> None:
    sent = {"sec-fetch-site": site}
    assert site in refused(home.get("/api/v1/read", headers=sent), 403, "site-refused")
    assert home.get("/", headers=sent).status == 200, "a link to the editor may be followed"
    with pytest.raises(Refused):
        home.live(sent)


def test_behind_a_proxy_that_takes_the_encryption_off(abroad: Caller) -> None:
    sent = {"authorization": f"Bearer {TOKEN}", "host": "studio", "origin": "https://studio"}
    assert abroad.get("/api/v1/read", headers=sent).status == 200
    sent["origin"] = "https://studio:8443"
    refused(abroad.get("/api/v1/read", headers=sent), 403, "origin-refused")


def test_a_header_that_is_sent_twice_is_refused(home: Caller) -> None:
    twice = [("origin", f"http://{HOME}"), ("origin", "http://attacker.example")]
    assert "origin" in refused(home.get("/api/v1/read", headers=twice), 400, "bad-request")


# The token


def test_without_the_token_nothing_is_answered(abroad: Caller) -> None:
    for sent in (
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": "Bearer h\u00e4"},
        {"cookie": f"maskgan-token-7861={TOKEN}"},
        {"cookie": "maskgan-token-7860="},
    ):
        answer = abroad.get("/", headers=sent)
        assert "?token=" in refused(answer, 401, "token-missing")
        assert answer.one("www-authenticate") == "Bearer"
        refused(abroad.get(f"/api/v1/read?token={TOKEN}", headers=sent), 401, "token-missing")
        refused(abroad.get("/?token=wrong", headers=sent), 401, "token-missing")
    with pytest.raises(Refused):
        abroad.live({})


def test_programs_send_the_token(abroad: Caller) -> None:
    sent = {"authorization": f"bearer {TOKEN}"}
    assert abroad.get("/api/v1/read", headers=sent).json() == {"read": True}
    assert abroad.live(sent) == "hello"


def test_the_page_keeps_the_token_as_a_cookie(abroad: Caller) -> None:
    answer = abroad.get(f"/?a=b&token={TOKEN}", headers={"sec-fetch-site": "cross-site"})
    assert answer.status == 200
    assert 'content="0; url=/"' in answer.body.decode()
    assert TOKEN not in answer.body.decode()
    assert answer.one("set-cookie") == (
        f"maskgan-token-7860={TOKEN}; HttpOnly; SameSite=Strict; Path=/"
    )
    assert answer.one("cache-control") == "no-store"
    sent = {"cookie": f"other=1; maskgan-token-7860={TOKEN}"}
    assert abroad.get("/", sent).body == b"the page"
    assert abroad.get("/api/v1/read", sent).json() == {"read": True}
    assert abroad.live(sent) == "hello"
    sent["origin"] = "http://attacker.example"
    refused(abroad.post("/api/v1/measure", headers=sent), 403, "origin-refused")


# Bodies


def test_a_body_may_be_as_long_as_the_limit(home: Caller) -> None:
    assert home.post("/api/v1/measure", body=b"a" * LIMIT).json() == {"bytes": LIMIT}


def test_a_body_that_says_it_is_too_long_is_not_read(home: Caller) -> None:
    answer = home.post("/api/v1/measure", body=b"a" * (LIMIT + 1))
    assert "larger than" in refused(answer, 413, "too-large")
    assert answer.one("connection") == "close"
    for length in ("9" * 5000, "1e3", "-1", ""):
        answer = home.post("/api/v1/measure", headers={"content-length": length})
        assert answer.status == (413 if length[:1] == "9" else 400 if length else 200)


def test_a_body_that_turns_out_too_long_breaks_off(home: Caller) -> None:
    body = (b"a" * 100 for _ in range(1000))
    answer = request(home.app, "POST", "/api/v1/measure", body=body, host=HOME)
    refused(answer, 413, "too-large")
    assert answer.pieces_read == LIMIT // 100 + 1


# Headers


def test_every_answer_carries_the_headers(home: Caller) -> None:
    for path, status in (("/", 200), ("/api/v1/read", 200), ("/nowhere", 404)):
        answer = home.get(path)
        assert answer.status == status
        for name, text in HEADERS:
            assert answer.all(name.decode()) == [text.decode()]
        assert not [name for name, _ in answer.headers if name.startswith("access-control-")]
    policy = home.get("/").one("content-security-policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_what_is_private_is_not_cached(home: Caller) -> None:
    assert home.get("/api/v1/read").one("cache-control") == "no-store"
    assert home.get("/").all("cache-control") == []
    answer = home.get("/api/v1/cached")
    assert answer.all("cache-control") == ["max-age=60"]
    assert answer.all("x-content-type-options") == ["nosniff"]


# Configurations


def test_on_this_machine_nobody_is_asked() -> None:
    for host in ("127.0.0.1", "localhost", "::1", "127.0.0.5"):
        config = SecurityConfig.bound_to(host, 80)
        assert (config.port, config.token, config.any_address) == (80, None, False)
        assert config.knows("localhost")
        assert not config.knows("localhost:81")
    assert SecurityConfig.bound_to("127.0.0.5", 80).knows("127.0.0.5:80")
    assert SecurityConfig.bound_to("::1", 80, TOKEN).token == TOKEN


def test_elsewhere_there_is_always_a_token() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.20", "Studio.local"):
        config = SecurityConfig.bound_to(host, 7860)
        assert config.token
        assert config.token != SecurityConfig.bound_to(host, 7860).token
        assert config.knows("192.168.1.20:8000")
        assert not config.knows("attacker.example:7860")
    assert SecurityConfig.bound_to("Studio.local", 7860).knows("studio.LOCAL:80")
    assert SecurityConfig.bound_to("0.0.0.0", 7860, TOKEN).token == TOKEN


@pytest.mark.parametrize("token", ["short", "x" * 201, "with a space in it", "semicolon;in-it", ""])
def test_tokens_that_cannot_be(token: str) -> None:
    with pytest.raises(ConfigError, match="expected 12 to 200 letters"):
        SecurityConfig(token=token)


def test_a_limit_that_cannot_be() -> None:
    with pytest.raises(ConfigError, match="expected at least 1"):
        SecurityConfig(body_bytes=0)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("LocalHost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("studio", False),
        ("localhost.example", False),
    ],
)
def test_which_addresses_only_this_machine_reaches(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
