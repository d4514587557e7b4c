"""A folder in which command lines run, and the check that one is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command_lines import wanted

from finding_bundle import write_finding_bundle
from maskgan import cli, images
from tiny_bundle import write_face

Refuses = Callable[..., str]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_finding_bundle(tmp_path_factory.mktemp("commands") / "tiny")


@pytest.fixture
def place(tmp_path: Path, written: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with face.png, labels.png (of the face), new.png (lips become nose); the bundle
    that is the default one finds the faces of `finding_bundle.photo_of`."""
    monkeypatch.setattr("maskgan.bundle.default_folder", lambda: written)
    write_face(tmp_path)
    images.write_labels(tmp_path / "new.png", wanted())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def refuses(place: Path, capfd: pytest.CaptureFixture[str]) -> Refuses:
    """Runs a command line that must fail: exit code 2, one sentence, no file more or less."""

    def run(*words: str) -> str:
        before = {path: path.stat().st_mtime_ns for path in place.rglob("*")}
        assert cli.main(words) == 2
        captured = capfd.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("maskgan: error: ")
        assert captured.err.endswith(".\n")
        assert captured.err.count("\n") == 1
        assert "Traceback" not in captured.err
        assert {path: path.stat().st_mtime_ns for path in place.rglob("*")} == before
        return captured.err

    return run
