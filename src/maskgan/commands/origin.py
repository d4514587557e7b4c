"""Where pictures come from: the command verify, and what an edit is to be signed with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from maskgan.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from maskgan.credentials import Signing


def verify(file: Path) -> int:
    """Says what a picture's metadata tells about edits by models."""
    from maskgan import credentials
    from maskgan.provenance import describe

    try:
        signed = credentials.describe(file)
    except MissingExtraError:
        signed = []
    print(*describe(file, signed), sep="\n")
    return 0


def signing_of(
    sign: Path | None,
    key: Path | None,
    timestamp: str | None,
    photo: Path,
    no_provenance: bool,
) -> Signing | None:
    """What --sign, --key and --timestamp ask for."""
    from maskgan.credentials import Signing

    if sign is None and key is None and timestamp is None:
        return None
    if sign is None or key is None:
        raise ConfigError("Signing takes a certificate and its key: give --sign and --key.")
    if no_provenance:
        raise ConfigError(
            "--sign signs the mark that --no-provenance leaves out; give one of them."
        )
    return Signing(sign, key, photo, timestamp)
