"""Content Credentials (C2PA): a signed record of an edit in the file that holds it.

The record says what `maskgan.provenance` says in XMP, and holds the photo the edit began with as
what the picture was made of, with that photo's own credentials where it has some. It is signed with
a certificate of the user's; whether others trust that certificate is theirs to say. Needs the extra
`c2pa`. Nothing leaves the machine unless a time-stamping authority is named.
"""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maskgan import files
from maskgan.errors import ConfigError, MissingExtraError
from maskgan.provenance import EDITED_BY_MODEL, VOCABULARY, Provenance

FORMATS = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".gif": "image/gif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
"""Suffix -> what the file is."""
CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
PARENT = "photo"
"""Name of the photo among what a picture was made of."""
UNTRUSTED = "signingCredential.untrusted"
"""What a reader without a list of trusted certificates says of every one."""


@dataclass(frozen=True)
class Signing:
    """What a picture is signed with. Raises `ConfigError` when the files are no certificate and the
    private key that belongs to it, and `MissingExtraError`."""

    certificate: Path
    """PEM: the signer's certificate first, then those it was issued by."""
    key: Path
    """PEM: the private key, without a password."""
    source: Path
    """The photo as it was brought: what is signed is that it was opened and edited."""
    timestamp: str | None = None
    """Address of a time-stamping authority (RFC 3161); None = the record has no trusted time."""

    def __post_init__(self) -> None:
        _algorithm(self)


@dataclass(frozen=True)
class Credentials:
    """What the credentials of a file say."""

    signer: str
    """Organisation and name of the certificate, as far as it has them."""
    tool: str
    """What made the record."""
    broken: tuple[str, ...]
    """Codes of what does not hold, by the names of the C2PA specification; empty = intact."""
    source: str | None
    """Name of the photo that the picture was made of."""


def sign(path: Path, signing: Signing, provenance: Provenance, title: str | None = None) -> None:
    """Signs a picture file in place, whole or not at all; its pixels stay. `title` is its name if
    it will have another. Raises `ConfigError` when the certificate is refused, and `OutputError`.
    """
    library = _library()
    agent = {"name": provenance.tool, "version": provenance.version}
    edited = {
        "action": "c2pa.edited",
        "softwareAgent": agent,
        "digitalSourceType": VOCABULARY + EDITED_BY_MODEL,
        "description": provenance.summary,
    }
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}
    record = {
        "claim_generator_info": [agent],
        "title": title or path.name,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [opened, edited]}}],
    }
    signed = io.BytesIO()
    try:
        pem = (signing.certificate.read_bytes(), signing.key.read_bytes())
        code = getattr(library.C2paSigningAlg, _algorithm(signing))
        info = library.C2paSignerInfo(code, *pem, signing.timestamp)
        builder = library.Builder(json.dumps(record))
        parent = {"title": signing.source.name, "relationship": "parentOf", "label": PARENT}
        with signing.source.open("rb") as file:
            builder.add_ingredient(
                json.dumps(parent | {"instance_id": PARENT}), _format(signing.source), file
            )
        data = io.BytesIO(path.read_bytes())
        builder.sign(library.Signer.from_info(info), _format(path), data, signed)
    except library.C2paError as error:
        raise ConfigError(
            f"The picture cannot be signed with {signing.certificate}: {error}. A certificate for "
            "Content Credentials is for digital signatures and e-mail or document signing, and "
            "comes with the one that issued it."
        ) from error
    files.write_bytes(path, signed.getvalue())


def read(path: str | os.PathLike[str]) -> Credentials | None:
    """The credentials of a picture file; None where it has none that can be read, or is not there.
    Raises `MissingExtraError`."""
    library = _library()
    try:
        with open(path, "rb") as file:
            found = json.loads(library.Reader(_format(Path(path)), file).json())
    except (library.C2paError, OSError):
        return None
    active = found["manifests"][found["active_manifest"]]
    signature = active.get("signature_info", {})
    names = (signature.get("issuer"), signature.get("common_name"))
    tool = (active.get("claim_generator_info") or [{}])[0]
    parents = [
        each.get("title") or "an unnamed one"
        for each in active.get("ingredients", ())
        if each.get("relationship") == "parentOf"
    ]
    return Credentials(
        signer=", ".join(name for name in dict.fromkeys(names) if name) or "an unnamed signer",
        tool=f"{tool.get('name', 'an unnamed tool')} {tool.get('version', '')}".strip(),
        broken=tuple(
            status["code"]
            for status in found.get("validation_status", ())
            if status["code"] != UNTRUSTED
        ),
        source=parents[0] if parents else None,
    )


def describe(path: str | os.PathLike[str]) -> list[str]:
    """What the credentials of a picture file say, in sentences; empty where it has none that can be
    read. Raises `MissingExtraError`."""
    found = read(path)
    if found is None:
        return []
    made = "" if found.source is None else f" It was made of {found.source}."
    if found.broken:
        return [
            f"Its Content Credentials do not hold ({', '.join(found.broken)}): the picture or the "
            f"record was changed after {found.signer} signed it."
        ]
    return [
        f"Its Content Credentials are intact: {found.signer} signed them with {found.tool}.{made} "
        "Whether that signer can be trusted is not known here."
    ]


def _format(path: Path) -> str:
    return FORMATS.get(path.suffix.lower(), "application/octet-stream")


def _library() -> Any:
    try:
        import c2pa
    except ImportError as error:
        raise MissingExtraError(
            "Content Credentials need c2pa-python; install it with: pip install 'maskgan[c2pa]'."
        ) from error
    return c2pa


def _algorithm(signing: Signing) -> str:
    """The name of the signature that the key makes. Raises as `Signing` does."""
    _library()
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    try:
        certificate = x509.load_pem_x509_certificate(signing.certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{signing.certificate} is no certificate in PEM: {error}.") from error
    try:
        key = serialization.load_pem_private_key(signing.key.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(
            f"{signing.key} is no private key in PEM without a password: {error}."
        ) from error
    if key.public_key() != certificate.public_key():
        raise ConfigError(f"The key {signing.key} does not belong to {signing.certificate}.")
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return CURVES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ED25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "PS256"
    raise ConfigError(
        f"{signing.key} is of a kind that C2PA does not know; expected an elliptic curve (P-256, "
        "P-384, P-521), Ed25519 or RSA."
    )
