"""Calls over HTTP against a small app on a real socket: answers, problems, odd servers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from maskgan.errors import ConfigError, ServerError
from maskgan.web.caller import RAW, Caller
from maskgan.web.listener import listen, serving
from maskgan.web.security import SecurityConfig, install

LIMIT = 4 << 20


async def _mirror(request: Request) -> Response:
    return JSONResponse(
        {
            "query": dict(request.query_params),
            "body": (await request.body()).decode(),
            "type": request.headers.get("content-type"),
            "accept": request.headers["accept"],
            "authorization": request.headers.get("authorization"),
        }
    )


async def _problem(request: Request) -> Response:
    problem = {"detail": "There is no face 3; there are 2.", "slug": "no-face", "status": 422}
    return Response(json.dumps(problem), 422, media_type="application/problem+json")


async def _broken(request: Request) -> Response:
    return Response("Internal Server Error", 500)


async def _list(request: Request) -> Response:
    return JSONResponse([1, 2])


async def _away(request: Request) -> Response:
    return RedirectResponse("http://127.0.0.1:1/elsewhere")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    paths = {
        "mirror": _mirror,
        "problem": _problem,
        "broken": _broken,
        "list": _list,
        "away": _away,
    }
    app = Starlette(
        routes=[
            Route(f"/api/v1/{path}", work, methods=["GET", "POST"]) for path, work in paths.items()
        ]
    )
    install(app, SecurityConfig(body_bytes=LIMIT))
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with serving(app, listening):
            yield f"http://127.0.0.1:{port}"


def caller(url: str, token: str | None = None) -> Caller:
    return Caller(url, token, 30)


def test_what_a_request_carries(url: str) -> None:
    query = {"name": "me & you.jpg", "aligned": True, "face": 2, "sample": None}
    found = caller(url, "secret").json("POST", "/mirror", {"seed": 7}, query)
    assert found == {
        "query": {"name": "me & you.jpg", "aligned": "true", "face": "2"},
        "body": '{"seed": 7}',
        "type": "application/json",
        "accept": "application/json",
        "authorization": "Bearer secret",
    }
    data, headers = caller(url).call("POST", "/mirror", b"raw")
    found = json.loads(data)
    assert (found["body"], found["type"], found["authorization"]) == ("raw", RAW, None)
    assert headers["x-content-type-options"] == "nosniff"


def test_the_address_may_hold_the_token(url: str) -> None:
    found = caller(f"{url}/?token=from-the-address").json("GET", "/mirror")
    assert found["authorization"] == "Bearer from-the-address"


def test_a_problem_is_the_server_s_sentence(url: str) -> None:
    with pytest.raises(ServerError) as caught:
        caller(url).json("GET", "/problem")
    assert str(caught.value) == "There is no face 3; there are 2."
    assert (caught.value.status, caught.value.slug) == (422, "no-face")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("broken", "answered with the status 500 and no reason"),
        ("list", "answered /list with something else than a JSON object"),
        ("away", "answered with the status 307 and no reason"),
    ],
)
def test_answers_that_are_no_answers(url: str, path: str, sentence: str) -> None:
    with pytest.raises(ServerError, match=sentence):
        caller(url).json("GET", f"/{path}")


def test_a_body_that_is_too_long_is_told_with_the_limit(url: str) -> None:
    assert caller(url).json("POST", "/mirror", b"a" * LIMIT)["body"] == "a" * LIMIT
    with pytest.raises(ServerError, match=r"larger than 4 MiB|broke off"):
        caller(url).json("POST", "/mirror", b"a" * (4 * LIMIT))


def test_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ServerError, match=f"^Nothing answers at 127.0.0.1:{port}; start the"):
        caller(f"http://127.0.0.1:{port}").json("GET", "/mirror")


@pytest.mark.parametrize("said", [b"", b"no HTTP at all\r\n\r\n"])
def test_a_server_that_speaks_something_else(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        port = listening.getsockname()[1]
        with pytest.raises(ServerError, match=f"^The server at 127.0.0.1:{port} broke off"):
            caller(f"http://127.0.0.1:{port}").json("GET", "/mirror")
        thread.join()


def test_a_server_that_stays_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(ServerError, match=r"did not answer within 0.05 s"):
            Caller(f"http://127.0.0.1:{port}", None, 0.05).json("GET", "/mirror")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:7860", "ftp://127.0.0.1", "http://", "http://host:port", "http://h:99999", "", "["],
)
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ConfigError, match=r"expected one such as http://127.0.0.1:7860"):
        caller(address)


def test_ports_and_brackets() -> None:
    assert caller("https://studio/?a=b").authority == "studio:443"
    assert caller("http://[::1]:8000").authority == "[::1]:8000"
