"""The token of a server that others on the network can reach: how a request shows it.

A program sends it in every request as `Authorization: Bearer`. A person opens the address that was
printed, which ends in `?token=`; the page that answers keeps it as a cookie that no script can read
and no other site can send, and goes on to the editor without it in the address.
"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import TYPE_CHECKING

from maskgan.errors import ConfigError

if TYPE_CHECKING:
    from starlette.types import Send

_TOKEN = re.compile(r"[A-Za-z0-9._~-]{12,200}")
_PAGE = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>maskgan</title>'
    b'<meta http-equiv="refresh" content="0; url=/"><p><a href="/">Open the editor</a></p>'
)


def make() -> str:
    """A new token, of 32 characters that nobody guesses."""
    return secrets.token_urlsafe(24)


def check(token: str) -> str:
    """Gives a chosen token back. Raises `ConfigError` for one that is short or fits no address."""
    if not _TOKEN.fullmatch(token):
        raise ConfigError(
            f"The token has {len(token)} characters or some that do not fit into an address; "
            "expected 12 to 200 letters, digits, dots, dashes and underscores. Without one, the "
            "server makes its own where it needs one."
        )
    return token


def shown(token: str, *, authorization: str, cookie: str, host: str) -> bool:
    """Whether one of these headers carries the token."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() == "bearer" and _equal(given.strip(), token):
        return True
    pairs = (pair.partition("=") for pair in cookie.split(";"))
    name = _cookie_name(host)
    return any(key.strip() == name and _equal(value.strip(), token) for key, _, value in pairs)


def brought(token: str, query: bytes) -> bool:
    """Whether the query of an address has the token."""
    pairs = (pair.partition("=") for pair in query.decode("latin-1").split("&"))
    return any(key == "token" and _equal(value, token) for key, _, value in pairs)


async def welcome(token: str, host: str, encrypted: bool, send: Send) -> None:
    """Answers with the cookie and a page that goes on to the editor. It refreshes instead of being
    a redirection, because browsers send a strict cookie to none that another site began."""
    secure = "; Secure" if encrypted else ""
    cookie = f"{_cookie_name(host)}={token}; HttpOnly; SameSite=Strict; Path=/{secure}"
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(_PAGE)).encode()),
        (b"cache-control", b"no-store"),
        (b"set-cookie", cookie.encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _PAGE})


def _cookie_name(host: str) -> str:
    """Browsers share cookies between the ports of a host, so the name holds the port."""
    port = re.search(r":(\d+)$", host)
    return f"maskgan-token-{port[1] if port else 80}"


def _equal(given: str, token: str) -> bool:
    """Compares in a time that does not tell how much agrees."""
    return hmac.compare_digest(given.encode(), token.encode())
