"""Where the server listens: ports that are free or taken, and answering from a thread."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from maskgan.errors import ConfigError, ServerError
from maskgan.web.listener import listen, serving


async def _hello(request: Request) -> Response:
    return PlainTextResponse("hello")


def get(port: int) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        return answer


def test_it_answers_until_the_block_ends() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with serving(Starlette(routes=[Route("/", _hello)]), listening):
            answer = get(port)
            assert (answer.status, answer.body) == (200, b"hello")  # type: ignore[attr-defined]
            assert "server" not in answer.headers
    with pytest.raises(ConnectionRefusedError):
        get(port)


def test_small_messages_are_sent_at_once() -> None:
    """Without waiting for the other side to acknowledge the ones before."""
    found: asyncio.Queue[int] = asyncio.Queue()

    async def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        await found.put(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def connected(listening: socket.socket) -> int:
        async with await asyncio.start_server(look, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname()[:2])
            writer.close()
            return await found.get()

    with listen("127.0.0.1", 0) as listening:
        assert asyncio.run(connected(listening))


def test_an_app_that_does_not_start_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    @contextlib.asynccontextmanager
    async def fails(app: Starlette) -> AsyncIterator[None]:
        raise RuntimeError("no model")
        yield

    with listen("127.0.0.1", 0) as listening:  # noqa: SIM117
        with pytest.raises(ServerError, match="did not start"):
            with serving(Starlette(lifespan=fails), listening):
                pytest.fail("the block began")
    assert "no model" in capfd.readouterr().err


def test_a_port_in_use_is_told_with_another_one() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ServerError, match=f"^Port {port} of 127.0.0.1 is taken by another"
        ) as e:
            listen("127.0.0.1", port)
        assert f"try --port {port + 1}." in str(e.value)
        assert "\n" not in str(e.value)


@pytest.mark.parametrize("port", [-1, 65536])
def test_ports_that_cannot_be(port: int) -> None:
    with pytest.raises(ConfigError, match="expected 0 to 65535"):
        listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.7", "2001:db8::7"])
def test_addresses_of_other_machines(host: str) -> None:
    with pytest.raises(ServerError, match=f"^{host} is no address of this machine; leave out"):
        listen(host, 0)


def test_names_that_are_unknown() -> None:
    with pytest.raises(ConfigError, match="is no known name or address"):
        listen("no such name", 0)


def test_the_name_of_this_machine() -> None:
    with listen("localhost", 0) as listening:
        assert listening.family == socket.AF_INET
        assert listening.getsockname()[0] == "127.0.0.1"
