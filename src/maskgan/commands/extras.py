"""Commands that need packages of an extra, which may not be installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from maskgan.errors import MissingExtraError


@contextmanager
def extra(name: str) -> Iterator[None]:
    """A package of an extra that is not installed becomes a sentence that names the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("maskgan"):
            raise
        raise MissingExtraError(
            f"This command needs {error.name}; install it with: pip install 'maskgan[{name}]'."
        ) from error
