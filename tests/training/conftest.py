"""Fixtures of the training tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_faces import write_faces


@pytest.fixture(scope="session")
def plain_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder of 10 training and 2 test faces of 64 px; tests must not change it."""
    return write_faces(tmp_path_factory.mktemp("plain") / "faces")
