"""Calls of the server's operations over HTTP: one request, one answer, problems as errors.

What `maskgan.web.client` stands on. Talks to the server directly, through no proxy, and follows no
redirection. Knows nothing of what the operations mean.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import Message
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from maskgan.errors import ConfigError, ServerError

PREFIX = "/api/v1"
"""Of every operation."""
RAW = "application/octet-stream"

Query = Mapping[str, str | int | bool | None]
"""Options in the address; None = left out."""


class Caller:
    """One server, as a caller sees it."""

    def __init__(self, url: str, token: str | None, timeout: float) -> None:
        """`url` may hold the token, as `maskgan serve` prints it; `timeout` in seconds. Raises
        `ConfigError` where that is no address."""
        try:
            parts = urlsplit(url)
            port = parts.port
            known = parts.scheme in ("http", "https") and parts.hostname is not None
        except ValueError:
            known = False
        if not known:
            raise ConfigError(
                f"{url!r} is no address of a server; expected one such as http://127.0.0.1:7860."
            )
        self.secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = port or (443 if self.secure else 80)
        self.token = token or parse_qs(parts.query).get("token", [None])[0]
        self.timeout = timeout

    @property
    def authority(self) -> str:
        """Host and port, as in an address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}

    def json(
        self, method: str, path: str, body: object = None, query: Query | None = None
    ) -> dict[str, Any]:
        """The object that an operation answers with."""
        data, _ = self.call(method, path, body, query, accept="application/json")
        try:
            found = json.loads(data)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise _strange(
                self.authority, f"answered {path} with something else than a JSON object"
            )
        return found

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Query | None = None,
        accept: str = "*/*",
    ) -> tuple[bytes, Message]:
        """Body and headers of the answer; a `body` that is not bytes travels as JSON. Raises
        `ServerError`."""
        headers = self.headers() | {"Accept": accept}
        if isinstance(body, bytes):
            headers["Content-Type"] = RAW
        elif body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        address = PREFIX + path + _question(query or {})
        connection = self._connection()
        try:
            # A server that does not want the rest of a body has said why, or fails below.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, address, body, headers)
            answer = connection.getresponse()
            data, status, given = answer.read(), answer.status, answer.headers
        except ConnectionRefusedError as error:
            raise ServerError(
                f"Nothing answers at {self.authority}; start the server with `maskgan serve`, or "
                "give the address that it printed."
            ) from error
        except TimeoutError as error:
            raise _strange(self.authority, f"did not answer within {self.timeout:g} s") from error
        except (OSError, http.client.HTTPException) as error:
            raise _strange(
                self.authority, f"broke off ({error or type(error).__name__})"
            ) from error
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise problem(status, data, self.authority)
        return data, given

    def _connection(self) -> http.client.HTTPConnection:
        if not self.secure:
            return http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(
            self.host, self.port, timeout=self.timeout, context=context
        )


def problem(status: int, data: bytes, authority: str) -> ServerError:
    """The error that an answer other than a success is: the server's own sentence."""
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("detail"), str):
        return _strange(authority, f"answered with the status {status} and no reason", status)
    return ServerError(found["detail"], status=status, slug=str(found.get("slug", "")))


def _strange(authority: str, what: str, status: int | None = None) -> ServerError:
    return ServerError(
        f"The server at {authority} {what}. Look at its messages, and whether that is the address "
        "of `maskgan serve`.",
        status=status,
    )


def _question(query: Query) -> str:
    """Options as the end of an address."""
    given = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in query.items()
        if value is not None
    }
    return f"?{urlencode(given)}" if given else ""
