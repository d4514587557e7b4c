"""Content Credentials: real certificates, real signatures, and what is said when they do not do."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from maskgan import credentials, samples
from maskgan.cli import main
from maskgan.credentials import Signing
from maskgan.editing import attributes
from maskgan.editing.editor import Editor
from maskgan.editing.result import Result
from maskgan.errors import ConfigError, MissingExtraError
from maskgan.photo import LOST_CREDENTIALS
from maskgan.provenance import Provenance, describe

MARK = Provenance("maskgan", "1.2", "changed: 3 % of the face (u_lip)")
DAY = datetime.timedelta(days=1)


def name_of(organisation: str, person: str) -> x509.Name:
    pairs = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, person))
    return x509.Name([x509.NameAttribute(*pair) for pair in pairs])


def certificate(folder: Path, key: object, usage: bool = True) -> tuple[Path, Path]:
    """A signer's certificate issued by one of its own, and the key, as PEM files."""
    issuer_key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)

    def begin(subject: x509.Name, public: object) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name_of("Root", "Root"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + 9 * DAY)
        )

    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    root = (
        begin(name_of("Root", "Root"), issuer_key.public_key())
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
    flags = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    leaf = begin(name_of("Studio", "Retoucher"), key.public_key())
    leaf = leaf.add_extension(x509.BasicConstraints(False, None), critical=True)
    leaf = leaf.add_extension(x509.KeyUsage(digital_signature=True, **flags), critical=True)
    if usage:
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        leaf = leaf.add_extension(purposes, critical=False)
    leaf = leaf.add_extension(authority, critical=False)
    chain = (leaf.sign(issuer_key, hashes.SHA256()), root)
    files = folder / "chain.pem", folder / "key.pem"
    files[0].write_bytes(b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    return certificate(folder, ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture(scope="module")
def result() -> Result:
    editor = Editor.open()
    face = editor.photo(samples.FACE, aligned=True)
    return editor.render(face, attributes.apply(face.labels, "smile", 0.8))


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".heic"])
def test_signed_edits_say_who_signed_what_and_keep_their_pixels(
    result: Result, pair: tuple[Path, Path], tmp_path: Path, suffix: str
) -> None:
    plain, signed = tmp_path / f"plain{suffix}", tmp_path / f"signed{suffix}"
    result.save(plain)
    result.save(signed, signing=Signing(*pair, samples.FACE))
    found = credentials.read(signed)
    assert found is not None
    assert found.broken == ()
    assert found.signer == "Studio, Retoucher"
    assert found.tool.startswith("maskgan ")
    assert found.source == samples.FACE.name
    if suffix != ".heic":
        with Image.open(plain) as one, Image.open(signed) as two:
            np.testing.assert_array_equal(np.asarray(one), np.asarray(two))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    (said,) = [line for line in describe(signed, credentials.describe(signed)) if "Content" in line]
    assert said.startswith("Its Content Credentials are intact: Studio, Retoucher signed them with")
    assert credentials.read(plain) is None
    assert credentials.describe(plain) == []


def test_a_picture_that_changed_afterwards_is_found_out(
    result: Result, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    path = tmp_path / "edited.jpg"
    result.save(path, signing=Signing(*pair, samples.FACE))
    data = bytearray(path.read_bytes())
    data[-2000] ^= 1
    path.write_bytes(data)
    found = credentials.read(path)
    assert found is not None
    assert "assertion.dataHash.mismatch" in found.broken
    assert found.source == samples.FACE.name
    assert "do not hold (assertion.dataHash.mismatch)" in credentials.describe(path)[0]


def test_what_a_photo_was_made_of_stays_when_it_is_edited_again(
    result: Result, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    once, twice = tmp_path / "once.png", tmp_path / "twice.png"
    result.save(once, signing=Signing(*pair, samples.FACE))
    result.save(twice, signing=Signing(*pair, once))
    import c2pa

    with twice.open("rb") as file:
        text = c2pa.Reader("image/png", file).json()
    assert '"once.png"' in text
    # The mark says that they were left out only where they were.
    editor = Editor.open()
    face = editor.photo(once, aligned=True)
    again = editor.render(face, attributes.apply(face.labels, "smile", -0.8))
    assert face.original.content_credentials
    for signing, lost in ((None, True), (Signing(*pair, once), False)):
        again.save(twice, signing=signing)
        assert any(LOST_CREDENTIALS in line for line in describe(twice)) == lost
    assert f'"{samples.FACE.name}"' in text


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()]
)
def test_other_kinds_of_keys_sign(tmp_path: Path, key: object) -> None:
    path = tmp_path / "picture.png"
    Image.new("RGB", (32, 32), (90, 80, 70)).save(path)
    credentials.sign(path, Signing(*certificate(tmp_path, key), samples.FACE), MARK)
    found = credentials.read(path)
    assert found is not None
    assert found.broken == ()


def test_a_certificate_for_something_else_is_a_sentence_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.new("RGB", (32, 32)).save(path)
    before = path.read_bytes()
    wrong = certificate(tmp_path, ec.generate_private_key(ec.SECP256R1()), usage=False)
    with pytest.raises(ConfigError, match="The picture cannot be signed with"):
        credentials.sign(path, Signing(*wrong, samples.FACE), MARK)
    assert path.read_bytes() == before


def test_wrong_files_are_sentences(pair: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stranger = certificate(other, rsa.generate_private_key(65537, 2048))
    with pytest.raises(ConfigError, match="is no certificate in PEM"):
        Signing(pair[1], pair[1], samples.FACE)
    with pytest.raises(ConfigError, match="is no certificate in PEM"):
        Signing(tmp_path / "absent.pem", pair[1], samples.FACE)
    with pytest.raises(ConfigError, match="is no private key in PEM without a password"):
        Signing(pair[0], pair[0], samples.FACE)
    with pytest.raises(ConfigError, match="does not belong to"):
        Signing(pair[0], stranger[1], samples.FACE)


def test_the_command_line_signs_and_checks(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "smile.png"
    words = [
        "attribute",
        str(samples.FACE),
        "--name",
        "smile",
        "--aligned",
        "--output",
        str(output),
    ]
    assert main([*words, "--sign", str(pair[0]), "--key", str(pair[1])]) == 0
    assert main(["verify", str(output)]) == 0
    assert "are intact: Studio, Retoucher signed them with maskgan" in capsys.readouterr().out
    for wrong, said in (
        (["--sign", str(pair[0])], "give --sign and --key"),
        (["--sign", str(pair[0]), "--key", str(pair[1]), "--no-provenance"], "give one of them"),
    ):
        output.unlink(missing_ok=True)
        assert main([*words, *wrong]) == 2
        assert said in capsys.readouterr().err
        assert not output.exists()


def test_without_the_extra_it_is_a_sentence_and_verify_goes_on(
    pair: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "picture.png"
    Image.new("RGB", (32, 32)).save(path)
    credentials.sign(path, Signing(*pair, samples.FACE), MARK)
    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'maskgan\[c2pa\]'"):
        Signing(*pair, samples.FACE)
    assert main(["verify", str(path)]) == 0
    assert "Content Credentials (C2PA), which are not checked here" in capsys.readouterr().out
